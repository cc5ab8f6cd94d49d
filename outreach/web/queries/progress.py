"""How far a sending is: counts by state, country and reason, and the bar that shows them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from campaigns.models import Delivery, Run
from campaigns.states import LEFT, WAITING, DeliveryState
from outreach.web.queries.pictures import Group, pictures

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
    groups = _groups(session, run_ids)
    return Progress(
        _by_state(groups),
        max((group.changed_at for group in groups), default=None),
        max((group.due_at for group in groups if group.state in WAITING), default=None),
    )


def read_each(session: Session, run_ids: Sequence[int]) -> dict[int, Progress]:
    """Return the progress of each run by itself."""
    return {number: Progress(_by_state(each.groups)) for number, each in pictures(session, run_ids).items()}


def by_country(session: Session, run_ids: Sequence[int]) -> list[tuple[str, Progress]]:
    """Return the progress by the country where people live, the largest first."""
    found: defaultdict[str, list[Group]] = defaultdict(list)
    for group in _groups(session, run_ids):
        found[group.country].append(group)
    told = [(country, Progress(_by_state(groups))) for country, groups in found.items()]
    return sorted([each for each in told if each[1].total], key=lambda pair: (-pair[1].total, pair[0]))


def _groups(session: Session, run_ids: Sequence[int]) -> list[Group]:
    return [group for each in pictures(session, run_ids).values() for group in each.groups]


def _by_state(groups: Iterable[Group]) -> Counter[DeliveryState]:
    counts: Counter[DeliveryState] = Counter()
    for group in groups:
        counts[group.state] += group.count
    return counts


def fold(rows: list[tuple[str, Progress]], most: int) -> tuple[list[tuple[str, Progress]], int, Progress]:
    """Return the first rows, and of the others how many there are and their sum."""
    kept, others = rows[:most], rows[most:]
    total: Counter[DeliveryState] = Counter()
    for _country, progress in others:
        total += progress.counts
    return kept, len(others), Progress(total)


def reasons(session: Session, run_ids: Sequence[int], states: Iterable[DeliveryState]) -> list[tuple[str, str, int]]:
    """Return state, reason and count of the deliveries in these states, the most frequent first."""
    wanted = frozenset(states)
    counts: Counter[tuple[DeliveryState, str]] = Counter()
    for group in _groups(session, run_ids):
        if group.state in wanted:
            counts[group.state, group.reason] += group.count
    told = [(state, reason, count) for (state, reason), count in counts.items()]
    return sorted(told, key=lambda row: (-row[2], row[1], row[0]))


def latest(session: Session, run_ids: Sequence[int], most: int) -> list[Delivery]:
    """Return the deliveries that changed last, the newest first, as they are now; at most `pictures.LATEST`."""
    moments = sorted((each for one in pictures(session, run_ids).values() for each in one.latest), reverse=True)
    ids = [number for _moment, number in moments[:most]]
    rows = session.scalars(
        select(Delivery)
        .where(Delivery.id.in_(ids))
        .options(joinedload(Delivery.contact), joinedload(Delivery.run))
        .order_by(Delivery.changed_at.desc(), Delivery.id.desc())
    )
    return list(rows)


def runs_of(session: Session, campaign_id: int) -> list[Run]:
    """Return the runs of a campaign, the newest first."""
    return list(session.scalars(select(Run).where(Run.campaign_id == campaign_id).order_by(Run.due_at.desc())))
