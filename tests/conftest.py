"""What every test may ask for: a platform on a fresh database, a clock that stands still, a small cast."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from vendor_specs import asks_badly, held_to_the_vendors, vendors

from contacts import addresses, consent
from contacts.models import (
    Address,
    AddressKind,
    Contact,
    Decision,
    Membership,
    Network,
    NetworkKind,
)
from outreach import i18n
from outreach.clock import VirtualClock
from outreach.config import Settings
from outreach.platform import Platform

__all__ = ["asks_badly", "held_to_the_vendors", "vendors"]  # fixtures of every test

START = datetime(2025, 6, 20, 17, 42, tzinfo=UTC)  # 11:42 in Mexico City, a Friday


@pytest.fixture(autouse=True)
def _spanish() -> Iterator[None]:
    with i18n.speaking("es"):
        yield


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the schema in it, made once a process and copied for each test."""
    folder = tmp_path_factory.mktemp("migrated")
    Platform(Settings.read({"OUTREACH_DATA": str(folder)})).close()
    return folder / "outreach.sqlite3"


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(START)


@pytest.fixture
def settings(tmp_path: Path, migrated: Path) -> Settings:
    data = tmp_path / "var"
    data.mkdir()
    shutil.copy(migrated, data / "outreach.sqlite3")
    return Settings.read({"OUTREACH_DATA": str(data)})


@pytest.fixture
def platform(settings: Settings, clock: VirtualClock) -> Iterator[Platform]:
    platform = Platform(settings, clock)
    yield platform
    platform.close()


class Cast:
    """Brings fictional people and networks into a platform's database."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    def person(
        self,
        name: str,
        *,
        correo: str = "",
        whatsapp: str = "",
        network: str = "Red Voto Chilango",
        consents: bool = True,
        language: str = "es",
        timezone: str = "America/Mexico_City",
        country: str = "MX",
        city: str = "",
    ) -> int:
        """Add one person, with consent to everything unless said otherwise; return the contact's id."""
        now = self._platform.clock.now()
        with self._platform.transaction() as session:
            contact = Contact(
                name=name, country=country, city=city, timezone=timezone, language=language, created_at=now
            )
            if correo:
                contact.addresses.append(Address(kind=AddressKind.EMAIL, value=correo, raw=correo))
            if whatsapp:
                value, region = addresses.phone(whatsapp, country)
                contact.addresses.append(Address(kind=AddressKind.WHATSAPP, value=value, raw=whatsapp, region=region))
            session.add(contact)
            session.flush()
            if network:
                session.add(Membership(network_id=self._network(session, network).id, contact_id=contact.id, since=now))
            if consents:
                consent.record(
                    session, contact.id, "*", "*", Decision.GRANTED, source="formulario de prueba", at=now, by="pruebas"
                )
            return contact.id

    def network(self, name: str, kind: NetworkKind = NetworkKind.LIST) -> int:
        """Make sure that a network exists; return its id."""
        with self._platform.transaction() as session:
            return self._network(session, name, kind).id

    @staticmethod
    def _network(session: Session, name: str, kind: NetworkKind = NetworkKind.LIST) -> Network:
        network = session.scalar(select(Network).where(Network.name == name))
        if network is None:
            network = Network(name=name, kind=kind)
            session.add(network)
            session.flush()
        return network


@pytest.fixture
def cast(platform: Platform) -> Cast:
    return Cast(platform)
