"""What the pages about people who are there twice read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute, Session, selectinload

from campaigns.models import Delivery, InboundMessage
from contacts import duplicates, pointers
from contacts.models import ConsentEntry, Contact, Membership
from contacts.sameness import LikePair


@dataclass(frozen=True, slots=True)
class Side:
    """One of the people on a screen side by side, with what they bring."""

    contact: Contact
    consents: int
    deliveries: int
    messages: int


def pairs(session: Session, reason: str, offset: int, limit: int) -> tuple[int, list[LikePair]]:
    """Return how many pairs are proposed for a reason (or all), and some of them."""
    wanted = duplicates.proposed(reason)
    ids = wanted.with_only_columns(LikePair.first_id).order_by(None).subquery()
    total = session.scalar(select(func.count()).select_from(ids)) or 0
    return total, list(session.scalars(wanted.offset(offset).limit(limit))) if limit else []


def people(session: Session, contact_ids: Sequence[int]) -> dict[int, Contact]:
    """Return people by their number, with addresses and networks."""
    found = session.scalars(
        select(Contact)
        .where(Contact.id.in_(contact_ids))
        .options(
            selectinload(Contact.addresses),
            selectinload(Contact.memberships).joinedload(Membership.network),
            selectinload(Contact.organization),
        )
    )
    return {contact.id: contact for contact in found}


def sides(session: Session, contact_ids: Sequence[int]) -> list[Side]:
    """Return people with the counts of what they bring, in this order; who is not there is left out."""
    known = people(session, contact_ids)

    def count(column: InstrumentedAttribute[Any], number: int) -> int:
        ids = pointers.numbers(session, number)
        return session.scalar(select(func.count()).where(column.in_(ids))) or 0

    return [
        Side(
            known[number],
            count(ConsentEntry.contact_id, number),
            count(Delivery.contact_id, number),
            count(InboundMessage.contact_id, number),
        )
        for number in contact_ids
        if number in known
    ]
