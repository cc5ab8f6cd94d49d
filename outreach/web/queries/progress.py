"""How far a sending is: counts by state, country and reason, and the bar that shows them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from campaigns.models import Delivery, Run
from campaigns.states import LEFT, WAITING, DeliveryState
from contacts.models import Contact

D = DeliveryState

#: What a bar shows, in its order: class of the part, the states in it, and whether it is hatched.
PARTS = (
    ("read", "f-read", (D.READ,), False),
    ("delivered", "f-ok", (D.DELIVERED,), False),
    ("accepted", "f-way", (D.ACCEPTED,), False),
    ("in_doubt", "f-doubt", (D.IN_DOUBT,), False),
    ("bounced", "f-bad", (D.BOUNCED,), True),
    ("failed", "f-bad", (D.FAILED,), True),
    ("planned", "f-planned", tuple(sorted(WAITING)), False),
)
PROBLEMS = (D.IN_DOUBT, D.BOUNCED, D.FAILED)


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a bar: its state, class, count, and where it lies in per cent of the width."""

    state: DeliveryState
    css: str
    count: int
    x: float
    width: float
    hatched: bool


@dataclass(frozen=True, slots=True)
class Progress:
    """Counts of deliveries by state."""

    counts: Counter[DeliveryState] = field(default_factory=Counter)
    changed_at: datetime | None = None
    last_due_at: datetime | None = None  # of what is still planned

    def of(self, states: Iterable[DeliveryState]) -> int:
        """Return how many deliveries are in these states."""
        return sum(self.counts[state] for state in states)

    @property
    def skipped(self) -> int:
        """Return how many people are not written to."""
        return self.counts[D.SKIPPED]

    @property
    def total(self) -> int:
        """Return how many messages there are: people who are not written to do not count."""
        return self.counts.total() - self.skipped

    @property
    def left(self) -> int:
        """Return how many the provider took."""
        return self.of(LEFT)

    @property
    def waiting(self) -> int:
        """Return how many are still to go."""
        return self.of(WAITING)

    @property
    def arrived(self) -> int:
        """Return how many arrived; what was read arrived."""
        return self.of((D.DELIVERED, D.READ))

    @property
    def problems(self) -> int:
        """Return how many bounced, failed or are in doubt."""
        return self.of(PROBLEMS)

    @property
    def parts(self) -> list[Part]:
        """Return the parts of the bar, also those of no width."""
        parts, x = [], 0.0
        for _name, css, states, hatched in PARTS:
            count = self.of(states)
            width = round(100 * count / self.total, 2) if self.total else 0.0
            state = D.PLANNED if D.PLANNED in states else states[0]
            parts.append(Part(state, css, count, round(x, 2), width, hatched))
            x += width
        return parts


def read(session: Session, run_ids: Sequence[int]) -> Progress:
    """Return the progress of some runs together."""
    rows = session.execute(
        select(Delivery.state, func.count(), func.max(Delivery.changed_at), func.max(Delivery.due_at))
        .where(Delivery.run_id.in_(run_ids))
        .group_by(Delivery.state)
    ).all()
    return Progress(
        Counter({state: count for state, count, _changed, _due in rows}),
        max((changed for _state, _count, changed, _due in rows), default=None),
        max((due for state, _count, _changed, due in rows if state in WAITING), default=None),
    )


def read_each(session: Session, run_ids: Sequence[int]) -> dict[int, Progress]:
    """Return the progress of each run by itself."""
    found: dict[int, Progress] = {number: Progress() for number in run_ids}
    for run_id, state, count in session.execute(
        select(Delivery.run_id, Delivery.state, func.count())
        .where(Delivery.run_id.in_(run_ids))
        .group_by(Delivery.run_id, Delivery.state)
    ):
        found[run_id].counts[state] = count
    return found


def by_country(session: Session, run_ids: Sequence[int]) -> list[tuple[str, Progress]]:
    """Return the progress by the country where people live, the largest first."""
    found: dict[str, Progress] = {}
    for country, state, count in session.execute(
        select(Contact.country, Delivery.state, func.count())
        .join(Contact, Contact.id == Delivery.contact_id)
        .where(Delivery.run_id.in_(run_ids))
        .group_by(Contact.country, Delivery.state)
    ):
        found.setdefault(country, Progress()).counts[state] = count
    told = [(country, progress) for country, progress in found.items() if progress.total]
    return sorted(told, key=lambda pair: (-pair[1].total, pair[0]))


def fold(rows: list[tuple[str, Progress]], most: int) -> tuple[list[tuple[str, Progress]], int, Progress]:
    """Return the first rows, and of the others how many there are and their sum."""
    kept, others = rows[:most], rows[most:]
    total: Counter[DeliveryState] = Counter()
    for _country, progress in others:
        total += progress.counts
    return kept, len(others), Progress(total)


def reasons(session: Session, run_ids: Sequence[int], states: Iterable[DeliveryState]) -> list[tuple[str, str, int]]:
    """Return state, reason and count of the deliveries in these states, the most frequent first."""
    wanted: ColumnElement[bool] = Delivery.state.in_(list(states))
    rows = session.execute(
        select(Delivery.state, Delivery.reason, func.count())
        .where(Delivery.run_id.in_(run_ids), wanted)
        .group_by(Delivery.state, Delivery.reason)
    ).all()
    return sorted(((state, reason, count) for state, reason, count in rows), key=lambda row: (-row[2], row[1]))


def runs_of(session: Session, campaign_id: int) -> list[Run]:
    """Return the runs of a campaign, the newest first."""
    return list(session.scalars(select(Run).where(Run.campaign_id == campaign_id).order_by(Run.due_at.desc())))
