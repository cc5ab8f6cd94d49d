"""A machine that believed for a while that it was tomorrow: what it wrote then holds nobody up for a day."""

from datetime import timedelta
from random import Random

import pytest

from campaigns import claiming
from campaigns.drafts import ContentDraft
from contacts.models import Channel
from outreach.clock import SystemClock
from outreach.engine import Engine

PHONES = [f"+1212555012{n}" for n in (0, 1, 2, 5)]  # for fiction
CALL = {Channel.EMAIL: "/v3/mail/send", Channel.WHATSAPP: "*/Messages.json"}
BOTH = pytest.mark.parametrize("channel", list(CALL))
DAY = timedelta(days=1)


@pytest.fixture
def sending(house, cast):
    """Start a campaign to four people by a channel."""

    def start(channel: Channel) -> int:
        for number, phone in enumerate(PHONES):
            cast.person(f"Persona {number}", correo=f"p{number}@example.org", whatsapp=phone, country="US")
        template = house.template() if channel == Channel.WHATSAPP else ""
        values = {"1": "{{ nombre }}"} if template else {}
        content = ContentDraft(subject="Aviso", text="Hola", template=template, template_values=values)
        campaign = house.campaign(channel, contents=(content,))
        house.engine.tick()
        return campaign

    return start


def everybody_has_one(house, campaign: int) -> bool:
    return sorted(house.simulator.counts().values()) == [1] * len(PHONES) and set(house.states(campaign)) <= {
        "accepted",
        "delivered",
        "read",
    }


@BOTH
def test_who_was_asked_to_wait_for_seconds_does_not_wait_until_tomorrow(house, sending, channel) -> None:
    campaign = sending(channel)
    house.simulator.fault("status", path=CALL[channel], method="POST", status=429, times=8)
    house.clock.advance(DAY)
    house.engine.tick()
    house.engine.drain()
    assert house.simulator.counts() == {}
    house.simulator.clear_faults()
    house.clock.advance(-DAY)
    house.settle(hours=0.5)
    assert everybody_has_one(house, campaign)


@BOTH
def test_what_a_dead_process_claimed_tomorrow_is_sent_today_by_the_next_one(house, sending, channel) -> None:
    campaign = sending(channel)
    tomorrow = house.clock.now() + DAY
    with house.platform.transaction() as session:
        claim = claiming.claim(session, "muerta", at=tomorrow, sizes={channel: 10})
    assert claim is not None
    house.engine = Engine(house.platform, house.engine.carriers, random=Random(3))
    house.settle(hours=0.5)
    assert everybody_has_one(house, campaign)


def test_who_waits_for_a_moment_waits_no_longer_because_the_clock_is_set_back(monkeypatch) -> None:
    clock = SystemClock()
    right = clock.now
    until = right() + timedelta(seconds=0.2)
    back = timedelta(hours=1)
    monkeypatch.setattr(clock, "now", lambda: right() - back)
    began = right()
    monkeypatch.setattr(clock, "now", iter([began, *[began - back] * 50]).__next__)
    clock.wait(until)
    assert right() - began < timedelta(seconds=30)
