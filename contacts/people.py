"""People: add, edit, find, look through."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, true
from sqlalchemy.orm import Session, selectinload

from contacts import cards, columns, pointers, suppression
from contacts.addresses import normalise
from contacts.errors import Fault, Refused, refuse
from contacts.folding import clean, fold
from contacts.models import Address, AddressState, Contact, Membership, Organization

PAGE = 50
_PIECE_OF_A_NUMBER = 4  # digits

EDITABLE = frozenset({"nombre", "pais", "ciudad", "zona", "idioma", "organizacion"})
Fields = Mapping[str, str]  # field of `columns.FIELDS` → what was typed


def add(session: Session, fields: Fields, *, at: datetime) -> Contact:
    """Add a person from what a form says: the fields are those of `columns.FIELDS`, networks aside.

    Refuses every fault of `cards.read`, `field_unknown`, `person_known` (same name and an address of theirs), and
    `address_suppressed`: whose it is asked to be forgotten.
    """
    card = _card(fields)
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
        language=card.language or "es",
        organization_id=organization(session, card.organization).id if card.organization else None,
        created_at=at,
        addresses=[
            Address(kind=each.kind, value=each.value, raw=each.raw, region=each.region) for each in card.addresses
        ],
    )
    session.add(contact)
    session.flush()
    return contact


def edit(session: Session, contact: Contact, fields: Fields) -> Contact:
    """Change what a person's card says: `nombre`, `pais`, `ciudad`, `zona`, `idioma`, `organizacion`.

    A field that is not named stays; one that is named empty is emptied, but for the name. Where the country or the
    city changes and no zone is named, the proposal takes the place of the old proposal. Refuses as `add` does.
    """
    old = {"nombre": contact.name, "pais": contact.country, "ciudad": contact.city}
    was = cards.Card(name=contact.name, country=contact.country, city=contact.city)
    # Addresses have their own verbs; one stands in so that the card is whole.
    card = _card({**old, **fields, "correo": "nadie@example.org"}, allowed=EDITABLE, given=fields)
    proposed = contact.timezone == was.zone()
    contact.name, contact.country, contact.city = card.name, card.country, card.city
    if "zona" in fields or proposed:
        contact.timezone = card.zone()
    if "idioma" in fields:
        contact.language = card.language or "es"
    if "organizacion" in fields:
        contact.organization_id = organization(session, card.organization).id if card.organization else None
    session.flush()
    return contact


def add_address(session: Session, contact: Contact, field: str, text: str) -> Address:
    """Give a person another address: `field` is `correo`, `telefono` or `whatsapp`.

    Refuses what `addresses` refuses, `field_unknown`, `address_known`, and `address_suppressed`.
    """
    if field not in columns.ADDRESSES:
        raise refuse("field_unknown", field, field, known=", ".join(columns.ADDRESSES))
    card = _card({"nombre": contact.name, "pais": contact.country, field: text})
    written = card.addresses[0]
    if any((known.kind, known.value) == (written.kind, written.value) for known in contact.addresses):
        raise refuse("address_known", field, text)
    if faults := suppression.faults(session, contact.name, [(written.kind, written.value)]):
        raise Refused(faults)
    address = Address(kind=written.kind, value=written.value, raw=written.raw, region=written.region)
    contact.addresses.append(address)
    session.flush()
    return address


def mark(address: Address, state: AddressState, *, reason: str, at: datetime) -> None:
    """Write down what became known of an address; `reason` is a code of ours or of a provider."""
    address.state, address.state_reason, address.state_at = state, reason, at


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


def matching(text: str, *, addresses: bool = True) -> ColumnElement[bool]:
    """Return the condition that a person's name, city or an address holds every word, accents and capitals aside.

    A piece of a number counts however it is spaced: «55 5555 01» finds +525555550100. Without `addresses` those are
    not looked through: who may not see them could find out whose they are.
    """
    found: list[ColumnElement[bool]] = [
        or_(Contact.search_text.contains(word, autoescape=True), *([_reached(word)] if addresses else []))
        for word in fold(text).split()
    ]
    if not addresses:
        return and_(true(), *found)
    digits = "".join(filter(str.isdigit, text))
    number = len(digits) >= _PIECE_OF_A_NUMBER and not any(map(str.isalpha, text))
    return or_(and_(true(), *found), _reached(digits)) if number else and_(true(), *found)


def _reached(piece: str) -> ColumnElement[bool]:
    return exists().where(Address.contact_id == Contact.id, Address.value.icontains(piece, autoescape=True))


def found(
    text: str = "", network_id: int | None = None, country: str = "", *, addresses: bool = True
) -> Select[Contact]:
    """Return the select of the people with this text, in this network today, in this country; by name."""
    wanted = select(Contact).where(pointers.present()).order_by(Contact.name, Contact.id)
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


def _card(fields: Fields, *, allowed: frozenset[str] | None = None, given: Fields | None = None) -> cards.Card:
    known = allowed or frozenset(columns.FIELDS) - {"red", "rol", "trajo"}
    strange = [name for name in (given or fields) if name not in known]
    card, faults, _ = cards.read({name: [text] for name, text in fields.items()})
    faults = [Fault("field_unknown", name, name, details={"known": ", ".join(known)}) for name in strange] + faults
    if faults or card is None:
        raise Refused(faults)
    return card
