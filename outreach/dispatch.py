"""What a worker claimed leaves: letters, a turn, the mark before the call, the call, what became of it."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import groupby
from random import Random
from threading import Event

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from campaigns import breaker, claiming, personal
from campaigns.admission import Admission
from campaigns.channels import Carrier, ChannelError, Letter, LetterCarrier, Message, Outcome, Result
from campaigns.claiming import Claim, Claimed
from campaigns.content import Compiled, compile_message, in_language
from campaigns.models import Content, Run
from campaigns.portions import Portions
from contacts.models import Channel
from outreach import confirming, faultpoints, links
from outreach.platform import Platform
from outreach.relay import Relay
from outreach.release import Releases, Turn, sizes
from outreach.verdicts import Verdicts

log = logging.getLogger(__name__)
COMPILED = 32  # messages kept: of the runs, channels and languages that take turns at one time
LONGEST_ROW = timedelta(seconds=60)  # of claims that follow each other without a pause


@dataclass(frozen=True, slots=True)
class Wave:
    """Letters that were marked together, for one call or, where that was too large, for smaller ones."""

    claim: Claim
    carrier: Carrier
    message: Message
    marked: datetime


class Dispatcher:
    """Claims for a worker, and sends what it claimed through the carrier of its channel."""

    def __init__(
        self,
        platform: Platform,
        carriers: Mapping[Channel, Carrier],
        worker: str,
        random: Random,
        stopping: Event | None = None,
    ) -> None:
        self.platform = platform
        self.carriers = dict(carriers)
        self.worker = worker
        self.random = random
        self.stopping = stopping or Event()
        self._releases = Releases(platform, worker, self.stopping)
        self._verdicts = Verdicts(platform, self._releases, random, self.stopping)
        self._sizes = sizes(platform.settings, list(self.carriers.values()))
        self._portions = Portions()
        self._compiled = lru_cache(COMPILED)(self._compile)

    def work(self) -> bool:
        """Claim one batch and send it, and give back what was not called; False when there was nothing to claim.

        Where each letter has its own call, the next batch is claimed while letters of this one are in the air.
        """
        claim = self._claim()
        if claim is None:
            return False
        relay: Relay | None = None
        until = self.platform.clock.now() + LONGEST_ROW
        try:
            while claim is not None:
                carrier = self.carriers[claim.channel]
                if not isinstance(carrier, LetterCarrier):
                    if relay:
                        relay.finish()
                    with self._keeping(claim) as begun:
                        self._send(claim, carrier, begun)
                    break
                relay = relay or self._relay(carrier)
                with self._keeping(claim) as begun:
                    for compiled, rows, letters in self._written(claim):
                        begun.update(relay.send(claim, compiled.message, rows, letters))
                claim = self._claim() if relay.busy and self.platform.clock.now() < until else None
        finally:
            if relay:
                relay.finish()
        return True

    def _relay(self, carrier: LetterCarrier) -> Relay:
        return Relay(
            carrier,
            self._releases,
            record=self._verdicts.of_letters,
            settings=self.platform.settings,
            clock=self.platform.clock,
            stopping=self.stopping,
        )

    def _claim(self) -> Claim | None:
        """Claim what is next and may leave at this moment; None when there is nothing."""
        settings, held = self.platform.settings, self._releases.held
        at = self.platform.clock.now()
        found: Claim | None = None
        try:
            with self.platform.transaction("claim") as session:
                allowed = Admission(session, settings.senders, limit=settings.conversations, lease=held, at=at)
                found = claiming.claim(session, self.worker, at=at, sizes=self._sizes, admission=allowed, held=held)
        except DBAPIError:
            if found is not None:  # the database may have written it, and the word of it was lost
                self._releases.give_back(found, [row.delivery_id for row in found.rows])
            raise
        return found

    @contextmanager
    def _keeping(self, claim: Claim) -> Iterator[set[int]]:
        """Give back, after a block, what was claimed and is not in the set that the block fills."""
        begun: set[int] = set()
        try:
            yield begun
        finally:
            left = [row.delivery_id for row in claim.rows if row.delivery_id not in begun]
            if left or (claim.probe and not begun):
                self._releases.give_back(claim, left, tried=bool(begun))

    def _written(self, claim: Claim) -> Iterator[tuple[Compiled, list[Claimed], list[Letter]]]:
        """Yield the letters of a claim, one language after the other."""

        def reads(row: Claimed) -> str:
            return row.language

        for language, found in groupby(sorted(claim.rows, key=reads), key=reads):
            rows = list(found)
            compiled = self._compiled(
                claim.run_id, claim.version, claim.channel, self._releases.sender(claim), language
            )
            letters = self._letters(claim, compiled, rows, language)
            if len(letters) < len(rows):  # what some asked for is over since the claim: given back, and asked again
                written = {letter.delivery_id for letter in letters}
                rows = [row for row in rows if row.delivery_id in written]
            yield compiled, rows, letters

    def _letters(self, claim: Claim, compiled: Compiled, rows: Sequence[Claimed], language: str) -> list[Letter]:
        theirs = links.of_letters(self.platform.settings.public_url, self.platform.secret, claim.channel)
        return personal.letters(rows, compiled, language, theirs, confirming.more(self.platform, language))

    def _compile(self, run_id: int, version: int, channel: Channel, sender: str, language: str) -> Compiled:
        with self.platform.reading() as session:
            of_run = select(Run.campaign_id).where(Run.id == run_id).scalar_subquery()
            contents = session.scalars(
                select(Content).where(Content.campaign_id == of_run, Content.version == version)
            ).all()
            name = self.platform.settings.email_sender_name
            return compile_message(in_language(contents, language), channel, sender, name, run_id)

    # ------------------------------------------------------------------ a call for many people

    def _send(self, claim: Claim, carrier: Carrier, begun: set[int]) -> None:
        """Send a claim in calls for many people each, as soon as each has its turn; `begun` is filled with who was."""
        most = min(carrier.batch_size, carrier.in_flight, self._sizes[claim.channel])
        most = self._portions.most(claim.run_id, most)
        for compiled, found, letters in self._written(claim):
            by_row = {letter.delivery_id: letter for letter in letters}
            for wave in personal.waves(found, most):
                rows = wave
                while rows:
                    turn = self._releases.next(claim, carrier, rows, self._wait)
                    if turn is None:
                        return
                    rows = rows[turn.asked :]
                    begun |= {row.delivery_id for row in turn.rows}
                    if turn.rows and not self._call(claim, carrier, compiled.message, turn, by_row):
                        return

    def _call(
        self, claim: Claim, carrier: Carrier, message: Message, turn: Turn, letters: Mapping[int, Letter]
    ) -> bool:
        """Make a call at its moment; false when nothing more of this claim is to be called.

        The process ends before, and nothing was sent; or the call was too large, and its letters take new turns in
        smaller ones.
        """
        called = list(turn.rows)
        if self._releases.due(claim, carrier, turn.moments[0], len(called)):
            wave = Wave(claim, carrier, message, turn.marked)
            return self._deliver(wave, called, [letters[row.delivery_id] for row in called])
        self._verdicts.hold_back(claim, called)
        return False

    def _wait(self, until: datetime) -> None:
        self.platform.clock.wait(until, self.stopping)

    def _deliver(self, wave: Wave, rows: list[Claimed], letters: list[Letter]) -> bool:
        claim = wave.claim
        if not self._releases.fresh(wave.marked):
            self._verdicts.hold_back(claim, rows)
            return True
        faultpoints.reach("call.before")
        try:
            answers = wave.carrier.send(wave.message, letters)
            faultpoints.reach("call.answered")
        except ChannelError as error:
            return self._failed(wave, rows, error)
        except Exception as error:  # whatever broke, the call may have been made
            log.exception("a carrier broke while sending run %s", claim.run_id)
            answers = [
                Outcome(letter.delivery_id, Result.UNKNOWN, code="carrier_broke", detail=type(error).__name__)
                for letter in letters
            ]
        answers = self._learned(claim, answers)
        self._verdicts.record(claim, rows, answers, [_told(answers)])
        return True

    def _learned(self, claim: Claim, answers: list[Outcome]) -> list[Outcome]:
        """Learn from answers. Where one letter after the other is refused in the same words, the sender is at fault."""
        if any(answer.result == Result.ACCEPTED for answer in answers):
            self._portions.went(claim.run_id, len(answers))
        elif len(answers) == 1 and answers[0].result == Result.REFUSED and answers[0].code == "letter_refused":
            [answer] = answers
            if self._portions.refused(claim.run_id, answer.detail):
                return [replace(answer, result=Result.RETRY, code="call_refused", sender_at_fault=True)]
        return answers

    def _failed(self, wave: Wave, rows: list[Claimed], error: ChannelError) -> bool:
        """Nothing of the call was accepted: smaller calls, later, never, or not before a person has looked.

        Smaller calls are calls like others: they ask whether they may leave, and nobody waits for them marked.
        """
        if error.too_large and len(rows) > 1:
            self._portions.too_large(wave.claim.run_id, len(rows))
            self._verdicts.hold_back(wave.claim, rows)
            return False
        retry = not error.permanent or error.sender_at_fault
        answers = [
            Outcome(
                row.delivery_id,
                Result.RETRY if retry else Result.REFUSED,
                code=error.code,
                detail=error.detail,
                retry_after=error.retry_after,
                sender_at_fault=error.sender_at_fault,
            )
            for row in rows
        ]
        self._verdicts.record(wave.claim, rows, answers, answers[:1])
        return True


def _told(answers: Sequence[Outcome]) -> Outcome:
    """Return the answer that says most of a call for many people: a doubt, a wait, else any."""

    def weight(answer: Outcome) -> int:
        if answer.result == Result.UNKNOWN:
            return 0
        return 1 if answer.result == Result.RETRY and answer.code in breaker.LINE_CODES else 2

    return min(answers, key=weight)
