"""A machine that was suspended between the mark and the call: others took over meanwhile, and it must not call."""

from datetime import timedelta
from random import Random

import pytest

from campaigns import doubts, recovery
from campaigns.drafts import ContentDraft
from contacts.models import Channel
from outreach import faultpoints
from outreach.engine import Engine

PHONES = [f"+1212555012{n}" for n in (0, 1, 2, 5)]  # for fiction


@pytest.mark.parametrize("channel", [Channel.EMAIL, Channel.WHATSAPP])
def test_who_slept_for_minutes_after_its_mark_does_not_call_what_another_sent_meanwhile(house, cast, channel) -> None:
    for number, phone in enumerate(PHONES):
        cast.person(f"Persona {number}", correo=f"p{number}@example.org", whatsapp=phone, country="US")
    template = house.template() if channel == Channel.WHATSAPP else ""
    content = ContentDraft(
        subject="Aviso",
        text="Hola",
        template=template,
        template_values={"1": "{{ nombre }}"} if template else {},
    )
    campaign = house.campaign(channel, contents=(content,))
    house.engine.tick()
    other = Engine(house.platform, house.engine.carriers, random=Random(8), name="otra")
    slept: list[int] = []

    def sleep(place: str) -> None:
        if place != "calling.committed" or slept:
            return
        slept.append(1)
        house.clock.advance(timedelta(minutes=5))
        with house.platform.transaction() as session:
            recovery.sweep(session, at=house.clock.now())
        left = [row.id for row in house.rows(campaign) if row.state == "in_doubt"]
        assert left, "nothing was marked"
        with house.platform.transaction() as session:
            doubts.decide(session, left, sent=False, at=house.clock.now())
        other.drain()

    with faultpoints.heard(sleep):
        house.engine.drain()
    assert slept
    house.settle()
    assert sorted(house.simulator.counts().values()) == [1] * len(PHONES)
    assert set(house.states(campaign)) <= {"accepted", "delivered", "read"}
