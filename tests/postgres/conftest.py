"""An installation on a server, real processes beside each other, a receiver that counts; and a house by hand."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from house import House, furnished
from installation import Installation, free_port
from tally import tally

from outreach.clock import VirtualClock
from outreach.config import Settings
from outreach.simulator import Simulator

__all__ = ["tally"]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Daytime everywhere: quiet hours have tests of their own."""
    return replace(settings, quiet_hours=None)


@pytest.fixture
def house(settings: Settings, clock: VirtualClock) -> Iterator[House]:
    """A house in virtual time, on the database that `platform` speaks to as well."""
    with furnished(settings, clock) as house:
        yield house


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    """The receiving side: it stays up whatever is killed."""
    with Simulator(seed=7) as simulator:
        yield simulator


@pytest.fixture
def installation(settings: Settings, simulator: Simulator) -> Iterator[Installation]:
    """An installation that sends to the simulator, which tells back what became of it."""
    port = free_port()
    simulator.sendgrid_webhook = f"http://127.0.0.1:{port}/webhooks/sendgrid"
    installation = Installation(
        settings,
        simulator,
        port,
        {
            "SENDGRID_API_KEY": simulator.sendgrid_api_key,
            "SENDGRID_WEBHOOK_KEY": simulator.sendgrid_public_key,
            "OUTREACH_SENDGRID_URL": simulator.url,
            "TWILIO_ACCOUNT_SID": simulator.twilio_sid,
            "TWILIO_AUTH_TOKEN": simulator.twilio_token,
            "OUTREACH_TWILIO_URL": simulator.url,
        },
    )
    yield installation
    installation.close()
