"""The 24 hours of a WhatsApp number: who may be written to first, when the rest follows, and who costs nothing."""

from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from campaigns import budget, lines
from campaigns.budget import Conversation, Wish
from campaigns.drafts import ContentDraft
from contacts.models import Channel
from outreach.config import Settings

LIMIT = 5
MESSAGES = "*/Messages.json"
DAY = timedelta(hours=24)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, whatsapp_budget=LIMIT)


def people(cast, count: int, first: int = 0) -> list[int]:
    return [
        cast.person(f"Persona {number}", whatsapp=f"+5255550{10044 + number * 100}")
        for number in range(first, first + count)
    ]


def by_phone(house, **values) -> int:
    template = ContentDraft(template=house.template(), template_values={"1": "{{ nombre }}"})
    return house.campaign(Channel.WHATSAPP, contents=(template,), **values)


def opened(house) -> Iterator[tuple[datetime, set[str]]]:
    """Each moment at which somebody was written to, and who was within the 24 hours up to it."""
    written = sorted((text.at, text.to) for text in house.simulator.core.store.texts() if not text.inbound)
    for moment, _to in written:
        yield moment, {to for at, to in written if moment - DAY < at <= moment}


def test_a_run_that_does_not_fit_goes_on_each_day_by_itself_and_no_24_hours_hold_more(house, cast) -> None:
    people(cast, 12)
    campaign = by_phone(house)
    begin = house.clock.now()
    house.settle(hours=1)
    assert len(house.simulator.counts()) == LIMIT
    assert house.states(campaign).count("planned") == 7
    house.settle(hours=60)
    assert house.clock.now() < begin + timedelta(hours=61)
    assert len(house.simulator.counts()) == 12
    assert set(house.simulator.counts().values()) == {1}
    assert max(len(within) for _moment, within in opened(house)) == LIMIT
    days = defaultdict(int)
    for moment, _within in opened(house):
        days[(moment - begin) // DAY] += 1
    assert dict(days) == {0: 5, 1: 5, 2: 2}


def test_who_was_written_to_today_costs_nothing_more(house, cast) -> None:
    people(cast, LIMIT)
    by_phone(house)
    house.settle(hours=1)
    second = by_phone(house, title="Otro aviso")
    house.settle(hours=1)
    assert set(house.states(second)) <= {"delivered", "read"}


def test_who_wrote_to_us_costs_nothing(house, cast) -> None:
    people(cast, LIMIT + 2)
    campaign = by_phone(house)
    house.settle(hours=1)
    late = [row for row in house.rows(campaign) if row.state == "planned"]
    house.simulator.inbound(late[-1].address, "¿Dónde voto?")
    house.settle(hours=1)
    assert [row.state == "planned" for row in house.rows(campaign) if row.id in {one.id for one in late}] == [
        True,
        False,
    ]


def test_a_letter_that_was_not_taken_gives_its_place_back_and_one_in_doubt_keeps_it(house, cast) -> None:
    people(cast, LIMIT + 3)
    house.simulator.fault("status", path=MESSAGES, method="POST", status=400, times=2)
    house.simulator.fault("status", path=MESSAGES, method="POST", status=500, times=1)
    campaign = by_phone(house)
    house.settle(hours=1)
    states = house.states(campaign)
    assert states.count("failed") == 2
    assert states.count("planned") == 1
    with house.platform.reading() as session:
        kept = session.scalar(select(func.count()).select_from(Conversation))
        line = lines.seen(session, Channel.WHATSAPP, house.platform.settings.whatsapp_sender)
        assert line is not None
        assert kept == line.opened == LIMIT


def test_mail_is_not_held_up_by_a_number_whose_day_is_spent(house, cast) -> None:
    people(cast, LIMIT + 4)
    cast.person("Ana", correo="ana@example.org", network="Correos")
    by_phone(house)
    house.settle(hours=1)
    mail = house.campaign(Channel.EMAIL, networks=("Correos",))
    house.settle(hours=1)
    assert set(house.states(mail)) <= {"delivered", "read"}


def test_a_number_whose_day_is_spent_is_not_asked_again_and_again(house, cast) -> None:
    people(cast, LIMIT + 4)
    by_phone(house)
    house.settle(hours=1)
    assert house.engine.work() is False
    moment = house.engine.next_due()
    assert moment is not None
    assert moment > house.clock.now()


def test_workers_at_once_never_open_more_than_the_limit(platform) -> None:
    at = platform.clock.now()

    def worker(number: int) -> int:
        taken = 0
        for turn in range(10):
            with platform.transaction() as session:
                line = lines.hold(session, Channel.WHATSAPP, "+525555550100")
                wishes = [Wish(number * 100 + turn * 3 + one, f"+52{number}{turn}{one}") for one in range(3)]
                taken += len(budget.admit(session, line, 50, wishes, at))
        return taken

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(worker, range(4))) == 50
    with platform.reading() as session:
        assert session.scalar(select(func.count()).select_from(Conversation)) == 50


def test_places_come_free_when_24_hours_have_passed_and_not_before(platform) -> None:
    at = platform.clock.now()
    for moment, number, expected in ((at, 1, 1), (at + DAY, 2, 0), (at + budget.WINDOW, 3, 1)):
        with platform.transaction() as session:
            line = lines.hold(session, Channel.WHATSAPP, "+525555550100")
            assert len(budget.admit(session, line, 1, [Wish(number, f"+52{number}")], moment)) == expected


def test_a_place_is_given_back_unless_somebody_wrote_to_the_same_person_since(platform) -> None:
    at = platform.clock.now()
    with platform.transaction() as session:
        line = lines.hold(session, Channel.WHATSAPP, "+525555550100")
        first = budget.admit(session, line, 1, [Wish(1, "+521")], at)[1]
        second = budget.admit(session, line, 1, [Wish(2, "+521")], at)[2]
        assert first is not None
        assert second is not None
        budget.give_back(session, line, [first])
        assert line.opened == 1
        budget.give_back(session, line, [second])  # it found the first one's place, and leaves it as it was
        assert line.opened == 1
        budget.give_back(session, line, [first])
        assert line.opened == 0


@pytest.mark.parametrize(
    ("told", "limit"),
    [
        ({}, 0),
        ({"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "x"}, 250),
        ({"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "x", "OUTREACH_WHATSAPP_BUDGET": "0"}, 0),
        ({"OUTREACH_WHATSAPP_BUDGET": "2000"}, 2000),
    ],
)
def test_a_real_account_begins_with_250_and_the_simulator_without_a_limit(told, limit) -> None:
    assert Settings.read(told).conversations == limit
