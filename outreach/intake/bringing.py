"""The steps of an import, one short transaction each, counted where everybody can see it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic

from sqlalchemy import update
from sqlalchemy.orm import Session

from contacts.bringing import Bringing, Brought
from contacts.checking import Checked
from contacts.importing import Plan
from outreach.people_imports import Intake, IntakeState
from outreach.platform import Platform

LEASE = timedelta(minutes=5)  # whoever says nothing for so long is taken for dead
SUMS = ("created", "changed", "addresses", "memberships", "consents")
_MOST_PAUSE = 0.1  # seconds


class LostError(Exception):
    """The import is somebody else's by now, or was left."""


@dataclass(frozen=True, slots=True)
class Hold:
    """A grip on one import, by a name that nobody else has."""

    platform: Platform
    number: int
    worker: str

    def tell(self, session: Session, state: IntakeState, **values: object) -> None:
        """Write something down about it, and hold it on. Raises `LostError`."""
        told = session.execute(
            update(Intake)
            .where(Intake.id == self.number, Intake.state == state, Intake.worker == self.worker)
            .values(lease_until=self.platform.clock.now() + LEASE, **values)
            .execution_options(synchronize_session=False)
        )
        if told.rowcount != 1:  # type: ignore[attr-defined]
            raise LostError


def bring(
    hold: Hold,
    checked: Checked,
    plan: Plan,
    *,
    at: datetime,
    before: dict[str, object] | None = None,
    progress: Callable[[int], object] = lambda _rows: None,
    pause: Callable[[float], object] = lambda _seconds: None,
) -> tuple[Brought, dict[str, object]]:
    """Bring the people of a checked file in; return what became of them, and the counts as they are kept.

    `before` are the counts of a process that was cut off in the middle. Between two steps `pause` is told how long to
    let others write: SQLite has one writer, and whoever waits for it only looks again and again. It may raise.
    """
    again = before is not None
    bringing = Bringing(checked.people, plan.given, at=at, by=plan.by, file=plan.file, again=again)
    counts: dict[str, object] = dict(before or {})
    done_rows = 0
    for number in range(bringing.steps):
        began = monotonic()
        with hold.platform.transaction() as session:
            bringing.step(session, number)
            counts = _counts(bringing.done, before or {})
            done_rows += bringing.rows(number)
            hold.tell(session, IntakeState.BRINGING, done_rows=done_rows, counts=counts)
        progress(bringing.rows(number))
        pause(min(_MOST_PAUSE, (monotonic() - began) / 2))
    return bringing.done, counts or _counts(bringing.done, {})


def _counts(done: Brought, before: dict[str, object]) -> dict[str, object]:
    counts: dict[str, object] = {name: getattr(done, name) + int(str(before.get(name, 0))) for name in SUMS}
    made = before.get("networks", [])
    networks = sorted({*done.networks, *(made if isinstance(made, list) else [])})
    lost = int(str(before.get("changed", 0)))  # whoever was changed before the end stands unchanged now
    unchanged = max(0, done.unchanged - lost)
    return counts | {"unchanged": unchanged, "networks": networks, "notice": done.notice or before.get("notice", "")}
