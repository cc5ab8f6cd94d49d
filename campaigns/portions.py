"""What the answers to its calls have taught of a run: how many letters one may hold, and whose fault a refusal is."""

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

RUNS = 64  # remembered: those that take turns at one time
STREAK = 8  # calls of the most letters that went through, before twice as many are tried
ALIKE = 10  # letters refused alone, one after the other, with the same words: whatever it is, it is not the letters


@dataclass(slots=True)
class _Learned:
    most: int = 1_000_000_000
    streak: int = 0
    alike: int = 0
    words: str = ""


class Portions:
    """For the workers of one process."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._runs: OrderedDict[int, _Learned] = OrderedDict()

    def most(self, run_id: int, size: int) -> int:
        """Return how many letters the next call of a run may hold, at most `size`."""
        with self._lock:
            return min(size, self._of(run_id).most)

    def too_large(self, run_id: int, letters: int) -> None:
        """Note that a call of so many letters was too large, or that one of them spoils it: half as many next."""
        with self._lock:
            learned = self._of(run_id)
            learned.most, learned.streak = max(1, min(learned.most, letters // 2)), 0

    def went(self, run_id: int, letters: int) -> None:
        """Note that a call of so many letters was taken."""
        with self._lock:
            learned = self._of(run_id)
            learned.alike = 0
            if letters >= learned.most:
                learned.streak += 1
                if learned.streak >= STREAK:
                    learned.most, learned.streak = 2 * learned.most, 0

    def refused(self, run_id: int, words: str) -> bool:
        """Note that a letter was refused alone; return whether so many were, and alike, that it is the sender."""
        with self._lock:
            learned = self._of(run_id)
            learned.alike = learned.alike + 1 if words == learned.words else 1
            learned.words = words
            if learned.most == 1:
                learned.streak += 1
                if learned.streak >= STREAK:
                    learned.most, learned.streak = 2, 0
            return learned.alike >= ALIKE

    def _of(self, run_id: int) -> _Learned:
        learned = self._runs.setdefault(run_id, _Learned())
        self._runs.move_to_end(run_id)
        if len(self._runs) > RUNS:
            self._runs.popitem(last=False)
        return learned
