"""A withdrawal outlasts a merge and its end: it holds for the person, and later for both."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from contacts import consent
from contacts.base import table_of
from contacts.mergenotes import Note
from contacts.models import Channel, ConsentEntry, Decision, Purpose
from contacts.sameness import PersonMerge

SOURCE = "unión de fichas"

#: Channel and purpose → who of them withdrew it.
Withdrawn = dict[tuple[Channel, Purpose], int]

_LEDGER = table_of(ConsentEntry)


def withdrawn(session: Session, people: Iterable[int]) -> Withdrawn:
    """Return the channels and purposes that any of them withdrew, with the first who did."""
    found: Withdrawn = {}
    for number in people:
        for pair, decision in consent.standing(session, number).items():
            if decision == Decision.WITHDRAWN:
                found.setdefault(pair, number)
    return found


def keep_withdrawn(
    session: Session, survivor_id: int, pairs: Withdrawn, at: datetime, by: str
) -> list[tuple[int, int]]:
    """Say again what one of them had withdrawn and a later word of the other would open.

    Return the lines, each with whose withdrawal it says: nothing is ever taken out of the ledger, so after the end of
    the merge the line is theirs (`give_back`).
    """
    now = consent.standing(session, survivor_id)
    written = []
    for owner in sorted(set(pairs.values())):
        reopened = [pair for pair in sorted(pairs) if pairs[pair] == owner and now[pair] != Decision.WITHDRAWN]
        channels = [channel for channel in consent.CHANNELS if all((channel, each) in reopened for each in Purpose)]
        lines: list[tuple[str, str]] = [(channel, consent.ALL) for channel in channels]
        lines += [pair for pair in reopened if pair[0] not in channels]
        for pair in lines:
            said = consent.record(session, survivor_id, *pair, Decision.WITHDRAWN, source=SOURCE, at=at, by=by)
            written.append((said.id, owner))
    return written


def give_back(session: Session, note: Note, survivor_id: int) -> None:
    """Let each line that a merge wrote go to whose withdrawal it said: to them it says nothing new."""
    for number, owner in note.written:
        if owner != survivor_id:
            session.execute(update(_LEDGER).where(_LEDGER.c.id == number).values(contact_id=owner))


def since(session: Session, survivor_id: int, note: Note) -> list[ConsentEntry]:
    """Return what the person withdrew since the merge of this note; lines that other merges wrote say nothing new."""
    notes = session.scalars(select(PersonMerge.details).where(PersonMerge.survivor_id == survivor_id))
    written = {line[0] for details in notes for line in details.get("written", ())}  # type: ignore[attr-defined]
    entries = session.scalars(
        select(ConsentEntry)
        .where(
            ConsentEntry.contact_id == survivor_id,
            ConsentEntry.id > note.ledger,
            ConsentEntry.decision == Decision.WITHDRAWN,
        )
        .order_by(ConsentEntry.id)
    )
    return [entry for entry in entries if entry.id not in written]


def copies(entries: Sequence[ConsentEntry], contact_id: int) -> list[ConsentEntry]:
    """Return the same lines of somebody else, not yet added."""
    columns = [column.key for column in _LEDGER.columns if column.key not in {"id", "contact_id"}]
    return [
        ConsentEntry(contact_id=contact_id, **{name: getattr(entry, name) for name in columns}) for entry in entries
    ]
