"""The settings may point anywhere: the same count at a receiver that is none of ours, by the addresses it saw."""

import base64
import signal
from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from installation import BATCH, PEOPLE_A_WAVE, THREADS, Installation, free_port, numbers
from standin import Standin

from contacts.models import Channel
from outreach.config import Settings

PEOPLE = 48
ADDRESSES = {
    Channel.EMAIL: [f"p{number}@example.org" for number in range(PEOPLE)],
    Channel.WHATSAPP: [f"whatsapp:{number}" for number in numbers(PEOPLE)],
}


@pytest.fixture
def standin() -> Iterator[Standin]:
    with Standin() as standin:
        yield standin


@pytest.fixture
def elsewhere(settings: Settings, standin: Standin) -> Iterator[Installation]:
    """An installation whose two providers are somewhere else, below paths of their own."""
    public = ec.generate_private_key(ec.SECP256R1()).public_key()
    told = {
        "SENDGRID_API_KEY": "SG.ninguna",
        "SENDGRID_WEBHOOK_KEY": base64.b64encode(
            public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        ).decode(),
        "OUTREACH_SENDGRID_URL": f"{standin.url}/mail",
        "TWILIO_ACCOUNT_SID": f"AC{0:032x}",
        "TWILIO_AUTH_TOKEN": "ninguna",
        "OUTREACH_TWILIO_URL": f"{standin.url}/phone",
    }
    installation = Installation(settings, standin, free_port(), told)
    yield installation
    installation.close()


@pytest.mark.faults
@pytest.mark.parametrize("channel", ADDRESSES)
def test_any_receiver_counts_each_address_once_whatever_was_killed(elsewhere, standin, tally, channel) -> None:
    elsewhere.people(PEOPLE)
    elsewhere.campaign(channel)
    elsewhere.dies("outcome.committed", 1, signal.SIGKILL, program="scheduler")
    if channel == Channel.EMAIL:
        elsewhere.dies("claim.committed", 2, signal.SIGKILL)
        elsewhere.dies("outcome.committed", 3, signal.SIGTERM)
    found = elsewhere.comes_to_its_end(heard=False, program="scheduler")
    tally.add(kills=elsewhere.kills, lost=len(found.lost), twice=len(found.twice), in_doubt=len(found.doubts))
    assert standin.strange == []
    assert max(standin.by_address.values()) == 1
    wave = BATCH * THREADS if channel == Channel.EMAIL else PEOPLE_A_WAVE
    assert len(found.doubts) <= elsewhere.in_flight <= elsewhere.kills * wave
    assert set(standin.by_address) <= set(ADDRESSES[channel])
    assert len(standin.by_address) + len(found.doubts) >= PEOPLE
    assert (found.lost, found.twice, found.told_otherwise, found.unexplained) == ((), (), (), ())
