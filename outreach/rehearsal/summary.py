"""What a rehearsal came to: what went, to how many, by which way, what was left out and why, what is still to come."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from campaigns.models import Campaign, Delivery, GroupTask, Run
from campaigns.states import REACHED, WAITING, CampaignState, DeliveryState, RunState
from contacts.models import Network


@dataclass(slots=True)
class CampaignLine:
    """One campaign: how often it ran, and what became of its deliveries."""

    title: str
    runs: int = 0
    reached: int = 0
    other: int = 0  # bounced, failed, in doubt
    skipped: int = 0
    posts: int = 0


@dataclass(frozen=True, slots=True)
class Pending:
    """A campaign with something left to do: its next moment (UTC), or None when only a person is missing."""

    title: str
    due_at: datetime | None
    state: str


@dataclass(slots=True)
class Summary:
    """The figures. `ways` is channel → state → deliveries; `skipped` is channel → reason code → people."""

    campaigns: list[CampaignLine] = field(default_factory=list)
    ways: dict[str, dict[str, int]] = field(default_factory=dict)
    skipped: dict[str, dict[str, int]] = field(default_factory=dict)
    posts: dict[str, int] = field(default_factory=dict)  # group → posts made
    pending: list[Pending] = field(default_factory=list)
    waiting: int = 0  # deliveries that wait for their reader's morning
    tasks: int = 0  # group posts that nobody made yet

    @property
    def deliveries(self) -> int:
        """Every row of the log."""
        return sum(sum(states.values()) for states in self.ways.values())


def summarize(session: Session) -> Summary:
    """Return the figures of everything that ran in a database."""
    summary = Summary()
    for channel, state, number in session.execute(
        select(Delivery.channel, Delivery.state, func.count()).group_by(Delivery.channel, Delivery.state)
    ):
        summary.ways.setdefault(channel.value, {})[state.value] = number
        summary.waiting += number if state in WAITING else 0
    for channel, reason, number in session.execute(
        select(Delivery.channel, Delivery.reason, func.count())
        .where(Delivery.state == DeliveryState.SKIPPED)
        .group_by(Delivery.channel, Delivery.reason)
        .order_by(Delivery.channel, func.count().desc(), Delivery.reason)
    ):
        summary.skipped.setdefault(channel.value, {})[reason] = number
    posts = session.execute(
        select(Network.name, func.count(GroupTask.published_at), func.count())
        .join(GroupTask, GroupTask.network_id == Network.id)
        .group_by(Network.name)
        .order_by(Network.name)
    )
    for name, made, asked in posts:
        summary.posts[name] = made
        summary.tasks += asked - made
    summary.campaigns = _campaigns(session)
    summary.pending = [
        Pending(campaign.title, campaign.next_due_at, campaign.state.value)
        for campaign in session.scalars(
            select(Campaign)
            .where(Campaign.state.not_in([CampaignState.FINISHED, CampaignState.CANCELLED, CampaignState.DRAFT]))
            .order_by(Campaign.next_due_at.is_(None), Campaign.next_due_at, Campaign.id)
        )
    ]
    return summary


def _campaigns(session: Session) -> list[CampaignLine]:
    lines: dict[int, CampaignLine] = {}
    first = func.min(Run.due_at)
    ran = session.execute(
        select(Campaign.id, Campaign.title, func.count(Run.id), first)
        .join(Run, Run.campaign_id == Campaign.id)
        .where(Run.state != RunState.MISSED)
        .group_by(Campaign.id)
        .order_by(first, Campaign.id)
    )
    for campaign_id, title, runs, _first in ran:
        lines[campaign_id] = CampaignLine(title, runs)
    states = session.execute(
        select(Run.campaign_id, Delivery.state, func.count())
        .join(Run, Run.id == Delivery.run_id)
        .group_by(Run.campaign_id, Delivery.state)
    )
    for campaign_id, state, number in states:
        _count(lines[campaign_id], state, number)
    posts = session.execute(
        select(Run.campaign_id, func.count(GroupTask.published_at))
        .join(GroupTask, GroupTask.run_id == Run.id)
        .group_by(Run.campaign_id)
    )
    for campaign_id, number in posts:
        lines[campaign_id].posts = number
    return list(lines.values())


def _count(line: CampaignLine, state: DeliveryState, number: int) -> None:
    if state in REACHED:
        line.reached += number
    elif state == DeliveryState.SKIPPED:
        line.skipped += number
    elif state not in WAITING:
        line.other += number


def total(ways: Mapping[str, int], *states: DeliveryState) -> int:
    """Return how many deliveries of one channel are in these states."""
    return sum(ways.get(state.value, 0) for state in states)
