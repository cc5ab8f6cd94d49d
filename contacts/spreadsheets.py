"""A spreadsheet as people send it, CSV or XLSX → headers and rows. The one place that knows the formats."""

import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import chain, islice
from pathlib import Path

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from contacts import delimited
from contacts.delimited import LONGEST_CELL, LOOKED
from contacts.delimited import refuse_file as _refuse
from contacts.errors import Fault, Refused
from contacts.filereading import NotAFileError, TooLargeError, content_of

Cell = str | date | datetime | time | float | bool

MOST_CELLS = 60_000_000  # a lone cell in the far corner of a sheet would otherwise take all the memory there is
MOST_UNPACKED = 1 << 30  # bytes of a workbook once unpacked
DAY = 86_400  # seconds
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"  # also what a workbook with a password looks like
_CELL_NAME = re.compile(rb'<(?:\w+:)?c [^>]*?\br="([A-Z]{1,3})(\d{1,7})"')


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row. `number` is the one that a spreadsheet shows beside it, with the header as 1.

    `cells` has every header; what is empty or only blanks is "". `surplus` are the cells of a CSV row beyond its
    header, which mean that a comma was not quoted: whoever imports refuses the row.
    """

    number: int
    cells: dict[str, Cell]
    surplus: tuple[str, ...] = ()

    def text(self, header: str) -> str:
        """Return a cell as text without blanks around it; "" when there is no such column."""
        return as_text(self.cells.get(header, "")).strip()


Record = tuple[int, Sequence[Cell]]
#: Told the first records with anything in them, says which is the header and what it is: titles stand above some.
FindHeader = Callable[[Sequence[Record]], tuple[int, Sequence[Cell]]]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a file holds: its named columns in their order, and its rows without the empty ones."""

    headers: list[str]
    rows: list[SheetRow] = field(default_factory=list)


