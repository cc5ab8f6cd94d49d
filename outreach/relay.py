"""One call a letter, many under way: each at its own moment, the next are made ready while these are in the air.

So one thread keeps a sender at its rate however long the provider takes to answer, and no letter is marked «calling»
much before it is called.
"""

import logging
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from datetime import datetime, timedelta
from functools import partial
from threading import Condition, Event
from time import monotonic

from campaigns import breaker
from campaigns.budget import Opened
from campaigns.channels import Letter, LetterCarrier, Message, Outcome, Result
from campaigns.claiming import Claim, Claimed
from outreach import faultpoints
from outreach.clock import Clock
from outreach.config import Settings
from outreach.release import MOST_TURNS, UNPACED, Releases, Turn, pace

log = logging.getLogger(__name__)
MOST_DOUBTS = 3  # without a clear answer in a row: what has not left yet stays
PATIENCE = timedelta(milliseconds=100)  # answers are written down together, but never wait longer than this
LOOK = 0.2  # seconds between two looks whether everything is to end
LONGEST_OWED = 5.0  # seconds that a letter waits for another moment before it is held back, and claimed anew
SHORT = 0.02  # and where letters wait for another moment

Record = Callable[[Claim, Sequence[Claimed], Sequence[Outcome], dict[int, Opened]], None]


class Relay:
    """Letters of one way out on their way, of one claim or of several that follow each other."""

    def __init__(
        self,
        carrier: LetterCarrier,
        releases: Releases,
        *,
        record: Record,
        settings: Settings,
        clock: Clock,
        stopping: Event,
    ) -> None:
        self._carrier = carrier
        self._releases = releases
        self._record = record
        self._clock = clock
        self._stopping = stopping
        own = pace(settings, carrier)
        self._wave = min(carrier.in_flight, own.wave if own else UNPACED)
        self._under_way: dict[Future[Outcome], tuple[Claim, Claimed]] = {}
        self._opened: dict[int, Opened] = {}
        self._doubts = 0
        self._owed = 0  # letters that missed their moment and wait for another
        self._spare: deque[datetime] = deque()
        self._turns = Condition()
        self.halted = False

    @property
    def busy(self) -> bool:
        """Whether letters are in the air, and more may follow them."""
        return bool(self._under_way) and not self.halted and not self._stopping.is_set()

    def send(self, claim: Claim, message: Message, rows: Sequence[Claimed], letters: Sequence[Letter]) -> set[int]:
        """Begin the calls of these letters, as each gets its turn; return which. `finish` waits for the answers."""
        by_row = {letter.delivery_id: letter for letter in letters}
        begun: set[int] = set()
        left = list(rows)
        while left and not self.halted and (permits := self._permits(min(self._wave, len(left)))):
            turn = None
            try:
                turn = self._releases.next(claim, self._carrier, left[:permits], self._meanwhile)
            finally:
                for _ in range(permits - len(turn.rows if turn else ())):
                    self._carrier.room.release()
            if turn is None:
                self.halted = True
                break
            self._begin(claim, message, turn, by_row)
            self._pay(claim)
            begun |= {row.delivery_id for row in turn.rows}
            left = left[turn.asked :]
            self._settle()
        return begun

    def _begin(self, claim: Claim, message: Message, turn: Turn, letters: dict[int, Letter]) -> None:
        self._opened |= turn.opened
        for row, moment in zip(turn.rows, turn.moments, strict=True):
            released = partial(self._harmless, self._released(moment, turn.marked))
            call = self._carrier.submit(message, letters[row.delivery_id], released)
            call.add_done_callback(lambda _call: faultpoints.reach("call.answered"))
            self._under_way[call] = claim, row

    def _released(self, moment: datetime | None, marked: datetime) -> Callable[[], bool]:
        def released() -> bool:
            mine = moment
            for _turn in range(MOST_TURNS):
                if mine is None or self.halted or self._releases.arrives(mine):
                    break
                mine = self._another()
            else:
                return False
            return mine is not None and self._at_once(marked)

        return released if moment is not None else partial(self._at_once, marked)

    def _harmless(self, released: Callable[[], bool]) -> bool:
        """Hold a letter back where its release broke: whatever it was, it was before the call."""
        try:
            return released()
        except Exception:
            log.exception("a letter could not be released")
            self.halted = True
            return False

    def _at_once(self, marked: datetime) -> bool:
        """Release a letter whose moment this is."""
        if self.halted or self._stopping.is_set() or not self._releases.fresh(marked):
            return False
        faultpoints.reach("call.before")
        return True

    def _another(self) -> datetime | None:
        """Wait for another moment: whoever begins calls takes one for all that wait; None when none will come."""
        end = monotonic() + LONGEST_OWED
        with self._turns:
            self._owed += 1
            while not self._spare:
                if self.halted or self._stopping.is_set() or monotonic() > end:
                    self._owed -= 1
                    return None
                self._turns.wait(LOOK)
            return self._spare.popleft()

    def _pay(self, claim: Claim) -> None:
        """Take moments for letters that missed theirs, together."""
        if self._owed and not self.halted and (places := self._releases.more(claim, self._carrier, self._owed)):
            with self._turns:
                self._owed -= len(places)
                self._spare.extend(places)
                self._turns.notify_all()

    def _permits(self, wanted: int) -> int:
        """Take as many permits as are free, at least one: as long as none is, write down the answers that come."""
        while not self._carrier.room.acquire(timeout=0 if self._under_way else LOOK):
            if self._stopping.is_set():
                return 0
            if self._under_way:
                self._listen()
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
        by_claim: dict[int, tuple[Claim, list[Claimed], list[Outcome]]] = {}
        for call in done:
            claim, row = self._under_way.pop(call)
            answer = _answer(call, claim, row)
            self._doubts = self._doubts + 1 if answer.result == Result.UNKNOWN else 0
            asked = answer.result == Result.RETRY and answer.code in breaker.LINE_CODES
            self.halted = self.halted or asked or answer.sender_at_fault or self._doubts >= MOST_DOUBTS
            _claim, rows, answers = by_claim.setdefault(id(claim), (claim, [], []))
            rows.append(row)
            answers.append(answer)
        for claim, rows, answers in by_claim.values():
            ids = [row.delivery_id for row in rows]
            self._record(claim, rows, answers, {one: self._opened.pop(one) for one in ids if one in self._opened})

    def finish(self) -> None:
        """Wait until every call has ended, and write down what became of each."""
        try:
            while self._under_way:
                self._listen()
        except BaseException:
            self.halted = True  # nobody sees any more to letters that wait for another moment
            raise

    def _listen(self) -> None:
        """Wait a little for an answer, and see to the letters that wait for a moment."""
        wait(self._under_way, timeout=SHORT if self._owed else LOOK, return_when=FIRST_COMPLETED)
        self._settle()
        for claim, _row in list(self._under_way.values())[:1]:
            self._pay(claim)


def _answer(call: Future[Outcome], claim: Claim, row: Claimed) -> Outcome:
    try:
        return call.result()
    except Exception as error:  # whatever broke, the call may have been made
        log.exception("a carrier broke while sending run %s", claim.run_id)
        return Outcome(row.delivery_id, Result.UNKNOWN, code="carrier_broke", detail=type(error).__name__)
