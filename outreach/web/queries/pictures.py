"""Counts of a run, in one look at all its rows; of a large run kept for a moment.

A page that is looked at asks every two seconds, and a look at a million rows takes a second. So a look is kept for ten
times as long as it took, and after that a thread looks again while the page shows what is known. Runs of ordinary size
are looked at each time. Kept in memory, in each process for itself: after a restart the first page looks anew.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Lock, Thread
from time import perf_counter
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from campaigns.models import Delivery
from campaigns.states import DeliveryState
from contacts.models import Contact
from outreach import database

LARGE = 50_000  # rows: a look at fewer takes some tens of milliseconds and is never kept
TIMES = 10  # so many times as long as it took is a look kept: a tenth of a core, and only while somebody watches
RUNS = 200  # looks kept at most
LATEST = 6  # rows that changed last


@dataclass(frozen=True, slots=True)
class Group:
    """Deliveries of one run that are alike."""

    country: str
    state: DeliveryState
    reason: str
    count: int
    changed_at: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Picture:
    """A run as it was at one moment."""

    groups: tuple[Group, ...]
    latest: tuple[tuple[datetime, int], ...]  # moment and id of what changed last, the newest first
    seconds: float  # that the look took
    taken: float  # when, on this process's own clock

    @property
    def rows(self) -> int:
        """Return how many rows were looked at."""
        return sum(group.count for group in self.groups)

    @property
    def fresh(self) -> bool:
        """Whether it may be shown without looking again."""
        return perf_counter() - self.taken < TIMES * self.seconds


def look(session: Session, run_id: int) -> Picture:
    """Look at every row of a run."""
    begun = perf_counter()
    found = session.execute(
        select(
            Contact.country,
            Delivery.state,
            Delivery.reason,
            func.count(),
            func.max(Delivery.changed_at),
            func.max(Delivery.due_at),
        )
        .join(Contact, Contact.id == Delivery.contact_id)
        .where(Delivery.run_id == run_id)
        .group_by(Contact.country, Delivery.state, Delivery.reason)
    ).all()
    latest = session.execute(
        select(Delivery.changed_at, Delivery.id)
        .where(Delivery.run_id == run_id)
        .order_by(Delivery.changed_at.desc(), Delivery.id.desc())
        .limit(LATEST)
    ).all()
    now = perf_counter()
    return Picture(
        tuple(Group(*row) for row in found), tuple((moment, number) for moment, number in latest), now - begun, now
    )


class Album:
    """The pictures of one database; those of at least `large` rows are kept."""

    def __init__(self, large: int = LARGE) -> None:
        self._large = large
        self._kept: OrderedDict[int, Picture] = OrderedDict()
        self._looking: set[int] = set()
        self._lock = Lock()

    def picture(self, session: Session, run_id: int) -> Picture:
        """Return a run as it is, or, where looking takes long, as it was a moment ago."""
        with self._lock:
            kept = self._kept.get(run_id)
            again = kept is not None and not kept.fresh and run_id not in self._looking
            if again:
                self._looking.add(run_id)
        if kept is None:
            kept = look(session, run_id)
            self._keep(run_id, kept)
        elif again:
            engine = session.get_bind()
            assert isinstance(engine, Engine)
            Thread(target=self._look_again, args=(engine, run_id), name=f"cuentas-{run_id}", daemon=True).start()
        return kept

    def _look_again(self, engine: Engine, run_id: int) -> None:
        try:
            with database.reading(database.sessions(engine)) as session:
                self._keep(run_id, look(session, run_id))
        finally:
            with self._lock:
                self._looking.discard(run_id)

    def _keep(self, run_id: int, picture: Picture) -> None:
        with self._lock:
            self._kept.pop(run_id, None)
            if picture.rows < self._large:
                return
            self._kept[run_id] = picture
            while len(self._kept) > RUNS:
                self._kept.popitem(last=False)


_albums: WeakKeyDictionary[Engine, Album] = WeakKeyDictionary()


def pictures(session: Session, run_ids: Sequence[int]) -> dict[int, Picture]:
    """Return each run as it is, or was a moment ago."""
    engine = session.get_bind()
    assert isinstance(engine, Engine)
    album = _albums.setdefault(engine, Album())
    return {run_id: album.picture(session, run_id) for run_id in run_ids}
