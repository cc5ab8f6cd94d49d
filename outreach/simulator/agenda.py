"""What the providers have still to tell, in the order of its moments."""

import heapq
from dataclasses import dataclass, field
from datetime import datetime
from threading import Condition


@dataclass(order=True, slots=True)
class Due:
    """One thing to tell. Things of the same moment are told in the order of `tie`, whoever was noted first."""

    at: datetime
    tie: str
    job: object = field(compare=False)
    first: datetime = field(compare=False)  # when it was due before any retry
    attempt: int = field(default=1, compare=False)


class Agenda:
    """A queue by moment; `changed` is notified whenever something is added."""

    def __init__(self) -> None:
        self.changed = Condition()
        self._heap: list[Due] = []

    def add(self, at: datetime, tie: str, job: object, first: datetime | None = None, attempt: int = 1) -> None:
        """Note something to tell."""
        with self.changed:
            heapq.heappush(self._heap, Due(at, tie, job, first or at, attempt))
            self.changed.notify_all()

    def next(self) -> datetime | None:
        """Return the moment of the next thing to tell."""
        with self.changed:
            return self._heap[0].at if self._heap else None

    def oldest(self) -> datetime | None:
        """Return the moment at which the oldest untold thing was due at first."""
        with self.changed:
            return min((due.first for due in self._heap), default=None)

    def pop(self, until: datetime, most: int = 5000) -> list[Due]:
        """Take what is due by a moment, in order, at most so many."""
        taken: list[Due] = []
        with self.changed:
            while self._heap and self._heap[0].at <= until and len(taken) < most:
                taken.append(heapq.heappop(self._heap))
        return taken

    def drop_before(self, moment: datetime) -> None:
        """Take out what was due before a moment: it was told."""
        with self.changed:
            self._heap = [due for due in self._heap if due.at >= moment]
            heapq.heapify(self._heap)

    def clear(self) -> None:
        """Forget everything."""
        with self.changed:
            self._heap.clear()
