"""A commit that the database made and of which nobody heard: the connection was cut between the two.

Whoever marked letters so has called nobody, and whoever claimed some so does not know it: they go at once all the same,
and are neither in doubt nor left lying until a lease runs out.
"""

import logging
from collections.abc import Iterator
from dataclasses import replace

import pytest
from house import House, furnished
from lossy_wire import LossyWire, lossy
from sqlalchemy.exc import DBAPIError

from campaigns.claiming import LEASE
from campaigns.drafts import ContentDraft
from contacts.models import Channel
from outreach.patience import circumstance

pytestmark = pytest.mark.only_on("postgresql")
PEOPLE = 6
TOLD = {"accepted", "delivered", "read"}
#: What a transaction of each step says to the server, and no other.
SAYS = {"claim": b"SKIP LOCKED", "calling": b"called_at=", "outcome": b"provider_id="}


@pytest.fixture
def wire(databases, request) -> Iterator[LossyWire]:
    """Loses the word on the first transaction of a step."""
    says = SAYS[request.param]
    heard: list[int] = []

    def lose(said: bytes) -> bool:
        if heard or says not in said.replace(b" = ", b"="):
            return False
        heard.append(1)
        return True

    with lossy(databases.server.folder, lose) as wire:
        yield wire


@pytest.fixture
def house(settings, clock, wire) -> Iterator[House]:
    address = settings.database_url.partition("?")[0] + f"?host={wire.folder}"
    with furnished(replace(settings, database_url=address), clock) as house:
        yield house


@pytest.mark.parametrize("wire", list(SAYS), indirect=True)
@pytest.mark.parametrize("channel", [Channel.EMAIL, Channel.WHATSAPP])
def test_what_was_written_and_not_heard_of_goes_on_at_once_and_nobody_is_in_doubt(
    house, cast, wire, channel, clock, caplog
) -> None:
    caplog.set_level(logging.CRITICAL, "outreach")
    for number in range(PEOPLE):
        cast.person(f"Persona {number}", correo=f"p{number}@example.org", whatsapp=f"+52555555015{number}")
    contents = {}
    if channel == Channel.WHATSAPP:
        contents = {"contents": (ContentDraft(template=house.template(), template_values={"1": "{{ nombre }}"}),)}
    campaign = house.campaign(channel, **contents)
    house.engine.tick()
    began = clock.now()
    errors = []
    for _ in range(3):
        try:
            house.engine.drain()
        except DBAPIError as error:
            errors.append(error)
    assert all(circumstance(error, house.platform.engine.url) for error in errors)
    assert wire.lost == 1
    assert set(house.states(campaign)) <= TOLD
    assert clock.now() - began < LEASE
    house.settle()
    assert set(house.states(campaign)) <= TOLD
    assert sorted(house.simulator.counts().values()) == [1] * PEOPLE