def as_text(cell: Cell) -> str:
    """Return a cell as a person would type it: 5550100.0 is "5550100", a date is 2025-04-09, an hour is 20:00."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "VERDADERO" if cell else "FALSO"
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M:%S}".removesuffix(":00")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, time):
        return f"{cell:%H:%M:%S}".removesuffix(":00")
    return str(int(cell)) if float(cell).is_integer() and abs(cell) < 1e15 else f"{cell:.15g}"  # noqa: PLR2004 — a spreadsheet's own digits


def read_sheet(path: Path) -> Sheet:
    """Read a CSV or the first sheet of an XLSX, whose header is its first row.

    A CSV is UTF-8, UTF-16 with its mark, or windows-1252, cut at commas, semicolons, tabs or bars, and gives only text;
    an XLSX also dates, hours, numbers and booleans. The contents tell the kind, not the name of the file. Refuses what
    `contents` and `read_contents` refuse.
    """
    return read_contents(path, contents(path))


def contents(path: Path) -> bytes:
    """Return the bytes of a file. Refuses `file_missing`, `file_unreadable`, `file_kind` (no file), `file_large`."""
    try:
        return content_of(path)
    except (FileNotFoundError, NotADirectoryError):
        raise _refuse(path, "file_missing") from None
    except (IsADirectoryError, NotAFileError):
        raise _refuse(path, "file_kind") from None
    except TooLargeError:
        raise _refuse(path, "file_large") from None
    except (OSError, ValueError) as error:
        raise _refuse(path, "file_unreadable", reason=str(getattr(error, "strerror", "") or error)) from None


def read_contents(path: Path, content: bytes, header: FindHeader | None = None) -> Sheet:
    """Read the bytes of a spreadsheet; `path` is for what is told of it. `header` finds the header below titles.

    With `header`, a heading that is merged over several columns names each of them, numbered. Refuses, with every
    fault: `file_kind`, `file_old`, `file_damaged`, `file_large`, `file_encoding`, `file_empty`, `header_twice`,
    `quote_open`, `cell_long`, `cell_nul`.
    """
    if content.startswith(_OLD_EXCEL):
        raise _refuse(path, "file_old")
    if content.startswith(b"PK"):
        return _sheet(path, _xlsx(path, content, spread=header is not None), header, ragged=False)
    return _sheet(path, delimited.records(path, content), header, ragged=True)


def _sheet(path: Path, records: Iterable[Record], header: FindHeader | None, *, ragged: bool) -> Sheet:
    """First record with anything in it is the header, unless it is looked for; records without anything are no rows."""
    filled = ((number, cells) for number, cells in records if any(not _blank(cell) for cell in cells))
    first = list(islice(filled, LOOKED if header else 1))
    if not first:
        raise _refuse(path, "file_empty")
    place, top = header(first) if header else (0, first[0][1])
    number = first[place][0]
    named = {i: " ".join(as_text(cell).split()) for i, cell in enumerate(top) if not _blank(cell)}
    faults: list[Fault] = []
    seen: dict[str, str] = {}
    for name in named.values():
        if name.casefold() in seen:
            faults.append(Fault("header_twice", name, name, row=number, file=path.name))
        seen[name.casefold()] = name
    if faults:
        raise Refused(faults)
    width = len(top)
    sheet = Sheet(list(named.values()))
    for row, cells in chain(first[place + 1 :], filled):
        values = {name: _value(cells[i]) if i < len(cells) else "" for i, name in named.items()}
        surplus = tuple(as_text(cell) for cell in cells[width:] if not _blank(cell)) if ragged else ()
        faults.extend(_cell_faults(path, row, values))
        sheet.rows.append(SheetRow(row, values, surplus))
    if faults:
        raise Refused(faults)
    return sheet


def _cell_faults(path: Path, row: int, values: dict[str, Cell]) -> Iterator[Fault]:
    for name, cell in values.items():
        if isinstance(cell, str):
            if "\0" in cell:
                yield Fault("cell_nul", name, cell.replace("\0", "␀")[:60], row=row, file=path.name)
            if len(cell) > LONGEST_CELL:
                yield Fault("cell_long", name, cell[:60], row=row, file=path.name, details={"most": LONGEST_CELL})


def _blank(cell: Cell) -> bool:
    return isinstance(cell, str) and not cell.strip()


def _value(cell: Cell) -> Cell:
    return "" if _blank(cell) else cell


def _xlsx(path: Path, content: bytes, *, spread: bool) -> Iterator[tuple[int, Sequence[Cell]]]:
    _weigh(path, content)
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
            names = [
                sheet.name
                for sheet in book.sheets_metadata
                if sheet.typ is SheetTypeEnum.WorkSheet and sheet.visible is SheetVisibleEnum.Visible
            ]
            if not names:
                raise _refuse(path, "file_empty")
            sheet = book.get_sheet_by_name(names[0])
            merged = _merged(sheet) if spread else {}
            for number, cells in enumerate(sheet.iter_rows(), 1):
                record = [_typed(cell) for cell in cells]
                for first, last in merged.get(number, ()):
                    for column in range(first + 1, min(last + 1, len(record))):
                        if not _blank(record[first]) and _blank(record[column]):
                            record[column] = f"{as_text(record[first])} {column - first + 1}"
                yield number, record
    except PasswordError:
        raise _refuse(path, "file_old") from None
    except CalamineError:
        raise _refuse(path, "file_damaged") from None


def _merged(sheet: CalamineSheet) -> dict[int, list[tuple[int, int]]]:
    """Return the cells at the top that are merged sideways: row as shown → first and last column, from 0."""
    found: dict[int, list[tuple[int, int]]] = {}
    for (row, first), (_row, last) in sheet.merged_cell_ranges or ():
        if last > first and row < LOOKED:
            found.setdefault(row + 1, []).append((first, last))
    return found


def _weigh(path: Path, content: bytes) -> None:
    """Refuse what is no workbook, or would not fit into memory, before it is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            names = parts.namelist()
            if "xl/workbook.xml" not in names:
                raise _refuse(path, "file_kind")
            if sum(part.file_size for part in parts.infolist()) > MOST_UNPACKED:
                raise _refuse(path, "file_large")
            for name in names:  # each to its end: one that is larger than it says is found out here
                if name.startswith("xl/worksheets/"):
                    if _area(parts.read(name)) > MOST_CELLS:
                        raise _refuse(path, "file_large")
                else:
                    with parts.open(name) as part:
                        while part.read(1 << 20):
                            pass
    except (
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
        NotImplementedError,
        RuntimeError,
        OSError,
        ValueError,
        EOFError,
        zlib.error,
    ):
        raise _refuse(path, "file_damaged") from None


def _area(xml: bytes) -> int:
    """Return the cells of the rectangle that a worksheet spans."""
    columns: set[bytes] = set()
    rows: set[bytes] = set()
    for column, row in _CELL_NAME.findall(xml):
        columns.add(column)
        rows.add(row)
    widest = max((_column(name) for name in columns), default=0)
    return widest * max(map(int, rows), default=0)


def _column(name: bytes) -> int:
    number = 0
    for letter in name:
        number = number * 26 + letter - 64
    return number


def _typed(cell: object) -> Cell:
    """Turn what calamine gives into one of ours. A duration under a day is an hour: people write 20:00 as [h]:mm."""
    if isinstance(cell, timedelta):
        seconds = round(cell.total_seconds())
        hour = time(seconds // 3600, seconds // 60 % 60, seconds % 60) if 0 <= seconds < DAY else None
        return hour or str(cell)
    if isinstance(cell, (str, bool, date, time, float)):
        return cell
    return float(cell) if isinstance(cell, int) else str(cell)
