"""kill -9 and SIGTERM at any moment of a sending: by the receiver's own count nothing is lost, nothing comes twice."""

import signal
from random import Random

import pytest
from installation import BATCH, PEOPLE_A_WAVE, THREADS, Installation, until

from contacts.models import Channel

KILL, TERM = signal.SIGKILL, signal.SIGTERM
#: By seed: which channel, and whether what the provider tells comes back or is lost.
WAYS = [(Channel.EMAIL, True), (Channel.WHATSAPP, True), (Channel.EMAIL, False), (Channel.WHATSAPP, False)]


def killed_at_random(installation: Installation, tally, *, seed: int, kills: int) -> None:
    """Kill the sending process so often, at moments that the seed chooses, and let a last one finish."""
    random, (channel, heard) = Random(seed), WAYS[seed % len(WAYS)]
    people = 24 * kills
    simulator = installation.receiver
    simulator.fault("latency", method="POST", seconds=0.1)
    if not heard:
        simulator.fault("lose")
    installation.people(people)
    installation.campaign(channel)
    for _ in range(kills):
        process = installation.begin("serve" if heard or random.random() < 0.5 else "scheduler")
        # One in five dies while it starts, the others in the middle of what they send.
        goal = len(installation.receiver.counts()) + random.randrange(1, 24)
        patience = random.uniform(0, 1.5) if random.random() < 0.2 else 20
        until(lambda goal=goal: len(installation.receiver.counts()) >= goal, patience)
        installation.kill(process, random.choice([KILL, KILL, TERM]))
    found = installation.comes_to_its_end(heard=heard and channel == Channel.EMAIL)
    print(f"\nseed {seed}, {channel.value}: {kills} kills, {found.words}; {installation.in_flight} were in flight")
    tally.add(kills=installation.kills, lost=len(found.lost), twice=len(found.twice), in_doubt=len(found.doubts))
    assert found.twice == ()
    assert found.lost == ()
    assert found.told_otherwise == ()
    assert found.unexplained == ()
    assert found.people == people
    assert found.received + len(found.doubts) >= people
    assert len(found.doubts) <= installation.in_flight
    assert installation.in_flight <= kills * (BATCH * THREADS if channel == Channel.EMAIL else PEOPLE_A_WAVE)


@pytest.mark.faults
@pytest.mark.parametrize("seed", [20250620, 20250621])
def test_a_sending_killed_three_times_loses_nobody_and_writes_to_nobody_twice(installation, tally, seed: int) -> None:
    killed_at_random(installation, tally, seed=seed, kills=3)


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", range(10))
def test_a_sending_killed_ten_times_loses_nobody_and_writes_to_nobody_twice(installation, tally, seed: int) -> None:
    killed_at_random(installation, tally, seed=seed, kills=10)
