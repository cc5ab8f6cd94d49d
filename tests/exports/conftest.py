"""People with names and words that files stumble over, and what writes and reads lists of them."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from contacts import networks, segments
from contacts.models import Address, AddressKind, Contact, Organization, Role
from outreach.exports import taking
from outreach.exports.choosing import Chosen
from outreach.exports.taking import Taken, Wish

WHY = "prueba de los archivos"
NASTY = '=HYPERLINK("http://example.org";"Ñandú, «Peña»")'


def fill(platform):
    """Five people: one in no network, one whose name a spreadsheet would run, one with several addresses."""
    now = platform.clock.now()
    with platform.transaction() as session:
        consulate = Organization(name="Consulado; en Chicago, Illinois")
        rows = [
            ("Citlali Jacaranda", "US", "Chicago", ["citlali@example.org", "+13125550142"], consulate),
            (NASTY, "MX", "+Puebla", ["mu\N{LATIN SMALL LETTER N WITH TILDE}oz@example.org"], None),
            ("Eloy Nopal", "ES", "Madrid", ["eloy@example.org", "eloy.nopal@example.net", "+525555550123"], consulate),
            ("Inés Ahuehuete", "US", "Chicago", ["ines@example.org"], None),
            ("-Tonalli Mezquite", "", "", ["tonalli@example.org", "MX.bsuid.77"], None),
        ]
        people = []
        for name, country, city, values, organization in rows:
            contact = Contact(name=name, country=country, city=city, organization=organization, created_at=now)
            for value in values:
                kind = AddressKind.EMAIL if "@" in value else AddressKind.WHATSAPP
                contact.addresses.append(Address(kind=kind, value=value, raw=value))
            if name.startswith("Eloy"):
                contact.addresses.append(Address(kind=AddressKind.PHONE, value="+34910000077", raw="910 000 077"))
            session.add(contact)
            people.append(contact)
        session.flush()
        ruta = networks.ensure(session, "Ruta Chilanga")
        networks.join(session, people[0].id, ruta.id, at=now - timedelta(days=40), role=Role.LEADER)
        networks.join(session, people[1].id, ruta.id, at=now - timedelta(days=40))
        networks.join(session, people[3].id, ruta.id, at=now - timedelta(days=2))
        networks.leave(session, people[1].id, ruta.id, at=now - timedelta(days=10))
        networks.join(session, people[0].id, networks.ensure(session, "Red Voto Chilango").id, at=now)
        wanted = segments.read(session, {"campo": "ciudad", "es": ["Chicago"]})
        segments.create(session, "De Chicago", wanted, at=now, by="maura")


@pytest.fixture
def filled(databases, platform):
    databases.template("exports", fill, platform.clock)
    databases.refill(platform, "exports")
    return platform


@pytest.fixture
def take(filled) -> Callable[..., tuple[Taken, bytes]]:
    """Take a list out; return what is said of it and its bytes."""

    def _take(chosen: Chosen | None = None, whole: bool = True, **wish: object) -> tuple[Taken, bytes]:
        settings = filled.settings
        with filled.reading() as session:
            taken = taking.take(
                session,
                chosen or Chosen(),
                Wish(**{"form": "csv", "why": WHY} | wish),
                who="maura",
                at=filled.clock.now(),
                zone=settings.zone,
                whole=whole,
            )
            return taken, b"".join(taken.chunks)

    return _take


@pytest.fixture
def number(filled) -> Callable[[type, str], int]:
    """The number of a network, an organization or a segment by its name."""

    def _number(model: type, name: str) -> int:
        with filled.reading() as session:
            return session.scalars(select(model.id).where(model.name == name)).one()

    return _number
