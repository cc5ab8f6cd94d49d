"""A house in virtual time, and databases of both kinds: what is kept of one is brought back to either."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from databases import Databases, Postgres, Sqlite
from house import House, furnished
from installation import Installation, free_port
from postgres_server import NoPostgres

from outreach import database
from outreach.clock import VirtualClock
from outreach.config import Settings
from outreach.platform import Platform
from outreach.safekeeping import rows
from outreach.safekeeping.copying import table_names
from outreach.simulator import Simulator

KINDS: Mapping[str, type[Databases]] = {"sqlite": Sqlite, "postgresql": Postgres}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Daytime everywhere: quiet hours have tests of their own."""
    return replace(settings, quiet_hours=None)


@pytest.fixture
def house(settings: Settings, clock: VirtualClock) -> Iterator[House]:
    with furnished(settings, clock) as house:
        yield house


@pytest.fixture
def platform(house: House) -> Platform:
    """The platform that the house and the cast share."""
    return house.platform


@pytest.fixture(scope="session")
def _numbers() -> Iterator[int]:
    return count(1)


@pytest.fixture
def empty(
    _kinds: dict[str, Databases | str], _numbers: Iterator[int], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Settings]]:
    """Settings over a new data folder and a database of a kind in which there is nothing at all."""
    given: list[tuple[Databases, Settings]] = []

    def made(kind: str) -> Settings:
        if kind not in _kinds:
            try:
                _kinds[kind] = KINDS[kind](tmp_path_factory.mktemp("kinds") / kind)
            except NoPostgres as error:
                _kinds[kind] = f"PostgreSQL does not run here: {error}"
        databases = _kinds[kind]
        if isinstance(databases, str):
            pytest.skip(databases)
        url = databases.server.create(f"empty_{next(_numbers)}") if isinstance(databases, Postgres) else ""
        data = tmp_path_factory.mktemp("data")
        settings = replace(Settings.read({"OUTREACH_DATA": str(data), "DATABASE_URL": url}), quiet_hours=None)
        given.append((databases, settings))
        return settings

    yield made
    for databases, settings in given:
        databases.forget(settings)


@pytest.fixture
def everything() -> Callable[[Settings], dict[str, rows.Told]]:
    """What each table of an installation holds: rows and fingerprint."""

    def told(settings: Settings) -> dict[str, rows.Told]:
        engine = database.connect(settings.database)
        with engine.connect().execution_options(writes=False) as connection:
            found = {name: rows.tally(connection, name) for name in table_names()}
        engine.dispose()
        return found

    return told


@pytest.fixture
def backup_file(tmp_path: Path) -> Path:
    return tmp_path / "respaldo.zip"


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    """The receiving side: it stays up whatever is killed."""
    with Simulator(seed=7) as simulator:
        yield simulator


@pytest.fixture
def at_work(simulator: Simulator) -> Iterator[Callable[[Settings], Installation]]:
    """An installation over these settings, which sends to the simulator."""
    opened: list[Installation] = []

    def made(settings: Settings) -> Installation:
        port = free_port()
        simulator.sendgrid_webhook = f"http://127.0.0.1:{port}/webhooks/sendgrid"
        told = {
            "SENDGRID_API_KEY": simulator.sendgrid_api_key,
            "SENDGRID_WEBHOOK_KEY": simulator.sendgrid_public_key,
            "OUTREACH_SENDGRID_URL": simulator.url,
        }
        opened.append(Installation(settings, simulator, port, told))
        return opened[-1]

    yield made
    for installation in opened:
        installation.close()
