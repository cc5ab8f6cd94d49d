"""What a provider does on a bad day, by both channels: everybody gets one, and no more stays in doubt than must."""

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from campaigns.drafts import ContentDraft
from contacts.models import Channel, Membership
from outreach import faultpoints
from outreach.config import Settings

CHANNELS = (Channel.EMAIL, Channel.WHATSAPP)
CALL = {Channel.EMAIL: "/v3/mail/send", Channel.WHATSAPP: "*/Messages.json"}
WENT = {"accepted", "delivered", "read"}
USUAL = [n for n in range(100) if n not in {3, 10, 11, 14, 18, 24, 32, 44, 49, 66, 77, 88, 99}]  # docs/simulator.md
NUMBERS = [f"+1{area}55501{number:02}" for area in (212, 213) for number in USUAL]  # for fiction

BATCH = 10


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Small calls, so that an audience is many of them."""
    return replace(settings, quiet_hours=None, email_batch=BATCH)


def sending(house, cast, channel: Channel, people: int = 8) -> int:
    """So many people, on whichever channel, all in one network."""
    for number, phone in enumerate(NUMBERS[:people]):
        cast.person(f"Persona {number}", correo=f"p{number}@example.org", whatsapp=phone, country="US")
    content = ContentDraft(
        subject="Aviso",
        text="Hola, {{ nombre }}",
        template=house.template() if channel == Channel.WHATSAPP else "",
        template_values={"1": "{{ nombre }}"} if channel == Channel.WHATSAPP else {},
    )
    return house.campaign(channel, contents=(content,))


def everybody_got_one(house, campaign: int) -> bool:
    """By the receiver's count and by the log."""
    states = house.states(campaign)
    return sorted(house.simulator.counts().values()) == [1] * len(states) and set(states) <= WENT


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("retry_after", [None, 45])
def test_who_asks_us_to_wait_is_not_called_before_that_and_everybody_gets_one(
    house, cast, channel: Channel, retry_after: float | None
) -> None:
    told = {} if retry_after is None else {"retry_after": retry_after}
    house.simulator.fault("status", path=CALL[channel], method="POST", status=429, nth=1, **told)
    began = house.clock.now()
    campaign = sending(house, cast, channel)
    house.settle(hours=3)
    assert everybody_got_one(house, campaign)
    last = max(letter.at for letter in house.simulator.messages())
    assert last >= began + timedelta(seconds=retry_after or 5)


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_provider_that_is_down_for_an_hour_gets_everything_afterwards_and_nothing_is_in_doubt(
    house, cast, channel: Channel
) -> None:
    campaign = sending(house, cast, channel)
    house.simulator.stop()
    house.settle(hours=1)
    assert set(house.states(campaign)) == {"planned"}
    house.simulator.start()
    house.settle(hours=3)
    assert everybody_got_one(house, campaign)


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("kind", ["status", "reset"])
def test_an_hour_of_500s_or_resets_leaves_a_few_in_doubt_and_not_the_audience(
    house, cast, channel: Channel, kind: str
) -> None:
    people = 150
    campaign = sending(house, cast, channel, people)
    house.simulator.fault("lose")
    house.simulator.fault(kind, path=CALL[channel], method="POST", **({"status": 500} if kind == "status" else {}))
    house.settle(hours=1)
    calls = house.simulator.core.faults.rules[-1].done
    assert 3 <= calls <= 20
    assert house.states(campaign).count("in_doubt") <= (3 * BATCH + calls if channel == Channel.EMAIL else calls)
    house.simulator.clear_faults()
    house.settle(hours=6)
    received = house.simulator.counts()
    assert set(received.values()) <= {1}
    rows = house.rows(campaign)
    left = {str(row.id) for row in rows if row.state == "in_doubt"}
    assert left.isdisjoint(received)
    assert len(received) + len(left) == people
    if channel == Channel.WHATSAPP:  # its list proves that they were not accepted
        assert left == set()


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_reset_before_acceptance_is_in_doubt_and_not_sent_again_without_proof(house, cast, channel: Channel) -> None:
    house.simulator.fault("reset", path=CALL[channel], method="POST", times=1)
    campaign = sending(house, cast, channel)
    house.settle(hours=48)
    received, states = house.simulator.counts(), house.states(campaign)
    assert set(received.values()) <= {1}
    if channel == Channel.EMAIL:  # nothing proves it
        assert set(states) == {"in_doubt"}
        assert {row.reason for row in house.rows(campaign)} == {"connection_lost"}
    else:
        assert everybody_got_one(house, campaign)


def test_a_slow_provider_whose_answer_nobody_waits_for_has_written_once(house, cast) -> None:
    house.providers.carriers[Channel.EMAIL]._wire._timeout = 0.3
    house.simulator.fault("silence", path=CALL[Channel.EMAIL], accept=True, times=1)
    campaign = sending(house, cast, Channel.EMAIL)
    house.engine.tick()
    house.engine.drain()
    assert {(row.state, row.reason) for row in house.rows(campaign)} == {("in_doubt", "no_answer")}
    house.settle()
    assert everybody_got_one(house, campaign)


def test_one_letter_that_is_too_large_alone_fails_and_the_others_go(house, cast) -> None:
    campaign = sending(house, cast, Channel.EMAIL)
    house.simulator.fault("status", path=CALL[Channel.EMAIL], status=413, address="p2@example.org")
    house.settle(hours=3)
    assert [(row.address, row.reason) for row in house.rows(campaign) if row.state == "failed"] == [
        ("p2@example.org", "too_large")
    ]
    assert sorted(house.simulator.counts().values()) == [1] * 7


def test_who_is_in_two_networks_gets_one(house, cast) -> None:
    with_both = cast.person("Ana Jacaranda", correo="ana@example.org")
    network = cast.network("Ruta Chilanga")
    with house.platform.transaction() as session:
        session.add(Membership(network_id=network, contact_id=with_both, since=house.clock.now()))
    cast.person("Beto Nopal", correo="beto@example.org", network="Ruta Chilanga")
    campaign = house.campaign(Channel.EMAIL, networks=("Red Voto Chilango", "Ruta Chilanga"))
    house.settle()
    assert sorted(letter.to for letter in house.simulator.messages()) == ["ana@example.org", "beto@example.org"]
    assert len(house.rows(campaign)) == 2


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("seed", range(4))
def test_a_clock_that_is_set_back_and_forth_makes_nobody_get_it_twice_or_never(
    house, cast, channel: Channel, seed: int
) -> None:
    random = Random(seed)
    campaign = sending(house, cast, channel)
    start = house.clock.now()
    jumps = iter([random.uniform(-7200, 7200) for _ in range(12)])

    def jump(_place: str) -> None:
        if random.random() < 0.3 and (seconds := next(jumps, None)) is not None:
            house.clock.advance(timedelta(seconds=seconds))

    with faultpoints.heard(jump):
        for _ in range(6):
            house.engine.tick()
            house.engine.drain()
    house.clock.set(max(house.clock.now(), start))
    house.settle(hours=30)
    assert everybody_got_one(house, campaign)
