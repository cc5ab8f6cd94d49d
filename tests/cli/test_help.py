"""Help, of every command there is, in the language of whoever reads it."""

import json
import re
import subprocess
import sys
from importlib import util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
#: Asks every command for its help, as the program does, and prints what it wrote and left with.
ASK = """
import contextlib, io, json, sys
import click
from outreach import cli, clickwords, config, i18n
i18n.set_language(config.terminal_language())
clickwords.speak()
def paths(command, path):
    yield path
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            yield from paths(command.get_command(context, name), (*path, name))
told = {}
for path in list(paths(cli.Outreach(name="outreach"), ())):
    out = io.StringIO()
    sys.argv = ["outreach", *path, "--help"]
    code = 0
    with contextlib.redirect_stdout(out):
        try:
            cli.main()
        except SystemExit as leaving:
            code = leaving.code
    told[" ".join(path)] = [code, out.getvalue()]
print(json.dumps(told))
"""
ENGLISH = re.compile(
    r"\b(Usage|Options|Commands|Show|Try|Error|default|required|dynamic|env var"
    r"|OPTIONS|COMMAND|ARGS|TEXT|INTEGER|FLOAT|RANGE|PATH|FILE|FILENAME|DIRECTORY|BOOLEAN)\b"
)
SPANISH = re.compile(r"\b(Uso|Opciones|Órdenes|Muestra esta|si no se dice:|obligatorio|OPCIONES|ORDEN|TEXTO|NÚMERO)\b")


def asked(language: str) -> dict[str, tuple[int, str]]:
    done = subprocess.run(
        [sys.executable, "-c", ASK],
        env={"PATH": "", "LANG": "C.UTF-8", "COLUMNS": "200", "OUTREACH_LANG": language},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert done.stderr == ""
    told: dict[str, tuple[int, str]] = json.loads(done.stdout)
    assert len(told) > 45
    return told


def test_every_command_has_help_in_spanish_with_an_example() -> None:
    told = asked("")
    assert {name: code for name, (code, _text) in told.items() if code != 0} == {}
    assert [name for name, (_code, text) in told.items() if f"Ejemplo: outreach {name}".rstrip() not in text] == []
    assert [name for name, (_code, text) in told.items() if not text.startswith("Uso: outreach")] == []
    left = {name: ENGLISH.findall(text) for name, (_code, text) in told.items()}
    assert {name: words for name, words in left.items() if words} == {}


def test_every_command_has_help_in_english() -> None:
    told = asked("en")
    assert {name: code for name, (code, _text) in told.items() if code != 0} == {}
    for name, (_code, text) in told.items():
        assert text.startswith("Usage: outreach"), name
        assert "Options:" in text, name
        assert "Show this message and exit." in text, name
        assert f"Example: outreach {name}".rstrip() in text, name
        assert SPANISH.findall(text) == [], name
    assert "Commands:" in told["contacts"][1]


def test_no_command_at_all_shows_the_help_and_is_a_mistake(shell) -> None:
    answer = shell()
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith("Uso: outreach [OPCIONES] ORDEN [ARGUMENTOS]…")


def test_the_list_of_commands_reads_none_of_them(shell) -> None:
    modules = "import sys; from outreach import cli; sys.argv = ['outreach', '--help']; cli.main(); print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", modules], cwd=shell.folder, capture_output=True, text=True, check=True, env={}
    )
    read = done.stdout.splitlines()[-1].split()
    assert "outreach.cli" in read
    assert [name for name in read if name.startswith(("outreach.commands.", "sqlalchemy", "flask"))] == []


