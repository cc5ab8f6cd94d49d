"""What the pages about people and networks read."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, selectinload

from campaigns.models import InboundMessage
from contacts import people, pointers
from contacts.models import Contact, Membership

NOWHERE = "–"


def found(
    session: Session,
    text: str,
    network_id: int,
    country: str,
    offset: int,
    limit: int,
    more: Sequence[ColumnElement[bool]] = (),
    *,
    addresses: bool = True,
) -> tuple[int, list[Contact]]:
    """Return how many people there are with this text, network and country («–»: none known), and some of them.

    `more` are further conditions, such as a segment's; without `addresses` the text is looked for in names alone.
    """
    place = "" if country == NOWHERE else country
    wanted = people.found(text, network_id or None, place, addresses=addresses).where(*more)
    if country == NOWHERE:
        wanted = wanted.where(Contact.country == "")
    total = session.scalar(select(func.count()).select_from(wanted.with_only_columns(Contact.id).subquery())) or 0
    page = wanted.options(
        selectinload(Contact.addresses), selectinload(Contact.memberships).joinedload(Membership.network)
    )
    return total, list(session.scalars(page.offset(offset).limit(limit))) if limit else []


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
