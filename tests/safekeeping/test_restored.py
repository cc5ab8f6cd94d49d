"""A restored installation does not know what was sent after its backup, and sends nothing again by itself."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from house import House
from sqlalchemy import select

from campaigns import doubts, misfires, planning, stopping
from campaigns.calendar import Schedule
from campaigns.models import Campaign, Delivery, Run, WebhookBatch
from campaigns.states import DeliveryState
from outreach import marks
from outreach.config import Settings
from outreach.platform import Platform
from outreach.providers import through
from outreach.safekeeping import backup, checks, restore

PEOPLE = 12


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, email_batch=2)


@pytest.fixture
def again(empty: Callable[[str], Settings], databases, house: House) -> Callable[..., object]:
    """The house that a backup of this one becomes, with the same provider in front of it."""

    @contextmanager
    def restored(file: Path) -> Iterator[House]:
        settings = replace(empty(databases.name), email_batch=2, public_url=house.platform.settings.public_url)
        restore.restore(file, settings, house.clock, by="pruebas")
        platform = Platform(settings, house.clock)
        yield House(platform, through(platform, house.simulator, everything=True), house.clock)
        platform.close()

    return restored


def twice(house: House) -> dict[str, int]:
    return {key: count for key, count in house.simulator.counts().items() if count > 1}


def crowd(cast) -> None:
    for number in range(PEOPLE):
        cast.person(f"Persona {number}", correo=f"p{number}@example.org")


def at(moment: datetime) -> Schedule:
    """Once, at a moment, in Mexico City's wall time."""
    return Schedule(moments=(moment.astimezone(ZoneInfo("America/Mexico_City")).replace(tzinfo=None),))


def let_go(house: House) -> None:
    with house.platform.transaction() as session:
        stopping.resume(session)
        for campaign in session.scalars(select(Campaign).where(Campaign.pause_reason == "restored")):
            planning.resume(session, campaign)


def test_what_was_sent_after_the_backup_is_in_doubt_and_goes_to_nobody_twice(house, cast, backup_file, again) -> None:
    crowd(cast)
    campaign = house.campaign()
    house.engine.tick()
    assert house.engine.work()  # two of twelve
    backup.write(house.platform, backup_file)
    while len(house.simulator.counts()) < PEOPLE - 4:  # killed for good with four left to send
        house.engine.work()
    reached = set(house.simulator.counts())
    with again(backup_file) as other:
        other.settle()
        assert twice(house) == {}
        assert set(house.simulator.counts()) == reached, "nothing left by itself"
        doubtful = [row for row in other.rows(campaign) if row.state == DeliveryState.IN_DOUBT]
        assert {(row.reason, row.worker) for row in doubtful} == {("restored", "")}
        assert len(doubtful) == PEOPLE - 2
        assert all(row.called_at for row in doubtful)
        with other.platform.reading() as session:
            one = session.get_one(Campaign, campaign)
            assert (one.state.value, one.pause_reason) == ("paused", "restored")
            switch = stopping.stopped(session)
            assert switch is not None
            assert "respaldo" in switch.reason
        let_go(other)
        other.settle()
        assert set(house.simulator.counts()) == reached, "what is in doubt waits for a person"
        sent = [row.id for row in doubtful if str(row.id) in reached]
        missing = [row.id for row in doubtful if str(row.id) not in reached]
        with other.platform.transaction() as session:
            doubts.decide(session, sent, sent=True, at=house.clock.now())
            doubts.decide(session, missing, sent=False, at=house.clock.now())
        other.settle()
        assert set(house.simulator.counts()) == {str(row.id) for row in other.rows(campaign)}
        assert twice(house) == {}
        assert other.state(campaign) == "finished"
        answers = checks.check(other.platform.engine, house.clock.now(), "America/Mexico_City")
        assert [answer.code for answer in answers if not answer.holds] == []


