"""A sending that is killed on one database, moved, and finished on the other: nobody is lost, nobody gets it twice."""

import signal
import subprocess
from dataclasses import replace

import pytest
from installation import PROGRAMS, until

PEOPLE = 60


@pytest.mark.faults
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_run_killed_on_one_database_is_finished_on_the_other(
    settings, empty, databases, simulator, at_work, number: signal.Signals
) -> None:
    first = at_work(settings)
    first.people(PEOPLE)
    simulator.fault("latency", path="/v3/mail/send", seconds=0.05)
    first.campaign()
    process = first.serve()
    assert until(lambda: len(simulator.counts()) >= PEOPLE // 3, 30), first.said()
    first.kill(process, number)
    assert len(simulator.counts()) < PEOPLE
    first.platform.engine.dispose()
    there = empty("postgresql" if databases.name == "sqlite" else "sqlite")
    to = there.database_url or f"sqlite:///{there.data / 'outreach.sqlite3'}"
    command = (PROGRAMS["serve"][0], "db", "copy", "--to", to)
    moved = subprocess.run(command, env=first.environment, capture_output=True, text=True, check=False)
    assert moved.returncode == 0, moved.stderr
    left = subprocess.run(
        PROGRAMS["serve"], env=first.environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert left.returncode == 2, "what was left does not serve any more"
    assert "se mudó" in left.stderr
    second = at_work(replace(settings, database_url=to))
    reckoning = second.comes_to_its_end(heard=True)
    print(f"\nmoved from {databases.name} after {number.name}: {reckoning.words}")
    assert reckoning.people == PEOPLE
    assert reckoning.lost == ()
    assert reckoning.twice == ()
    assert reckoning.told_otherwise == ()
    assert len(reckoning.doubts) <= first.in_flight
    assert reckoning.unexplained == ()
    assert reckoning.received + len(reckoning.doubts) >= PEOPLE
    check = subprocess.run(
        (PROGRAMS["serve"][0], "db", "check"), env=second.environment, capture_output=True, text=True, check=False
    )
    assert check.returncode == 0, check.stdout
