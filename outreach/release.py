"""The moment of release: whoever wants to call waits here for a turn, and is marked «calling» when it is near.

One short transaction sees that sending is allowed, that the line is open, that the pace and the 24 hours have room,
and sets the mark. So all of it is exact at the moment of release, whatever other workers and processes do.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Event

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from campaigns import breaker, budget, claiming, lines, pacing, recovery, stopping
from campaigns.breaker import State
from campaigns.budget import Opened, Wish
from campaigns.channels import Carrier, LetterCarrier
from campaigns.claiming import Claim, Claimed
from campaigns.lines import SenderLine
from campaigns.pacing import Pace
from contacts.models import Channel
from outreach.clock import Clock
from outreach.config import Settings
from outreach.patience import insist
from outreach.platform import Platform

MOST_TURNS = 8  # a letter that was late for so many of its moments goes back and is claimed again later
FRESH = timedelta(seconds=45)  # a call begins so soon after its mark, or not at all: who sleeps is taken for dead
UNPACED = 16  # letters of a call each that are marked at once where there is no rate

Meanwhile = Callable[[datetime], None]  # wait until a moment, or until everything ends


@dataclass(frozen=True, slots=True)
class Turn:
    """Rows that are marked «calling», each with the moment at which it may leave (None: at once)."""

    rows: tuple[Claimed, ...]
    moments: tuple[datetime | None, ...]
    marked: datetime  # no later than the mark was committed
    asked: int  # how many of the rows, from the first, had this turn: who is not among `rows` may not leave now
    opened: dict[int, Opened] = field(default_factory=dict)  # by delivery: what goes back if it is not accepted


def pace(settings: Settings, carrier: Carrier) -> Pace | None:
    """Return the pace of a way out; None where no rate is set."""
    mail = carrier.channel == Channel.EMAIL
    rate = settings.email_rate if mail else settings.whatsapp_rate
    if not rate:
        return None
    if isinstance(carrier, LetterCarrier):
        return pacing.each_letter(rate)
    return pacing.each_call(rate, min(carrier.batch_size, carrier.in_flight))


def sizes(settings: Settings, carriers: Sequence[Carrier]) -> dict[Channel, int]:
    """Return how many people a claim takes of each way: what leaves in a fifth of a second, or a whole call."""
    found = {}
    for carrier in carriers:
        own = pace(settings, carrier)
        most = carrier.batch_size
        if own and isinstance(carrier, LetterCarrier):
            most = min(most, max(1, int(timedelta(seconds=0.25) / own.every)))
        elif own:
            most = min(most, own.size)
        found[carrier.channel] = most
    return found


class Releases:
    """Gives turns to the letters of one worker."""

    def __init__(self, platform: Platform, worker: str, stopping_: Event) -> None:
        self._platform = platform
        self._clock: Clock = platform.clock
        self._settings = platform.settings
        self._worker = worker
        self._ending = stopping_
        self._senders = platform.settings.senders
        self.held = claiming.lease(platform.settings.provider_timeout)

    def sender(self, claim: Claim) -> str:
        """Return who sends a claim."""
        return self._senders.of(claim.channel, claim.account)

    def next(self, claim: Claim, carrier: Carrier, rows: Sequence[Claimed], meanwhile: Meanwhile) -> Turn | None:
        """Wait for a turn of some of these rows, the first ones, and mark them; None when none may leave now.

        None: everything is stopped, the line was closed, or the process is to end.
        """
        own = pace(self._settings, carrier)
        together = not isinstance(carrier, LetterCarrier)
        at = self._clock.now()
        while not self._ending.is_set():
            wait = self._early(claim, own, at)
            if wait is None:
                at = max(at, self._clock.now())
                try:
                    with self._platform.transaction("calling") as session:
                        found = self._turn(session, claim, own, rows, at, together=together)
                except DBAPIError:  # the mark may have been written, and its word was lost: nobody is called by it
                    self.give_back(claim, [row.delivery_id for row in rows], marked=at)
                    raise
                if not isinstance(found, datetime):
                    return found
                wait = found
            meanwhile(wait)
            at = max(wait, self._clock.now())  # a clock that stands still is taken to have come there
        return None

    def _early(self, claim: Claim, own: Pace | None, at: datetime) -> datetime | None:
        """Look without standing in the writers' way whether there can be a turn already."""
        if own is None:
            return None
        with self._platform.reading() as session:
            line = lines.seen(session, claim.channel, self.sender(claim))
            # Only tried: nothing of a reading is kept, and a moment that a clock set back left behind must be mended.
            if line is None or pacing.stepped(line, own, at) or pacing.take(line, own, 1, at):
                return None
            return pacing.turn(line, own, at)

    def _turn(
        self,
        session: Session,
        claim: Claim,
        own: Pace | None,
        rows: Sequence[Claimed],
        at: datetime,
        *,
        together: bool,
    ) -> Turn | datetime | None:
        if not stopping.allowed(session):
            return None
        limit = self._settings.conversations if claim.channel == Channel.WHATSAPP else 0
        line = (lines.hold if own or limit else lines.seen)(session, claim.channel, self.sender(claim))
        if breaker.state(line, at) != State.OPEN and not claim.probe:
            return None
        if claim.probe:
            rows = rows[:1]
        moments: list[datetime] = []
        if own:
            assert line is not None
            moments = pacing.take(line, own, len(rows), at, together=together)
            if not moments:
                return pacing.turn(line, own, at)
            rows = rows[: len(moments)]
        asked = len(rows)
        opened: dict[int, Opened] = {}
        if limit:
            assert line is not None
            rows, opened = self._within(session, line, rows, max(moments, default=at), limit)
        ids = [row.delivery_id for row in rows]
        mine = claiming.begin_call(session, ids, self._worker, at=at, held=self.held, ledger=claim.ledger)
        if limit:
            assert line is not None
            budget.give_back(session, line, [one for number, one in opened.items() if number not in mine])
        kept = tuple(row for row in rows if row.delivery_id in mine)
        return Turn(kept, tuple(moments[: len(kept)]) or (None,) * len(kept), at, asked, opened)

    def give_back(
        self, claim: Claim, ids: Sequence[int], *, marked: datetime | None = None, tried: bool = True
    ) -> None:
        """Give back rows of a claim that were not called; insists, for as long as they are ours nobody else takes them.

        `marked`: see `recovery.put_back`. `tried`: whether the letter that was to try a closed line did so.
        """

        def write() -> None:
            with self._platform.transaction("put_back") as session:
                if claim.probe and not tried:
                    breaker.end_probe(session, claim.channel, self.sender(claim))
                recovery.put_back(session, ids, self._worker, at=self._clock.now(), marked=marked)

        insist(write, clock=self._clock, url=self._platform.engine.url, stopping=self._ending)

    @staticmethod
    def _within(
        session: Session, line: SenderLine, rows: Sequence[Claimed], at: datetime, limit: int
    ) -> tuple[Sequence[Claimed], dict[int, Opened]]:
        admitted = budget.admit(session, line, limit, [Wish(row.delivery_id, row.address) for row in rows], at)
        return (
            [row for row in rows if row.delivery_id in admitted],
            {number: one for number, one in admitted.items() if one is not None},
        )

    def fresh(self, marked: datetime) -> bool:
        """Whether a call may still begin that was marked at a moment.

        A process that was suspended meanwhile may have been taken for dead, its letters shown not to have left, and
        sent by another.
        """
        return self._clock.now() - marked <= FRESH

    def due(self, claim: Claim, carrier: Carrier, moment: datetime | None, people: int) -> bool:
        """Wait for the moment of a call; take another when it was missed. False when it is not to be made after all."""
        own = pace(self._settings, carrier)
        for turn in range(MOST_TURNS):
            if moment is None or own is None:
                break
            self._clock.wait(moment, self._ending)
            if self._ending.is_set():
                return False
            if self._clock.now() - moment <= pacing.LATEST:
                break
            moment = self._another(claim, own, people, pacing.SOONEST * 2 ** (turn + 1))
        else:
            return False
        return not self._ending.is_set()

    def arrives(self, moment: datetime) -> bool:
        """Wait for a moment; false when it was missed."""
        self._clock.wait(moment, self._ending)
        return self._ending.is_set() or self._clock.now() - moment <= pacing.LATEST

    def more(self, claim: Claim, carrier: Carrier, letters: int) -> list[datetime]:
        """Take moments for letters that missed theirs; fewer, or none, when it is too early."""
        own = pace(self._settings, carrier)
        if own is None:
            return []
        with self._platform.transaction() as session:
            line = lines.hold(session, claim.channel, self.sender(claim))
            return pacing.take(line, own, letters, self._clock.now(), soonest=2 * pacing.SOONEST)

    def _another(self, claim: Claim, own: Pace, people: int, soonest: timedelta) -> datetime:
        at = self._clock.now()
        while True:
            with self._platform.transaction() as session:
                line = lines.hold(session, claim.channel, self.sender(claim))
                if places := pacing.take(line, own, people, at, soonest=soonest, together=True):
                    return places[0]
                wait = pacing.turn(line, own, at)
            self._clock.wait(wait, self._ending)
            if self._ending.is_set():
                return wait
            at = max(wait, self._clock.now())
