"""What a process says and does when it is told to end in the middle of its work."""

import signal
from time import monotonic

import pytest
from installation import CALL, THREADS, until

from contacts.models import Channel

pytestmark = pytest.mark.faults


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize("program", ["serve", "scheduler"])
def test_sigterm_ends_within_ten_seconds_says_what_was_left_and_the_next_one_does_it(
    installation, simulator, program
) -> None:
    installation.people(60)
    simulator.fault("latency", method="POST", seconds=15)
    process = installation.begin(program)
    installation.campaign()
    assert until(lambda: installation.calling() == THREADS * CALL, 30), installation.said()
    began = monotonic()
    assert installation.end(process, signal.SIGTERM) == 0
    assert monotonic() - began < 10
    said = installation.said()
    assert f"Quedaron {THREADS} llamadas sin terminar: se revisarán al volver." in said
    assert f"Quedan {60 - THREADS * CALL} envíos por hacer: saldrán en cuanto haya quien envíe." in said
    simulator.clear_faults()
    found = installation.comes_to_its_end(heard=True)
    assert (found.lost, found.twice, found.told_otherwise) == ((), (), ())
    assert (found.people, found.received + len(found.doubts)) == (60, 60)
    assert len(found.doubts) <= THREADS * CALL


@pytest.mark.only_on("sqlite")
def test_workers_are_refused_in_words_where_the_database_is_a_file(installation) -> None:
    process = installation.begin("worker")
    assert process.wait(30) == 2
    installation.processes.remove(process)
    assert "«outreach worker» trabaja con PostgreSQL y la base de datos es" in installation.said()


def test_calls_of_one_letter_each_hold_nobody_up_either(installation, simulator) -> None:
    installation.people(60)
    simulator.fault("latency", method="POST", seconds=15)
    process = installation.begin("serve", OUTREACH_PROVIDER_TIMEOUT="600")
    installation.campaign(Channel.WHATSAPP)
    # on the wire, not only marked: what was not yet asked of the provider goes back to be sent
    assert until(lambda: simulator.core.faults.rules[0].done >= 1, 30), installation.said()
    assert until(lambda: installation.calling() >= 24, 30), installation.said()
    began = monotonic()
    assert installation.end(process, signal.SIGTERM) == 0
    assert monotonic() - began < 10
    assert "llamadas sin terminar: se revisarán al volver." in installation.said()
    assert "Traceback" not in installation.said()
