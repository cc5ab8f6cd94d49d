"""CSV as people send it: in which letters, cut at what, and what is none."""

import csv
import io
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from contacts.errors import Fault, Refused

DELIMITERS = (",", ";", "\t", "|")
LONGEST_CELL = 32_767  # what a cell of Excel holds; more is a quotation mark that was never closed
LOOKED = 12  # records at the top among which a header is looked for
_NO_TEXT = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"{\\rtf", b"\x1f\x8b", b"<!DOCTYPE", b"<html", b"<?xml")


def refuse_file(path: Path, code: str, *, row: int | None = None, **details: object) -> Refused:
    """Return a refusal of a file, or of one of its rows."""
    return Refused([Fault(code, value=str(path), row=row, file=path.name if row else "", details=details)])


_refuse = refuse_file


def records(path: Path, content: bytes) -> Iterator[tuple[int, list[str]]]:
    """Yield number and cells of each row. Refuses `file_kind`, `file_encoding`, `quote_open`, `cell_long`."""
    text = _decode(path, content)
    delimiter, text = _delimiter(text)
    # Strict: a quotation mark that is never closed would swallow the rest of the file as one cell.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    try:
        for number, cells in enumerate(reader, 1):
            yield number, cells
    except csv.Error as error:
        code = "cell_long" if "field limit" in str(error) else "quote_open"
        raise _refuse(path, code, row=number + 1, most=LONGEST_CELL) from None


def _decode(path: Path, content: bytes) -> str:
    """Bytes → text; refuses what is no text rather than guess."""
    head = content[:4096]
    if head.startswith(_NO_TEXT):
        raise _refuse(path, "file_kind")
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):  # what Excel calls «Texto Unicode»
        try:
            return content.decode("utf-16").lstrip("\ufeff")
        except UnicodeDecodeError:
            raise _refuse(path, "file_kind") from None
    if len(re.findall(rb"[\x00-\x08\x0e-\x1f]", head)) * 20 > len(head):
        raise _refuse(path, "file_kind")
    try:
        return content.decode("utf-8").lstrip("\ufeff")  # some programs put the mark twice
    except UnicodeDecodeError as error:
        broken = content.count(b"\n", 0, error.start) + 1
    # A file that is UTF-8 but for one broken byte would decode as windows-1252 too, into «PÃ©rez» everywhere.
    if not re.search(rb"[\xc2\xc3][\x80-\xbf]", content):
        try:
            return content.decode("cp1252")
        except UnicodeDecodeError:
            pass
    raise _refuse(path, "file_encoding", row=broken)


def _delimiter(text: str) -> tuple[str, str]:
    """Return the delimiter that cuts the first row of several cells into most, and the text without Excel's `sep=;`."""
    told = re.match(r"sep=([,;\t|])\r?\n", text, re.IGNORECASE)
    if told:
        return told[1], text[told.end() :]
    head = text.lstrip("\r\n \ufeff")[:LONGEST_CELL]

    def cells(delimiter: str) -> list[int]:
        counts: list[int] = []
        try:
            for record in islice(csv.reader(io.StringIO(head, newline=""), delimiter=delimiter, strict=True), LOOKED):
                counts.append(len(record))  # noqa: PERF401 — those before an error count
        except csv.Error:  # quoted for another delimiter, or the head ends within a cell
            pass
        return [*counts, *[0] * (LOOKED - len(counts))]

    found = {delimiter: cells(delimiter) for delimiter in DELIMITERS}
    for line in range(LOOKED):  # a title above the header is one cell for all of them
        best = max(DELIMITERS, key=lambda delimiter: found[delimiter][line])
        if found[best][line] > 1:
            return best, text
    return DELIMITERS[0], text
