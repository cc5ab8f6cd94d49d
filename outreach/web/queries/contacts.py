"""What the pages about people and networks read."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from campaigns.models import InboundMessage
from contacts import listing, pointers
from contacts.counting import Count
from contacts.listing import Wanted
from contacts.models import Contact, Membership


def found(session: Session, text: str, limit: int, *, addresses: bool = True) -> tuple[Count, list[Contact]]:
    """Return how many people there are with this text, and the first; without `addresses` by names and cities."""
    wanted = Wanted(text, addresses=addresses)
    looked = listing.look(session, wanted)
    return looked.count, listing.people(session, listing.ids(session, wanted, looked, 0, limit))


def countries(session: Session) -> list[tuple[str, int]]:
    """Return the countries where people live, with how many, the largest first."""
    rows = session.execute(
        select(Contact.country, func.count())
        .where(pointers.present())
        .group_by(Contact.country)
        .order_by(func.count().desc(), Contact.country)
    )
    return list(rows)


def inbound(session: Session, contact_id: int, limit: int) -> list[InboundMessage]:
    """Return what a person wrote to us, the newest first."""
    return list(
        session.scalars(
            select(InboundMessage)
            .where(InboundMessage.contact_id == contact_id)
            .order_by(InboundMessage.at.desc())
            .limit(limit)
        )
    )


def brought(session: Session, contact_id: int) -> int:
    """Return how many people somebody brought into networks."""
    return (
        session.scalar(
            select(func.count(func.distinct(Membership.contact_id)))
            .join(Contact, Contact.id == Membership.contact_id)
            .where(Membership.brought_by_id == contact_id, Contact.merged_into_id.is_(None))
        )
        or 0
    )


def names(session: Session, contact_ids: Sequence[int]) -> dict[int, str]:
    """Return the names of people by their number."""
    rows = session.execute(select(Contact.id, Contact.name).where(Contact.id.in_(contact_ids)))
    return dict(rows.all())
