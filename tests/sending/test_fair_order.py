"""Fair order: a small run beside a large one is soon done, priority goes first, who must wait holds up nobody."""

from dataclasses import replace
from datetime import timedelta

import pytest

from campaigns.drafts import ContentDraft
from campaigns.models import Campaign
from contacts.models import Channel
from outreach.config import Settings

CLAIM = 50
LARGE = 600


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, email_batch=CLAIM, whatsapp_budget=1)


def people(cast, count: int, network: str) -> None:
    for number in range(count):
        cast.person(f"Persona {number}", correo=f"{network.lower()}{number}@example.org", network=network)


def left(house, campaign: int) -> int:
    return house.states(campaign).count("planned")


def test_a_small_run_beside_a_large_one_is_done_after_two_claims(house, cast) -> None:
    people(cast, LARGE, "Todas")
    people(cast, 5, "Pocas")
    large = house.campaign(Channel.EMAIL, networks=("Todas",))
    house.engine.tick()
    house.engine.work()
    small = house.campaign(Channel.EMAIL, networks=("Pocas",))
    house.engine.tick()
    house.engine.work()
    house.engine.work()
    assert left(house, small) == 0
    assert left(house, large) >= LARGE - 2 * CLAIM


def test_runs_take_turns(house, cast) -> None:
    names = ("Una", "Otra", "Tercera")
    for name in names:
        people(cast, 3 * CLAIM, name)
    campaigns = [house.campaign(Channel.EMAIL, networks=(name,)) for name in names]
    house.engine.tick()
    for turn in range(1, 4):
        for _claim in names:
            house.clock.advance(timedelta(seconds=1))
            house.engine.work()
        assert [left(house, one) for one in campaigns] == [(3 - turn) * CLAIM] * 3


def test_priority_goes_first(house, cast) -> None:
    people(cast, 3 * CLAIM, "Todas")
    people(cast, 2 * CLAIM, "Urgentes")
    slow = house.campaign(Channel.EMAIL, networks=("Todas",))
    urgent = house.campaign(Channel.EMAIL, networks=("Urgentes",))
    with house.platform.transaction() as session:
        session.get_one(Campaign, urgent).priority = 1
    house.engine.tick()
    house.engine.work()
    house.engine.work()
    assert (left(house, urgent), left(house, slow)) == (0, 3 * CLAIM)


def test_a_run_whose_day_is_spent_holds_up_neither_mail_nor_another_number_of_claims(house, cast) -> None:
    for number in range(40):
        cast.person(f"Persona {number}", whatsapp=f"+5255550{10044 + number * 100}", network="Teléfonos")
    people(cast, CLAIM, "Todas")
    template = ContentDraft(template=house.template(), template_values={"1": "{{ nombre }}"})
    waits = house.campaign(Channel.WHATSAPP, networks=("Teléfonos",), contents=(template,))
    with house.platform.transaction() as session:
        session.get_one(Campaign, waits).priority = 9  # it is asked first every time
    house.engine.tick()
    house.engine.drain()
    assert left(house, waits) == 39
    mail = house.campaign(Channel.EMAIL, networks=("Todas",))
    house.engine.tick()
    assert house.engine.work() is True
    assert left(house, mail) == 0
    assert house.engine.work() is False
