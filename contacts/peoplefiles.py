"""A file of people, whatever kind it is (CSV, XLSX, vCard), as one sheet; its header may stand below titles."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from contacts import columns, vcards
from contacts.formulas import restore
from contacts.spreadsheets import Cell, Record, Sheet, as_text, contents, read_contents


def read_people(path: Path) -> Sheet:
    """Read a file of people. The contents tell the kind, not the name.

    What an export disarmed (`formulas.neutralise`) is as it was. Refuses what `spreadsheets` and `vcards.read` refuse.
    """
    content = contents(path)
    if vcards.looks_like(content):
        return vcards.read(content, path.name)
    sheet = read_contents(path, content, header_of)
    for number, row in enumerate(sheet.rows):
        if any(isinstance(cell, str) and cell[:1] == "'" for cell in row.cells.values()):
            cells = {name: restore(cell) if isinstance(cell, str) else cell for name, cell in row.cells.items()}
            sheet.rows[number] = replace(row, cells=cells)
    return sheet


def header_of(records: Sequence[Record]) -> tuple[int, Sequence[Cell]]:
    """Return which of the first records is the header, and its cells: the one with most headings that we know.

    Where it has no heading, one of a row above it counts: a heading may stand beside a merged one in two rows.
    """
    known = [columns.recognised(as_text(cell) for cell in cells) for _number, cells in records]
    best = max(range(len(records)), key=lambda i: (known[i], -i))
    if best and known[best] < 2:  # noqa: PLR2004 — one word that we know may stand in any row
        best = 0
    top = list(records[best][1])
    for _number, above in reversed(records[:best]):
        if columns.recognised(as_text(cell) for cell in above):
            top = [own if as_text(own).strip() else above[i] if i < len(above) else "" for i, own in enumerate(top)]
    return best, top
