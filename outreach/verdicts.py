"""What became of letters is written down: each row's state, and what it says of its sender's line and campaign."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from random import Random
from threading import Event

from sqlalchemy.orm import Session

from campaigns import admission, breaker, budget, lines, outcomes
from campaigns.budget import Opened
from campaigns.channels import Outcome, Result
from campaigns.claiming import Claim, Claimed
from campaigns.lines import SenderLine
from contacts.models import Channel
from outreach import audit
from outreach.halting import halt
from outreach.patience import insist
from outreach.platform import Platform
from outreach.release import Releases

log = logging.getLogger(__name__)


class Verdicts:
    """Writes for one worker, and insists while the database does not answer."""

    def __init__(self, platform: Platform, releases: Releases, random: Random, stopping: Event) -> None:
        self._platform = platform
        self._releases = releases
        self._random = random
        self._stopping = stopping

    def of_letters(
        self, claim: Claim, rows: Sequence[Claimed], answers: Sequence[Outcome], opened: dict[int, Opened]
    ) -> None:
        """Write down the answers to calls of one letter each."""
        self.record(claim, rows, answers, answers, opened)

    def hold_back(self, claim: Claim, rows: Sequence[Claimed]) -> None:
        """Write that letters which were marked were not sent: they may go at once."""
        left = [Outcome(row.delivery_id, Result.RETRY, code="held_back", retry_after=0.0) for row in rows]
        self.record(claim, rows, left, [])

    def record(
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
        spread = self._random.random()

        def write() -> None:
            at = self._platform.clock.now()
            with self._platform.transaction("outcome") as session:
                if gone and claim.channel == Channel.WHATSAPP:
                    admission.wake(session)
                changed = breaker.note(session, claim.channel, sender, calls, at, probe=claim.probe)
                if changed is not None:
                    self._tell(session, changed, at)
                if back:
                    budget.give_back(session, lines.hold(session, claim.channel, sender), back)
                outcomes.record(session, kept, at=at, attempts=attempts, jitter=spread)

        insist(write, clock=self._platform.clock, url=self._platform.engine.url, stopping=self._stopping)
        if blamed:
            halt(self._platform, claim.campaign_id, blamed.code, blamed.detail)

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
