"""The pace of a sender is kept by the database: several threads, workers and runs share one allowance."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from campaigns import lines, pacing
from campaigns.drafts import ContentDraft
from contacts.models import Channel
from outreach import faultpoints
from outreach.clock import SystemClock
from outreach.config import Settings

RATE = 200


@pytest.fixture
def settings(settings: Settings, request: pytest.FixtureRequest) -> Settings:
    rate = request.node.callspec.params.get("rate", 80)
    return replace(settings, whatsapp_rate=rate, email_rate=rate)


def test_workers_at_once_are_never_given_more_places_than_the_rate(platform) -> None:
    pace, clock = pacing.each_letter(RATE), SystemClock()

    def worker(_number: int) -> list:
        taken: list = []
        while len(taken) < 60:
            with platform.transaction() as session:
                line = lines.hold(session, Channel.WHATSAPP, "+525555550100")
                places = pacing.take(line, pace, 7, clock.now())
                turn = pacing.turn(line, pace, clock.now())
            taken += places
            if not places:
                clock.wait(turn)
        return taken

    with ThreadPoolExecutor(4) as pool:
        moments = sorted(moment for taken in pool.map(worker, range(4)) for moment in taken)
    assert len(set(moments)) == len(moments) >= 240
    second = timedelta(seconds=1)
    assert max(sum(begin <= one < begin + second for one in moments) for begin in moments) <= RATE


@pytest.mark.parametrize("rate", [10, 0])
def test_everybody_is_written_to_at_any_rate_also_where_time_stands_still(house, cast, rate) -> None:
    assert house.platform.settings.whatsapp_rate == rate
    for number in range(30):
        cast.person(f"Persona {number}", correo=f"p{number}@example.org", whatsapp=f"+5255550{10044 + number * 100}")
    template = ContentDraft(template=house.template(), template_values={"1": "{{ nombre }}"})
    phone = house.campaign(Channel.WHATSAPP, contents=(template,))
    mail = house.campaign(Channel.EMAIL)
    house.settle()
    assert set(house.simulator.counts().values()) == {1}
    assert len(house.simulator.counts()) == 60
    assert set(house.states(phone)) | set(house.states(mail)) <= {"delivered", "read"}


def test_only_what_is_about_to_be_called_is_marked(house, cast) -> None:
    marked: list[int] = []

    def look(place: str) -> None:
        if place == "call.before":
            marked.append(house.states(campaign).count("calling"))

    for number in range(60):
        cast.person(f"Persona {number}", whatsapp=f"+5255550{10044 + number * 100}")
    template = ContentDraft(template=house.template(), template_values={"1": "{{ nombre }}"})
    campaign = house.campaign(Channel.WHATSAPP, contents=(template,))
    house.engine.tick()
    with faultpoints.heard(look):
        house.engine.drain()
    assert len(marked) == 60
    assert max(marked) <= house.providers.carriers[Channel.WHATSAPP].in_flight


def test_an_engine_that_is_to_end_does_not_wait_for_its_turn(house, cast) -> None:
    for number in range(5):
        cast.person(f"Persona {number}", correo=f"p{number}@example.org")
    campaign = house.campaign(Channel.EMAIL)
    house.engine.tick()
    house.engine.stopping.set()
    house.engine.drain()
    assert set(house.states(campaign)) == {"planned"}
    assert house.simulator.counts() == {}