def test_a_campaign_that_began_after_the_backup_does_not_begin_again(house, cast, backup_file, again) -> None:
    crowd(cast)
    soon = house.clock.now() + timedelta(minutes=10)
    later = house.clock.now() + timedelta(days=3)
    campaigns = []
    for moment in (soon, later):
        number = house.campaign(send=False, schedule=at(moment))
        with house.platform.transaction() as session:
            planning.schedule(session, session.get_one(Campaign, number), at=house.clock.now())
        campaigns.append(number)
    backup.write(house.platform, backup_file)
    house.settle(hours=2)
    assert len(house.simulator.counts()) == PEOPLE
    house.clock.set(soon + timedelta(hours=3))
    with again(backup_file) as other:
        with other.platform.transaction() as session:
            stopping.resume(session)
        other.settle()
        assert len(house.simulator.counts()) == PEOPLE
        assert twice(house) == {}
        assert [other.state(number) for number in campaigns] == ["paused", "scheduled"]


def test_what_waits_for_a_later_moment_waits_on(house, cast, backup_file, again) -> None:
    crowd(cast)
    campaign = house.campaign()
    house.engine.tick()
    with house.platform.transaction() as session:
        for row in session.scalars(select(Delivery)):
            row.due_at = house.clock.now() + timedelta(days=1)
    backup.write(house.platform, backup_file)
    with again(backup_file) as other:
        assert set(other.states(campaign)) == {"planned"}
        let_go(other)
        other.settle(hours=30)
        assert len(house.simulator.counts()) == PEOPLE
        assert twice(house) == {}


def test_what_was_being_called_stays_in_doubt_from_the_moment_of_its_call(house, cast, backup_file, again) -> None:
    crowd(cast)
    campaign = house.campaign()
    house.engine.tick()
    called = house.clock.now() - timedelta(minutes=1)
    with house.platform.transaction() as session:
        for row in session.scalars(select(Delivery)):
            row.state, row.worker, row.called_at = DeliveryState.CALLING, "otro", called
            row.lease_until = house.clock.now() + timedelta(minutes=1)
    backup.write(house.platform, backup_file)
    with again(backup_file) as other:
        rows = other.rows(campaign)
        assert {(row.state.value, row.reason, row.called_at, row.lease_until) for row in rows} == {
            ("in_doubt", "restored", called, None)
        }


def test_what_a_provider_tells_afterwards_settles_the_doubt(house, cast, backup_file, again) -> None:
    crowd(cast)
    campaign = house.campaign()
    house.engine.tick()
    backup.write(house.platform, backup_file)
    house.engine.drain()
    assert len(house.simulator.counts()) == PEOPLE
    with again(backup_file) as other:
        assert set(other.states(campaign)) == {"in_doubt"}
        house.simulator.deliver(house.clock.now() + timedelta(hours=1))  # to the door that both share
        hand_over(house, other)
        assert "in_doubt" not in other.states(campaign)


def hand_over(house: House, other: House) -> None:
    """Bring what the provider told the old house to the new one, as it would have told it there."""
    with house.platform.reading() as session:
        told = session.scalars(select(WebhookBatch)).all()
    with other.platform.transaction() as session:
        for batch in told:
            session.add(
                WebhookBatch(kind=batch.kind, body=batch.body, query=batch.query, received_at=batch.received_at)
            )
    other.engine.tick()


def test_a_number_that_is_given_out_again_hears_nothing_of_its_first_owner(house, cast, backup_file, again) -> None:
    crowd(cast)
    backup.write(house.platform, backup_file)
    gone = house.campaign()  # deliveries that the backup does not know, and which were delivered
    house.settle()
    assert set(house.states(gone)) == {"delivered"}
    with again(backup_file) as other:
        let_go(other)
        anew = other.campaign()
        assert anew == gone
        other.engine.tick()
        assert [row.id for row in other.rows(anew)] == [row.id for row in house.rows(gone)]
        hand_over(house, other)
        assert set(other.states(anew)) == {"planned"}, "nobody has written to these people yet"
        other.settle()
        assert set(house.simulator.counts().values()) == {2}, "once for each of two deliveries of one number"
        assert set(other.states(anew)) <= {"accepted", "delivered"}


