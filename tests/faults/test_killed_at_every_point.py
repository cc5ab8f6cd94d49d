"""Killed at every named place of the sending path: by the receiver's own count nothing is lost, nothing comes twice.

A case is one place, one channel, one database. Four processes in a row die there: of SIGKILL and of SIGTERM, the first
time they pass and a later time; a fifth one finishes.
"""

import signal

import pytest
from installation import BATCH, PEOPLE_A_WAVE, THREADS, Installation, Reckoning

from contacts.models import Channel
from outreach import faultpoints

CAMPAIGNS, PEOPLE = 5, 4  # before each death, so that there is always something to do
KILL, TERM = signal.SIGKILL, signal.SIGTERM
#: What webhooks alone pass: a process that serves must be there, and they come in few posts.
HEARING = ("receive", "process")
#: Passed where the sender's key is refused: the campaign is paused, and what its claim has left is given back.
WRONG = ("pause", "put_back")
WAVES = {Channel.EMAIL: BATCH * THREADS, Channel.WHATSAPP: PEOPLE_A_WAVE}  # most rows in flight at one moment


def ends(point: str) -> list[tuple[signal.Signals, int]]:
    """How the processes of a case die."""
    later = 2 if point.startswith(HEARING) else 3
    return [(KILL, 1), (KILL, later), (TERM, 1), (TERM, later)]


def killed_at(point: str, installation: Installation, channel: Channel, *, heard: bool, tally) -> Reckoning:
    """Let four processes die at a place and a fifth finish; hold the receiver's count to the log."""
    simulator = installation.receiver
    # Slow enough for the provider to tell of some while others are still to be sent.
    simulator.fault("latency", method="POST", seconds=0.5 if point.startswith(HEARING) else 0.02)
    if point.startswith(WRONG):
        simulator.fault("status", status=401)
    if not heard:
        simulator.fault("lose")
    installation.people(PEOPLE)
    program, deaths = "serve" if heard else "scheduler", ends(point)
    for number, times in deaths:
        for _ in range(CAMPAIGNS):
            installation.campaign(channel)
        installation.dies(point, times, number, program=program)
        installation.resume()
    if point.startswith(WRONG):
        simulator.clear_faults()
    # Twilio tells once more and never again: what it told while nobody listened is no evidence that came.
    evidence = heard and channel == Channel.EMAIL
    found = installation.comes_to_its_end(heard=evidence, program=program)
    print(f"\n{point} {channel.value}: {found.words}; {installation.in_flight} were in flight")
    tally.add(kills=installation.kills, lost=len(found.lost), twice=len(found.twice), in_doubt=len(found.doubts))
    held(found, installation, len(deaths) * CAMPAIGNS * PEOPLE)
    assert installation.in_flight <= WAVES[channel] * installation.kills
    return found


def held(found: Reckoning, installation: Installation, people: int) -> None:
    """Nobody lost, nobody twice, everybody's row final or in doubt with its reason, no more doubts than calls cut."""
    assert found.twice == ()
    assert found.lost == ()
    assert found.told_otherwise == ()
    assert found.unexplained == ()
    assert found.people == people
    assert found.received + len(found.doubts) >= people
    assert len(found.doubts) <= installation.in_flight


def ways(point: str) -> list[tuple[Channel, bool]]:
    """By which channels, and whether the provider is heard; webhooks are received only by who serves."""
    if point.startswith(HEARING):
        return [(Channel.EMAIL, True), (Channel.WHATSAPP, True)]
    if point.startswith("put_back"):  # of WhatsApp so few are claimed at once that none are left
        return [(Channel.EMAIL, True), (Channel.EMAIL, False)]
    if point.startswith(("call", "outcome")):  # where evidence makes a difference
        return [(channel, heard) for channel in (Channel.EMAIL, Channel.WHATSAPP) for heard in (True, False)]
    return [(Channel.EMAIL, True), (Channel.WHATSAPP, False)]


def cases() -> list[object]:
    """Every place, in the ways that make a difference there."""
    return [
        pytest.param(point, channel, heard, id=f"{point}-{channel.value}-{'heard' if heard else 'unheard'}")
        for point in faultpoints.POINTS
        for channel, heard in ways(point)
    ]


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize(("point", "channel", "heard"), cases())
def test_killed_at_a_place_loses_nobody_and_writes_to_nobody_twice(
    installation, tally, point: str, channel: Channel, heard: bool
) -> None:
    killed_at(point, installation, channel, heard=heard, tally=tally)
