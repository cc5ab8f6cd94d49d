"""A whole house in virtual time for every test here."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from house import House, furnished

from outreach.clock import VirtualClock
from outreach.config import Settings
from outreach.platform import Platform


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