def test_a_backup_restored_twice_has_two_marks(house, cast, backup_file, again) -> None:
    crowd(cast)
    house.campaign()
    house.engine.tick()
    backup.write(house.platform, backup_file)
    told = []
    for _twice in range(2):
        with again(backup_file) as other, other.platform.reading() as session:
            told.append((marks.mark(session), marks.older(session)))
    with house.platform.reading() as session:
        first = marks.mark(session)
    assert len({first, *(mark for mark, _older in told)}) == 3
    assert all(older == [(first, PEOPLE)] for _mark, older in told)


def wait_for(house: House, number: int) -> None:
    with house.platform.transaction() as session:
        planning.schedule(session, session.get_one(Campaign, number), at=house.clock.now())


def held(house: House) -> list[int]:
    with house.platform.reading() as session:
        return [run.campaign_id for run in misfires.waiting(session)]


def decide(house: House, word) -> None:
    with house.platform.transaction() as session:
        for run in misfires.waiting(session):
            word(session, session.get_one(Run, run.id))


def whole(house: House) -> bool:
    answers = checks.check(house.platform.engine, house.clock.now(), "America/Mexico_City")
    return [answer.code for answer in answers if not answer.holds] == []


def daily_from(moment: datetime) -> Schedule:
    return Schedule(start=moment.astimezone(ZoneInfo("America/Mexico_City")).replace(tzinfo=None), rule="FREQ=DAILY")


@pytest.mark.parametrize("late", ["send", "skip", "ask"])
@pytest.mark.parametrize("first", ["word", "resume"])
def test_what_went_out_by_its_date_after_the_backup_goes_again_only_by_a_persons_word(
    house, cast, backup_file, again, late, first
) -> None:
    crowd(cast)
    soon = house.clock.now() + timedelta(minutes=10)
    once = house.campaign(send=False, schedule=at(soon), when_late=late)
    daily = house.campaign(send=False, schedule=daily_from(soon), when_late=late)
    for number in (once, daily):
        wait_for(house, number)
    started = house.campaign(when_late=late)  # «send now», and not a letter of it was written yet
    backup.write(house.platform, backup_file)
    house.settle(hours=2)
    assert len(house.simulator.counts()) == 3 * PEOPLE
    house.clock.set(soon + timedelta(hours=2))
    before = len(house.simulator.messages())
    with again(backup_file) as other:
        assert sorted(held(other)) == [once, daily, started]
        assert {other.state(number) for number in (once, daily, started)} == {"paused"}
        assert whole(other)
        if first == "resume":
            let_go(other)
        other.settle()
        assert len(house.simulator.messages()) == before, "whatever was resumed, nobody has said that it should go"
        with other.platform.transaction() as session:
            for run in misfires.waiting(session):
                word = planning.release if run.campaign_id == daily else planning.drop
                word(session, session.get_one(Run, run.id))
        if first == "word":
            let_go(other)
        other.settle()
        assert len(house.simulator.messages()) == before + PEOPLE, "one of three was to go"
        assert [other.state(number) for number in (once, started, daily)] == ["finished", "finished", "scheduled"]
        assert len(other.rows(daily)) == PEOPLE
        assert whole(other)
        other.settle(hours=24)
        assert len(house.simulator.messages()) == before + 2 * PEOPLE, "the dates to come come by themselves"


def test_a_campaign_in_pause_may_have_been_resumed_after_the_backup(house, cast, backup_file, again) -> None:
    crowd(cast)
    soon = house.clock.now() + timedelta(minutes=10)
    number = house.campaign(send=False, schedule=at(soon))
    wait_for(house, number)
    with house.platform.transaction() as session:
        planning.pause(session, session.get_one(Campaign, number))
    backup.write(house.platform, backup_file)
    with house.platform.transaction() as session:
        planning.resume(session, session.get_one(Campaign, number))
    house.settle(hours=2)
    before = len(house.simulator.messages())
    house.clock.set(soon + timedelta(hours=2))
    with again(backup_file) as other:
        let_go(other)
        with other.platform.transaction() as session:
            planning.resume(session, session.get_one(Campaign, number))
        other.settle()
        assert len(house.simulator.messages()) == before
        decide(other, planning.drop)
        assert other.state(number) == "finished"
        assert whole(other)
