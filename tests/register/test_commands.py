"""`outreach register` as a person types it."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from sqlalchemy import select

from outreach import cli, words
from outreach.audit import AuditEntry
from outreach.commands import register as register_command
from outreach.words import register as register_words

Type = Callable[..., "object"]
GOOD = (
    "fecha,canal,clase,informacion,oficio",
    "2025-04-09,correo,x,Envío de cartel,1",
    "2025-05,whatsapp,y,Otra cosa,",
)
CALL = ("--fecha", "2025-04-09", "--canal", "telefono", "--clase", "seguimiento", "--informacion", "Llamada")


def test_the_same_file_twice_says_that_nothing_is_new(outreach, write) -> None:
    path = write(*GOOD)
    first = outreach("register", "import", path)
    assert (first.code, first.err) == (0, "")
    assert "2 comunicaciones (importación 1)" in first.out
    second = outreach("register", "import", path, "--json")
    assert json.loads(second.out) | {"sha256": ""} == {
        "file": "registro.csv", "sha256": "", "import": None, "added": 0, "known": 2,
        "refused": 0, "refused_file": None, "differing": [],
    }  # fmt: skip


def test_a_wrong_row_stops_the_import_with_every_fault_and_exit_code_two(outreach, write) -> None:
    path = write(*GOOD, "09/04/2025,paloma,x,,")
    answer = outreach("register", "import", path)
    assert (answer.code, answer.out) == (2, "")
    lines = answer.err.splitlines()
    assert lines[0].startswith("No se importó nada de registro.csv.")
    assert [line.split(": ")[0] for line in lines[1:]] == [
        f"registro.csv, renglón 4, {column}" for column in ("fecha", "canal", "informacion")
    ]
    assert outreach("register", "list", "--json").out == "[]\n"


def test_bad_rows_set_aside_come_back_when_they_are_mended(outreach, write, tmp_path: Path) -> None:
    path = write(*GOOD, '09/04/2025,correo,x,"con ""comillas"", y coma",7')
    answer = outreach("register", "import", path, "--skip-bad")
    assert answer.code == 0
    assert "1 renglón rechazado, con su motivo, está en registro.rechazados.csv." in answer.out
    aside = tmp_path / "folder" / "registro.rechazados.csv"
    [row] = csv.DictReader(io.StringIO(aside.read_bytes().decode(), newline=""))
    assert row["renglon_rechazado"] == "4"
    assert "«09/04/2025»" in row["motivo_del_rechazo"]
    assert row["informacion"] == 'con "comillas", y coma'
    aside.write_text(aside.read_text(encoding="utf-8").replace("09/04/2025,", "2025-04-09,", 1), encoding="utf-8")
    assert outreach("register", "import", aside).code == 0
    last = json.loads(outreach("register", "list", "--search", "comillas", "--json").out)
    assert [one["extra"] for one in last] == [{"oficio": "7"}]  # and no column about refusals


def test_where_refused_rows_go_may_be_said_and_must_be_writable(outreach, write, tmp_path: Path) -> None:
    path = write(*GOOD, "x,correo,x,y,")
    answer = outreach("register", "import", path, "--skip-bad", "--refused", tmp_path / "no" / "existe.csv")
    assert answer.code == 2
    assert "existe.csv" in answer.err
    assert outreach("register", "list", "--json").out == "[]\n"
    assert outreach("register", "import", path, "--skip-bad", "--refused", tmp_path / "aside.csv").code == 0
    assert (tmp_path / "aside.csv").exists()


def test_a_place_for_refused_rows_without_skipping_any_is_refused(outreach, write) -> None:
    answer = outreach("register", "import", write(*GOOD), "--refused", "aside.csv")
    assert (answer.code, answer.err) == (2, "--refused va junto con --skip-bad.\n")


def test_a_known_folio_with_other_content_is_pointed_out(outreach, write) -> None:
    outreach("register", "import", write("folio," + GOOD[0], "A," + GOOD[1]))
    answer = outreach("register", "import", write("folio," + GOOD[0], "A," + GOOD[2]))
    assert answer.code == 0
    assert "El renglón 2 tiene un folio conocido" in answer.err


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n", b"PK\x03\x04 broken"])
def test_a_file_that_is_none_is_told_by_its_name(outreach, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "foto.csv"
    path.write_bytes(content)
    answer = outreach("register", "import", path)
    assert answer.code == 2
    assert "foto.csv" in answer.err
    assert "Traceback" not in answer.err


def test_an_export_to_the_screen_is_the_same_as_to_a_file(outreach, write, tmp_path: Path) -> None:
    outreach("register", "import", write(*GOOD))
    screen = outreach("register", "export", "-")
    assert "2 comunicaciones en" in outreach("register", "export", tmp_path / "todo.csv").out
    written = (tmp_path / "todo.csv").read_bytes().decode()
    assert screen.out.replace("\r\n", "\n") == written.replace("\r\n", "\n")
    assert written.splitlines()[0].startswith("fecha,hora,canal")
    assert written.count("2025-0") == 2


def test_an_export_is_of_the_period_and_annulled_entries_only_when_asked(outreach, write) -> None:
    outreach("register", "import", write(*GOOD))
    folio = json.loads(outreach("register", "list", "--json").out)[0]["folio"]
    outreach("register", "annul", folio, "--reason", "doble")
    assert "Envío de cartel" not in outreach("register", "export", "-").out
    whole = outreach("register", "export", "-", "--all", "--to", "2025-04-30").out
    [row] = csv.DictReader(whole.splitlines())
    assert (row["anulada"], row["anulada_motivo"], row["folio"]) == ("sí", "doble", folio)


def test_an_export_as_json_is_a_list(outreach, write) -> None:
    outreach("register", "import", write(*GOOD))
    first, second = json.loads(outreach("register", "export", "-", "--json").out)
    assert (first["fecha"], first["extra"], first["destinatarios"]) == ("2025-04-09", {"oficio": "1"}, None)
    assert second["fecha"] == "2025-05"


def test_an_export_that_cannot_be_written_leaves_no_half_file(outreach, write, tmp_path: Path) -> None:
    outreach("register", "import", write(*GOOD))
    answer = outreach("register", "export", tmp_path / "no" / "hay.csv")
    assert answer.code == 2
    assert "Revise que la carpeta exista" in answer.err
    (tmp_path / "folder" / "taken").mkdir()
    assert outreach("register", "export", "taken").code == 2
    assert [path.name for path in (tmp_path / "folder").iterdir()] == ["taken"]


def test_a_call_is_written_down_corrected_annulled_and_looked_back_at(outreach, platform) -> None:
    added = outreach("register", "add", *CALL, "--extra", "oficio=DVOE/12", "--json")
    folio = json.loads(added.out)["folio"]
    assert (
        outreach("register", "correct", folio, "--hora", "9:30", "--extra", "oficio=", "--reason", "faltaba").code == 0
    )
    assert outreach("register", "annul", folio, "--reason", "estaba dos veces").code == 0
    first, second = json.loads(outreach("register", "history", folio, "--json").out)
    assert (first["hora"], first["situacion"], first["motivo"]) == ("", "corregida después", "faltaba")
    assert (second["hora"], second["situacion"], second["extra"]) == ("09:30", "anulada", {})
    shown = outreach("register", "history", folio).out
    assert "estaba dos veces" in shown
    assert "oficio=DVOE/12" in shown
    assert "anulada" in outreach("register", "list", "--all").out
    with platform.reading() as session:
        log = session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
        assert all(who.startswith("terminal") for who in session.scalars(select(AuditEntry.who)))
    assert log == ["register.add", "register.correct", "register.annul"]


def test_a_call_without_its_required_columns_is_refused_column_by_column(outreach) -> None:
    answer = outreach("register", "add", "--fecha", "ayer")
    assert answer.code == 2
    said = answer.err.splitlines()
    assert [
        word for word, line in zip(("ayer", "canal", "clase", "informacion"), said, strict=True) if word not in line
    ] == []


def test_another_column_is_written_as_name_and_value(outreach) -> None:
    answer = outreach("register", "add", *CALL, "--extra", "oficio", "--extra", "clase=x")
    assert answer.code == 2
    assert "«oficio»" in answer.err
    assert "«clase» está dos veces" in answer.err


def test_a_list_is_filtered_by_channel_class_network_period_and_words(outreach, write) -> None:
    header = "fecha,canal,clase,red,informacion"
    rows = (
        "2025-04-09,correo,noticia,Red Voto Chilango;Otra,Convocatoria de observación",
        "2025-05-09,whatsapp,invitacion,Otra,Cartel",
    )
    outreach("register", "import", write(header, *rows))

    def texts(*options: str) -> list[str]:
        answer = outreach("register", "list", "--json", *options)
        return [one["informacion"] for one in json.loads(answer.out)]

    first, second = ["Convocatoria de observación"], ["Cartel"]
    assert texts("--canal", "whatsapp") == second
    assert texts("--clase", "noticia") == first
    assert texts("--red", "Red Voto Chilango") == first
    assert texts("--red", "Otra") == first + second
    assert texts("--search", "OBSERVACION convocatoria") == first
    assert texts("--from", "2025-05-01") == second
    assert texts("--to", "2025-04-09") == first
    assert texts("--canal", "reunion") == []
    assert "No hay comunicaciones así" in outreach("register", "list", "--canal", "reunion").out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--from", "1/4/2025"], "«1/4/2025»"),
        (["--to", "2025-04-31"], "«2025-04-31»"),
        (["--from", "2025-05-01", "--to", "2025-04-01"], "2025-05-01"),
        (["--canal", "paloma"], "«paloma»"),
    ],
)
def test_a_filter_that_makes_no_sense_is_refused(outreach, options: list[str], said: str) -> None:
    answer = outreach("register", "list", *options)
    assert (answer.code, answer.out) == (2, "")
    assert said in answer.err


def test_an_import_is_listed_undone_with_a_reason_and_listed_as_undone(outreach, write) -> None:
    outreach("register", "import", write(*GOOD))
    assert outreach("register", "undo-import", "1").code == 2
    undone = outreach("register", "undo-import", "1", "--reason", "era otro trimestre")
    assert "2 comunicaciones ya no cuentan" in undone.out
    [one] = json.loads(outreach("register", "imports", "--json").out)
    assert (one["communications"], one["undone_reason"]) == (2, "era otro trimestre")
    assert "era otro trimestre" in outreach("register", "imports").out
    assert outreach("register", "undo-import", "1", "--reason", "x").code == 2
    assert outreach("register", "list", "--json").out == "[]\n"


def test_every_command_has_help_with_an_example() -> None:
    for name, each in register_command.command.commands.items():
        assert f"Ejemplo: outreach register {name}" in (each.help or "")
        assert all(option.help for option in each.params if isinstance(option, click.Option))
    assert "register" in cli.COMMANDS


def test_every_code_of_the_register_has_words_that_take_their_values() -> None:
    details = dict.fromkeys(("found", "example", "allowed", "most", "position", "first", "run", "reason", "end"), "·")
    for code, text in register_words.FAULTS.items():
        assert text % ({"where": "w", "value": "v"} | details), code
        assert words.tables()[code] == text  # no other area has the same code


def test_an_export_is_noted_and_one_that_failed_is_not(outreach, write, platform, tmp_path: Path) -> None:
    outreach("register", "import", write(*GOOD))
    outreach("register", "export", tmp_path / "no" / "hay.csv")
    outreach("register", "export", "-")
    with platform.reading() as session:
        lines = session.scalars(select(AuditEntry).where(AuditEntry.action == "register.export")).all()
    assert [line.details for line in lines] == [{"rows": 2, "to": "-"}]
