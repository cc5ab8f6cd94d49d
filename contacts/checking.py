"""The rows of a sheet read as people, each with all that is wrong with it. Nothing is written here."""

import gc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from sqlalchemy.orm import Session

from contacts import cards, suppression
from contacts.columns import Columns
from contacts.errors import Fault
from contacts.folding import fold
from contacts.spreadsheets import Cell, Sheet, SheetRow, as_text

Progress = Callable[[int], object]  # told how many more rows are done
STEP = 500


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that did not come in: its number, its cells as they were, and all that is wrong with it."""

    number: int
    cells: Mapping[str, Cell]
    faults: tuple[Fault, ...]


@dataclass(slots=True)
class Checked:
    """A sheet whose every row is either somebody or refused."""

    rows: int = 0
    people: list[tuple[int, cards.Card]] = field(default_factory=list)  # number of the row, who it is
    refused: list[RefusedRow] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)


@contextmanager
def without_collector() -> Iterator[None]:
    """Let nothing look for cycles meanwhile: among hundreds of thousands of rows it takes a third of the time."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


def check(
    sheet: Sheet,
    found: Columns,
    *,
    network: str = "",
    file: str = "",
    progress: Progress | None = None,
) -> Checked:
    """Read every row; `network` is joined by everybody. `progress` may raise to end it.

    Codes: those of `cards.read`, and `row_long`. Whoever asked to be forgotten is refused by `refuse_forgotten`: to
    read is long, and needs no database.
    """
    done = Checked(rows=len(sheet.rows))
    for count, row in enumerate(sheet.rows, 1):
        card, faults, warnings = read_row(row, found, file)
        if card is None:
            done.refused.append(RefusedRow(row.number, row.cells, tuple(faults)))
        else:
            if network and fold(network) not in map(fold, card.networks):
                card.networks = (network, *card.networks)
            done.people.append((row.number, card))
            done.warnings += warnings
        if progress and (count % STEP == 0 or count == len(sheet.rows)):
            progress((count - 1) % STEP + 1)
    return done


def read_row(row: SheetRow, found: Columns, file: str = "") -> tuple[cards.Card | None, list[Fault], list[Fault]]:
    """Read one row: card, faults, warnings, each fault at its row and under the column's own name."""
    cells = row.cells
    values = {}
    for name, headers in found.of.items():
        texts = [as_text(cells[header]) for header in headers if cells[header] != ""]
        if texts:
            values[name] = texts
    card, faults, warnings = cards.read(values, lenient=True)
    if row.surplus:
        faults = [Fault("row_long", "", "; ".join(row.surplus)[:80]), *faults]
        card = None
    if faults or warnings:
        faults, warnings = ([_placed(fault, row, found, file) for fault in some] for some in (faults, warnings))
    return card, faults, warnings


def _placed(fault: Fault, row: SheetRow, found: Columns, file: str) -> Fault:
    return replace(fault, row=row.number, file=file, where=", ".join(found.of.get(fault.where, (fault.where,))))


def refuse_forgotten(session: Session, sheet: Sheet, found: Columns, done: Checked, file: str = "") -> None:
    """Refuse the rows of people who asked to be forgotten: they do not come back by a file (`address_suppressed`)."""
    asked = [(each.kind, each.value, card.name) for _number, card in done.people for each in card.addresses]
    gone = suppression.suppressed(session, asked)
    if not gone:
        return
    welcome = []
    rows = {row.number: row for row in sheet.rows}
    for number, card in done.people:
        faults = [
            _placed(Fault("address_suppressed", str(each.kind), each.value), rows[number], found, file)
            for each in card.addresses
            if (each.kind, each.value, card.name) in gone
        ]
        if faults:
            done.refused.append(RefusedRow(number, rows[number].cells, tuple(faults)))
        else:
            welcome.append((number, card))
    done.refused.sort(key=lambda row: row.number)
    done.people = welcome
