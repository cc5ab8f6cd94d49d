"""What a worker claimed leaves: letters, a turn, the mark before the call, the call, what became of it."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby
from random import Random
from threading import Event

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns import admission, breaker, budget, claiming, lines, outcomes, personal, planning
from campaigns.admission import Admission
from campaigns.budget import Opened
from campaigns.channels import Carrier, ChannelError, Letter, LetterCarrier, Message, Outcome, Result
from campaigns.claiming import Claim, Claimed
from campaigns.content import Compiled, compile_message, in_language
from campaigns.lines import SenderLine
from campaigns.models import Campaign, Content
from campaigns.states import CampaignState
from contacts.models import Channel
from outreach import audit, faultpoints, unsubscribe
from outreach.patience import insist
from outreach.platform import Platform
from outreach.relay import Relay
from outreach.release import Releases, Turn, sizes

log = logging.getLogger(__name__)
LONGEST_ROW = timedelta(seconds=60)  # of claims that follow each other without a pause


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
        self._sizes = sizes(platform.settings, list(self.carriers.values()))
        self._compiled: dict[tuple[int, Channel, str], Compiled] = {}

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
            record=self._record_letters,
            settings=self.platform.settings,
            clock=self.platform.clock,
            stopping=self.stopping,
        )

    def _claim(self) -> Claim | None:
        """Claim what is next and may leave at this moment; None when there is nothing."""
        settings, held = self.platform.settings, self._releases.held
        at = self.platform.clock.now()
        with self.platform.transaction("claim") as session:
            allowed = Admission(session, settings.senders, limit=settings.conversations, lease=held, at=at)
            return claiming.claim(session, self.worker, at=at, sizes=self._sizes, admission=allowed, held=held)

    @contextmanager
    def _keeping(self, claim: Claim) -> Iterator[set[int]]:
        """Give back, after a block, what was claimed and is not in the set that the block fills."""
        begun: set[int] = set()
        try:
            yield begun
        finally:
            left = [row.delivery_id for row in claim.rows if row.delivery_id not in begun]
            if left or (claim.probe and not begun):
                with self.platform.transaction("put_back") as session:
                    if claim.probe and not begun:
                        breaker.end_probe(session, claim.channel, self._releases.sender(claim))
                    claiming.put_back(session, left, self.worker, at=self.platform.clock.now())

    def _written(self, claim: Claim) -> Iterator[tuple[Compiled, list[Claimed], list[Letter]]]:
        """Yield the letters of a claim, one language after the other."""

        def reads(row: Claimed) -> str:
            return row.language

        for language, found in groupby(sorted(claim.rows, key=reads), key=reads):
            rows = list(found)
            compiled = self._compile(claim, language)
            yield compiled, rows, self._letters(claim, compiled, rows, language)

    def _record_letters(
        self, claim: Claim, rows: Sequence[Claimed], answers: Sequence[Outcome], opened: dict[int, Opened]
    ) -> None:
        self._record(claim, rows, answers, answers, opened)

    def _letters(self, claim: Claim, compiled: Compiled, rows: Sequence[Claimed], language: str) -> list[Letter]:
        settings, secret = self.platform.settings, self.platform.secret

        def leave(contact_id: int) -> str:
            return unsubscribe.url(settings.public_url, secret, contact_id, claim.channel)

        return personal.letters(rows, compiled, language, leave)

    def _compile(self, claim: Claim, language: str) -> Compiled:
        key = (claim.run_id, claim.channel, language)
        if key not in self._compiled:
            settings = self.platform.settings
            with self.platform.reading() as session:
                contents = session.scalars(
                    select(Content).where(Content.campaign_id == claim.campaign_id, Content.version == claim.version)
                ).all()
                self._compiled[key] = compile_message(
                    in_language(contents, language),
                    claim.channel,
                    self._releases.sender(claim),
                    settings.email_sender_name,
                    claim.run_id,
                )
        return self._compiled[key]

    # ------------------------------------------------------------------ a call for many people

    def _send(self, claim: Claim, carrier: Carrier, begun: set[int]) -> None:
        """Send a claim in calls for many people each, as soon as each has its turn; `begun` is filled with who was."""
        most = min(carrier.batch_size, carrier.in_flight, self._sizes[claim.channel])
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
        """Make a call at its moment; false when the process ends before: nothing was sent."""
        called = list(turn.rows)
        if self._releases.due(claim, carrier, turn.moments[0], len(called)):
            self._deliver(claim, carrier, message, called, [letters[row.delivery_id] for row in called])
            return True
        left = [Outcome(row.delivery_id, Result.RETRY, code="held_back", retry_after=0.0) for row in called]
        self._record(claim, called, left, [])
        return False

    def _wait(self, until: datetime) -> None:
        self.platform.clock.wait(until, self.stopping)

    def _deliver(
        self, claim: Claim, carrier: Carrier, message: Message, rows: list[Claimed], letters: list[Letter]
    ) -> None:
        faultpoints.reach("call.before")
        try:
            answers = carrier.send(message, letters)
            faultpoints.reach("call.answered")
        except ChannelError as error:
            self._failed(claim, carrier, message, rows, letters, error)
            return
        except Exception as error:  # whatever broke, the call may have been made
            log.exception("a carrier broke while sending run %s", claim.run_id)
            answers = [
                Outcome(letter.delivery_id, Result.UNKNOWN, code="carrier_broke", detail=type(error).__name__)
                for letter in letters
            ]
        self._record(claim, rows, answers, [_told(answers)])

    def _failed(
        self,
        claim: Claim,
        carrier: Carrier,
        message: Message,
        rows: list[Claimed],
        letters: list[Letter],
        error: ChannelError,
    ) -> None:
        """Nothing of the call was accepted: smaller calls, later, never, or not before a person has looked."""
        if error.too_large and len(rows) > 1:
            half = len(rows) // 2
            self._deliver(claim, carrier, message, rows[:half], letters[:half])
            self._deliver(claim, carrier, message, rows[half:], letters[half:])
            return
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
        self._record(claim, rows, answers, answers[:1])

    # ------------------------------------------------------------------ what became of it

    def _record(
        self,
        claim: Claim,
        rows: Sequence[Claimed],
        answers: Sequence[Outcome],
        calls: Sequence[Outcome],
        opened: Mapping[int, Opened] | None = None,
    ) -> None:
        """Write down what became of letters, and what `calls` (one answer each) say of the line."""
        blamed = next((answer for answer in answers if answer.sender_at_fault), None)
        kept = [replace(answer, result=Result.RETRY) if answer.sender_at_fault else answer for answer in answers]
        sender = self._releases.sender(claim)
        gone = {answer.delivery_id for answer in kept if answer.result in {Result.RETRY, Result.REFUSED}}
        back = [one for number, one in (opened or {}).items() if number in gone]
        attempts = {row.delivery_id: row.attempts for row in rows}
        spread = self.random.random()

        def write() -> None:
            at = self.platform.clock.now()
            with self.platform.transaction("outcome") as session:
                if gone and claim.channel == Channel.WHATSAPP:
                    admission.wake(session)
                changed = breaker.note(session, claim.channel, sender, calls, at, probe=claim.probe)
                if changed is not None:
                    self._tell(session, changed, at)
                if back:
                    budget.give_back(session, lines.hold(session, claim.channel, sender), back)
                outcomes.record(session, kept, at=at, attempts=attempts, jitter=spread)

        insist(write, clock=self.platform.clock, url=self.platform.engine.url, stopping=self.stopping)
        if blamed:
            self._stop(claim, blamed.code, blamed.detail)

    def _tell(self, session: Session, line: SenderLine, at: datetime) -> None:
        """Note in the audit log that a line was closed or opened; a short wait that a provider asks for is no news."""
        told = {"reason": line.reason, "detail": line.detail}
        if line.closed_until is not None:
            if line.closed_until - at < breaker.FIRST_DOUBT:
                return
            log.error("%s of %s closed until %s: %s", line.channel, line.sender, line.closed_until, line.reason)
            told["until"] = line.closed_until.isoformat()
        action = "line.open" if line.closed_until is None else "line.close"
        audit.note(session, at, "sistema", action, f"line:{line.channel}:{line.sender}", told)

    def _stop(self, claim: Claim, code: str, detail: str) -> None:
        """Pause a campaign whose sender misbehaves, instead of burning through its audience."""
        log.error("campaign %s paused: %s %s", claim.campaign_id, code, detail)
        with self.platform.transaction("pause") as session:
            campaign = session.get_one(Campaign, claim.campaign_id)
            if campaign.state == CampaignState.SENDING:
                planning.pause(session, campaign, reason=code)
                audit.note(
                    session,
                    self.platform.clock.now(),
                    "sistema",
                    "campaign.pause",
                    f"campaign:{campaign.id}",
                    {"reason": code, "detail": detail},
                )


def _told(answers: Sequence[Outcome]) -> Outcome:
    """Return the answer that says most of a call for many people: a doubt, a wait, else any."""

    def weight(answer: Outcome) -> int:
        if answer.result == Result.UNKNOWN:
            return 0
        return 1 if answer.result == Result.RETRY and answer.code in breaker.LINE_CODES else 2

    return min(answers, key=weight)
