"""What every test may ask for: a platform on a fresh database, a clock that stands still, a small cast."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from databases import Databases, Postgres, Sqlite
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from postgres_server import NoPostgres
from sqlalchemy import select
from sqlalchemy.orm import Session
from tally import pytest_terminal_summary
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

# Fixtures of every test, and the line with the fault suite's counts.
__all__ = ["asks_badly", "held_to_the_vendors", "pytest_terminal_summary", "vendors"]

START = datetime(2025, 6, 20, 17, 42, tzinfo=UTC)  # 11:42 in Mexico City, a Friday


class Compiled(BytecodeCache):
    """Page templates compiled once a process: the application is put together anew for each test."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if known := self._kept.get(bucket.key):
            bucket.bytecode_from_string(known)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


Flask.jinja_options = {"bytecode_cache": Compiled()}


@pytest.fixture(autouse=True)
def _spanish() -> Iterator[None]:
    with i18n.speaking("es"):
        yield


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database",
        choices=("both", "sqlite", "postgresql"),
        default="both",
        help="which database the tests that need one run on (default: each of them, one after the other)",
    )


#: What `make test` runs on both databases: all that sends, and what lives by the differences between them. The rest
#: it runs on SQLite, and `make test-postgresql` the same on PostgreSQL.
ON_BOTH = {"faults", "platform", "postgres", "rights", "safekeeping", "sending", "webhooks"}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Whatever asks for a database runs on each; `@pytest.mark.only_on("sqlite")` says what speaks of one alone."""
    if "databases" not in metafunc.fixturenames:
        return
    asked = metafunc.config.getoption("--database")
    kinds = ("sqlite", "postgresql") if asked == "both" else (asked,)
    only = metafunc.definition.get_closest_marker("only_on")
    if only is not None:
        alone = [
            pytest.param(kind, marks=pytest.mark.skipif(kind not in kinds, reason="not asked")) for kind in only.args
        ]
        metafunc.parametrize("databases", alone, indirect=True)
    else:
        room = metafunc.definition.path.relative_to(Path(__file__).parent).parts[0]
        later = [pytest.mark.again] if room not in ON_BOTH and "sqlite" in kinds else []
        marks = {"sqlite": [], "postgresql": later}
        metafunc.parametrize("databases", [pytest.param(kind, marks=marks[kind]) for kind in kinds], indirect=True)


@pytest.fixture(scope="session")
def _kinds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Databases | str]]:
    kinds: dict[str, Databases | str] = {}
    yield kinds
    for kind in kinds.values():
        if isinstance(kind, Databases):
            kind.close()


@pytest.fixture
def databases(
    request: pytest.FixtureRequest,
    _kinds: dict[str, Databases | str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Databases:
    """The databases of one kind; PostgreSQL's server starts with the first test that needs it."""
    name = request.param
    if name not in _kinds:
        try:
            _kinds[name] = {"sqlite": Sqlite, "postgresql": Postgres}[name](tmp_path_factory.mktemp("kinds") / name)
        except NoPostgres as error:
            _kinds[name] = f"PostgreSQL does not run here: {error}"
    kind = _kinds[name]
    if isinstance(kind, str):
        pytest.skip(kind)
    return kind


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(START)


@pytest.fixture
def settings(tmp_path: Path, databases: Databases) -> Iterator[Settings]:
    settings = databases.settings(tmp_path / "var")
    yield settings
    databases.forget(settings)


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
