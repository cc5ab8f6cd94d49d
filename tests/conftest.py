"""What every test may ask for: a platform on a fresh database, a clock that stands still, a small cast."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from outreach import i18n
from outreach.clock import VirtualClock
from outreach.config import Settings
from outreach.platform import Platform

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
