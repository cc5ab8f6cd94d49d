"""A file of people → contacts, their networks and their consent; every refused row with its reason.

Good rows come in, the others are listed; a file that cannot be read at all brings nothing. What is known already is
never overwritten, only completed, so that the same file twice changes nothing. Rows are many: everything known of
them is fetched in a few large reads and written in a few large writes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from contacts import cards, columns
from contacts.bringing import Bringing, Brought
from contacts.checking import Checked, Progress, RefusedRow, check, read_row, refuse_forgotten, without_collector
from contacts.columns import Columns
from contacts.errors import Fault, Refused
from contacts.folding import fold
from contacts.granting import Given
from contacts.spreadsheets import Sheet

__all__ = ["Given", "Imported", "Plan", "Progress", "RefusedRow", "import_people", "prepare", "read_row", "result"]


@dataclass(slots=True)
class Imported(Brought):
    """What became of a file. Every row is either accepted or refused."""

    rows: int = 0
    accepted: int = 0
    refused: list[RefusedRow] = field(default_factory=list)
    unread: tuple[str, ...] = ()  # headers that say nothing to us

    @property
    def faults(self) -> tuple[Fault, ...]:
        """All faults of all refused rows, in their order."""
        return tuple(fault for row in self.refused for fault in row.faults)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How a file is meant: which header is which field, who joins what, and what they consented to."""

    mapping: Mapping[str, str] | None = None
    network: str = ""
    given: Given | None = None
    file: str = ""
    by: str = ""


def prepare(sheet: Sheet, plan: Plan, at: datetime) -> Columns:
    """Return the columns of a sheet as a plan means them.

    Refuses what `columns.find` and `Given.faults` refuse, and `network_name`.
    """
    found = columns.find(sheet.headers, plan.mapping, file=plan.file)
    faults = plan.given.faults(at) if plan.given else []
    if plan.network and (not fold(plan.network) or len(plan.network) > cards.LONGEST):
        faults.append(Fault("network_name", "--network", plan.network[:60], details={"most": cards.LONGEST}))
    if faults:
        raise Refused(faults)
    return found


def result(checked: Checked, brought: Brought, found: Columns) -> Imported:
    """Return what became of a file, from what became of its rows and of its people."""
    return Imported(
        rows=checked.rows,
        accepted=len(checked.people),
        refused=checked.refused,
        warnings=sorted([*checked.warnings, *brought.warnings], key=lambda fault: fault.row or 0),
        unread=found.unread,
        created=brought.created,
        changed=brought.changed,
        unchanged=brought.unchanged,
        addresses=brought.addresses,
        memberships=brought.memberships,
        consents=brought.consents,
        networks=sorted(brought.networks),
        notice=brought.notice,
    )


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
    """Bring the people of a sheet in, all in the caller's transaction; whoever has many takes `Bringing` by steps.

    `network` is joined by everybody, besides what a column `red` says. Same address and same name (accents and capitals
    aside) is the same person, known or of the same file; with another name it is another person. Without `given` nobody
    consents to anything; with it, everybody to its channels and purposes, but for what they, or whoever shares their
    address, withdrew. A row whose person asked to be forgotten is refused (`address_suppressed`).
    Refuses what `prepare` refuses, and with `strict` every fault of every row.
    """
    plan = Plan(mapping=mapping, network=network, given=given, file=file, by=by)
    found = prepare(sheet, plan, at)
    with without_collector():
        checked = check(sheet, found, network=network, file=file, progress=progress)
        refuse_forgotten(session, sheet, found, checked, file)
        if strict and checked.refused:
            raise Refused(fault for row in checked.refused for fault in row.faults)
        bringing = Bringing(checked.people, given, at=at, by=by, file=file)
        for number in range(bringing.steps):
            bringing.step(session, number)
    session.expire_all()  # rows were written behind the session's back
    return result(checked, bringing.done, found)
