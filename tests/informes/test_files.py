"""The digest of an informe, and files that appear together or not at all."""

import dataclasses
import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from time import perf_counter

import pytest

from contacts.errors import Refused
from outreach.informes import Report, files
from outreach.register.communication import Communication

Informe = Callable[..., Report]
Register = Callable[[str], list[Communication]]

TABLE = """
title = "T {periodo}"
[[table]]
id = "t"
title = "T"
rows = "each"
columns = [{ header = "F", value = "date" }, { header = "I", value = "informacion" }]
"""
LOG = "fecha,canal,clase,informacion,objetivo\n2025-04-09,correo,x,Uno,o\n2025-04-10,correo,x,Dos,p\n"


def test_the_same_log_and_definition_give_the_same_digest(informe: Informe, register: Register) -> None:
    log = register(LOG)
    first = informe(TABLE, log)
    later = informe("# un comentario\n" + TABLE, log, as_of=first.as_of + timedelta(days=3))
    renumbered = [dataclasses.replace(item, folio=f"Z-{item.folio}", people=frozenset({5})) for item in reversed(log)]
    assert first.digest.startswith("sha256:")
    assert first.digest == later.digest == informe(TABLE, renumbered).digest


@pytest.mark.parametrize(
    "change",
    [
        {"definition": TABLE.replace('title = "T"\nrows', 'title = "Otra"\nrows')},
        {"definition": TABLE.replace('"F"', '"Fecha"')},
        {"definition": TABLE + 'where = { clase = "x" }\n'},
        {"end": date(2025, 6, 29)},
        {"log": LOG.replace("Uno", "Otro")},
        {"log": LOG.replace("2025-04-10", "2025-04-11")},
    ],
)
def test_a_change_of_definition_period_or_cell_changes_the_digest(informe: Informe, change: dict[str, object]) -> None:
    asked = {"definition": TABLE, "log": LOG, "end": date(2025, 6, 30)} | change
    assert informe(asked["definition"], asked["log"], end=asked["end"]).digest != informe(TABLE, LOG).digest


def test_files_are_named_after_the_definition_and_replace_old_ones(informe: Informe, tmp_path: Path) -> None:
    out = tmp_path / "a" / "b"
    out.mkdir(parents=True)
    (out / "prueba.json").write_text("viejo", encoding="utf-8")
    written = files.build_files(informe(TABLE, LOG), ["json", " HTML ", "json"], out, "prueba")
    assert written == [out / "prueba.json", out / "prueba.html"]
    assert json.loads(written[0].read_text(encoding="utf-8"))["tables"]
    assert {path.name for path in out.iterdir()} == {"prueba.json", "prueba.html"}


def test_a_format_that_fails_leaves_the_folder_as_it_was(
    informe: Informe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "prueba.json").write_text("viejo", encoding="utf-8")

    def full(_report: Report, _path: Path) -> list[Path]:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("outreach.informes.html.write", full)
    with pytest.raises(Refused) as caught:
        files.build_files(informe(TABLE, LOG), ["json", "html"], tmp_path, "prueba")
    assert [fault.code for fault in caught.value.faults] == ["out_folder"]
    assert [path.name for path in tmp_path.iterdir() if path.name != "prueba.toml"] == ["prueba.json"]
    assert (tmp_path / "prueba.json").read_text(encoding="utf-8") == "viejo"


def test_a_folder_that_is_a_file_is_refused(informe: Informe, tmp_path: Path) -> None:
    (tmp_path / "salida").write_text("", encoding="utf-8")
    with pytest.raises(Refused):
        files.build_files(informe(TABLE, LOG), ["json"], tmp_path / "salida", "prueba")


@pytest.mark.parametrize(
    ("wanted", "codes"),
    [
        (["pdf"], ["format_pdf"]),
        (["docx", "odt", "pdf"], ["format_unknown", "format_pdf"]),
        ([""], ["format_none"]),
    ],
)
def test_formats_that_are_not_made_are_refused(wanted: list[str], codes: list[str]) -> None:
    with pytest.raises(Refused) as caught:
        files.formats(wanted)
    assert [fault.code for fault in caught.value.faults] == codes


def test_ten_thousand_rows_take_seconds_in_every_format(informe: Informe, register: Register, tmp_path: Path) -> None:
    one = register(LOG)[0]
    log = [
        dataclasses.replace(
            one,
            folio=str(number),
            day=date(2025, 4, 1) + timedelta(days=number % 91),
            information=f"Comunicación número {number} de un trimestre muy largo, con un texto de dos renglones",
            account=f"cuenta{number % 7}@example.org",
            order=number,
        )
        for number in range(10_000)
    ]
    columns = ("number", "date", "canal", "cuenta", "clase", "informacion", "objetivo", "count")
    listed = ", ".join(f'{{ header = "{name}", value = "{name}" }}' for name in columns)
    table = f'title = "T"\n[[table]]\nid = "t"\ntitle = "T"\nrows = "each"\ncolumns = [{listed}]\n'
    begun = perf_counter()
    report = informe(table, log)
    files.build_files(report, files.FORMATS, tmp_path, "prueba")
    assert len(report.tables[0].rows) == 10_000
    assert perf_counter() - begun < 30, "row by row, Word alone would take minutes"
