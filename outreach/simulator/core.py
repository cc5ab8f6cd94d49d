"""What both providers of one simulator share: the clock, what was received, what is to be told, what goes wrong."""

from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b

from outreach.clock import Clock
from outreach.simulator.agenda import Agenda
from outreach.simulator.behaviour import Step
from outreach.simulator.faults import Faults
from outreach.simulator.journal import Journal
from outreach.simulator.letters import Told
from outreach.simulator.store import Store

LATE = 900.0  # seconds of lateness that count for one short delay where time is real


@dataclass
class Core:
    """Shared by the providers and the postman."""

    clock: Clock
    seed: int
    delay: float | None  # seconds between the steps of a message; None: realistic ones
    store: Store
    faults: Faults
    journal: Journal | None = None
    agenda: Agenda = field(default_factory=Agenda)

    def digest(self, *parts: object) -> bytes:
        """Return 16 bytes that depend on the seed and the parts alone."""
        return blake2b("\x1f".join(map(str, (self.seed, *parts))).encode(), digest_size=16).digest()

    def short(self, *parts: object) -> str:
        """Return the digest as 22 characters, safe in a URL."""
        return urlsafe_b64encode(self.digest(*parts))[:22].decode()

    def happens(self, start: datetime, place: int, step: Step) -> datetime:
        """Return when a step happens; `place` counts from 0."""
        return start + timedelta(seconds=step.after if self.delay is None else self.delay * (place + 1))

    def is_told(self, start: datetime, place: int, step: Step) -> datetime:
        """Return when the platform hears of a step."""
        late = step.late if self.delay is None else self.delay * step.late / LATE
        return self.happens(start, place, step) + timedelta(seconds=late)

    def plan(self, start: datetime, steps: tuple[Step, ...], *details: str) -> list[Told]:
        """Return what will be said of a message, with the first of some fields of each step as its detail."""
        return [
            Told(
                self.happens(start, place, step),
                step.event,
                next((step.fields[name] for name in details if name in step.fields), ""),
            )
            for place, step in enumerate(steps)
        ]

    def note(self, kind: str, values: dict[str, object], body: bytes = b"") -> None:
        """Write one thing down where a restart finds it, if there is such a place."""
        if self.journal:
            self.journal.append(kind, values, body)
