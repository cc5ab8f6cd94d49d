"""The breaker of a sender's line: closes it while a provider misbehaves, and lets one letter try when it is time.

Three calls without a clear answer close the line for 30 s, so that a bad hour leaves a few calls in doubt and not an
audience. A provider that asks to wait, or that cannot be reached, closes it for as long as it asked or for 5 s.
Each closing soon after another doubles the time, up to 15 minutes. Then one call of the smallest size is made: its
answer opens the line or closes it again.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import Enum, auto

from sqlalchemy.orm import Session

from campaigns import lines
from campaigns.channels import Outcome, Result
from campaigns.lines import SenderLine
from contacts.models import Channel

STRIKE = 20  # a call without a clear answer; a clear one takes 1 away: one doubt in twenty is borne, no more
MOST_STRIKES = 3 * STRIKE
FIRST_DOUBT = timedelta(seconds=30)
FIRST_WAIT = timedelta(seconds=5)
LONGEST = timedelta(minutes=15)
WELL = 3  # times the last closing, from its begin: who was not closed again by then is well

#: Certainly not accepted, and not for this letter's sake: whoever comes next by this line would hear the same.
LINE_CODES = frozenset(
    {
        "unreachable_provider",
        "rate_limited",
        "queue_full",
        "channel_limit",
        "quota_spent",
        "smtp_later",
        "smtp_untrusted",
    }
)


class State(Enum):
    """What a line lets through."""

    OPEN = auto()
    CLOSED = auto()
    PROBE = auto()  # one letter of one worker


def state(line: SenderLine | None, at: datetime) -> State:
    """Return what a line lets through at a moment."""
    if line is None or line.closed_until is None:
        return State.OPEN
    if line.closed_until > at + LONGEST and (line.closed_at is None or line.closed_at > at):
        return State.PROBE  # the clock was set back: a moment of another time closes nothing
    if line.closed_until > at or (line.probe_until is not None and line.probe_until > at):
        return State.CLOSED
    return State.PROBE


def tells(outcome: Outcome) -> bool:
    """Whether an outcome says something of the line, good or bad, and not of its letter alone."""
    return outcome.code != "held_back"


def note(
    session: Session, channel: Channel, sender: str, calls: Iterable[Outcome], at: datetime, *, probe: bool = False
) -> SenderLine | None:
    """Draw from calls what they say of the line, one outcome a call, in their order.

    Returns the line when this closed or opened it. One in good health is only looked at. `probe`: the call was the
    trial of a closed line.
    """
    told = [outcome for outcome in calls if tells(outcome)]
    if probe and not told:
        end_probe(session, channel, sender)
    troubled = any(_bad(outcome) for outcome in told)
    line = lines.seen(session, channel, sender)
    if not told or (not troubled and not probe and (line is None or not line.strikes)):
        return None
    line = lines.hold(session, channel, sender)
    if line.closed_until is not None and not probe:
        return None  # calls that were under way when it closed
    changed = probe and line.closed_until is not None
    if changed:
        _open(line)
        told = [outcome for outcome in told if _bad(outcome)]
    changed = any(_weigh(line, outcome, at) for outcome in told) or changed
    session.flush()
    return line if changed else None


def _weigh(line: SenderLine, outcome: Outcome, at: datetime) -> bool:
    """Count one answer for or against a line; whether it closed it."""
    if line.closed_until is not None:
        return False
    if outcome.result == Result.UNKNOWN:
        line.strikes += STRIKE
        if line.strikes < MOST_STRIKES:
            return False
        _close(line, outcome, at, _longer(line, FIRST_DOUBT, at))
        return True
    if _bad(outcome):
        asked = outcome.retry_after
        _close(line, outcome, at, _longer(line, FIRST_WAIT, at) if asked is None else timedelta(seconds=asked))
        return True
    line.strikes = max(0, line.strikes - 1)
    return False


def _bad(outcome: Outcome) -> bool:
    return outcome.result == Result.UNKNOWN or (outcome.result == Result.RETRY and outcome.code in LINE_CODES)


def _open(line: SenderLine) -> None:
    """Open a line again; after doubts, one more closes it at once."""
    doubts = line.strikes >= MOST_STRIKES
    line.strikes = MOST_STRIKES - STRIKE if doubts else 0
    line.closed_until = line.probe_until = None


def _longer(line: SenderLine, first: timedelta, at: datetime) -> timedelta:
    """Return how long the next closing lasts: twice as long as the one before, unless the line was well since."""
    before = min(LONGEST, first * 2 ** max(0, min(line.closings - 1, 12)))
    if line.closed_at is not None and at - line.closed_at > WELL * before:
        line.closings = 0
    doubled: timedelta = first * 2 ** min(line.closings, 12)
    return min(LONGEST, doubled)


def _close(line: SenderLine, outcome: Outcome, at: datetime, span: timedelta) -> None:
    line.closed_at, line.closed_until, line.probe_until = at, at + span, None
    line.closings += 1
    line.strikes = max(line.strikes, MOST_STRIKES) if outcome.result == Result.UNKNOWN else line.strikes
    line.reason, line.detail = outcome.code, outcome.detail[:500]


def end_probe(session: Session, channel: Channel, sender: str) -> None:
    """Let another worker try: the letter that was to try the line was not called after all."""
    line = lines.hold(session, channel, sender)
    line.probe_until = None
    session.flush()
