"""Consents that are about to end: whom to ask again before they can no longer be written to."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from contacts import consent, pointers
from contacts.models import ConsentEntry, Contact, Decision

SOON_DAYS = 60  # how far ahead pages look


@dataclass(frozen=True, slots=True)
class Ending:
    """A consent that ends, and whose it is."""

    contact: Contact
    entry: ConsentEntry


def _ending(at: datetime, days: int) -> ColumnElement[bool]:
    """Return the condition on a line: a grant in force that ends within so many days, with no later word over it.

    What a person says stands above what a file says of them, whenever it was.
    """
    later = aliased(ConsentEntry)
    newer = or_(later.at > ConsentEntry.at, and_(later.at == ConsentEntry.at, later.id > ConsentEntry.id))
    above = or_(
        and_(later.imported.is_(False), ConsentEntry.imported.is_(True)),
        and_(later.imported == ConsentEntry.imported, newer),
    )
    replaced = (
        exists()
        .where(
            later.contact_id == ConsentEntry.contact_id,
            later.decision != Decision.ASKED.value,
            or_(later.channel == consent.ALL, later.channel == ConsentEntry.channel),
            or_(later.purpose == consent.ALL, later.purpose == ConsentEntry.purpose),
            above,
        )
        .correlate(ConsentEntry)
    )
    return and_(
        ConsentEntry.decision == Decision.GRANTED,
        ConsentEntry.until > at,
        ConsentEntry.until <= at + timedelta(days=days),
        ~replaced,
    )


def listed(at: datetime, days: int = SOON_DAYS) -> Select[ConsentEntry, Contact]:
    """Return the select of consents that end within so many days with their people, the first to end first."""
    return (
        select(ConsentEntry, Contact)
        .join(Contact, Contact.id == ConsentEntry.contact_id)
        .where(_ending(at, days), pointers.present())
        .order_by(ConsentEntry.until, Contact.name, ConsentEntry.id)
    )


def count(session: Session, at: datetime, days: int = SOON_DAYS) -> int:
    """Return how many people have a consent that ends within so many days."""
    people = (
        select(func.count(func.distinct(ConsentEntry.contact_id)))
        .join(Contact, Contact.id == ConsentEntry.contact_id)
        .where(_ending(at, days), pointers.present())
    )
    return session.scalar(people) or 0


def soon(session: Session, at: datetime, days: int = SOON_DAYS, *, offset: int = 0, size: int = 50) -> list[Ending]:
    """Return some of the consents that end within so many days, the first to end first."""
    rows = session.execute(listed(at, days).offset(offset).limit(size))
    return [Ending(contact, entry) for entry, contact in rows]
