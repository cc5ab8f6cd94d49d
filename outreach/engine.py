"""Who does the work: one tick that asks what is due, and workers that claim, call and record.

The delivery table is the truth; whoever runs this may be killed at any line. `scheduler.py`, `outreach serve` and a
rehearsal in virtual time all drive this same engine.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from threading import Event

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from campaigns import admission, audience, planning, recovery, runs, setback
from campaigns.channels import Carrier
from campaigns.models import Campaign, Delivery, Run
from campaigns.states import CampaignState, DeliveryState, RunState
from contacts.errors import Refused
from contacts.models import Channel
from outreach import keep, presence
from outreach.dispatch import Dispatcher
from outreach.halting import halt
from outreach.inquiring import Inquirer
from outreach.newcomers import process_entries
from outreach.platform import Platform
from outreach.reception import process_batches
from outreach.release import sizes

WORKERS = "worker:"  # beginning of the names in `kept` under which workers say that they live
STEADY = timedelta(seconds=10)  # of looking, before whoever is silent is taken for dead: the silence may be ours
AUDIENCE_UNREADABLE = "audience_unreadable"  # the reason of a pause: a segment that a newer platform wrote
GAP = timedelta(seconds=5)  # between two looks, that begins the wait anew


class Engine:
    """The sending of one installation, on one platform, through these carriers."""

    def __init__(
        self,
        platform: Platform,
        carriers: Mapping[Channel, Carrier],
        *,
        random: Random | None = None,
        name: str = "",
        inquirer: Inquirer | None = None,
    ) -> None:
        self.platform = platform
        self._inquirer = inquirer  # asked by the tick in virtual time alone: questions take as long as they take
        self.carriers = dict(carriers)
        self.random = random or Random()  # noqa: S311 — spreads retries, keeps no secret
        self.worker = name or presence.myself(self.random)
        self.stopping = Event()  # set by whoever ends the workers: no wait for a turn to send outlasts it
        self._dispatcher = Dispatcher(platform, self.carriers, self.worker, self.random, self.stopping)
        taken = sizes(platform.settings, list(self.carriers.values()))
        self._claims = {way.value: -(-size // taken.get(way, size)) for way, size in platform.chunks.items()}
        self._looking_since = self._looked = platform.clock.now()
        self._mended = False  # since this process began: the last one may have ended with a wrong clock

    # ------------------------------------------------------------------ the tick

    def tick(self) -> None:
        """Ask once what is due: events that came, leases that ran out, campaigns to start, runs to end."""
        process_batches(self.platform)
        process_entries(self.platform)
        now = self.platform.clock.now()
        settings = self.platform.settings
        with self.platform.transaction("start") as session:
            if not self._mended or now < self._looked:
                setback.mend(session, at=now)
                self._mended = True
            gone = self._gone(session, now)
            recovery.sweep(session, at=now, gone=gone)
            for worker in gone:
                keep.give_back(session, WORKERS + worker, worker)
            planning.start_due(session, at=now, late_minutes=settings.late_minutes)
            self.platform.put_in(session)
        for run_id in self._unprepared():
            if self.stopping.is_set():
                return
            self._prepare(run_id, now)
        while self._inquirer and self._inquirer.ask():
            pass
        self.close_runs()

    def _gone(self, session: Session, now: datetime) -> list[str]:
        """Return the workers that are certainly dead: silent, while this process has been looking all the time.

        After an outage of the database everybody was silent, and a clock that is set makes everybody look so.
        """
        if not timedelta() <= now - self._looked <= GAP:
            self._looking_since = now
        self._looked = now
        steady = now - self._looking_since >= STEADY
        known = keep.holders(session, WORKERS, at=now)
        return [name for name, silent in known.items() if (silent and steady) or presence.certainly_dead(name)]

    def _prepare(self, run_id: int, now: datetime) -> None:
        """Write a run's deliveries. One whose audience cannot be read waits for a person; the others go on."""
        try:
            with self.platform.transaction("prepare") as session:
                run = session.get_one(Run, run_id, with_for_update=True)  # or prepared by another by then
                campaign_id = run.campaign_id
                audience.prepare(session, run, at=now, quiet=self.platform.settings.quiet_hours)
        except Refused as refused:
            halt(self.platform, campaign_id, AUDIENCE_UNREADABLE, refused.faults[0].code)

    def _unprepared(self) -> Sequence[int]:
        with self.platform.reading() as session:
            return session.scalars(
                select(Run.id).where(Run.state == RunState.SENDING, Run.prepared_at.is_(None)).order_by(Run.id)
            ).all()

    def close_runs(self) -> None:
        """End every run that has nothing left to do."""
        now = self.platform.clock.now()
        with self.platform.transaction("finish") as session:
            for run in runs.finish(session, at=now, doubt_seconds=self.platform.settings.doubt_seconds):
                planning.settle(session, run.campaign)

    def recover(self) -> int:
        """Settle what workers that are certainly gone left behind; for the one process that owns the database."""
        with self.platform.transaction("start") as session:
            return recovery.sweep(session, at=self.platform.clock.now(), everything=True)

    def left(self) -> int:
        """Return how many people are still to be written to in what is being sent; 0 when the database is silent."""
        waits = (
            Delivery.state.in_([DeliveryState.PLANNED, DeliveryState.CLAIMED]),
            Run.state == RunState.SENDING,
            Campaign.state == CampaignState.SENDING,
        )
        try:
            with self.platform.reading() as session:
                asked = select(func.count()).select_from(Delivery).join(Run).join(Campaign).where(*waits)
                return session.scalar(asked) or 0
        except DBAPIError:
            return 0

    def next_due(self) -> datetime | None:
        """Return the moment of the next thing to do by time alone; None when nothing is planned."""
        asking = self._inquirer.next_due() if self._inquirer else None
        doubt = timedelta(seconds=self.platform.settings.doubt_seconds)
        with self.platform.reading() as session:
            campaign = session.scalar(
                select(func.min(Campaign.next_due_at)).where(
                    Campaign.state.in_([CampaignState.SCHEDULED, CampaignState.SENDING])
                )
            )
            now = self.platform.clock.now()
            delivery = admission.next_due(session, self.platform.settings.senders)
            lease, doubted = (
                session.scalar(
                    select(func.min(moment))
                    .join(Run, Run.id == Delivery.run_id)
                    .join(Campaign, Campaign.id == Run.campaign_id)
                    .where(
                        Delivery.state.in_(states),
                        (Delivery.state != DeliveryState.IN_DOUBT) | (Delivery.changed_at > now - doubt),
                        Run.state == RunState.SENDING,
                        Campaign.state == CampaignState.SENDING,
                    )
                )
                for moment, states in (
                    (Delivery.lease_until, [DeliveryState.CLAIMED, DeliveryState.CALLING]),
                    (Delivery.changed_at, [DeliveryState.IN_DOUBT]),
                )
            )
        moments = (campaign, delivery, lease, doubted + doubt if doubted else None, asking)
        return min((moment for moment in moments if moment), default=None)

    # ------------------------------------------------------------------ the work

    def work(self) -> bool:
        """Claim one batch and send it; False when there was nothing to claim."""
        if self.stopping.is_set():
            return False
        return self._dispatcher.work()

    def chunk(self, channel: str) -> None:
        """Do what one job stands for: claim and send as often as a chunk of this channel takes; less when all is done.

        Which run and channel is next, the claim decides each time: a job says that there is work, and not whose.
        """
        for _claim in range(self._claims.get(channel, 1)):
            if not self.work():
                return

    def drain(self) -> None:
        """Work until nothing can be claimed at this moment."""
        while self.work():
            pass
