"""A withdrawal outlasts a merge and its end: it holds for the person, and later for both."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts import consent
from contacts.base import table_of
from contacts.mergenotes import Note
from contacts.models import Channel, ConsentEntry, Decision, Purpose

SOURCE = "unión de fichas"

_LEDGER = table_of(ConsentEntry)


def withdrawn(session: Session, people: Iterable[int]) -> set[tuple[Channel, Purpose]]:
    """Return the channels and purposes that any of them withdrew."""
    return {
        pair
        for number in people
        for pair, decision in consent.standing(session, number).items()
        if decision == Decision.WITHDRAWN
    }


def keep_withdrawn(
    session: Session, survivor_id: int, pairs: set[tuple[Channel, Purpose]], at: datetime, by: str
) -> list[int]:
    """Say again what one of them had withdrawn and a later word of the other would open; return the lines."""
    now = consent.standing(session, survivor_id)
    reopened = [pair for pair in sorted(pairs) if now[pair] != Decision.WITHDRAWN]
    channels = [channel for channel in consent.CHANNELS if all((channel, each) in reopened for each in Purpose)]
    lines: list[tuple[str, str]] = [(channel, consent.ALL) for channel in channels]
    lines += [pair for pair in reopened if pair[0] not in channels]
    said = {"source": SOURCE, "by": by}
    return [consent.record(session, survivor_id, *pair, Decision.WITHDRAWN, at=at, **said).id for pair in lines]


def since(session: Session, survivor_id: int, note: Note) -> list[ConsentEntry]:
    """Return what the person withdrew since the merge of this note."""
    entries = session.scalars(
        select(ConsentEntry)
        .where(
            ConsentEntry.contact_id == survivor_id,
            ConsentEntry.id > note.ledger,
            ConsentEntry.decision == Decision.WITHDRAWN,
        )
        .order_by(ConsentEntry.id)
    )
    return list(entries)


def copies(entries: Sequence[ConsentEntry], contact_id: int) -> list[ConsentEntry]:
    """Return the same lines of somebody else, not yet added."""
    columns = [column.key for column in _LEDGER.columns if column.key not in {"id", "contact_id"}]
    return [
        ConsentEntry(contact_id=contact_id, **{name: getattr(entry, name) for name in columns}) for entry in entries
    ]
