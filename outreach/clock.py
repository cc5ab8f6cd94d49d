"""Where every moment comes from. Nothing else in the project asks the machine what time it is."""

from datetime import UTC, datetime, timedelta
from threading import Event, Lock
from time import monotonic
from typing import Protocol

LONGEST_STEP = 1.0  # seconds between two looks at a clock that somebody may set meanwhile


class Clock(Protocol):
    """Gives the present moment, aware and in UTC."""

    def now(self) -> datetime:
        """Return the present moment in UTC."""
        ...

    def wait(self, until: datetime, unless: Event | None = None) -> None:
        """Return at a moment (aware), at once when it is past or when `unless` is set before."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the machine's present moment in UTC."""
        return datetime.now(UTC)

    def wait(self, until: datetime, unless: Event | None = None) -> None:
        """Return at a moment, at once when it is past or when `unless` is set before.

        A clock that is set back meanwhile makes nobody wait longer than it was to be.
        """
        end = monotonic() + (until - self.now()).total_seconds()
        while not (unless and unless.is_set()):
            left = min(end - monotonic(), (until - self.now()).total_seconds())
            if left <= 0:
                return
            (unless or Event()).wait(min(left, LONGEST_STEP))


class VirtualClock:
    """A clock that stands still until it is moved: rehearsals and tests."""

    def __init__(self, moment: datetime) -> None:
        if moment.tzinfo is None:
            raise ValueError("a clock needs a zone")
        self._moment = moment.astimezone(UTC)
        self._lock = Lock()

    def now(self) -> datetime:
        """Return the moment it was set to, in UTC."""
        with self._lock:
            return self._moment

    def wait(self, until: datetime, unless: Event | None = None) -> None:
        """Return at once: this clock moves only when it is moved, and a pace of seconds is not rehearsed."""

    def set(self, moment: datetime) -> None:
        """Move to a moment, forward or back."""
        with self._lock:
            self._moment = moment.astimezone(UTC)

    def advance(self, span: timedelta) -> None:
        """Move by a span."""
        with self._lock:
            self._moment += span
