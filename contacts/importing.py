"""A spreadsheet of people → contacts, their networks and their consent; every refused row with its reason.

Good rows come in, the others are listed; a file that cannot be read at all brings nothing. What is known already is
never overwritten, only completed, so that the same file twice changes nothing. Rows are many: everything known of
them is fetched in a few large reads and written in a few large writes.
"""

import gc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy.orm import Session

from contacts import cards, columns, notices, suppression
from contacts.columns import Columns
from contacts.enrolling import enroll
from contacts.errors import Fault, Refused
from contacts.folding import fold
from contacts.granting import grant
from contacts.merging import Gathering
from contacts.spreadsheets import Cell, Sheet, SheetRow, as_text

Progress = Callable[[int], object]  # told how many more rows were read
STEP = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """Consent that the people of a file gave elsewhere: where, when, and under which notice (None: the current one)."""

    source: str
    at: datetime
    notice: str | None = None


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that did not come in: its number, its cells as they were, and all that is wrong with it."""

    number: int
    cells: Mapping[str, Cell]
    faults: tuple[Fault, ...]


@dataclass(slots=True)
class Imported:
    """What became of a file. Every row is either accepted or refused."""

    rows: int = 0
    accepted: int = 0
    refused: list[RefusedRow] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)
    unread: tuple[str, ...] = ()  # headers that say nothing to us
    created: int = 0  # people
    changed: int = 0  # people known before to whom something was added
    unchanged: int = 0  # people known before to whom nothing was added
    addresses: int = 0
    memberships: int = 0
    consents: int = 0
    networks: list[str] = field(default_factory=list)  # made by this file
    notice: str = ""  # under which the consent was entered

    @property
    def faults(self) -> tuple[Fault, ...]:
        """All faults of all refused rows, in their order."""
        return tuple(fault for row in self.refused for fault in row.faults)


def import_people(
    session: Session,
    sheet: Sheet,
    *,
    at: datetime,
    by: str = "",
    file: str = "",
    network: str = "",
    mapping: Mapping[str, str] | None = None,
    given: Given | None = None,
    strict: bool = False,
    progress: Progress | None = None,
) -> Imported:
    """Bring the people of a sheet in; `network` is joined by everybody, besides what a column `red` says.

    Same address and same name (accents and capitals aside) is the same person, known or of the same file; with
    another name it is another person. Without `given` nobody consents to anything; with it, everybody to all channels
    and purposes, but for what they, or whoever shares their address, withdrew.
    A row whose person asked to be forgotten is refused (`address_suppressed`).
    Refuses what `columns.find` refuses, `consent_date` (it has not come yet), `consent_source`, `network_name`, and
    with `strict` every fault of every row.
    """
    found = columns.find(sheet.headers, mapping, file=file)
    _check(given, network, at)
    done = Imported(rows=len(sheet.rows), unread=found.unread)
    with _without_collector():
        people = _welcome(session, _read_rows(sheet, found, network, file, done, progress), sheet, found, file, done)
        if strict and done.refused:
            raise Refused(done.faults)
        _write(session, people, given, at=at, by=by, file=file, done=done)
    done.warnings.sort(key=lambda fault: fault.row or 0)
    session.expire_all()  # rows were written behind the session's back
    return done


def _read_rows(
    sheet: Sheet, found: Columns, network: str, file: str, done: Imported, progress: Progress | None
) -> list[tuple[int, cards.Card]]:
    people: list[tuple[int, cards.Card]] = []
    for count, row in enumerate(sheet.rows, 1):
        card, faults, warnings = read_row(row, found, file)
        if card is None:
            done.refused.append(RefusedRow(row.number, row.cells, tuple(faults)))
        else:
            if network and fold(network) not in map(fold, card.networks):
                card.networks = (network, *card.networks)
            people.append((row.number, card))
            done.warnings += warnings
        if progress and (count % STEP == 0 or count == len(sheet.rows)):
            progress((count - 1) % STEP + 1)
    done.accepted = len(people)
    return people


def _welcome(
    session: Session,
    people: list[tuple[int, cards.Card]],
    sheet: Sheet,
    found: Columns,
    file: str,
    done: Imported,
) -> list[tuple[int, cards.Card]]:
    """Refuse the rows of people who asked to be forgotten: they do not come back by a file (`address_suppressed`)."""
    asked = [(each.kind, each.value, card.name) for _number, card in people for each in card.addresses]
    gone = suppression.suppressed(session, asked)
    if not gone:
        return people
    welcome = []
    rows = {row.number: row for row in sheet.rows}
    for number, card in people:
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
    done.accepted = len(welcome)
    return welcome


def _write(
    session: Session,
    people: list[tuple[int, cards.Card]],
    given: Given | None,
    *,
    at: datetime,
    by: str,
    file: str,
    done: Imported,
) -> None:
    gathering = Gathering(session, people)
    done.created, done.addresses = gathering.write(at)
    enrolled = enroll(session, gathering, at=at, file=file)
    done.memberships, done.networks = enrolled.memberships, enrolled.networks
    done.warnings += enrolled.warnings
    if given:
        done.notice = _notice(session, given, done, at)
        done.consents, kept = grant(
            session, gathering, source=given.source, at=given.at, notice=done.notice, by=by, file=file
        )
        done.warnings += kept
    done.changed = sum(person.changed for person in gathering.people)
    done.unchanged = len(gathering.people) - done.created - done.changed


@contextmanager
def _without_collector() -> Iterator[None]:
    """Let nothing look for cycles meanwhile: among hundreds of thousands of rows it takes a third of the time."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


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


def _check(given: Given | None, network: str, at: datetime) -> None:
    faults = []
    if given and not given.source.strip():
        faults.append(Fault("consent_source", "--consent-source", given.source))
    if given and given.at > at:
        today = f"{at.astimezone(given.at.tzinfo):%Y-%m-%d}"
        faults.append(Fault("consent_date", "--consent-date", f"{given.at:%Y-%m-%d}", details={"today": today}))
    if network and (not fold(network) or len(network) > cards.LONGEST):
        faults.append(Fault("network_name", "--network", network[:60], details={"most": cards.LONGEST}))
    if faults:
        raise Refused(faults)


def _notice(session: Session, given: Given, done: Imported, at: datetime) -> str:
    if given.notice is None:
        return notices.current(session, at).version
    notice = notices.named(session, given.notice, at)
    if not notice.text:
        done.warnings.append(Fault("notice_unpublished", "--notice", notice.version))
    return notice.version
