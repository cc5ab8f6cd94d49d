"""Whoever reads English meets no Spanish at the terminal nor in an English informe."""

import json
import os
import re
import subprocess
import sys
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from outreach import i18n, words
from outreach.informes import build, definition
from outreach.informes.files import FORMATS, build_files
from outreach.register.communication import Communication

OUTREACH = Path(sys.executable).with_name("outreach")
#: Prints the help of every command there is, in the language of the terminal.
EVERY_HELP = """
import click, json
from outreach import clickwords
from outreach.i18n import set_language
set_language("en")
clickwords.speak()
from outreach.cli import Outreach
def walk(command, name, parent):
    context = click.Context(command, info_name=name, parent=parent, terminal_width=5000, max_content_width=5000)
    yield context.command_path, command.get_help(context)
    if isinstance(command, click.Group):
        for each in command.list_commands(context):
            yield from walk(command.get_command(context, each), each, context)
print(json.dumps(dict(walk(Outreach(name="outreach"), "outreach", None))))
"""
#: What help says alike in every language: examples, options, choices, quotations, names of columns and files.
ALIKE = re.compile(
    r'Example: .*|--?[a-z][\w-]*|\[[^\]\s]+\]|"[^"]*"|\S+=\S+|[\w/-]+\.(?:csv|toml|xlsx)|nombre, correo,.* trajo'
    r"|\bes or en\b|\bcorreo, whatsapp, .*\botro\b"
)


def run(*arguments: str, data: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"OUTREACH_LANG": "en", "OUTREACH_DATA": str(data), "DATABASE_URL": ""}
    return subprocess.run(
        [str(OUTREACH), *arguments], capture_output=True, text=True, check=False, env=environment, timeout=60
    )


def test_every_help_text_speaks_english(reader: Any) -> None:
    told = subprocess.run(
        [sys.executable, "-c", EVERY_HELP],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"OUTREACH_LANG": "en"},
        timeout=60,
    )
    helps = json.loads(told.stdout)
    assert len(helps) > 40
    lines = {(name, line) for name, text in helps.items() for line in text.splitlines()}
    assert {(name, line) for name, line in lines if reader.SPANISH.search(ALIKE.sub("", line))} == set()
    assert all("Example: outreach" in text for text in (helps[name] for name in helps if name != "outreach"))


def test_commands_answer_in_english(tmp_path: Path, reader: Any) -> None:
    nobody = run("contacts", "list", data=tmp_path)
    assert (nobody.returncode, nobody.stdout) == (
        0,
        "There are no people like that. Add one with outreach contacts add, or import a file.\n",
    )
    people = tmp_path / "people.csv"
    people.write_text("nombre,correo\nAna Nopal,ana@example.org\nBeto Luna,beto at example\n", encoding="utf-8")
    brought = run("contacts", "import", str(people), data=tmp_path)
    assert brought.returncode == 0
    assert "1 accepted" in brought.stdout
    assert "“beto at example” is not an e-mail address" in brought.stdout + brought.stderr
    assert not reader.SPANISH.search(re.sub(r"\bcorreo\b", "", brought.stdout + brought.stderr))


def test_bad_input_is_told_in_english(tmp_path: Path, reader: Any) -> None:
    refused = run("informe", "build", "nothing.toml", "--from", "2025-06-31", "--to", "2025-06-30", data=tmp_path)
    assert refused.returncode == 2
    assert "--from says “2025-06-31” and must be a date that exists, such as 2025-04-01." in refused.stderr
    assert not reader.SPANISH.search(refused.stderr)


def test_every_fault_that_the_platform_knows_has_an_english_sentence() -> None:
    """Filled in with what it names: a placeholder of the Spanish alone would show here."""
    with i18n.speaking("en"):
        for code, text in words.tables().items():
            names = re.findall(r"%\((\w+)\)s", text)
            sentence = i18n.gettext(text, **{name: f"[{name}]" for name in names})
            assert sentence != text or not text, code
            assert all(f"[{name}]" in sentence for name in names), code


