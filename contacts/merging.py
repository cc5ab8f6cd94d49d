"""People read from a file meet the people we know: who is who, what is new of them, and the large writes of it.

Two people whom we know already are made one in `contacts.unifying`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from contacts import people, pointers
from contacts.addresses import normalise
from contacts.base import table_of
from contacts.bulk import insert_rows
from contacts.cards import Card, Written
from contacts.folding import fold
from contacts.idsets import among, among_texts
from contacts.models import Address, AddressKind, AddressState, Contact, Role
from contacts.sharing import ALIKE

# Rows go to the tables themselves: through the mapper a hundred thousand take twice as long.
_CONTACT = table_of(Contact)
_ADDRESS = table_of(Address)

_CONTACT_COLUMNS = (
    "id",
    "name",
    "country",
    "city",
    "timezone",
    "zone_set",
    "language",
    "language_set",
    "organization_id",
    "search_text",
    "created_at",
)
_ADDRESS_COLUMNS = ("contact_id", "kind", "value", "raw", "spelled", "region", "state", "state_reason")

CHUNK = 5_000  # values of one question

T = TypeVar("T")
Rows = list[tuple[int, Card]]  # number of the row, and who it is


def chunks(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """Cut a long list into pieces that fit into one statement."""
    for start in range(0, len(items), CHUNK):
        yield items[start : start + CHUNK]


@dataclass(slots=True)
class Wish:
    """A network that a person shall be in: as what, brought by whom, and the row that says so."""

    row: int
    network: str
    role: Role | None
    brought_by: str


@dataclass(slots=True, eq=False)
class Person:
    """One person of the file: the first row that speaks of them, and what all rows add."""

    row: int
    card: Card
    id: int = 0  # 0 until they are written
    known: set[tuple[AddressKind, str]] = field(default_factory=set)
    new: list[Written] = field(default_factory=list)  # addresses to add
    fill: dict[str, object] = field(default_factory=dict)  # columns that were empty
    wishes: dict[str, Wish] = field(default_factory=dict)  # by folded name of the network
    tags: dict[str, str] = field(default_factory=dict)  # by folded name
    existed: bool = False
    changed: bool = False


@dataclass(slots=True)
class Known:
    """What the database says of a person."""

    id: int
    name: str
    country: str
    city: str
    timezone: str
    organization_id: int | None
    created_at: datetime
    addresses: set[tuple[AddressKind, str]] = field(default_factory=set)


def grouped(people: Sequence[tuple[int, Card]]) -> list[Rows]:
    """Put the rows together that speak of one person: the same name and an address in common, from row to row."""
    parent = list(range(len(people)))

    def root(place: int) -> int:
        while parent[place] != place:
            parent[place] = parent[parent[place]]
            place = parent[place]
        return place

    first: dict[tuple[str, str], int] = {}
    for place, (_number, card) in enumerate(people):
        for address in card.addresses:
            known = first.setdefault((address.value, card.key), place)
            if known != place:
                ours, theirs = sorted((root(place), root(known)))
                parent[theirs] = ours
    groups: dict[int, Rows] = {}
    for place, row in enumerate(people):
        groups.setdefault(root(place), []).append(row)
    return list(groups.values())


class Gathering:
    """Everybody of a file, each once, joined to who is known already, and written by `write`."""

    def __init__(self, session: Session, rows: Sequence[tuple[int, Card]]) -> None:
        self._session = session
        self._by_id: dict[int, Person] = {}
        self.people: list[Person] = []
        self.holders = self._holders(rows)  # value → ids of the known people who have it
        self.known = self._known(sorted({each for ids in self.holders.values() for each in ids}))
        self.holders = {value: ids & self.known.keys() for value, ids in self.holders.items()}
        self._named = {
            (value, fold(each.name)): each for each in reversed(self.known.values()) for _, value in each.addresses
        }
        for group in grouped(rows):
            person = self._person(group)
            for number, card in group:
                self._meet(person, number, card)

    def write(self, at: datetime) -> tuple[int, int]:
        """Write new people, what was empty of known ones, and new addresses; return how many people and addresses."""
        self._organizations()
        new = [person for person in self.people if not person.existed]
        if new:
            self._insert(new, at)
        filled = [{"id": person.id, **person.fill} for person in self.people if person.fill]
        if filled:
            self._session.execute(update(Contact), filled)
        written = [
            (person.id, each.kind, each.value, each.raw, "", each.region, AddressState.NEW, "")
            for person in self.people
            for each in person.new
        ]
        insert_rows(self._session.connection(), _ADDRESS, _ADDRESS_COLUMNS, written)
        for person in self.people:
            person.changed = person.existed and bool(person.fill or person.new)
        return len(new), len(written)

    def _insert(self, new: Sequence[Person], at: datetime) -> None:
        connection = self._session.connection()
        if connection.dialect.name == "sqlite":  # its one writer numbers rows itself: to ask for each takes long
            first = (connection.scalar(select(func.max(_CONTACT.c.id))) or 0) + 1
            ids: Sequence[int] = range(first, first + len(new))
        else:
            sequence = text("SELECT nextval(pg_get_serial_sequence('contact', 'id')) FROM generate_series(1, :many)")
            ids = connection.scalars(sequence, {"many": len(new)}).all()
        for person, made_id in zip(new, ids, strict=True):
            person.id = made_id
        insert_rows(connection, _CONTACT, _CONTACT_COLUMNS, [self._row(person, at) for person in new])

    def _holders(self, rows: Sequence[tuple[int, Card]]) -> dict[str, set[int]]:
        wanted: dict[AddressKind, set[str]] = {kind: set() for kind in AddressKind}
        for _, card in rows:
            for address in card.addresses:
                for kind in ALIKE[address.kind]:
                    wanted[kind].add(address.value)
            if card.brought_by:
                for values in wanted.values():
                    values.add(normalise(card.brought_by))
        found: dict[str, set[int]] = {}
        for kind, values in wanted.items():
            for some in chunks(sorted(values)):
                holding = select(Address.value, Address.contact_id).where(
                    Address.kind == kind, among_texts(Address.value, some)
                )
                for value, contact_id in self._session.execute(holding):
                    found.setdefault(value, set()).add(contact_id)
        return found

    def _known(self, ids: Sequence[int]) -> dict[int, Known]:
        known: dict[int, Known] = {}
        for some in chunks(ids):
            people_known = select(
                Contact.id,
                Contact.name,
                Contact.country,
                Contact.city,
                Contact.timezone,
                Contact.organization_id,
                Contact.created_at,
            ).where(among(Contact.id, some), pointers.present())
            known |= {row.id: Known(*row) for row in self._session.execute(people_known)}
            theirs = select(Address.contact_id, Address.kind, Address.value).where(among(Address.contact_id, some))
            for contact_id, kind, value in self._session.execute(theirs):
                if contact_id in known:
                    known[contact_id].addresses.add((kind, value))
        return known

    def _person(self, group: Rows) -> Person:
        """Return whom the rows of a group speak of: of the people we know the one known longest, else somebody new.

        Of all their rows and addresses, not of the first that fits: so they are the same the next time, when one of
        them has all the addresses.
        """
        known = [
            self._named[address.value, card.key]
            for _number, card in group
            for address in card.addresses
            if (address.value, card.key) in self._named
        ]
        first = min(known, key=lambda each: each.id, default=None)
        person = self._by_id.get(first.id) if first else None
        if person is None:
            number, card = group[0]
            person = Person(number, card)
            if first:
                card = Card(first.name, key=card.key, country=first.country, city=first.city, timezone=first.timezone)
                person = Person(number, card, first.id, set(first.addresses), existed=True)
                self._by_id[first.id] = person
            self.people.append(person)
        return person

    def _meet(self, person: Person, number: int, card: Card) -> None:
        if person.existed:
            self._fill(person, card)
        for address in card.addresses:
            if (address.kind, address.value) not in person.known:
                person.known.add((address.kind, address.value))
                person.new.append(address)
        for tag in card.tags:
            person.tags.setdefault(fold(tag), tag)
        for network in card.networks:
            wish = person.wishes.setdefault(fold(network), Wish(number, network, card.role, card.brought_by))
            if wish.role is not Role.LEADER:
                wish.role = card.role or wish.role
            wish.brought_by = wish.brought_by or card.brought_by

    def _fill(self, person: Person, card: Card) -> None:
        """Complete what is empty of a known person; what they have is never overwritten."""
        known = self.known[person.id]
        if card.country and not known.country and "country" not in person.fill:
            if known.timezone == Card(known.name, city=known.city).zone():  # only proposed, without knowing the country
                person.fill["timezone"] = card.zone()
            person.fill["country"] = card.country
        if card.city and not known.city and "city" not in person.fill:
            person.fill |= {"city": card.city, "search_text": fold(f"{known.name} {card.city}")}
        if card.organization and known.organization_id is None:
            person.fill.setdefault("organization_id", card.organization)  # its name, until it is written

    def _organizations(self) -> None:
        names = {person.card.organization for person in self.people if not person.existed and person.card.organization}
        names |= {str(person.fill["organization_id"]) for person in self.people if "organization_id" in person.fill}
        self._organization = people.organizations(self._session, sorted(names))
        for person in self.people:
            if "organization_id" in person.fill:
                person.fill["organization_id"] = self._organization[str(person.fill["organization_id"])].id

    def _row(self, person: Person, at: datetime) -> tuple[object, ...]:
        card = person.card
        return (
            person.id,
            card.name,
            card.country,
            card.city,
            card.zone(),
            bool(card.timezone),
            card.language or "es",
            bool(card.language),
            self._organization[card.organization].id if card.organization else None,
            f"{card.key} {fold(card.city)}".strip(),
            at,
        )
