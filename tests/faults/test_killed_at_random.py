"""kill -9 and SIGTERM in the middle of a sending: by the receiver's own count nothing is lost, nothing comes twice."""

import signal
from random import Random

import pytest

PEOPLE = 200


def kills_survived(installation, cast, seed: int, kills: int) -> None:
    """Kill the sending process so often while it sends, let it finish, and hold the receiver's count to the log."""
    random = Random(seed)
    for number in range(PEOPLE):
        cast.person(f"Persona {number}", correo=f"p{number}@example.org")
    installation.simulator.fault("latency", path="/v3/mail/send", seconds=0.08)
    campaign = installation.campaign()
    for _ in range(kills):
        installation.start()
        goal = min(PEOPLE, len(installation.received()) + random.randrange(1, PEOPLE // kills))
        installation.until(lambda goal=goal: len(installation.received()) >= goal)
        installation.end(random.choice([signal.SIGKILL, signal.SIGKILL, signal.SIGTERM]))
    installation.start()
    assert installation.until(lambda: installation.progress(campaign) == "finished", 90), installation.states(campaign)
    received, states = installation.received(), installation.states(campaign)
    twice = {key: count for key, count in received.items() if count > 1}
    doubts = states.get("in_doubt", 0)
    print(f"\nseed {seed}: {kills} kills, {len(received)} received, {len(twice)} twice, {doubts} in doubt, {states}")
    assert twice == {}
    assert len(received) + doubts >= PEOPLE, "lost"
    assert sum(states.values()) == PEOPLE
    assert set(states) <= {"accepted", "delivered", "read", "in_doubt"}


@pytest.mark.faults
@pytest.mark.parametrize("seed", [20250620, 20250627])
def test_a_sending_killed_four_times_loses_nobody_and_writes_to_nobody_twice(installation, cast, seed: int) -> None:
    kills_survived(installation, cast, seed, kills=4)


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", range(20))
def test_a_sending_killed_ten_times_loses_nobody_and_writes_to_nobody_twice(installation, cast, seed: int) -> None:
    kills_survived(installation, cast, seed, kills=10)
