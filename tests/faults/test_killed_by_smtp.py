"""The same by SMTP, where no evidence comes afterwards: a letter in the air stays in doubt, and nobody gets two."""

import signal
from collections.abc import Iterator
from random import Random

import pytest
from installation import BATCH, THREADS, Installation, free_port, until
from mail_servers import ScriptedServer, Step

from outreach.config import Settings

KILL, TERM = signal.SIGKILL, signal.SIGTERM
PLACES = ["claim.committed", "calling.uncommitted", "calling.committed", "call.before", "call.answered"]
PLACES += ["outcome.uncommitted", "outcome.committed"]


@pytest.fixture
def post() -> Iterator[ScriptedServer]:
    """The receiving side: it stays up whatever is killed."""
    server = ScriptedServer()
    yield server
    server.close()


@pytest.fixture
def by_post(settings: Settings, post: ScriptedServer) -> Iterator[Installation]:
    told = {"OUTREACH_SMTP_URL": f"smtp://127.0.0.1:{post.port}/?starttls=no"}
    installation = Installation(settings, post, free_port(), told)
    yield installation
    installation.close()


def nothing_lost_nothing_twice(installation: Installation, tally, people: int) -> int:
    """Let a last process finish, hold the count to the log, and return how many letters are in doubt."""
    found = installation.comes_to_its_end(heard=False)
    print(f"\nby SMTP: {installation.kills} kills, {found.words}; {installation.in_flight} were in flight")
    tally.add(kills=installation.kills, lost=len(found.lost), twice=len(found.twice), in_doubt=len(found.doubts))
    assert (found.lost, found.twice, found.told_otherwise, found.unexplained) == ((), (), (), ())
    assert found.people == people
    assert found.received + len(found.doubts) >= people
    assert len(found.doubts) <= installation.in_flight <= installation.kills * BATCH * THREADS
    return len(found.doubts)


@pytest.mark.faults
@pytest.mark.parametrize("place", PLACES)
def test_killed_at_any_place_of_a_sending(by_post, post, tally, place: str) -> None:
    by_post.people(24)
    by_post.campaign()
    by_post.dies(place, 3, KILL, OUTREACH_THREADS="1")
    in_doubt = nothing_lost_nothing_twice(by_post, tally, 24)
    # Between the mark and the first letter nobody has noted anything yet; afterwards every letter had its answer.
    marked = place in {"calling.committed", "call.before"}
    assert in_doubt == (by_post.in_flight if marked else 0)
    assert by_post.in_flight or not marked
    assert len(post.letters) == 24 - in_doubt


@pytest.mark.faults
@pytest.mark.parametrize("answered", [True, False])
def test_killed_while_the_server_is_answering_for_a_letter(by_post, post, tally, answered: bool) -> None:
    """The moment no mark in a database can tell apart: the letter was taken, or it was not."""
    by_post.people(24)
    by_post.campaign()
    process = by_post.serve(OUTREACH_THREADS="1")

    def rule(step: Step) -> str | None:
        if step.verb == "END" and len(post.letters) >= 9 and process.poll() is None:
            process.send_signal(KILL)
            process.wait(10)
            return None if answered else "close"
        return None

    post.rule = rule
    assert until(lambda: process.poll() is not None, 30), by_post.said()
    by_post.kill(process, KILL)
    post.rule = lambda _step: None
    # That letter alone: what came of those before it was noted, and those behind it had not begun.
    assert nothing_lost_nothing_twice(by_post, tally, 24) == 1
    assert len(post.letters) == (24 if answered else 23)


def killed_at_random(installation: Installation, post: ScriptedServer, tally, *, seed: int, kills: int) -> None:
    """Kill the sending process so often while letters are under way, and let a last one finish."""
    random, people = Random(seed), 24 * kills
    post.rule = lambda step: post.ended.wait(0.03) and None if step.verb == "END" else None
    installation.people(people)
    installation.campaign()
    for _ in range(kills):
        process = installation.begin()
        goal = len(post.letters) + random.randrange(1, 20)
        until(lambda goal=goal: len(post.letters) >= goal, 20)
        installation.kill(process, random.choice([KILL, KILL, TERM]))
    nothing_lost_nothing_twice(installation, tally, people)


@pytest.mark.faults
def test_killed_three_times_at_random(by_post, post, tally) -> None:
    killed_at_random(by_post, post, tally, seed=20250622, kills=3)


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", range(4))
def test_killed_ten_times_at_random(by_post, post, tally, seed: int) -> None:
    killed_at_random(by_post, post, tally, seed=seed, kills=10)
