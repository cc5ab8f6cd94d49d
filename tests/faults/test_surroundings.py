"""The machine around a sending fails: the disk is full, somebody locks the database, connections are cut, time is up.

Real processes. Nothing is lost, nothing comes twice, and nobody has to start anything again.
"""

import resource
import signal
import sqlite3
from contextlib import closing
from time import monotonic

import pytest
from installation import BATCH, CALL, THREADS, Installation, until

from contacts.models import Channel

PEOPLE = 60


def sending(installation: Installation, simulator, people: int = PEOPLE, seconds: float = 0.15) -> None:
    """A sending that takes a few seconds, and its beginning."""
    installation.people(people)
    simulator.fault("latency", method="POST", seconds=seconds)
    installation.campaign()


def ends_well(installation: Installation, seconds: float = 90, *, quiet: bool = True) -> None:
    """The same process comes to the end of it: everybody got one, nobody is in doubt."""
    assert until(lambda: installation.settled(heard=True), seconds), installation.said()
    found = installation.reckon()
    assert (found.lost, found.twice, found.told_otherwise, found.doubts) == ((), (), (), ())
    assert found.received == found.people
    assert [process.poll() for process in installation.processes] == [None] * len(installation.processes)
    assert not quiet or "Traceback" not in noted(installation)


def noted(installation: Installation) -> str:
    """What the processes wrote into their notebooks."""
    return "".join(path.read_text(errors="replace") for path in installation.settings.data.rglob("*.log"))


@pytest.mark.faults
@pytest.mark.only_on("sqlite")
def test_a_full_disk_stops_the_sending_until_there_is_room(installation, simulator) -> None:
    sending(installation, simulator)
    process = installation.serve()
    assert until(lambda: len(simulator.counts()) >= BATCH, 30), installation.said()
    _soft, hard = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (4096, hard))  # no file may grow any more
    before = len(simulator.counts())
    assert until(lambda: "not yet written down" in noted(installation), 30), installation.said()
    assert len(simulator.counts()) <= before + 2 * BATCH * THREADS  # what cannot be written down is not begun
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (hard, hard))
    ends_well(installation)


@pytest.mark.long
@pytest.mark.only_on("sqlite")
def test_a_database_that_somebody_locks_for_longer_than_we_wait_loses_nothing(installation, simulator) -> None:
    sending(installation, simulator)
    installation.serve()
    assert until(lambda: len(simulator.counts()) >= BATCH, 30), installation.said()
    with closing(sqlite3.connect(installation.settings.data / "outreach.sqlite3", timeout=30)) as other:
        other.isolation_level = None
        other.execute("BEGIN EXCLUSIVE")
        until(lambda: False, 40)  # a writer of ours waits thirty seconds
        other.execute("ROLLBACK")
    ends_well(installation, 150, quiet=False)  # a webhook that could not be stored was noted, and told again


@pytest.mark.faults
@pytest.mark.only_on("postgresql")
def test_connections_that_are_cut_again_and_again_lose_nothing(databases, installation, simulator) -> None:
    sending(installation, simulator)
    installation.serve()
    name = installation.platform.engine.url.database
    for goal in range(BATCH, PEOPLE, 3 * BATCH):
        assert until(lambda goal=goal: len(simulator.counts()) >= goal, 60), installation.said()
        installation.platform.engine.dispose()
        sessions = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        databases.server.execute(sessions)
    ends_well(installation)


@pytest.mark.faults
def test_two_schedulers_started_by_mistake_send_once_and_the_second_takes_over(installation, simulator) -> None:
    sending(installation, simulator)
    first = installation.serve()
    installation.begin("scheduler")
    assert until(lambda: len(simulator.counts()) >= 2 * BATCH, 60), installation.said()
    installation.end(first, signal.SIGKILL)
    flight = installation.calling()
    assert until(installation.finished, 90), installation.said()
    found = installation.reckon()
    assert (found.lost, found.twice, found.told_otherwise) == ((), (), ())
    assert len(found.doubts) <= max(flight, BATCH * THREADS)
    assert found.received + len(found.doubts) >= PEOPLE


@pytest.mark.faults
@pytest.mark.parametrize("channel", [Channel.EMAIL, Channel.WHATSAPP])
def test_who_is_told_to_end_lets_calls_under_way_end_and_says_what_is_left(
    installation, simulator, channel: Channel
) -> None:
    installation.people(200)
    simulator.fault("latency", method="POST", seconds=1)
    installation.campaign(channel)
    process = installation.serve(OUTREACH_WHATSAPP_RATE="10")
    assert until(lambda: installation.calling() > 0, 60), installation.said()
    began = monotonic()
    assert installation.end(process, signal.SIGTERM) == 0
    assert monotonic() - began < 10
    assert installation.calling() == 0  # each call that was made has its answer in the log
    assert installation.states()["planned"] > 0
    assert set(installation.states()) <= {"planned", "accepted", "delivered", "read"}
    assert f"Quedan {installation.states()['planned']} envíos por hacer" in installation.said()


@pytest.mark.faults
def test_who_is_told_to_end_does_not_wait_for_a_provider_that_says_nothing(installation, simulator) -> None:
    installation.people(20)
    simulator.fault("silence", method="POST", accept=True)
    installation.campaign()
    process = installation.serve(OUTREACH_PROVIDER_TIMEOUT="60")
    assert until(lambda: len(simulator.counts()) >= CALL * THREADS, 60), installation.said()
    began = monotonic()
    assert installation.end(process, signal.SIGTERM) == 0
    assert monotonic() - began < 10
    assert "Quedaron 2 llamadas sin terminar: se revisarán al volver." in installation.said()
    simulator.clear_faults()
    installation.serve()
    ends_well(installation)
