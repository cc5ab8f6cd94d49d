"""Which communication is which: the number (folio) of a new one, and whether a row of a file is known already.

A row's content is its identity. Of n equal rows in a file, as many are new as there are more than communications with
that content. What was corrected is still known by what it said first and by what it says now; what was annulled is
known too; what an undone import brought is not.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.models import Run
from contacts.models import Channel
from outreach.keep import installation_id
from outreach.register.fields import Line
from outreach.register.models import Entry
from outreach.register.reading import live

_CHUNK = 500  # values in one IN


class Ledger:
    """The numbers and contents that the register holds, read once."""

    def __init__(self, session: Session) -> None:
        self._versions: dict[str, list[str]] = defaultdict(list)  # folio → fingerprints, oldest first
        rows = session.execute(live().add_columns(Entry.folio, Entry.fingerprint).order_by(Entry.id))
        for folio, fingerprint in rows:
            self._versions[folio].append(fingerprint)
        self._taken = set(self._versions)

    def number(self, fingerprint: str) -> str:
        """Return the number of a new communication, made from what it says: the same everywhere for the same row."""
        base = f"E-{fingerprint[:12].upper()}"
        n, folio = 1, base
        while folio in self._taken:
            n += 1
            folio = f"{base}-{n}"
        self._taken.add(folio)
        return folio

    def unknown(self, session: Session, lines: Sequence[Line]) -> list[int]:
        """Return which lines of a file (by index) are communications that the register does not hold."""
        sent = runs_named(session, (line.folio for line in lines))
        named = {line.folio for line in lines if line.folio}
        new: set[int] = set()
        seen: set[str] = set()
        for i, line in enumerate(lines):
            if line.folio and line.folio not in seen and line.folio not in sent and line.folio not in self._versions:
                new.add(i)
            seen.add(line.folio)
        self._taken |= named
        unnamed = [i for i, line in enumerate(lines) if not line.folio]
        free = {folio: versions for folio, versions in self._versions.items() if folio not in named}
        for version in (0, -1):  # what it said first, then what it says now
            unnamed = _unmatched(unnamed, lines, free, version)
        return sorted(new.union(unnamed))

    def differs(self, line: Line) -> bool:
        """Whether the entry of the line's number never said what the line says, which then is not imported."""
        return line.folio in self._versions and line.content.fingerprint not in self._versions[line.folio]


def _unmatched(indices: list[int], lines: Sequence[Line], free: dict[str, list[str]], version: int) -> list[int]:
    """Pair lines with free communications whose version says the same; return those left over."""
    by_content: dict[str, list[str]] = defaultdict(list)
    for folio, versions in free.items():
        by_content[versions[version]].append(folio)
    left: list[int] = []
    for i in indices:
        candidates = by_content.get(lines[i].content.fingerprint)
        if candidates:
            del free[candidates.pop()]
        else:
            left.append(i)
    return left


def runs_named(session: Session, folios: Iterable[str]) -> dict[str, int]:
    """Return the runs of this installation that numbers name, by number."""
    form = re.compile(rf"{re.escape(installation_id(session))}-R([0-9]{{1,18}})-({'|'.join(Channel)})")
    named = {folio: int(match[1]) for folio in folios if (match := form.fullmatch(folio))}
    ids = sorted(set(named.values()))
    known: set[int] = set()
    for i in range(0, len(ids), _CHUNK):
        known.update(session.scalars(select(Run.id).where(Run.id.in_(ids[i : i + _CHUNK]))))
    return {folio: run_id for folio, run_id in named.items() if run_id in known}
