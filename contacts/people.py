"""People: add, edit, find, look through."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.orm import Session, object_session, selectinload

from contacts import address_history, cards, columns, pointers, suppression, tagging
from contacts.address_states import Says
from contacts.addresses import normalise
from contacts.errors import Fault, Refused, refuse
from contacts.folding import clean, fold
from contacts.matching import matching
from contacts.models import Address, AddressState, Contact, Membership, Organization

PAGE = 50

EDITABLE = frozenset({"nombre", "pais", "ciudad", "zona", "idioma", "organizacion"})
Fields = Mapping[str, str]  # field of `columns.FIELDS` → what was typed


def add(session: Session, fields: Fields, *, at: datetime, by: str = "") -> Contact:
    """Add a person from what a form says: the fields are those of `columns.FIELDS`, networks aside.

    Zone and language that were not said are proposed (`contacts.proposals`). Each address begins its history.

    Refuses every fault of `cards.read`, `field_unknown`, `person_known` (same name and an address of theirs), and
    `address_suppressed`: whose it is asked to be forgotten.
    """
    card = read_card(fields)
    if faults := suppression.faults(session, card.name, [(each.kind, each.value) for each in card.addresses]):
        raise Refused(faults)
    for known in holders(session, [address.value for address in card.addresses]):
        if fold(known.name) == card.key:
            raise refuse("person_known", "nombre", known.name, id=known.id)
    contact = Contact(
        name=card.name,
        country=card.country,
        city=card.city,
        timezone=card.zone(),
        zone_set=bool(card.timezone),
        language=card.tongue(),
        language_set=bool(card.language),
        organization_id=organization(session, card.organization).id if card.organization else None,
        created_at=at,
        addresses=[
            Address(kind=each.kind, value=each.value, raw=each.raw, region=each.region) for each in card.addresses
        ],
    )
    session.add(contact)
    session.flush()
    for address in contact.addresses:
        address_history.line(session, address, None, address.state, reason="added", at=at, by=by)
    if card.tags:
        tagging.put(session, contact.id, card.tags, at=at, by=by)
    session.flush()
    return contact


def edit(session: Session, contact: Contact, fields: Fields) -> Contact:
    """Change what a person's card says: `nombre`, `pais`, `ciudad`, `zona`, `idioma`, `organizacion`.

    A field that is not named stays; one that is named empty is emptied, but for the name. Zone and language that are
    named empty are proposed anew; where the country or the city changes and they are not named, a new proposal takes
    the place of the old one, and what somebody said stays. Refuses as `add` does.
    """
    zone_is, language_is = proposed(contact)
    card = edited(contact, fields)
    contact.name, contact.country, contact.city = card.name, card.country, card.city
    if "zona" in fields or zone_is:
        contact.timezone, contact.zone_set = card.zone(), bool(card.timezone)
    if "idioma" in fields or language_is:
        contact.language, contact.language_set = card.tongue(), bool(card.language)
    if "organizacion" in fields:
        contact.organization_id = organization(session, card.organization).id if card.organization else None
    session.flush()
    return contact


def edited(contact: Contact, fields: Fields) -> cards.Card:
    """Return the card of a person as `edit` would make it. Refuses as `add` does."""
    old = {"nombre": contact.name, "pais": contact.country, "ciudad": contact.city}
    # Addresses have their own verbs; one stands in so that the card is whole.
    card = read_card({**old, **fields, "correo": "nadie@example.org"}, allowed=EDITABLE, given=fields)
    card.addresses = _written(contact)
    return card


def proposed(contact: Contact) -> tuple[bool, bool]:
    """Return whether zone and language are as they were proposed, and nobody said so."""
    card = card_of(contact)
    return (
        not contact.zone_set and contact.timezone == card.zone(),
        not contact.language_set and contact.language == card.tongue(),
    )


def card_of(contact: Contact) -> cards.Card:
    """Return what a person's place and numbers say: a card without what was said of zone and language."""
    return cards.Card(contact.name, _written(contact), contact.country, contact.city)


def _written(contact: Contact) -> list[cards.Written]:
    return [cards.Written(each.kind, each.value, each.raw, each.region) for each in contact.addresses]


def add_address(session: Session, contact: Contact, field: str, text: str) -> Address:
    """Give a person another address: `field` is `correo`, `telefono` or `whatsapp`. Refuses as `read_new_address`."""
    written = read_new_address(session, contact, field, text)
    address = Address(kind=written.kind, value=written.value, raw=written.raw, region=written.region)
    contact.addresses.append(address)
    session.flush()
    return address


def read_new_address(session: Session, contact: Contact, field: str, text: str) -> cards.Written:
    """Return another address of a person as it would be kept.

    Refuses as `read_address` does, `address_known`, and `address_suppressed`.
    """
    written = read_address(contact, field, text)
    if any((known.kind, known.value) == (written.kind, written.value) for known in contact.addresses):
        raise refuse("address_known", field, text)
    suppression.check(session, contact.name, [(written.kind, written.value)])
    return written


