"""The people of a checked file brought in by steps: each a unit of work of its own, as short as others can wait.

Rows that speak of one person are in one step, so a step is true by itself; and since a file brought in twice changes
nothing, one that was cut off between two steps is brought in again from its beginning. Whoever was made at the moment
of this import (`at`) counts as made by it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from contacts import notices, tagging
from contacts.enrolling import Bringers, enroll
from contacts.errors import Fault
from contacts.granting import Given, grant
from contacts.merging import Gathering, Rows, grouped

ROWS = 2_000  # of a step, unless one person has more


@dataclass(slots=True)
class Brought:
    """What became of the people of a file, or of those of one step."""

    created: int = 0  # people
    changed: int = 0  # people known before to whom something was added
    unchanged: int = 0  # people known before to whom nothing was added
    addresses: int = 0
    memberships: int = 0
    consents: int = 0
    networks: list[str] = field(default_factory=list)  # made by this file
    notice: str = ""  # under which the consent was entered
    warnings: list[Fault] = field(default_factory=list)


class Bringing:
    """One file on its way in: `step` after `step`, each in a transaction of the caller's. `done` is the sum."""

    def __init__(
        self,
        people: Rows,
        given: Given | None,
        *,
        at: datetime,
        by: str,
        file: str,
        again: bool = False,
        rows: int = ROWS,
    ) -> None:
        """`again`: it was cut off, with the same `at`; whoever was made at that moment was made by it."""
        self._people, self._again = people, again
        self._given, self._at, self._by, self._file = given, at, by, file
        self._chunks = _chunks(grouped(people), rows)
        # Who brought whom may be said of somebody who stands further down: they all have to be there first.
        self._late = any(card.brought_by for _number, card in people)
        self._gathered: list[Gathering] = []
        self._bringers: Bringers | None = None
        self._notice: str | None = None
        self._made: set[int] = set()
        self._changed: set[int] = set()
        self._seen: set[int] = set()
        self.done = Brought()

    @property
    def steps(self) -> int:
        """How many steps there are."""
        return len(self._chunks) * (2 if self._late else 1)

    def rows(self, number: int) -> int:
        """Return how many rows a step is; those of the second round were counted in the first."""
        return len(self._chunks[number]) if number < len(self._chunks) else 0

    def step(self, session: Session, number: int) -> None:
        """Take one step, in their order; nothing of it counts before the caller's commit."""
        if number < len(self._chunks):
            gathering = Gathering(session, self._chunks[number])
            self._write(session, gathering)
            if self._late:
                self._gathered.append(gathering)
            else:
                self._enroll(session, gathering, Bringers.nobody())
        else:
            gathering = self._gathered[number - len(self._chunks)]
            self._bringers = self._bringers or Bringers(session, self._people)
            self._enroll(session, gathering, self._bringers)
        self._count(gathering)

    def _write(self, session: Session, gathering: Gathering) -> None:
        done, given = self.done, self._given
        created, addresses = gathering.write(self._at)
        done.created += created
        done.addresses += addresses
        self._tag(session, gathering)
        if given:
            if self._notice is None:
                self._notice = done.notice = self._version(session, given)
            consents, kept = grant(session, gathering, given, notice=self._notice, by=self._by, file=self._file)
            done.consents += consents
            done.warnings += kept

    def _tag(self, session: Session, gathering: Gathering) -> None:
        wanted = {person.id: person.tags.values() for person in gathering.people if person.tags}
        got = tagging.bring(session, wanted, at=self._at, by=self._by) if wanted else set()
        for person in gathering.people:
            person.changed |= person.existed and person.id in got

    def _enroll(self, session: Session, gathering: Gathering, bringers: Bringers) -> None:
        enrolled = enroll(session, gathering, bringers, at=self._at, file=self._file)
        self.done.memberships += enrolled.memberships
        self.done.networks += enrolled.networks
        self.done.warnings += enrolled.warnings

    def _count(self, gathering: Gathering) -> None:
        for person in gathering.people:
            self._seen.add(person.id)
            known = gathering.known.get(person.id)
            ours = self._again and known is not None and known.created_at == self._at
            if ours or not person.existed:
                self._made.add(person.id)
            elif person.changed:
                self._changed.add(person.id)
        self._changed -= self._made
        self.done.changed = len(self._changed)
        self.done.unchanged = len(self._seen) - len(self._made) - len(self._changed)

    def _version(self, session: Session, given: Given) -> str:
        if given.notice is None:
            return notices.current(session, self._at).version
        notice = notices.named(session, given.notice, self._at)
        if not notice.text:
            self.done.warnings.append(Fault("notice_unpublished", "--notice", notice.version))
        return notice.version


def _chunks(groups: Sequence[Rows], most: int) -> list[Rows]:
    chunks: list[Rows] = []
    for group in groups:
        if not chunks or len(chunks[-1]) + len(group) > most:
            chunks.append([])
        chunks[-1] += group
    for chunk in chunks:
        chunk.sort(key=lambda row: row[0])
    return chunks
