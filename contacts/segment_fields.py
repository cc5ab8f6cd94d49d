"""What a segment may ask of a person by what `contacts` knows: place, language, networks, consent, addresses."""

from sqlalchemy import ColumnElement, and_, false, func, or_, select
from sqlalchemy.orm import Session

from contacts import consent, networks, people, places, pointers
from contacts.errors import Refused, refuse
from contacts.folding import fold
from contacts.models import (
    Address,
    AddressKind,
    AddressState,
    Channel,
    Contact,
    Membership,
    Network,
    Organization,
    Purpose,
    Role,
)
from contacts.segment_grammar import NONE, Field, Kind, Node, Part, Scene, has_row, register
from contacts.sharing import SHARED, is_shared

ROLES = {"liderazgo": Role.LEADER, "integrante": Role.MEMBER}
LONGEST_ID = 9  # digits; ten digits are a Mexican number


def _country(_session: Session, text: str) -> str:
    return NONE if text == NONE else places.country(text)


def _countries(_scene: Scene, node: Node) -> ColumnElement[bool]:
    return Contact.country.in_(["" if code == NONE else code for code in node["es"]])


def _cities(scene: Scene, node: Node) -> ColumnElement[bool]:
    """Accents and capitals aside: the ways in which the cities asked for are written are looked up beforehand."""
    wanted = {"" if name == NONE else fold(name) for name in node["es"]}
    written = [city for city in cities(scene.session) if fold(city) in wanted]
    return Contact.city.in_(written) if written else false()


def cities(session: Session) -> list[str]:
    """Return every city that is written on a card, each once: from one to the next in the index, not through it."""
    here = pointers.present()
    first = select(func.min(Contact.city).label("city")).where(here).cte("cities", recursive=True)
    following = select(func.min(Contact.city)).where(here, Contact.city > first.c.city).scalar_subquery()
    every = first.union_all(select(following).where(first.c.city.is_not(None)))
    return [city for city in session.scalars(select(every.c.city)) if city is not None]


def _languages(_scene: Scene, node: Node) -> ColumnElement[bool]:
    return Contact.language.in_(node["es"])


def _a_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= LONGEST_ID


def _network(session: Session, text: str) -> int:
    known = session.get(Network, int(text)) if _a_number(text) else None
    return (known or networks.find(session, text)).id


def _network_name(session: Session, number: str | int) -> str:
    network = session.get(Network, int(number))
    return network.name if network else str(number)


def _all_networks(session: Session) -> list[tuple[str, str]]:
    rows = session.execute(select(Network.id, Network.name).order_by(func.lower(Network.name)))
    return [(str(number), name) for number, name in rows]


def _in_network(scene: Scene, node: Node) -> ColumnElement[bool]:
    asked = [
        Membership.network_id.in_(node["es"]),
        Membership.since <= scene.at,
        or_(Membership.until.is_(None), Membership.until > scene.at),
    ]
    if "rol" in node:
        asked.append(Membership.role.in_([ROLES[role] for role in node["rol"]]))
    if "desde" in node:
        asked.append(Membership.since >= scene.begins(node["desde"]))
    if "hasta" in node:
        asked.append(Membership.since < scene.ends(node["hasta"]))
    return has_row(scene, Membership.contact_id, *asked)


def _consent(scene: Scene, node: Node) -> ColumnElement[bool]:
    """Ask the one gate: it also says no where there is no address that works."""
    ways = [Channel(way) for way in node.get("via", consent.CHANNELS)]
    return or_(
        *[
            consent.refusal(Contact.id, way, Purpose(purpose), scene.at).is_(None)
            for purpose in node["finalidad"]
            for way in ways
        ]
    )


def _address(scene: Scene, node: Node) -> ColumnElement[bool]:
    asked: list[ColumnElement[bool]] = []
    if "clase" in node:
        asked.append(Address.kind.in_(node["clase"]))
    if "estado" in node:
        states = Address.state.in_([state for state in node["estado"] if state != SHARED])
        asked.append(or_(states, is_shared()) if SHARED in node["estado"] else states)
    return has_row(scene, Address.contact_id, *asked)


def _organization(session: Session, text: str) -> str | int:
    if text == NONE:
        return NONE
    rows = session.execute(select(Organization.id, Organization.name)).all()
    for number, name in rows:
        if fold(name) == fold(text):
            return number
    if _a_number(text) and int(text) in {number for number, _name in rows}:
        return int(text)
    raise refuse("organization_unknown", "organizacion", text)


def _organization_name(session: Session, number: str | int) -> str:
    organization = None if number == NONE else session.get(Organization, number)
    return organization.name if organization else str(number)


def _organizations(_scene: Scene, node: Node) -> ColumnElement[bool]:
    known = [number for number in node["es"] if number != NONE]
    found = and_(Contact.organization_id.is_not(None), Contact.organization_id.in_(known))
    return or_(found, Contact.organization_id.is_(None)) if NONE in node["es"] else found


def _person(session: Session, text: str) -> int:
    if _a_number(text):
        contact = session.get(Contact, int(text))
        if contact is None or contact.erased_at is not None:
            raise refuse("person_unknown", "es", text)
        return contact.merged_into_id or contact.id
    try:
        found = people.by_address(session, text)
    except Refused:
        found = []
    if not found:
        raise refuse("person_unknown", "es", text)
    if len(found) > 1:
        raise refuse("brought_several", "es", text)
    return found[0].id


def _brought(scene: Scene, node: Node) -> ColumnElement[bool]:
    moved = pointers.followed(scene.session, node["es"])
    who = {moved.get(number, number) for number in node["es"]}
    return has_row(scene, Membership.contact_id, Membership.brought_by_id.in_(sorted(who)))


def _since(scene: Scene, node: Node) -> ColumnElement[bool]:
    asked = []
    if "desde" in node:
        asked.append(Contact.created_at >= scene.begins(node["desde"]))
    if "hasta" in node:
        asked.append(Contact.created_at < scene.ends(node["hasta"]))
    return and_(*asked)


_FROM, _TO = Part("desde", Kind.DAY), Part("hasta", Kind.DAY)
OWN = (
    Field("pais", (Part("es", Kind.NAMES, read=_country, needed=True),), _countries),
    Field("ciudad", (Part("es", Kind.NAMES, needed=True),), _cities),
    Field("idioma", (Part("es", Kind.CHOICES, ("es", "en"), needed=True),), _languages),
    Field(
        "red",
        (
            Part("es", Kind.NAMES, read=_network, write=_network_name, offered=_all_networks, needed=True),
            Part("rol", Kind.CHOICES, tuple(ROLES)),
            _FROM,
            _TO,
        ),
        _in_network,
    ),
    Field(
        "consentimiento",
        (
            Part("finalidad", Kind.CHOICES, tuple(map(str, Purpose)), needed=True),
            Part("via", Kind.CHOICES, tuple(map(str, consent.CHANNELS))),
        ),
        _consent,
    ),
    Field(
        "direccion",
        (
            Part("clase", Kind.CHOICES, tuple(map(str, AddressKind))),
            Part("estado", Kind.CHOICES, (*map(str, AddressState), SHARED)),
        ),
        _address,
        some=("clase", "estado"),
    ),
    Field(
        "organizacion",
        (Part("es", Kind.NAMES, read=_organization, write=_organization_name, needed=True),),
        _organizations,
    ),
    Field("trajo", (Part("es", Kind.NAMES, read=_person, write=lambda _s, n: str(n), needed=True),), _brought),
    Field("alta", (_FROM, _TO), _since, some=("desde", "hasta")),
)
register(*OWN)
