"""What nobody answered: settled by what Twilio shows, twice by what it does not, and else by nobody but a person."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from campaigns import doubts
from campaigns.drafts import ContentDraft
from campaigns.inquiries import Inquiry
from contacts.models import Channel

MESSAGES = "*/Messages.json"


def by_whatsapp(house, **more) -> int:
    content = ContentDraft(template=house.template(), template_values={"1": "{{ nombre }}"})
    return house.campaign(Channel.WHATSAPP, contents=(content,), **more)


def asked(house, delivery: int) -> list[tuple[int, str, str]]:
    """What was asked about a delivery: seconds since the start of the test, what was found, why."""
    with house.platform.reading() as session:
        found = session.scalars(select(Inquiry).where(Inquiry.delivery_id == delivery).order_by(Inquiry.id)).all()
    return [(round((one.asked_at - house.began).total_seconds()), one.found, one.code) for one in found]


@pytest.fixture
def house(house):
    house.began = house.clock.now()
    return house


def test_a_message_that_is_in_twilios_list_was_accepted_though_no_answer_and_no_callback_came(house, cast) -> None:
    cast.person("Ana Jacaranda", whatsapp="+525555550121")
    house.simulator.fault("lose")
    house.simulator.fault("reset", path=MESSAGES, method="POST", accept=True)
    campaign = by_whatsapp(house)
    house.settle(hours=1 / 60)
    assert house.states(campaign) == ["read"] or house.states(campaign) == ["delivered"]
    [row] = house.rows(campaign)
    [message] = house.simulator.messages()
    assert row.provider_id == message.id
    assert [found for _at, found, _code in asked(house, row.id)] == ["present"]


def test_a_message_that_two_lists_lack_goes_again_by_itself_and_comes_once(house, cast) -> None:
    cast.person("Ana Jacaranda", whatsapp="+525555550121")
    house.simulator.fault("reset", path=MESSAGES, method="POST", times=1)
    campaign = by_whatsapp(house)
    house.settle(hours=100 / 3600)
    assert house.states(campaign) == ["in_doubt"]
    assert house.simulator.messages() == []
    house.settle()
    [row] = house.rows(campaign)
    assert row.state in {"delivered", "read"}
    assert list(house.simulator.counts().values()) == [1]
    assert [(at, found) for at, found, _code in asked(house, row.id)][-2:] == [(120, "absent"), (180, "absent")]
