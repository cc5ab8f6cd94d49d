"""How much is measured: what a call of `python -m benchmarks` asked for."""

from dataclasses import dataclass

DATABASES = ("sqlite", "postgresql")
SEED = 2025


@dataclass(frozen=True, slots=True)
class Extent:
    """The size of a measuring. Every measure has a size of its own, which `people` may cut down, never raise."""

    people: int | None = None
    databases: tuple[str, ...] = DATABASES
    seed: int = SEED

    def at_most(self, size: int) -> int:
        """Return how many people, messages or events to take where `size` is what the goal speaks of."""
        return size if self.people is None else min(size, self.people)
