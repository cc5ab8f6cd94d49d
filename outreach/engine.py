"""Who does the work: one tick that asks what is due, and workers that claim, call and record.

The delivery table is the truth; whoever runs this may be killed at any line. `scheduler.py`, `outreach serve` and a
rehearsal in virtual time all drive this same engine.
"""

import logging
import os
import socket
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby
from random import Random

from sqlalchemy import func, select

from campaigns import audience, claiming, outcomes, personal, planning, runs
from campaigns.channels import Carrier, ChannelError, Letter, Message, Outcome, Result
from campaigns.claiming import Claim, Claimed
from campaigns.content import Compiled, compile_message, in_language
from campaigns.models import Campaign, Content, Delivery, Run
from campaigns.states import CampaignState, DeliveryState, RunState
from contacts.models import Channel
from outreach import audit, unsubscribe
from outreach.platform import Platform
from outreach.reception import process_batches

log = logging.getLogger(__name__)


class Engine:
    """The sending of one installation, on one platform, through these carriers."""

    def __init__(
        self, platform: Platform, carriers: Mapping[Channel, Carrier], *, random: Random | None = None, name: str = ""
    ) -> None:
        self.platform = platform
        self.carriers = dict(carriers)
        self.random = random or Random()  # noqa: S311 — spreads retries, keeps no secret
        self.worker = name or f"{socket.gethostname()}:{os.getpid()}:{self.random.getrandbits(32):08x}"
        self._compiled: dict[tuple[int, Channel, str], Compiled] = {}

    # ------------------------------------------------------------------ the tick

    def tick(self) -> None:
        """Ask once what is due: events that came, leases that ran out, campaigns to start, runs to end."""
        process_batches(self.platform)
        now = self.platform.clock.now()
        settings = self.platform.settings
        with self.platform.transaction() as session:
            claiming.sweep(session, at=now)
            planning.start_due(session, at=now, late_minutes=settings.late_minutes)
        for run_id in self._unprepared():
            with self.platform.transaction() as session:
                run = session.get_one(Run, run_id, with_for_update=True)  # or prepared by another by then
                audience.prepare(session, run, at=now, quiet=settings.quiet_hours)
        self.close_runs()

    def _unprepared(self) -> Sequence[int]:
        with self.platform.reading() as session:
            return session.scalars(
                select(Run.id).where(Run.state == RunState.SENDING, Run.prepared_at.is_(None)).order_by(Run.id)
            ).all()

    def close_runs(self) -> None:
        """End every run that has nothing left to do."""
        now = self.platform.clock.now()
        with self.platform.transaction() as session:
            for run in runs.finish(session, at=now, doubt_seconds=self.platform.settings.doubt_seconds):
                planning.settle(session, run.campaign)

    def recover(self) -> int:
        """Settle what workers that are certainly gone left behind; for the one process that owns the database."""
        with self.platform.transaction() as session:
            return claiming.sweep(session, at=self.platform.clock.now(), everything=True)

    def next_due(self) -> datetime | None:
        """Return the moment of the next thing to do by time alone; None when nothing is planned."""
        doubt = timedelta(seconds=self.platform.settings.doubt_seconds)
        with self.platform.reading() as session:
            campaign = session.scalar(
                select(func.min(Campaign.next_due_at)).where(
                    Campaign.state.in_([CampaignState.SCHEDULED, CampaignState.SENDING])
                )
            )
            delivery, lease, doubted = (
                session.scalar(
                    select(func.min(moment))
                    .join(Run, Run.id == Delivery.run_id)
                    .join(Campaign, Campaign.id == Run.campaign_id)
                    .where(
                        Delivery.state.in_(states),
                        Run.state == RunState.SENDING,
                        Campaign.state == CampaignState.SENDING,
                    )
                )
                for moment, states in (
                    (Delivery.due_at, [DeliveryState.PLANNED]),
                    (Delivery.lease_until, [DeliveryState.CLAIMED, DeliveryState.CALLING]),
                    (Delivery.changed_at, [DeliveryState.IN_DOUBT]),
                )
            )
        moments = (campaign, delivery, lease, doubted + doubt if doubted else None)
        return min((moment for moment in moments if moment), default=None)

    # ------------------------------------------------------------------ the work

    def work(self) -> bool:
        """Claim one batch and send it; False when there was nothing to claim."""
        sizes = {channel: carrier.batch_size for channel, carrier in self.carriers.items()}
        with self.platform.transaction() as session:
            claim = claiming.claim(session, self.worker, at=self.platform.clock.now(), sizes=sizes)
        if claim is None:
            return False
        try:
            self._send(claim)
        finally:
            with self.platform.transaction() as session:
                ids = [row.delivery_id for row in claim.rows]
                claiming.put_back(session, ids, self.worker, at=self.platform.clock.now())
        return True

    def drain(self) -> None:
        """Work until nothing can be claimed at this moment."""
        while self.work():
            pass

    def _send(self, claim: Claim) -> None:
        carrier = self.carriers[claim.channel]

        def reads(row: Claimed) -> str:
            return row.language

        for language, rows in groupby(sorted(claim.rows, key=reads), key=reads):
            compiled = self._compile(claim, language)
            for wave in personal.waves(list(rows), carrier.batch_size):
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

        letters = personal.letters(rows, compiled, claim.networks, language, leave)
        with self.platform.transaction() as session:
            mine = claiming.begin_call(session, [row.delivery_id for row in rows], self.worker, at=clock.now())
        called = [row for row in rows if row.delivery_id in mine]
        if called:
            self._deliver(claim, carrier, compiled.message, called, [x for x in letters if x.delivery_id in mine])

    def _deliver(
        self, claim: Claim, carrier: Carrier, message: Message, rows: list[Claimed], letters: list[Letter]
    ) -> None:
        try:
            answers = carrier.send(message, letters)
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
        with self.platform.transaction() as session:
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
        with self.platform.transaction() as session:
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
        with self.platform.transaction() as session:
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
