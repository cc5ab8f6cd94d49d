"""Killed while it asks Twilio about doubts, and while it writes down the answer: each doubt still ends once."""

import signal

import pytest
from installation import until

from contacts.models import Channel
from outreach import faultpoints

PEOPLE = 12
MESSAGES = "*/Messages.json"
QUICK = {"OUTREACH_ABSENCE_SECONDS": "2", "OUTREACH_ABSENCE_AGAIN_SECONDS": "1"}
POINTS = [f"{step}.{when}" for step in faultpoints.ASIDE for when in ("uncommitted", "committed")]


@pytest.mark.long
@pytest.mark.timeout(300)
@pytest.mark.parametrize("point", POINTS)
def test_what_twilio_took_counts_and_what_it_did_not_goes_again_once(installation, tally, point: str) -> None:
    simulator = installation.receiver
    simulator.fault("lose")  # no callback tells anything: only the list does
    simulator.fault("reset", path=MESSAGES, method="POST", accept=True, nth=[1, 4])
    simulator.fault("reset", path=MESSAGES, method="POST", nth=[7, 10])
    installation.environment |= QUICK
    installation.people(PEOPLE)
    installation.campaign(Channel.WHATSAPP)
    for times, number in ((1, signal.SIGKILL), (2, signal.SIGKILL), (1, signal.SIGTERM)):
        installation.dies(point, times, number, program="scheduler")
    process = installation.begin("scheduler")
    assert until(lambda: installation.finished() and not installation.reckon().doubts, 60), installation.said()
    installation.end(process, signal.SIGTERM)
    found = installation.reckon()
    print(f"\n{point}: {found.words}")
    tally.add(kills=installation.kills, lost=len(found.lost), twice=len(found.twice), in_doubt=len(found.doubts))
    assert (found.twice, found.lost, found.told_otherwise, found.doubts) == ((), (), (), ())
    assert found.received == found.people == PEOPLE
