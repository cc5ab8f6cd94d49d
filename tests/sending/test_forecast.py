"""When a campaign will have left: what the page and the terminal say is what then happens."""

from dataclasses import replace
from datetime import timedelta

import pytest

from campaigns import budget, forecast
from campaigns.drafts import ContentDraft
from campaigns.forecast import Forecast
from campaigns.models import Campaign
from contacts.models import Channel
from outreach.config import Settings


@pytest.fixture
def settings(settings: Settings, request: pytest.FixtureRequest) -> Settings:
    return replace(settings, whatsapp_budget=request.node.callspec.params["limit"], whatsapp_rate=10)


def told(house, campaign: int) -> Forecast | None:
    settings = house.platform.settings
    with house.platform.reading() as session:
        return forecast.of(
            session,
            session.get_one(Campaign, campaign),
            settings.senders,
            limit=settings.conversations,
            rate=settings.whatsapp_rate,
            at=house.clock.now(),
        )


def by_phone(house, cast, count: int) -> int:
    for number in range(count):
        cast.person(f"Persona {number}", whatsapp=f"+5255550{10044 + number * 100}")
    template = ContentDraft(template=house.template(), template_values={"1": "{{ nombre }}"})
    campaign = house.campaign(Channel.WHATSAPP, contents=(template,))
    house.engine.tick()
    return campaign


@pytest.mark.parametrize(("limit", "days"), [(3, 3), (4, 2), (5, 1), (12, 0), (0, 0)])
def test_the_day_that_is_told_is_the_day_on_which_the_last_one_leaves(house, cast, limit, days) -> None:
    campaign = by_phone(house, cast, 10)
    begin = house.clock.now()
    before = told(house, campaign)
    assert before is not None
    assert before.limit == (limit if days else 0)
    assert (before.at - begin) // budget.WINDOW == days
    house.engine.drain()
    between = told(house, campaign)
    house.settle(hours=100)
    last = max(row.called_at for row in house.rows(campaign))
    assert before.at - last < timedelta(minutes=1)
    if between is not None:
        assert abs(between.at - last) < timedelta(minutes=1)
    assert told(house, campaign) is None


@pytest.mark.parametrize("limit", [0])
def test_a_small_run_beside_a_large_one_is_not_told_to_wait_for_all_of_it(house, cast, limit) -> None:
    by_phone(house, cast, 60)
    cast.person("Ana", whatsapp="+525555999944", network="Otras")
    template = ContentDraft(template=house.template(), template_values={"1": "{{ nombre }}"})
    small = house.campaign(Channel.WHATSAPP, contents=(template,), networks=("Otras",))
    house.engine.tick()
    found = told(house, small)
    assert found is not None
    assert found.at - house.clock.now() < timedelta(seconds=1)
