"""How many webhooks were turned away since the process began, by kind and reason.

In memory only: an unsigned request must not make us write to the database.
"""

from collections import Counter
from threading import Lock


class Refusals:
    """A count that several threads add to."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str]] = Counter()
        self._lock = Lock()

    def add(self, kind: str, reason: str) -> None:
        """Count one."""
        with self._lock:
            self._counts[kind, reason] += 1

    def counts(self) -> dict[tuple[str, str], int]:
        """Return how many, by kind (`sendgrid`, `twilio-status`, `twilio-inbound`) and reason."""
        with self._lock:
            return dict(self._counts)


refusals = Refusals()
