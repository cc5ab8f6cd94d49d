"""Real processes that are killed for real, against a receiver that stays up and counts; and a house in virtual time."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from house import House, furnished
from installation import Installation, free_port
from tally import tally

from outreach.clock import VirtualClock
from outreach.config import Settings
from outreach.platform import Platform
from outreach.simulator import Simulator

__all__ = ["tally"]  # a fixture of every test here


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


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    """The receiving side: it stays up whatever is killed."""
    with Simulator(seed=7) as simulator:
        yield simulator


@pytest.fixture
def installation(settings: Settings, simulator: Simulator) -> Iterator[Installation]:
    """An installation that sends both channels to the simulator, which tells back what became of them."""
    port = free_port()
    simulator.sendgrid_webhook = f"http://127.0.0.1:{port}/webhooks/sendgrid"
    simulator.twilio_inbound = f"http://127.0.0.1:{port}/webhooks/twilio/inbound"
    told = {
        "SENDGRID_API_KEY": simulator.sendgrid_api_key,
        "SENDGRID_WEBHOOK_KEY": simulator.sendgrid_public_key,
        "OUTREACH_SENDGRID_URL": simulator.url,
        "TWILIO_ACCOUNT_SID": simulator.twilio_sid,
        "TWILIO_AUTH_TOKEN": simulator.twilio_token,
        "OUTREACH_TWILIO_URL": simulator.url,
    }
    installation = Installation(settings, simulator, port, told)
    yield installation
    installation.close()
