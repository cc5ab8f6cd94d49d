"""How many are in each network, lead it, and where they live: counted when asked for, or kept where that takes long.

A house of ordinary size is counted each time. Where memberships are many, what was counted last is shown with its
moment, and the tick of the platform counts anew; the page of a network that is not large itself counts it all the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, ForeignKey, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from contacts import pointers
from contacts.base import Base, BigId
from contacts.models import Contact, Membership, Network, Role

LARGE = 30_000  # memberships: fewer are counted in some tens of milliseconds
KEPT = timedelta(minutes=10)  # after which a large network is counted anew
Place = tuple[str, str, int, int]  # city, country, people, leaders


class NetworkFigures(Base):
    """What was counted last of a network, in a large house."""

    __tablename__ = "network_figures"

    network_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("network.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    counted_at: Mapped[datetime]
    members: Mapped[int]
    leaders: Mapped[int]
    countries: Mapped[int]
    places: Mapped[list[list[Any]]] = mapped_column(JSON, deferred=True)  # of `Place`, the largest first


@dataclass(frozen=True, slots=True)
class Counted:
    """A network with how many people are in it, lead it, and in how many countries they live.

    `at` is None for what was counted now, and the moment of the count for what was kept; `known` tells a network that
    nobody has counted yet from an empty one.
    """

    network: Network
    members: int = 0
    leaders: int = 0
    countries: int = 0
    at: datetime | None = None
    known: bool = True


def large(session: Session, network_id: int | None = None) -> bool:
    """Tell whether all memberships, or those of one network, are too many to be counted while somebody waits."""
    some = select(Membership.id).limit(LARGE + 1)
    if network_id is not None:
        some = some.where(Membership.network_id == network_id, Membership.until.is_(None))
    return (session.scalar(select(func.count()).select_from(some.subquery())) or 0) > LARGE


def every(session: Session) -> list[Counted]:
    """Return every network with its figures, by name, closed ones last: in a large house those that were kept."""
    if not large(session):
        return counted_now(session)
    kept = {one.network_id: one for one in session.scalars(select(NetworkFigures))}
    return [_kept(network, kept.get(network.id)) for network in _networks(session)]


def counted_now(session: Session) -> list[Counted]:
    """Return every network with its figures of this moment, however long that takes, by name; closed ones last."""
    counted = {number: (people, led, lands) for number, people, led, lands in _counts(session)}
    return [Counted(network, *counted.get(network.id, (0, 0, 0))) for network in _networks(session)]


def _networks(session: Session) -> list[Network]:
    by_name = select(Network).order_by(Network.closed_at.is_not(None), func.lower(Network.name), Network.id)
    return list(session.scalars(by_name))


def of(session: Session, network: Network) -> tuple[Counted, list[Place]]:
    """Return the figures of one network, and the places where its people live, the largest first."""
    if large(session, network.id):
        kept = session.get(NetworkFigures, network.id)
        return _kept(network, kept), [(*each,) for each in kept.places] if kept else []
    found = places(session, network.id)
    return _sum(network, found), found


def _kept(network: Network, kept: NetworkFigures | None) -> Counted:
    if kept is None:
        return Counted(network, known=False)
    return Counted(network, kept.members, kept.leaders, kept.countries, kept.counted_at)


def _sum(network: Network, found: Sequence[Place]) -> Counted:
    lands = {country for _city, country, _people, _leaders in found if country}
    return Counted(network, sum(each[2] for each in found), sum(each[3] for each in found), len(lands))


def _counts(session: Session) -> list[tuple[int, int, int, int]]:
    rows = session.execute(
        select(
            Membership.network_id,
            func.count(Contact.id),
            func.count(Contact.id).filter(Membership.role == Role.LEADER),
            func.count(func.distinct(Contact.country)).filter(Contact.country != ""),
        )
        .join(Contact, (Contact.id == Membership.contact_id) & pointers.present())
        .where(Membership.until.is_(None))
        .group_by(Membership.network_id)
    )
    return [(*row,) for row in rows]


def places(session: Session, network_id: int) -> list[Place]:
    """Count the people of a network by city and country, the largest first."""
    rows = session.execute(
        select(Contact.city, Contact.country, func.count(), func.count().filter(Membership.role == Role.LEADER))
        .join(Membership, Membership.contact_id == Contact.id)
        .where(Membership.network_id == network_id, Membership.until.is_(None), pointers.present())
        .group_by(Contact.city, Contact.country)
        .order_by(func.count().desc(), Contact.city, Contact.country)
    )
    return [(*row,) for row in rows]


def due(session: Session, *, at: datetime) -> list[int]:
    """Return the networks of a large house that were never counted, or not for a while; the longest waiting first."""
    if not large(session):
        return []
    kept = {one.network_id: one.counted_at for one in session.scalars(select(NetworkFigures))}
    numbers = session.scalars(select(Network.id).order_by(Network.id)).all()
    never = [number for number in numbers if number not in kept]
    stale = [number for number in numbers if number in kept and not at - KEPT < kept[number] <= at]
    return never + sorted(stale, key=lambda number: kept[number])


def keep(session: Session, network_id: int, found: Sequence[Place], *, at: datetime) -> None:
    """Keep what was counted of a network at a moment."""
    network = session.get(Network, network_id)
    if network is None:
        return
    counted = _sum(network, found)
    session.merge(
        NetworkFigures(
            network_id=network_id,
            counted_at=at,
            members=counted.members,
            leaders=counted.leaders,
            countries=counted.countries,
            places=[list(each) for each in found],
        )
    )
    session.flush()
