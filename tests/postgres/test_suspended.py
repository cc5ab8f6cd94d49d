"""A process that is suspended in the middle of a transaction: the server takes its rows from it, and others go on."""

import logging
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from installation import until
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from campaigns import lines
from contacts.models import Channel
from outreach import database, faultpoints
from outreach.patience import circumstance
from outreach.queue import Runner

pytestmark = pytest.mark.only_on("postgresql")
SENDER = "votochilango@example.org"
PEOPLE = 6
_OTHERS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND xact_start IS NOT NULL "
    "AND pid <> pg_backend_pid()"
)
_IDLE = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction' "
    "AND now() - state_change > interval '2 s'"
)


@pytest.fixture(autouse=True)
def _soon(monkeypatch):
    """A second instead of ten: what is tested is that there is a limit, and what happens then."""
    limit = f"{database.HESITATION_SECONDS}s"
    assert limit in database.BOUND
    monkeypatch.setattr(database, "BOUND", database.BOUND.replace(f"timeout = '{limit}'", "timeout = '1s'"))


def hold(platform) -> str:
    with platform.transaction() as session:
        return lines.hold(session, Channel.EMAIL, SENDER).sender


def test_who_holds_a_line_and_says_nothing_is_cut_off_and_another_goes_on(platform) -> None:
    hold(platform)
    platform.engine.dispose()
    with platform.sessions() as suspended, ThreadPoolExecutor(1) as other:
        lines.hold(suspended, Channel.EMAIL, SENDER)
        assert other.submit(hold, platform).result(30) == SENDER
        with pytest.raises(DBAPIError) as woken:
            suspended.execute(text("SELECT 1"))
        found = circumstance(woken.value, platform.engine.url)
        assert found is not None
        assert found.code == "database_unreachable"
    assert hold(platform) == SENDER  # it goes on with a new connection


@pytest.mark.parametrize("step", ["claim", "calling", "outcome"])
def test_a_worker_that_wakes_without_its_transaction_loses_nobody_and_writes_to_nobody_twice(
    house, cast, step, caplog
) -> None:
    caplog.set_level(logging.CRITICAL, "outreach")
    for number in range(PEOPLE):
        cast.person(f"Persona {number}", correo=f"p{number}@example.org")
    campaign = house.campaign(Channel.EMAIL)
    house.engine.tick()
    house.platform.engine.dispose()
    slept: list[int] = []
    errors: list[DBAPIError] = []

    def sleep(place: str) -> None:
        if place != f"{step}.uncommitted" or slept:
            return
        with house.platform.engine.connect() as connection:
            others = text(_OTHERS)
            assert connection.scalar(others), "it is in no transaction"
            slept.append(1)

            def gone() -> bool:
                connection.rollback()
                return not connection.scalar(others)

            assert until(gone, 30), "the server let it be"

    with faultpoints.heard(sleep):
        for _ in range(3):
            try:
                house.engine.drain()
            except DBAPIError as error:
                errors.append(error)
    assert slept
    assert all(circumstance(error, house.platform.engine.url) for error in errors)
    house.settle()
    assert sorted(house.simulator.counts().values()) == [1] * PEOPLE
    assert set(house.states(campaign)) <= {"accepted", "delivered", "read"}


def test_what_takes_its_time_says_so_and_is_let_be(platform) -> None:
    platform.engine.dispose()
    with database.alone(platform.engine), platform.engine.connect() as watch:
        idle = text(_IDLE)

        def still() -> bool:
            found = watch.scalar(idle)
            watch.rollback()
            return bool(found)

        assert until(still, 30), "its lock was taken from it"


def test_the_connections_of_the_queue_are_bounded_too(platform) -> None:
    runner = Runner(platform.engine.url, lambda _channel: None, 1)
    for word, value in database.OUR_SIDE.items():
        assert f"{word}={value}" in runner._address
    with psycopg.connect(runner._address) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
