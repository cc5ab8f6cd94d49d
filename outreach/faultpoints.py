"""Named places of the sending path at which a process can be made to die.

The fault suite starts real processes with `OUTREACH_FAULT_POINT=claim.committed:3` (the third time that place is
reached: SIGKILL; with `:TERM` behind it, SIGTERM) and holds the receiver's count to the log afterwards. Without the
variable a place looks at an empty list and does nothing.
"""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock

VARIABLE = "OUTREACH_FAULT_POINT"

#: Transactions of the sending path. Each has two places: all is written and nothing committed, and just committed.
STEPS = (
    "start",  # due campaigns become runs, expired leases are swept
    "prepare",  # a run's deliveries are written
    "claim",  # a worker takes a batch
    "calling",  # the mark right before the call
    "outcome",  # what the provider answered
    "put_back",  # what was claimed and not called
    "pause",  # a campaign whose sender misbehaves
    "finish",  # runs that have nothing left to do
    "receive",  # a webhook's body is stored, before it is answered
    "process",  # stored bodies move deliveries
)
#: A transaction beside it: what Twilio answered about doubts. Its places are reached where there is a doubt.
ASIDE = ("inquire",)
#: Places around the call itself, where no transaction is open.
CALLS = ("call.before", "call.answered")
POINTS = tuple(f"{step}.{when}" for step in STEPS for when in ("uncommitted", "committed")) + CALLS


class _Trap:
    """Counts how often a place was reached, and ends the process at the time it was asked to."""

    def __init__(self, told: str) -> None:
        name, _, rest = told.partition(":")
        times, _, ending = rest.partition(":")
        self.name = name
        self._left = int(times or 1)
        self._signal = signal.SIGTERM if ending == "TERM" else signal.SIGKILL
        self._lock = Lock()

    def __call__(self, name: str) -> None:
        if name != self.name:
            return
        with self._lock:
            self._left -= 1
            mine = self._left == 0
        if mine:
            os.kill(os.getpid(), self._signal)


_told = os.environ.get(VARIABLE, "")
_ears: list[Callable[[str], None]] = [_Trap(_told)] if _told else []


def reach(name: str) -> None:
    """Pass a place by its name (one of `POINTS`)."""
    for hear in _ears:
        hear(name)


@contextmanager
def heard(ear: Callable[[str], None]) -> Iterator[None]:
    """Tell a function, for a block, the name of every place that is passed: what proves that each is on the way."""
    _ears.append(ear)
    try:
        yield
    finally:
        _ears.remove(ear)
