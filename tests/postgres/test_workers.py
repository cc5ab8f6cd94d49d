"""Real processes beside each other on one server: workers, schedulers, pages; killed, stopped, cut off."""

import signal
from random import Random
from time import monotonic

import psycopg
import pytest
from installation import BATCH, CALL, THREADS, until
from postgres_server import PostgresServer

from outreach import keep
from outreach.leadership import LEASE

pytestmark = [pytest.mark.only_on("postgresql"), pytest.mark.faults]
PEOPLE, WORKERS, KILLS = 300, 4, 5
KILL, TERM = signal.SIGKILL, signal.SIGTERM


def leader(installation) -> str:
    """The number of the process that ticks; "" while nobody does."""
    with installation.platform.reading() as session:
        held = keep.holder(session, LEASE)
    return held.split(":")[2] if held else ""


def jobs(installation) -> int:
    """How many jobs there are, waiting or being done."""
    with psycopg.connect(installation.settings.database_url.replace("+psycopg", "")) as connection:
        return connection.execute("SELECT count(*) FROM procrastinate_jobs").fetchone()[0]


def written(installation) -> str:
    """What the processes wrote on their terminals."""
    return installation._log.read_text(errors="replace")


@pytest.mark.parametrize("seed", [20250620])
def test_four_workers_and_their_scheduler_killed_lose_nobody_and_write_to_nobody_twice(
    installation, simulator, tally, seed
) -> None:
    random = Random(seed)
    installation.people(PEOPLE)
    simulator.fault("latency", method="POST", seconds=0.15)
    installation.begin("pages")
    processes = {number: installation.begin("worker") for number in range(WORKERS)}
    processes[WORKERS] = installation.begin("scheduler")
    installation.campaign()
    for kill in range(KILLS):
        goal = (kill + 1) * PEOPLE // (KILLS + 2)
        assert until(lambda goal=goal: len(simulator.counts()) >= goal, 60), installation.said()
        which = random.randrange(WORKERS + 1)
        installation.kill(processes[which], KILL)
        processes[which] = installation.begin("scheduler" if which == WORKERS else "worker")
    assert until(lambda: installation.settled(heard=True), 90), installation.said()
    found = installation.reckon()
    print(f"\nseed {seed}: {WORKERS} workers, {KILLS} kills, {found.words}; {installation.in_flight} were in flight")
    tally.add(kills=installation.kills, lost=len(found.lost), twice=len(found.twice), in_doubt=len(found.doubts))
    assert (found.lost, found.twice, found.told_otherwise, found.unexplained) == ((), (), (), ())
    assert found.people == PEOPLE
    assert found.received + len(found.doubts) == PEOPLE
    assert len(found.doubts) <= KILLS * THREADS * BATCH
    assert until(lambda: jobs(installation) == 0, 30)


def test_of_two_schedulers_one_ticks_and_the_other_takes_over(installation, simulator) -> None:
    first, second = installation.begin("scheduler"), installation.begin("scheduler")
    assert until(lambda: leader(installation) in {str(first.pid), str(second.pid)}, 30)
    for number in (KILL, TERM, signal.SIGSTOP):
        one = first if leader(installation) == str(first.pid) else second
        other = second if one is first else first
        gone = monotonic()
        one.send_signal(number)
        assert until(lambda other=other: leader(installation) == str(other.pid), 30), "not within thirty seconds"
        print(f"\n{number.name}: taken over after {monotonic() - gone:.1f} s")
        if number != signal.SIGSTOP:
            installation.end(one, number)
            first, second = other, installation.begin("scheduler")
    one.send_signal(signal.SIGCONT)  # it was suspended like a machine, and believes that it still ticks
    installation.people(20)
    installation.campaign()
    assert until(installation.finished, 60), installation.said()
    assert leader(installation) == str(other.pid)
    assert set(simulator.counts().values()) == {1}


def test_a_worker_that_is_told_to_end_does_so_within_ten_seconds_and_says_what_it_left(installation, simulator) -> None:
    installation.people(100)
    scheduler, worker = installation.begin("scheduler", OUTREACH_THREADS="1"), installation.begin("worker")
    simulator.fault("latency", method="POST", seconds=12)
    installation.campaign()
    assert until(lambda: installation.calling() == (1 + THREADS) * CALL, 30), installation.said()
    began = monotonic()
    assert installation.end(worker, TERM) == 0
    assert monotonic() - began < 10
    said = installation.said()
    assert "Quedaron 2 llamadas sin terminar: se revisarán al volver." in said
    assert "envíos por hacer: saldrán en cuanto haya quien envíe." in said
    began = monotonic()
    assert installation.end(scheduler, TERM) == 0
    assert monotonic() - began < 10
    simulator.clear_faults()
    for program in ("pages", "scheduler", "worker"):
        installation.begin(program)
    assert until(lambda: installation.settled(heard=True), 90), installation.said()
    assert set(simulator.counts().values()) == {1}


def test_processes_survive_a_server_that_goes_and_comes_back(databases, settings, simulator, installation) -> None:
    server: PostgresServer = databases.server
    installation.people(60)
    simulator.fault("latency", method="POST", seconds=0.3)
    running = [installation.begin(program) for program in ("pages", "scheduler", "worker", "worker")]
    installation.campaign()
    assert until(lambda: len(simulator.counts()) > BATCH, 60), installation.said()
    installation.platform.engine.dispose()
    server.stop()
    assert until(lambda: "Se sigue intentando" in written(installation), 30)
    server.start()
    assert until(lambda: installation.settled(heard=True), 90), installation.said()
    assert [process.poll() for process in running] == [None] * 4
    found = installation.reckon()
    assert (found.lost, found.twice, found.received) == ((), (), 60)
    assert "Traceback" not in written(installation)
