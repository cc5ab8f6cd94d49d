"""Who ticks: one at a time; and where two do by mistake, nothing happens twice."""

from collections.abc import Iterator
from datetime import timedelta
from threading import Thread

import pytest
from house import House
from installation import until
from sqlalchemy import func, select

from campaigns import planning
from campaigns.calendar import Schedule
from campaigns.models import Campaign, Run
from outreach import keep
from outreach.clock import VirtualClock
from outreach.engine import Engine
from outreach.leadership import LEASE, FileLock, Lease
from outreach.platform import Platform

HERE, THERE = "una:0:1:00000001", "otra:0:1:00000002"
SPAN = 15.0


@pytest.fixture
def second(settings, clock) -> Iterator[Platform]:
    """The installation as another machine sees it."""
    platform = Platform(settings, clock)
    yield platform
    platform.close()


def take(platform: Platform, holder: str, clock: VirtualClock, seconds: float = SPAN, after: str = "") -> bool:
    with platform.transaction() as session:
        return keep.hold(session, LEASE, holder, seconds=seconds, at=clock.now(), after=after)


@pytest.mark.only_on("sqlite")
def test_a_lease_is_one_holder_s_until_it_runs_out_or_is_given_back(platform, clock) -> None:
    assert take(platform, HERE, clock)
    assert not take(platform, THERE, clock)
    clock.advance(timedelta(seconds=SPAN - 1))
    assert take(platform, HERE, clock)  # renewed
    clock.advance(timedelta(seconds=SPAN - 1))
    assert not take(platform, THERE, clock)
    clock.advance(timedelta(seconds=2))
    assert take(platform, THERE, clock)
    assert not take(platform, HERE, clock)
    with platform.transaction() as session:
        keep.give_back(session, LEASE, HERE)  # not theirs to give
    assert not take(platform, HERE, clock)
    with platform.transaction() as session:
        keep.give_back(session, LEASE, THERE)
    assert take(platform, HERE, clock)
    assert take(platform, THERE, clock, after=HERE)


@pytest.mark.only_on("sqlite")
def test_a_lease_from_before_the_clock_was_set_back_holds_nobody_up(platform, clock) -> None:
    assert take(platform, HERE, clock)
    clock.advance(timedelta(hours=-3))
    assert take(platform, THERE, clock)
    clock.advance(timedelta(hours=3))
    assert take(platform, HERE, clock)


@pytest.mark.only_on("postgresql")
def test_on_a_server_its_own_clock_decides_whatever_the_machines_say(platform, second, clock) -> None:
    assert take(platform, HERE, clock, seconds=60)
    clock.advance(timedelta(days=30))
    assert not take(second, THERE, clock, seconds=60)
    assert take(platform, HERE, clock, seconds=0.05)
    assert until(lambda: take(second, THERE, clock), 5)


@pytest.mark.only_on("postgresql")
def test_a_lease_is_held_by_one_and_taken_over_at_once_when_it_is_given_back(platform, second, monkeypatch) -> None:
    monkeypatch.setattr("outreach.leadership.ASK_SECONDS", 0)
    one, other = Lease(platform, HERE), Lease(second, THERE)
    assert (one.hold(), other.hold(), one.held, other.held) == (True, False, True, False)
    one.give_back()
    assert (other.hold(), one.hold()) == (True, False)


@pytest.mark.only_on("postgresql")
def test_who_was_suspended_for_longer_than_the_lease_finds_out_before_it_ticks(platform, second, monkeypatch) -> None:
    monkeypatch.setattr("outreach.leadership.ASK_SECONDS", 0)
    monkeypatch.setattr("outreach.leadership.RENEW_SECONDS", 0)
    monkeypatch.setattr("outreach.leadership.LEASE_SECONDS", 0.1)
    suspended, other = Lease(platform, HERE), Lease(second, THERE)
    assert suspended.hold()
    assert until(other.hold, 5)
    monkeypatch.setattr("outreach.leadership.LEASE_SECONDS", 60)
    assert other.hold()
    assert (suspended.hold(), suspended.held) == (False, False)


@pytest.mark.only_on("sqlite")
def test_on_a_file_the_lock_goes_to_the_next_the_moment_it_is_let_go(tmp_path) -> None:
    one, other = FileLock(tmp_path), FileLock(tmp_path)
    assert (one.hold(), one.hold(), other.hold()) == (True, True, False)
    one.give_back()
    assert (other.hold(), one.held) == (True, False)
    other.give_back()


def test_two_schedulers_that_tick_at_once_by_mistake_do_nothing_twice(house: House, cast, clock) -> None:
    for number in range(30):
        cast.person(f"Persona {number}", correo=f"p{number}@example.org")
    when = clock.now() + timedelta(minutes=1)  # whole, as schedules are
    for title in ("Uno", "Dos", "Tres"):
        house.campaign(send=False, title=title, schedule=Schedule(moments=(when.replace(tzinfo=None),)), timezone="UTC")
    with house.platform.transaction() as session:
        for campaign in session.scalars(select(Campaign)):
            planning.schedule(session, campaign, at=clock.now())
    engines = [house.engine, Engine(house.platform, house.engine.carriers)]
    clock.set(when)

    def move(engine: Engine) -> None:
        for _ in range(4):
            engine.tick()
            engine.drain()

    threads = [Thread(target=move, args=(engine,)) for engine in engines]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    house.settle()
    with house.platform.reading() as session:
        assert session.scalar(select(func.count()).select_from(Run)) == 3
    counts = house.simulator.counts()
    assert (len(counts), set(counts.values())) == (90, {1})