def read_address(contact: Contact, field: str, text: str) -> cards.Written:
    """Return an address as it would be kept for a person: repaired, in the country where they live.

    Refuses what `addresses` refuses, `field_unknown`, and `address_several` for more than one.
    """
    if field not in columns.ADDRESSES:
        raise refuse("field_unknown", field, field, known=", ".join(columns.ADDRESSES))
    written = read_card({"nombre": contact.name, "pais": contact.country, field: text}).addresses
    if len(written) > 1:
        raise refuse("address_one", field, text[:60])
    return written[0]


def mark(address: Address, state: AddressState, *, reason: str, at: datetime) -> None:
    """Write down what a provider told of an address; `reason` is a code of ours or of theirs."""
    session = object_session(address)
    assert session is not None
    address_history.move(session, address, state, Says.PROVIDER, reason=reason, at=at)


def get(session: Session, contact_id: int) -> Contact:
    """Return a person with addresses and memberships. Refuses `person_unknown`."""
    contact = session.get(
        Contact,
        contact_id,
        options=[selectinload(Contact.addresses), selectinload(Contact.memberships).joinedload(Membership.network)],
    )
    if contact is None:
        raise refuse("person_unknown", "persona", contact_id)
    return contact


def holders(session: Session, values: Sequence[str]) -> list[Contact]:
    """Return the people who have any of these addresses, as they are kept (`addresses.normalise`)."""
    return list(
        session.scalars(
            select(Contact)
            .where(
                Contact.id.in_(select(Address.contact_id).where(Address.value.in_(values))),
                pointers.present(),
            )
            .order_by(Contact.id)
        )
    )


def by_address(session: Session, text: str) -> list[Contact]:
    """Return the people behind an address as somebody typed it; several may share one."""
    return holders(session, [normalise(text)])


def organization(session: Session, name: str) -> Organization:
    """Return the organization of that name, accents and capitals aside, making it the first time."""
    return organizations(session, [name])[name]


def organizations(session: Session, names: Sequence[str]) -> dict[str, Organization]:
    """Return the organizations of these names, as `organization` does, with one look at the table."""
    known = {fold(each.name): each for each in session.scalars(select(Organization))} if names else {}
    answer = {}
    for name in names:
        if fold(name) not in known:
            known[fold(name)] = Organization(name=clean(name))
            session.add(known[fold(name)])
        answer[name] = known[fold(name)]
    session.flush()
    return answer


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the people found, and how many there are."""

    people: list[Contact]
    total: int
    number: int
    size: int

    @property
    def pages(self) -> int:
        """How many pages there are; one, when nobody was found."""
        return max(1, -(-self.total // self.size))


def found(
    text: str = "", network_id: int | None = None, country: str = "", *, addresses: bool = True
) -> Select[Contact]:
    """Return the select of the people with this text, in this network today, in this country; by name.

    Without `addresses` the text is looked for in names and cities alone.
    """
    wanted = select(Contact).where(pointers.present()).order_by(Contact.search_text, Contact.id)
    if text.strip():
        wanted = wanted.where(matching(text, addresses=addresses))
    if network_id is not None:
        wanted = wanted.where(
            exists().where(
                Membership.contact_id == Contact.id, Membership.network_id == network_id, Membership.until.is_(None)
            )
        )
    return wanted.where(Contact.country == country) if country else wanted


def search(
    session: Session,
    text: str = "",
    *,
    network_id: int | None = None,
    country: str = "",
    more: Sequence[ColumnElement[bool]] = (),
    page: int = 1,
    size: int = PAGE,
) -> Page:
    """Return a page of what `found` selects; a page beyond the last is the last, and size 0 is everybody.

    `more` are further conditions on them, such as a segment's.
    """
    wanted = found(text, network_id, country).where(*more)
    ids = wanted.with_only_columns(Contact.id).order_by(None).subquery()
    total = session.scalar(select(func.count()).select_from(ids)) or 0
    size = size or max(1, total)
    number = min(max(1, page), max(1, -(-total // size)))
    people = session.scalars(
        wanted.options(
            selectinload(Contact.addresses), selectinload(Contact.memberships).joinedload(Membership.network)
        )
        .offset((number - 1) * size)
        .limit(size)
    ).all()
    return Page(list(people), total, number, size)


def read_card(fields: Fields, *, allowed: frozenset[str] | None = None, given: Fields | None = None) -> cards.Card:
    """Return the card that the fields of a form make. Refuses every fault of `cards.read`, and `field_unknown`."""
    known = allowed or frozenset(columns.FIELDS) - {"red", "rol", "trajo"}
    strange = [name for name in (fields if given is None else given) if name not in known]
    card, faults, _ = cards.read({name: [text] for name, text in fields.items()})
    faults = [Fault("field_unknown", name, name, details={"known": ", ".join(known)}) for name in strange] + faults
    if faults or card is None:
        raise Refused(faults)
    return card
