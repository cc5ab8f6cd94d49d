"""How the tests of contacts make files and type commands."""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from outreach import cli
from outreach.config import Settings

MakeFile = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> MakeFile:
    """Write text (UTF-8 unless told) or bytes to a file."""

    def _write(content: str | bytes, name: str = "contactos.csv", encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode(encoding) if isinstance(content, str) else content)
        return path

    return _write


@pytest.fixture
def workbook(tmp_path: Path) -> MakeFile:
    """Write rows to the first sheet of a workbook; dates and hours become real cells."""

    def _workbook(
        rows: list[list[object]], name: str = "contactos.xlsx", first_row: int = 0, **options: object
    ) -> Path:
        path = tmp_path / name
        with xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd hh:mm"} | options) as book:
            sheet = book.add_worksheet("Hoja")
            for i, row in enumerate(rows):
                sheet.write_row(first_row + i, 0, row)
        return path

    return _workbook


@dataclass(frozen=True)
class Answer:
    """What a command said and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def outreach(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Answer]:
    """Type `outreach contacts …` in an empty folder, against the test's data folder."""
    folder = tmp_path / "folder"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("OUTREACH_DATA", str(settings.data))
    monkeypatch.setenv("DATABASE_URL", settings.database_url)
    for name in ("OUTREACH_LANG", "OUTREACH_TIMEZONE"):
        monkeypatch.delenv(name, raising=False)

    def _outreach(*words: str | Path | int) -> Answer:
        monkeypatch.setattr(sys, "argv", ["outreach", "contacts", *map(str, words)])
        code = 0
        try:
            cli.main()
        except SystemExit as leaving:
            code = int(leaving.code or 0)
        said = capsys.readouterr()
        return Answer(code, said.out, said.err)

    return _outreach
