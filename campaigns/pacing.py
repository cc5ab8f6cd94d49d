"""Pace: so many people a second, at most, for everybody who sends by one line, exact at the moment of release.

Time is cut into slots. A slot is one moment at which up to `size` people are written to, and slots stand at least
`every` apart; a little more than their number in a second would ask for, so that a letter may be released up to
`LATEST` after its moment and no window of one second ever holds more than the rate. Whoever is later than that has
lost the slot and takes another: late letters never bunch up.

Slots are handed out when they are near (`AHEAD`), not when work is found: a worker that dies loses a tenth of a
second, and what is marked «calling» is about to be called. Near enough to be exact, far enough for a slow commit.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from campaigns.lines import SenderLine

GUARD = 1.012  # slots of a second last this long: the reserve for lateness; 98.8 % of the rate is used
LATEST = timedelta(milliseconds=10)  # after its slot a letter must not leave any more
SOONEST = timedelta(milliseconds=15)  # from taking a slot to its moment: a commit and a thread that wakes
AHEAD = timedelta(milliseconds=100)  # slots are handed out this long before their moment
SPAN = timedelta(milliseconds=75)  # and so much of them at once
STEPPED = timedelta(seconds=10)  # a slot further ahead than this was handed out before the clock was set back
RECOVERY = timedelta(seconds=1)  # the window: after it nothing that left before counts any more


@dataclass(frozen=True, slots=True)
class Pace:
    """How many people share a moment, and how far apart the moments are."""

    size: int
    every: timedelta

    @property
    def wave(self) -> int:
        """How many letters of a call each are taken at once."""
        return max(1, int(SPAN / self.every)) * self.size


def each_letter(rate: int) -> Pace:
    """Return the pace of a sender with one call a letter: `rate` moments a second, one person each."""
    return Pace(1, timedelta(seconds=GUARD / rate))


def each_call(rate: int, most: int) -> Pace:
    """Return the pace of a sender with up to `most` people a call: few moments a second, whole calls.

    Of the numbers of moments that make such calls, the one that wastes least of the rate.
    """
    fewest = ceil(rate / most)
    moments = max(range(fewest, fewest + 8), key=lambda count: (count * (rate // count), -abs(count - 4)))
    return Pace(rate // moments, timedelta(seconds=GUARD / moments))


def take(
    line: SenderLine, pace: Pace, wanted: int, at: datetime, *, soonest: timedelta = SOONEST, together: bool = False
) -> list[datetime]:
    """Hand out up to `wanted` places, one a person, each with its moment; none when it is too early (see `turn`).

    The caller holds the line. `together`: all of one moment, for a single call.
    """
    _mend(line, pace, at)
    ahead = at + max(AHEAD, soonest * 2)
    places: list[datetime] = []
    while len(places) < wanted:
        moment = line.slot_at
        if moment is None or moment < at + soonest or line.slot_used >= pace.size:
            if places and together:
                break
            moment = max(at + soonest, line.slot_at + pace.every) if line.slot_at else at + soonest
            if moment > ahead + (SPAN if places else timedelta()):
                break
            line.slot_at, line.slot_used = moment, 0
        many = min(pace.size - line.slot_used, wanted - len(places))
        line.slot_used += many
        places += [moment] * many
    return places


def turn(line: SenderLine, pace: Pace, at: datetime) -> datetime:
    """Return when it is worth asking again, after `take` gave nothing."""
    return max(at, (line.slot_at or at) + pace.every - AHEAD)


def stepped(line: SenderLine, pace: Pace, at: datetime) -> bool:
    """Whether only a clock that was set back since explains how far away the next slot is."""
    return line.slot_at is not None and line.slot_at > at + STEPPED + 2 * pace.every


def _mend(line: SenderLine, pace: Pace, at: datetime) -> None:
    """Forget a moment of the future that only a clock set back explains; wait until nothing counts any more."""
    if stepped(line, pace, at):
        line.slot_at, line.slot_used = at + RECOVERY, pace.size
