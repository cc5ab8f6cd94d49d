"""Files, folders, dates and numbers that are wrong: exit 2, the place and the value, and nothing half done."""

from pathlib import Path

import pytest

PERIOD = ["--from", "2025-04-01", "--to", "2025-06-30"]
PLAN = Path(__file__).resolve().parents[2] / "samples" / "2025-q2" / "plan.toml"
READERS = [
    ["contacts", "import"],
    ["register", "import"],
    ["campaigns", "create"],
    ["informe", "check"],
    ["informe", "build", *PERIOD, "--out", "informe"],
    ["rehearse", "--out", "informe"],
    ["contacts", "notice", "publish", "2025-1"],
]


STRANGE = (
    "no-hay.csv", "carpeta.toml", "binario.csv", "vacio.csv", "texto.toml", "/proc/self/mem", "/dev/null", ""
)  # fmt: skip


@pytest.fixture
def strange(shell) -> None:
    """Things that are no file of ours."""
    (shell.folder / "carpeta.toml").mkdir()
    (shell.folder / "binario.csv").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00\xff\xfe" * 50)
    (shell.folder / "vacio.csv").touch()
    shell.write("texto.toml", "Querida Ana:\nnos vemos.\n")


@pytest.mark.usefixtures("strange")
@pytest.mark.parametrize(
    ("words", "name"),
    [
        pytest.param(words, name, id=f"{' '.join(words)}-{name}")
        for words in READERS
        for name in STRANGE
        # Any text may be a notice, and one without any is named by its version.
        if words[:2] != ["contacts", "notice"] or name not in {"texto.toml", "vacio.csv", "/dev/null"}
    ],
)
def test_a_file_that_is_none_of_ours_is_named_and_nothing_is_done(shell, words: list[str], name: str) -> None:
    answer = shell(*words, name)
    assert (answer.code, answer.out) == (2, "")
    assert all((name or ".") in line for line in answer.lines), answer.err
    assert not (shell.folder / "informe").exists()


@pytest.mark.parametrize("out", ["nota.txt", "nota.txt/informe", "/proc/informe", "/dev/null"])
@pytest.mark.parametrize(
    "words",
    [
        ["informe", "build", "trimestral", *PERIOD],
        ["rehearse", str(PLAN), "--from", "2025-04-01", "--to", "2025-04-02"],
        ["demo", "--no-serve"],
    ],
    ids=lambda words: words[0],
)
def test_a_folder_that_cannot_be_written_is_told_before_the_long_work(shell, words: list[str], out: str) -> None:
    note = shell.write("nota.txt", "Pendientes\n")
    answer = shell(*words, "--out", out)
    assert (answer.code, answer.out) == (2, "")
    [sentence] = answer.lines
    assert sentence.startswith(f"No se puede escribir en «{out}»: ")
    assert not any(word in sentence for word in ("exists", "such", "directory", "denied"))
    assert note.read_text(encoding="utf-8") == "Pendientes\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["campaigns", "status", "99"], "No hay ninguna campaña 99."),
        (["campaigns", "send", "99", "--now"], "No hay ninguna campaña 99."),
        (["campaigns", "log", "99", "--format", "csv"], "No hay ninguna campaña 99."),
        (["campaigns", "pause", "99"], "No hay ninguna campaña 99."),
        (["campaigns", "resume", "99"], "No hay ninguna campaña 99."),
        (["campaigns", "cancel", "99"], "No hay ninguna campaña 99."),
        (["campaigns", "publish", "99"], "No hay ninguna tarea 99."),
        (["contacts", "show", "99"], "99"),
        (["contacts", "consent", "99"], "99"),
        (["contacts", "optin", "99", "--source", "formulario"], "99"),
        (["contacts", "list", "--country", "Marte"], "«Marte»"),
        (["contacts", "list", "--network", "Ruta Marciana"], "«Ruta Marciana»"),
        (["register", "undo-import", "99", "--reason", "error"], "«99»"),
        (["register", "annul", "E-NADA", "--reason", "error"], "E-NADA"),
        (["register", "history", "E-NADA"], "E-NADA"),
        (["register", "list", "--from", "2025-02-30"], "«2025-02-30»"),
        (["register", "list", "--from", "٢٠٢٥-٠٤-٠١"], "«٢٠٢٥-٠٤-٠١»"),
        (["register", "export", "carpeta/registro.csv"], "«carpeta/registro.csv»"),
        (["informe", "build", "trimestral", "--from", "hoy", "--to", "2025-06-30"], "«hoy»"),
        (["informe", "build", "trimestral", "--from", "2025-06-30", "--to", "2025-04-01"], "2025-06-30"),
        (["informe", "build", "trimestral", *PERIOD, "--format", "gif"], "«gif»"),
        (["informe", "build", "semestral", *PERIOD], "«semestral»"),
        (["rehearse", str(PLAN), "--from", "ayer", "--out", "informe"], "«ayer»"),
        (["rehearse", str(PLAN), "--out", "informe", "--data", "."], "."),
        (["simulator", "--port", "0", "--keep", "/proc/nada/simulador"], "/proc/nada/simulador"),
        (["user", "add", "ana perez", "--password-stdin"], "«ana perez»"),
        (["user", "password", "nadie", "--password-stdin"], "«nadie»"),
        (["user", "deactivate", "nadie"], "«nadie»"),
    ],
    ids=lambda value: " ".join(value)[:60] if isinstance(value, list) else "",
)
def test_what_is_not_there_or_cannot_be_is_exit_2_with_its_value(shell, words: list[str], said: str) -> None:
    (shell.folder / "algo").touch()
    answer = shell(*words, typed=b"una clave larga\n")
    assert (answer.code, answer.out) == (2, "")
    assert said in answer.err
    assert not (shell.folder / "informe").exists()


def test_every_mistake_of_a_campaign_file_is_told_with_its_row(shell) -> None:
    shell.write(
        "campana.toml",
        'titulo = "Cartel"\nclase = "difusion"\ninformacion = "Cartel"\ncanales = ["correo", "paloma"]\n'
        'redes = ["Red"]\ncuando = "30 de febrero"\nzona = "Marte"\n'
        '[correo]\nasunto = "Hola {{ apellido }}"\ntexto = "Hola"\n',
    )
    answer = shell("campaigns", "create", "campana.toml")
    assert (answer.code, answer.out) == (2, "")
    assert all(line.startswith("campana.toml, ") for line in answer.lines)
    for value in ("paloma", "30 de febrero", "Marte", "apellido"):
        assert value in answer.err
    assert shell("campaigns", "list", "--json").out.strip() == "[]"


def test_every_mistake_of_a_file_of_people_is_told_with_its_row(shell) -> None:
    shell.write(
        "personas.csv",
        "nombre,correo,whatsapp,pais\n,ana@example.org,,MX\nTeo,teo.example.org,12,MX\nInés,ines@example.org,,Marte\n",
    )
    answer = shell("contacts", "import", "personas.csv", "--network", "Red")
    assert answer.code in {0, 2}
    for row, value in ((2, "nombre"), (3, "teo.example.org"), (4, "Marte")):
        assert any(f"renglón {row}" in line and value in line for line in (answer.out + answer.err).splitlines())
