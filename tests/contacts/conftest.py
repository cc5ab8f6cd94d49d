"""How the tests of contacts make files."""

from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter

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
