"""People as plain rows, some at a time: a million pass without one staying in memory."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from contacts import tagging
from contacts.idsets import among
from contacts.models import Address, AddressKind, Contact, Membership, Network, Organization, Role
from outreach import masks

AT_ONCE = 1000  # people looked up together


@dataclass(slots=True)
class Person:
    """Somebody as an export tells of them; `addresses` are kind and value, as they are kept or under their masks."""

    id: int
    name: str
    country: str
    city: str
    language: str
    timezone: str
    organization: str
    addresses: list[tuple[AddressKind, str]] = field(default_factory=list)
    networks: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    role: Role | None = None  # in the network that the list is of
    since: date | None = None

    def of(self, *kinds: AddressKind) -> list[str]:
        """Return the addresses of some kinds."""
        return [value for each, value in self.addresses if each in kinds]


def count(session: Session, conditions: Sequence[ColumnElement[bool]]) -> int:
    """Return how many people a list has."""
    return session.scalar(select(func.count()).select_from(Contact).where(*conditions)) or 0


def stream(
    session: Session,
    conditions: Sequence[ColumnElement[bool]],
    *,
    network_id: int | None,
    at: datetime,
    zone: str,
    masked: bool,
) -> Iterator[Person]:
    """Yield the people of a list, the oldest number first, within the session's transaction.

    Sorting them by name would have to hold all of them. Networks are those of a moment; `network_id` is the one whose
    role and beginning are told; days are those of `zone`.
    """
    organizations = {row.id: row.name for row in session.execute(select(Organization.id, Organization.name))}
    wanted = (
        select(
            Contact.id,
            Contact.name,
            Contact.country,
            Contact.city,
            Contact.language,
            Contact.timezone,
            Contact.organization_id,
        )
        .where(*conditions)
        .order_by(Contact.id)
        .execution_options(yield_per=AT_ONCE)
    )
    for some in session.execute(wanted).partitions():
        people = {row[0]: Person(*row[:6], organizations.get(row[6] or 0, "")) for row in some}
        _reached(session, people, masked=masked)
        _belonging(session, people, network_id, at, ZoneInfo(zone))
        for contact_id, names in tagging.of_people(session, list(people)).items():
            people[contact_id].tags = names
        yield from people.values()


def _reached(session: Session, people: dict[int, Person], *, masked: bool) -> None:
    addresses = select(Address.contact_id, Address.kind, Address.value).where(among(Address.contact_id, people))
    for contact_id, kind, value in session.execute(addresses.order_by(Address.id)):
        people[contact_id].addresses.append((kind, masks.address(value) if masked else value))


def _belonging(
    session: Session, people: dict[int, Person], network_id: int | None, at: datetime, zone: ZoneInfo
) -> None:
    memberships = (
        select(Membership.contact_id, Membership.network_id, Network.name, Membership.role, Membership.since)
        .join(Network)
        .where(
            among(Membership.contact_id, people),
            Membership.since <= at,
            Membership.until.is_(None) | (Membership.until > at),
        )
        .order_by(Membership.id)
    )
    for contact_id, number, name, role, since in session.execute(memberships):
        person = people[contact_id]
        if name not in person.networks:
            person.networks.append(name)
        if number == network_id and person.role is None:
            person.role, person.since = role, since.astimezone(zone).date()