def test_a_small_command_reads_no_library_that_it_does_not_need(shell) -> None:
    assert shell("db", "upgrade").code == 0
    small = (
        "import sys; from outreach import cli; sys.argv = ['outreach', 'campaigns', 'list']; cli.main(); "
        "print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", small], cwd=shell.folder, capture_output=True, text=True, check=True, env={}
    )
    read = set(done.stdout.splitlines()[-1].split())
    assert "sqlalchemy.orm" in read
    heavy = {"alembic", "flask", "twilio", "sendgrid", "apscheduler", "docx", "xlsxwriter", "waitress", "dotenv"}
    assert read & heavy == set()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nada"], "No existe la orden «nada»."),
        (["contact"], "No existe la orden «contact». ¿Quiso decir 'contacts'?"),
        (["campaigns", "send"], "Falta el argumento 'ID'."),
        (["campaigns", "send", "tres"], "debe ser un número como los que muestran las listas, por ejemplo 3."),
        (["campaigns", "send", "99999999999999999999"], "debe ser un número como los que muestran las listas"),
        (["campaigns", "send", "0"], "debe ser un número como los que muestran las listas"),
        (["campaigns", "log", "1", "--format", "pdf"], "«pdf» debe ser una de estas palabras: 'csv', 'json', 'table'."),
        (["campaigns", "publish", "1", "--members", "-5"], "-5 no está en el intervalo 0<=x<=1000000."),
        (["serve", "--port", "0"], "El valor de '--port' no se puede usar: 0 no está en el intervalo 1<=x<=65535."),
        (["serve", "--port", "ochenta"], "«ochenta» debe ser un número que pueda ir aquí, como 3."),
        (["user", "add", "--nam", "Ana"], "(¿Quiso decir una de estas: '--admin', '--name'?)"),
        (["contacts", "list", "a", "b"], "Sobran argumentos: a b"),
        (["register", "list", "--from"], "La opción «--from» lleva un valor, que falta."),
        (["informe", "build", "trimestral"], "Falta la opción '--from'."),
        (["db", "info", "--json=1"], "La opción «--json» no lleva un valor."),
        (["simulator", "--keep", "."], "«.» es una carpeta y debe ser un archivo."),
    ],
)
def test_a_command_typed_wrongly_is_told_in_spanish(shell, words: list[str], said: str) -> None:
    answer = shell(*words)
    assert (answer.code, answer.out) == (2, "")
    assert said in answer.err
    assert answer.lines[-1].startswith("Error: ")
    if len(answer.lines) > 1:  # click does not always know which command it was
        assert answer.lines[0].startswith("Uso: outreach")
        assert answer.lines[1].startswith("Vea la ayuda con: outreach")
    assert ENGLISH.findall(answer.err.replace("Error: ", "")) == []
    assert list(shell.folder.iterdir()) == []


def test_a_command_typed_wrongly_is_told_in_english_when_asked_so(shell) -> None:
    for variables in ({"OUTREACH_LANG": "en"}, {"OUTREACH_LANG": "en_GB", "LANG": "es_MX.UTF-8", "LANGUAGE": "es"}):
        answer = shell("campaigns", "send", **variables)
        assert answer.lines == [
            "Usage: outreach campaigns send [OPTIONS] ID",
            "Try 'outreach campaigns send --help' for help.",
            "",
            "Error: Missing argument 'ID'.",
        ]


def test_the_language_of_the_terminal_is_ours_and_not_the_machine_s(shell) -> None:
    answer = shell("nada", LANG="en_US.UTF-8", LANGUAGE="en")
    assert answer.lines[-1] == "Error: No existe la orden «nada»."


@pytest.fixture
def translations() -> ModuleType:
    spec = util.spec_from_file_location("translations", ROOT / "tools" / "translations.py")
    assert spec
    assert spec.loader
    module = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_text_of_click_has_its_spanish_and_the_compiled_file_is_in_step(translations) -> None:
    assert translations.click_faults() == []


def test_a_compiled_file_out_of_step_and_a_text_not_translated_are_found(translations, monkeypatch, tmp_path) -> None:
    (tmp_path / "es.po").write_text(
        (translations.CLICK / "es.po").read_text(encoding="utf-8").replace('msgstr "Uso:"', 'msgstr "{uso}:"')
        + '\nmsgid "Gone"\nmsgstr "Ido"\n',
        encoding="utf-8",
    )
    monkeypatch.setattr(translations, "CLICK", tmp_path)
    found = translations.click_faults()
    assert found[:-1] == ["click does not give ['uso']: 'Usage:'", "click says no longer: 'Gone'"]
    assert "is not what es.po says" in found[-1]