DEFINITION = """
title = "Communications, {trimestre}"
locale = "en_US"

[[table]]
id = "sent"
title = "E-mails and calls, {periodo}"
intro = "From {desde} to {hasta} we made **{rows} communications**."
rows = "each"
columns = [{ header = "No.", value = "number" }, { header = "Date", value = "date" },
  { header = "What", value = "informacion" }]

[[table]]
id = "by-channel"
title = "By class and channel"
rows = "cross"
down = "clase"
across = "canal"
labels = { correo = "E-mail", telefono = "Telephone" }

[[table]]
id = "none"
title = "Meetings"
rows = "each"
where = { canal = "reunion" }
columns = [{ header = "Date", value = "date" }]
"""


@pytest.fixture
def informe(tmp_path: Path) -> Any:
    path = tmp_path / "english.toml"
    path.write_text(DEFINITION, encoding="utf-8")
    log = [
        Communication(folio=f"E-{number}", day=day, channel=channel, kind=kind, information=said, topic=said)
        for number, (day, channel, kind, said) in enumerate(
            [
                (date(2025, 4, 9), "correo", "invitation", "Invitation to the test vote"),
                (date(2025, 5, 30), "correo", "news", "News of the month"),
                (date(2025, 5, 31), "telefono", "", "Call to Chicago"),
            ]
        )
    ]
    return build(definition.read(path), log, date(2025, 4, 1), date(2025, 6, 30), datetime(2025, 7, 3, 16, tzinfo=UTC))


def test_an_english_informe_says_its_own_words_in_english(informe: Any) -> None:
    sent, crossed, none = informe.tables
    assert informe.title == "Communications, second quarter of 2025"
    assert sent.title == "E-mails and calls, April to June 2025"
    assert sent.intro == "From April 1, 2025 to June 30, 2025 we made **3 communications**."
    assert sent.rows[0][:2] == ("1.", "April 9, 2025")
    assert crossed.columns == ("Class", "E-mail", "Telephone", "Total")
    assert [row[0] for row in crossed.rows] == ["invitation", "news", "(no data)", "Total"]
    assert none.empty == "No communications of this kind were recorded in the period."
    with i18n.speaking("en"):
        assert [name for name, _text in informe.statement()] == ["Period", "Time zone", "Cutoff", "Fingerprint"]
        assert informe.statement()[0][1] == "April 1, 2025 to June 30, 2025"
        assert informe.statement()[2][1] == "July 3, 2025, 10:00"


def test_every_format_of_an_english_informe_is_english(informe: Any, tmp_path: Path, reader: Any) -> None:
    for path in build_files(informe, FORMATS, tmp_path / "out", "report"):
        for name, text in parts(path):
            assert not reader.SPANISH.search(text), (path.name, name)
    word = dict(parts(tmp_path / "out" / "report.docx"))
    footers = " ".join(text for name, text in word.items() if "footer" in name)
    assert "Page 1 of 1" in " ".join(footers.split())
    assert "Table 1. E-mails and calls, April to June 2025" in word["word/document.xml"]
    assert reader.spanish_in((tmp_path / "out" / "report.html").read_text(encoding="utf-8")) == []


def parts(path: Path) -> list[tuple[str, str]]:
    """Return the texts of a file: of a Word or Excel file those of its parts that hold what a reader reads."""
    if path.suffix == ".html":
        return []  # looked at as a page
    if path.suffix not in {".docx", ".xlsx"}:
        said = path.read_text(encoding="utf-8-sig")
        return [(path.name, re.sub(r"[\w/]+/Mexico_City|sha256:\w+", "", said))]
    read = re.compile(
        r"word/(document|footer\d|header\d)\.xml|xl/(sharedStrings|worksheets/sheet\d|workbook)\.xml|docProps/.*"
    )
    with zipfile.ZipFile(path) as file:
        return [
            (name, re.sub(r"<[^>]*>", "", file.read(name).decode()).replace("&amp;", "&"))
            for name in file.namelist()
            if read.fullmatch(name)
        ]
