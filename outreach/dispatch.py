"""One claimed batch leaves: letters, the mark before the call, the call, what became of it."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from itertools import groupby
from random import Random
from threading import Event

from sqlalchemy import select

from campaigns import claiming, outcomes, personal, planning
from campaigns.channels import Carrier, ChannelError, Letter, Message, Outcome, Result
from campaigns.claiming import Claim, Claimed
from campaigns.content import Compiled, compile_message, in_language
from campaigns.models import Campaign, Content
from campaigns.states import CampaignState
from contacts.models import Channel
from outreach import audit, faultpoints, unsubscribe
from outreach.platform import Platform

log = logging.getLogger(__name__)


class Dispatcher:
    """Sends what a worker claimed, through the carrier of its channel."""

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
        self._compiled: dict[tuple[int, Channel, str], Compiled] = {}

    def send(self, claim: Claim) -> None:
        """Send every row of a claim that may still be called; each outcome is committed when the call ends."""
        carrier = self.carriers[claim.channel]

        def reads(row: Claimed) -> str:
            return row.language

        for language, rows in groupby(sorted(claim.rows, key=reads), key=reads):
            compiled = self._compile(claim, language)
            for wave in personal.waves(list(rows), min(carrier.batch_size, carrier.in_flight)):
                self._call(claim, carrier, compiled, wave, language)

    def _compile(self, claim: Claim, language: str) -> Compiled:
        key = (claim.run_id, claim.channel, language)
        if key not in self._compiled:
            settings = self.platform.settings
            with self.platform.reading() as session:
                contents = session.scalars(
                    select(Content).where(Content.campaign_id == claim.campaign_id, Content.version == claim.version)
                ).all()
                content = in_language(contents, language)
                mail = claim.channel == Channel.EMAIL
                sender = (claim.account if "@" in claim.account else settings.email_sender) if mail else ""
                self._compiled[key] = compile_message(
                    content,
                    claim.channel,
                    sender or settings.whatsapp_sender,
                    settings.email_sender_name,
                    claim.run_id,
                )
        return self._compiled[key]

    def _call(self, claim: Claim, carrier: Carrier, compiled: Compiled, rows: list[Claimed], language: str) -> None:
        clock, settings, secret = self.platform.clock, self.platform.settings, self.platform.secret

        def leave(contact_id: int) -> str:
            return unsubscribe.url(settings.public_url, secret, contact_id, claim.channel)

        letters = personal.letters(rows, compiled, language, leave)
        with self.platform.transaction("calling") as session:
            mine = claiming.begin_call(session, [row.delivery_id for row in rows], self.worker, at=clock.now())
        called = [row for row in rows if row.delivery_id in mine]
        if called:
            self._deliver(claim, carrier, compiled.message, called, [x for x in letters if x.delivery_id in mine])

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
        blamed = next((answer for answer in answers if answer.sender_at_fault), None)
        kept = [replace(answer, result=Result.RETRY) if answer.sender_at_fault else answer for answer in answers]
        with self.platform.transaction("outcome") as session:
            outcomes.record(
                session,
                kept,
                at=self.platform.clock.now(),
                attempts={row.delivery_id: row.attempts for row in rows},
                jitter=self.random.random(),
            )
        if blamed:
            self._stop(claim, blamed.code, blamed.detail)

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
            )
            for row in rows
        ]
        with self.platform.transaction("outcome") as session:
            outcomes.record(
                session,
                answers,
                at=self.platform.clock.now(),
                attempts={row.delivery_id: row.attempts for row in rows},
                jitter=self.random.random(),
            )
        if error.sender_at_fault:
            self._stop(claim, error.code, error.detail)

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
