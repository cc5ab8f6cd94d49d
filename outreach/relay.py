"""One call a letter, many under way: each at its own moment, the next are made ready while these are in the air.

So one thread keeps a sender at its rate however long the provider takes to answer, and no letter is marked «calling»
much before it is called.
"""

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from datetime import datetime, timedelta
from threading import Event

from campaigns import breaker
from campaigns.budget import Opened
from campaigns.channels import Letter, LetterCarrier, Message, Outcome, Result
from campaigns.claiming import Claim, Claimed
from outreach import faultpoints
from outreach.clock import Clock
from outreach.config import Settings
from outreach.release import UNPACED, Releases, Turn, pace

log = logging.getLogger(__name__)
MOST_DOUBTS = 3  # without a clear answer in a row: what has not left yet stays
PATIENCE = timedelta(milliseconds=100)  # answers are written down together, but never wait longer than this
LOOK = 0.2  # seconds between two looks whether everything is to end

Record = Callable[[Sequence[Claimed], Sequence[Outcome], dict[int, Opened]], None]


class Relay:
    """The letters of one claim on their way."""

    def __init__(
        self,
        claim: Claim,
        carrier: LetterCarrier,
        releases: Releases,
        *,
        record: Record,
        settings: Settings,
        clock: Clock,
        stopping: Event,
    ) -> None:
        self._claim = claim
        self._carrier = carrier
        self._releases = releases
        self._record = record
        self._clock = clock
        self._stopping = stopping
        own = pace(settings, carrier)
        self._wave = min(carrier.in_flight, own.wave if own else UNPACED)
        self._under_way: dict[Future[Outcome], Claimed] = {}
        self._opened: dict[int, Opened] = {}
        self._doubts = 0
        self.halted = False

    def send(self, message: Message, rows: Sequence[Claimed], letters: Sequence[Letter]) -> None:
        """Begin the calls of these letters, as each gets its turn; `finish` waits for the answers."""
        by_row = {letter.delivery_id: letter for letter in letters}
        left = list(rows)
        while left and not self.halted and (permits := self._permits(min(self._wave, len(left)))):
            turn = None
            try:
                turn = self._releases.next(self._claim, self._carrier, left[:permits], self._meanwhile)
            finally:
                for _ in range(permits - len(turn.rows if turn else ())):
                    self._carrier.room.release()
            if turn is None:
                self.halted = True
                return
            self._begin(message, turn, by_row)
            left = left[turn.asked :]
            self._settle()

    def _begin(self, message: Message, turn: Turn, letters: dict[int, Letter]) -> None:
        self._opened |= turn.opened
        for row, moment in zip(turn.rows, turn.moments, strict=True):
            call = self._carrier.submit(message, letters[row.delivery_id], self._released(moment))
            call.add_done_callback(lambda _call: faultpoints.reach("call.answered"))
            self._under_way[call] = row

    def _released(self, moment: datetime | None) -> Callable[[], bool]:
        def released() -> bool:
            if self.halted or not self._releases.due(self._claim, self._carrier, moment, 1) or self.halted:
                return False
            faultpoints.reach("call.before")
            return True

        return released

    def _permits(self, wanted: int) -> int:
        """Take as many permits as are free, at least one: as long as none is, write down the answers that come."""
        while not self._carrier.room.acquire(timeout=0 if self._under_way else LOOK):
            if self._stopping.is_set():
                return 0
            if self._under_way:
                wait(self._under_way, timeout=LOOK, return_when=FIRST_COMPLETED)
                self._settle()
        taken = 1
        while taken < wanted and self._carrier.room.acquire(blocking=False):
            taken += 1
        return taken

    def _meanwhile(self, until: datetime) -> None:
        """Wait for a moment; where it is far, write down the answers that come."""
        while self._under_way and until - self._clock.now() > PATIENCE and not self._stopping.is_set():
            wait(self._under_way, timeout=PATIENCE.total_seconds(), return_when=FIRST_COMPLETED)
            self._settle()
        self._clock.wait(until, self._stopping)

    def _settle(self) -> None:
        """Write down every answer that is there."""
        done = [call for call in self._under_way if call.done()]
        if not done:
            return
        rows = [self._under_way.pop(call) for call in done]
        answers = [self._answer(call, row) for call, row in zip(done, rows, strict=True)]
        for answer in answers:
            self._doubts = self._doubts + 1 if answer.result == Result.UNKNOWN else 0
            asked = answer.result == Result.RETRY and answer.code in breaker.LINE_CODES
            self.halted = self.halted or asked or answer.sender_at_fault or self._doubts >= MOST_DOUBTS
        opened = {row.delivery_id: self._opened.pop(row.delivery_id) for row in rows if row.delivery_id in self._opened}
        self._record(rows, answers, opened)

    def _answer(self, call: Future[Outcome], row: Claimed) -> Outcome:
        try:
            return call.result()
        except Exception as error:  # whatever broke, the call may have been made
            log.exception("a carrier broke while sending run %s", self._claim.run_id)
            return Outcome(row.delivery_id, Result.UNKNOWN, code="carrier_broke", detail=type(error).__name__)

    def finish(self) -> None:
        """Wait until every call has ended, and write down what became of each."""
        while self._under_way:
            wait(self._under_way, timeout=LOOK, return_when=FIRST_COMPLETED)
            self._settle()
