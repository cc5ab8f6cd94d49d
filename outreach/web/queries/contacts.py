"""What the pages about people and networks read."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from campaigns.models import InboundMessage
from contacts import people, pointers
from contacts.models import Contact, Membership, Network, Role

NOWHERE = "–"


def found(
    session: Session,
    text: str,
    network_id: int,
    country: str,
    offset: int,
    limit: int,
    more: Sequence[ColumnElement[bool]] = (),
) -> tuple[int, list[Contact]]:
    """Return how many people there are with this text, network and country («–»: none known), and some of them.

    `more` are further conditions, such as a segment's.
    """
    wanted = people.found(text, network_id or None, "" if country == NOWHERE else country).where(*more)
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


@dataclass(frozen=True, slots=True)
class Counted:
    """A network with how many people are in it, lead it, and in how many countries they live."""

    network: Network
    members: int
    leaders: int
    countries: int


def networks(session: Session, network_id: int | None = None) -> list[Counted]:
    """Return the networks (or one) with their counts, by name."""
    rows = (
        select(
            Network,
            func.count(Contact.id),
            func.count(Contact.id).filter(Membership.role == Role.LEADER),
            func.count(func.distinct(Contact.country)).filter(Contact.country != ""),
        )
        .outerjoin(Membership, (Membership.network_id == Network.id) & Membership.until.is_(None))
        .outerjoin(Contact, (Contact.id == Membership.contact_id) & pointers.present())
        .group_by(Network.id)
        .order_by(func.lower(Network.name))
    )
    if network_id is not None:
        rows = rows.where(Network.id == network_id)
    return [Counted(*row) for row in session.execute(rows)]


def cities(session: Session, network_id: int) -> list[tuple[str, str, int, int]]:
    """Return city, country, people and leaders of a network, the largest first."""
    return list(
        session.execute(
            select(Contact.city, Contact.country, func.count(), func.count().filter(Membership.role == Role.LEADER))
            .join(Membership, Membership.contact_id == Contact.id)
            .where(Membership.network_id == network_id, Membership.until.is_(None), pointers.present())
            .group_by(Contact.city, Contact.country)
            .order_by(func.count().desc(), Contact.city)
        )
    )


def members(session: Session, network_id: int, text: str, offset: int, limit: int) -> tuple[int, list[Membership]]:
    """Return how many people are in a network with this text, and some of them: leaders first, then by name."""
    wanted = (
        select(Membership)
        .join(Contact, Contact.id == Membership.contact_id)
        .where(Membership.network_id == network_id, Membership.until.is_(None), pointers.present())
    )
    if text:
        wanted = wanted.where(people.matching(text))
    total = session.scalar(select(func.count()).select_from(wanted.with_only_columns(Membership.id).subquery())) or 0
    page = (
        wanted.options(joinedload(Membership.contact).selectinload(Contact.addresses))
        .order_by(Membership.role != Role.LEADER, func.lower(Contact.name), Contact.id)
        .offset(offset)
        .limit(limit)
    )
    return total, list(session.scalars(page)) if limit else []


def names(session: Session, contact_ids: Sequence[int]) -> dict[int, str]:
    """Return the names of people by their number."""
    rows = session.execute(select(Contact.id, Contact.name).where(Contact.id.in_(contact_ids)))
    return dict(rows.all())
