"""The queue of a server: jobs come with the change that makes work, and neither a lost nor a doubled one does harm."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from time import monotonic
from typing import Any

import psycopg
import pytest
from house import House
from installation import until
from sqlalchemy import text

from campaigns import audience, doubts, planning, stopping
from campaigns.models import Campaign, Delivery, Run
from campaigns.states import DeliveryState
from contacts.errors import Refused
from outreach import keep, presence, queue_schema
from outreach.config import Settings
from outreach.engine import GAP, STEADY, WORKERS
from outreach.patience import Patience
from outreach.platform import Platform
from outreach.workers import QueueWorkers

pytestmark = pytest.mark.only_on("postgresql")
PEOPLE, CHUNK = 20, 7
ELSEWHERE = "otra-máquina:0:1:00000000"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, email_batch=CHUNK)


@pytest.fixture
def platform(house: House) -> Platform:
    return house.platform


@pytest.fixture
def people(cast) -> None:
    for number in range(PEOPLE):
        cast.person(f"Persona {number}", correo=f"p{number}@example.org")


@pytest.fixture
def sql(settings: Settings) -> Callable[..., list[Any]]:
    def _sql(statement: str, *values: object) -> list[Any]:
        with psycopg.connect(settings.database_url.replace("+psycopg", ""), autocommit=True) as connection:
            found = connection.execute(statement, values or None)
            return found.fetchall() if found.description else []

    return _sql


@contextmanager
def working(house: House, threads: int = 2) -> Iterator[None]:
    workers = QueueWorkers(house.engine, threads, Patience(house.platform.engine.url))
    workers.start()
    try:
        yield
    finally:
        left = workers.stop(monotonic() + 8)
    assert left == 0


def waiting(sql) -> list[tuple[Any, ...]]:
    return sql("SELECT args->>'channel', count(*) FROM procrastinate_jobs WHERE status = 'todo' GROUP BY 1 ORDER BY 1")


def received(house: House) -> list[int]:
    return sorted(house.simulator.counts().values())


def test_the_jobs_of_a_run_come_with_its_deliveries_or_not_at_all(house, people, sql) -> None:
    class Stop(Exception):  # noqa: N818
        pass

    house.campaign()
    at = house.clock.now()

    def prepare(fail: bool) -> None:
        with house.platform.transaction() as session:
            audience.prepare(session, session.get_one(Run, 1), at=at, quiet=None)
            session.flush()
            if fail:
                raise Stop

    with pytest.raises(Stop):
        prepare(fail=True)
    assert waiting(sql) == []
    prepare(fail=False)
    assert waiting(sql) == [("correo", 3)]  # 7, 7 and 6 people
    house.engine.tick()
    assert waiting(sql) == [("correo", 3)]


def test_a_resumed_campaign_has_its_jobs_in_the_same_transaction(house, people, sql) -> None:
    number = house.campaign()
    house.engine.tick()
    with house.platform.transaction() as session:
        planning.pause(session, session.get_one(Campaign, number))
    sql("DELETE FROM procrastinate_jobs")
    house.engine.tick()
    assert waiting(sql) == []
    with house.platform.transaction() as session:
        planning.resume(session, session.get_one(Campaign, number))
    assert waiting(sql) == [("correo", 3)]


def test_a_doubt_that_a_person_sends_again_has_its_job_in_the_same_transaction(house, people, sql) -> None:
    house.campaign()
    house.engine.tick()
    sql("DELETE FROM procrastinate_jobs")
    sql("UPDATE delivery SET state = 'in_doubt', reason = 'timeout', called_at = changed_at")
    with house.platform.transaction() as session:
        doubts.decide(session, [1, 2], sent=False, at=house.clock.now())
    assert waiting(sql) == [("correo", 1)]


def test_lost_jobs_are_put_in_again_by_the_next_tick_and_everybody_is_written_to_once(house, people, sql) -> None:
    house.campaign()
    house.engine.tick()
    sql("DELETE FROM procrastinate_jobs")
    house.engine.tick()
    assert waiting(sql) == [("correo", 3)]
    with working(house):
        assert until(lambda: received(house) == [1] * PEOPLE, 30)
        assert until(lambda: sql("SELECT count(*) FROM procrastinate_jobs") == [(0,)], 30)


def test_doubled_jobs_write_to_nobody_twice(house, people, sql) -> None:
    house.campaign()
    house.engine.tick()
    for _ in range(4):
        sql("INSERT INTO procrastinate_jobs (queue_name, task_name, args) SELECT queue_name, task_name, args"
            " FROM procrastinate_jobs")  # fmt: skip
    assert waiting(sql) == [("correo", 48)]
    with working(house, threads=4):
        assert until(lambda: sql("SELECT count(*) FROM procrastinate_jobs") == [(0,)], 30)
    assert received(house) == [1] * PEOPLE


def test_the_job_of_a_worker_that_died_is_taken_up_by_another(house, people, sql) -> None:
    house.campaign()
    house.engine.tick()
    sql("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 minute')")
    sql("UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT max(id) FROM procrastinate_workers)")
    with working(house):
        assert until(lambda: received(house) == [1] * PEOPLE, 30)  # no tick: the jobs themselves are found


def test_what_is_tried_again_later_has_a_job_when_its_time_has_come(house, people, sql) -> None:
    house.simulator.fault("status", status=429, path="/v3/mail/send", times=3)
    house.campaign()
    house.engine.tick()
    house.engine.drain()
    sql("DELETE FROM procrastinate_jobs")
    house.engine.tick()
    assert (waiting(sql), received(house)) == ([], [])
    house.clock.advance(timedelta(hours=1))
    house.engine.tick()
    assert waiting(sql) != []
    house.settle()
    assert received(house) == [1] * PEOPLE


def test_while_everything_is_stopped_no_job_is_put_in(house, people, sql) -> None:
    with house.platform.transaction() as session:
        stopping.stop(session, at=house.clock.now(), by="pruebas", reason="prueba")
    house.campaign()
    house.engine.tick()
    assert waiting(sql) == []
    with house.platform.transaction() as session:
        stopping.resume(session)
    house.engine.tick()
    assert waiting(sql) == [("correo", 3)]


def held_elsewhere(house: House, sql, *, seconds: float) -> None:
    """Let a worker of another machine have called one person and claimed another."""
    house.campaign()
    house.engine.tick()
    sql("DELETE FROM procrastinate_jobs")
    until_then = house.clock.now() + timedelta(hours=1)
    for state, number in ((DeliveryState.CALLING, 1), (DeliveryState.CLAIMED, 2)):
        sql(
            "UPDATE delivery SET state = %s, worker = %s, lease_until = %s, called_at = now() WHERE id = %s",
            state.value, ELSEWHERE, until_then, number,
        )  # fmt: skip
    with house.platform.transaction() as session:
        keep.hold(session, WORKERS + ELSEWHERE, ELSEWHERE, seconds=seconds, at=house.clock.now())


def look(house: House, spans: int) -> list[str]:
    for _ in range(spans):
        house.clock.advance(GAP - timedelta(seconds=1))
        house.engine.tick()
    with house.platform.reading() as session:
        return [session.get_one(Delivery, number).state.value for number in (1, 2)]


def test_what_a_silent_worker_of_another_machine_held_comes_back_before_its_lease_ends(house, people, sql) -> None:
    held_elsewhere(house, sql, seconds=0.05)
    assert until(lambda: sql("SELECT until < clock_timestamp() FROM kept WHERE value = %s", ELSEWHERE) == [(True,)], 5)
    house.clock.advance(GAP * 3)  # after a silence of our own, everybody is looked at anew
    assert look(house, 1) == ["calling", "claimed"]
    assert look(house, STEADY // GAP + 2) == ["in_doubt", "planned"]
    assert waiting(sql) == [("correo", 3)]
    with house.platform.reading() as session:
        assert keep.holders(session, WORKERS, at=house.clock.now()) == {}


def test_a_worker_of_another_machine_that_lives_keeps_what_it_holds_however_long_its_call(house, people, sql) -> None:
    held_elsewhere(house, sql, seconds=600)
    assert look(house, 20) == ["calling", "claimed"]


def test_a_dead_neighbour_is_known_at_once_and_a_live_one_is_not(house, people, sql) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        machine, place, _number, chance = house.engine.worker.split(":")
        neighbour = f"{machine}:{place}:{process.pid}:{chance}"
        held_elsewhere(house, sql, seconds=600)
        sql("UPDATE delivery SET worker = %s WHERE worker = %s", neighbour, ELSEWHERE)
        sql("UPDATE kept SET name = %s, value = %s WHERE value = %s", WORKERS + neighbour, neighbour, ELSEWHERE)
        assert (presence.certainly_dead(neighbour), look(house, 1)) == (False, ["calling", "claimed"])
        process.send_signal(signal.SIGKILL)
        process.wait(10)
        assert (presence.certainly_dead(neighbour), look(house, 1)) == (True, ["in_doubt", "planned"])
    assert not presence.certainly_dead(f"{machine}:otro-lugar:{process.pid}:{chance}")


def test_an_older_queue_is_brought_up_to_date_and_works(house, people, sql, settings) -> None:
    spec = find_spec("procrastinate")
    assert spec is not None
    assert spec.origin is not None
    steps = sorted((Path(spec.origin).parent / "sql" / "migrations").glob("*.sql"))
    for kind in ("TABLE", "FUNCTION", "TYPE"):
        _drop_all(sql, kind)
    older = [step for step in steps if step.stem < "03.02"]
    with psycopg.connect(settings.database_url.replace("+psycopg", ""), autocommit=True) as connection:
        for step in older:
            connection.execute(step.read_text().encode())
    sql("UPDATE kept SET value = %s WHERE name = %s", older[-1].stem, keep.QUEUE_SCHEMA)
    queue_schema.upgrade(house.platform.engine)
    queue_schema.upgrade(house.platform.engine)
    assert sql("SELECT value FROM kept WHERE name = %s", keep.QUEUE_SCHEMA) == [(steps[-1].stem,)]
    house.campaign()
    house.engine.tick()
    assert waiting(sql) == [("correo", 3)]
    with working(house):
        assert until(lambda: received(house) == [1] * PEOPLE, 30)


def _drop_all(sql, kind: str) -> None:
    found = {
        "TABLE": "SELECT tablename FROM pg_tables WHERE tablename LIKE 'procrastinate%'",
        "FUNCTION": "SELECT oid::regprocedure::text FROM pg_proc WHERE proname LIKE 'procrastinate%'",
        "TYPE": "SELECT typname FROM pg_type WHERE typname LIKE 'procrastinate%' AND typtype IN ('e', 'c')",
    }[kind]
    for (name,) in sql(found):
        sql(f"DROP {kind} IF EXISTS {name} CASCADE")


def test_the_queue_of_a_newer_program_is_left_alone(house, sql) -> None:
    sql("UPDATE kept SET value = '99.01.00_01_later' WHERE name = %s", keep.QUEUE_SCHEMA)
    with pytest.raises(Refused) as refused:
        queue_schema.upgrade(house.platform.engine)
    assert [fault.code for fault in refused.value.faults] == ["queue_newer"]
    with house.platform.reading() as session:
        assert session.scalar(text("SELECT count(*) FROM procrastinate_jobs")) == 0
