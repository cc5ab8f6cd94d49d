"""Where every moment comes from. Nothing else in the project asks the machine what time it is."""

from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Protocol


class Clock(Protocol):
    """Gives the present moment, aware and in UTC."""

    def now(self) -> datetime:
        """Return the present moment in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the machine's present moment in UTC."""
        return datetime.now(UTC)


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

    def set(self, moment: datetime) -> None:
        """Move to a moment, forward or back."""
        with self._lock:
            self._moment = moment.astimezone(UTC)

    def advance(self, span: timedelta) -> None:
        """Move by a span."""
        with self._lock:
            self._moment += span
