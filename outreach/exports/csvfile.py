"""People as CSV: one row of headings, one a person, and nothing else, so that every program reads it."""

import csv
import re
from collections.abc import Iterable, Iterator
from io import StringIO

from contacts.formulas import neutralise
from outreach.exports.cells import cells
from outreach.exports.rows import Person

MARK = "\ufeff"  # by which Excel knows that it is UTF-8
DELIMITERS = {"coma": ",", "punto-y-coma": ";", "tabulador": "\t"}
_NUMBER = r"\+[0-9][0-9 •]{3,20}"  # or what a mask leaves of one
_NUMBERS = re.compile(rf"{_NUMBER}(?:;{_NUMBER})*")
_PIECE = 1 << 16  # letters handed on together


def write(people: Iterable[Person], columns: tuple[str, ...], *, delimiter: str, mark: bool) -> Iterator[bytes]:
    """Yield the file in UTF-8. Cells that a spreadsheet would run are disarmed; numbers in +E.164 stay as they are."""
    kept = StringIO(newline="")
    writer = csv.writer(kept, delimiter=delimiter)
    kept.write(MARK if mark else "")
    writer.writerow(columns)
    for one in people:
        writer.writerow([safe(cell) for cell in cells(one, columns)])
        if kept.tell() > _PIECE:
            yield kept.getvalue().encode()
            kept.seek(0)
            kept.truncate()
    yield kept.getvalue().encode()


def safe(cell: str) -> str:
    """Return a cell as it may stand in a CSV: telephone numbers begin with + and run nothing."""
    return cell if _NUMBERS.fullmatch(cell) else neutralise(cell)
