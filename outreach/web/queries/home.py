"""What the first page tells: what needs a person, what is running, what comes next, the quarter so far."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from campaigns.calendar import Schedule, occurrences
from campaigns.indexed import IN_DOUBT
from campaigns.models import Campaign, Delivery, GroupTask, Run
from campaigns.states import CampaignState, RunState
from contacts.models import ConsentEntry, Decision

MOST_NEXT = 8


@dataclass(frozen=True, slots=True)
class Due:
    """One dated sending that is still to come."""

    at: datetime
    campaign: Campaign


def waiting_tasks(session: Session) -> int:
    """Return how many posts in groups wait for a person."""
    return (
        session.scalar(
            select(func.count())
            .select_from(GroupTask)
            .join(Run)
            .join(Campaign)
            .where(
                GroupTask.published_at.is_(None),
                Run.state == RunState.SENDING,
                Campaign.state == CampaignState.SENDING,
            )
        )
        or 0
    )


def doubts(session: Session, before: datetime) -> list[tuple[Campaign, int]]:
    """Return the campaigns with deliveries that are in doubt since before a moment, and how many."""
    rows = session.execute(
        select(Campaign, func.count())
        .select_from(Delivery)
        .join(Run, Run.id == Delivery.run_id)
        .join(Campaign, Campaign.id == Run.campaign_id)
        .where(IN_DOUBT, Delivery.changed_at <= before)
        .group_by(Campaign.id)
        .order_by(Campaign.id)
    )
    return [(campaign, count) for campaign, count in rows]


def stopped(session: Session) -> list[Campaign]:
    """Return the campaigns in pause, those that a fault stopped first."""
    return list(
        session.scalars(
            select(Campaign)
            .where(Campaign.state == CampaignState.PAUSED)
            .order_by(Campaign.pause_reason == "person", Campaign.id)
        )
    )


def running(session: Session) -> list[tuple[Campaign, list[int]]]:
    """Return the campaigns that are sending to people now, with their open runs. Group tasks are told apart."""
    found: dict[int, tuple[Campaign, list[int]]] = {}
    for run in session.scalars(
        select(Run)
        .join(Campaign)
        .where(Run.state == RunState.SENDING, Campaign.state == CampaignState.SENDING)
        .options(joinedload(Run.campaign))
        .order_by(Run.due_at.desc())
    ):
        if run.campaign.channels != ["whatsapp-grupo"]:
            found.setdefault(run.campaign_id, (run.campaign, []))[1].append(run.id)
    return list(found.values())


def coming(session: Session, after: datetime, until: datetime | None = None, most: int = MOST_NEXT) -> list[Due]:
    """Return the sendings to come in order, each moment of a campaign that recurs by itself."""
    campaigns: Sequence[Campaign] = session.scalars(
        select(Campaign)
        .where(
            Campaign.next_due_at.is_not(None),
            Campaign.state.in_([CampaignState.SCHEDULED, CampaignState.SENDING, CampaignState.PAUSED]),
        )
        .order_by(Campaign.next_due_at)
    ).all()
    found = []
    for campaign in campaigns:
        moments = occurrences(Schedule.from_json(campaign.schedule), campaign.timezone)
        ahead = [moment for moment in moments if moment > after and (until is None or moment <= until)]
        found += [Due(moment, campaign) for moment in ahead[:most]]
    return sorted(found, key=lambda due: (due.at, due.campaign.id))[:most]


def withdrawn(session: Session, since: datetime) -> int:
    """Return how many people left a channel or a purpose since a moment."""
    people = select(func.count(func.distinct(ConsentEntry.contact_id))).where(
        ConsentEntry.decision == Decision.WITHDRAWN, ConsentEntry.at >= since
    )
    return session.scalar(people) or 0


def quarter(day: date) -> tuple[date, date]:
    """Return the first and the last day of the quarter of a day."""
    first = date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)
    following = date(day.year + (first.month == 10), (first.month + 2) % 12 + 1, 1)  # noqa: PLR2004 — October
    return first, date.fromordinal(following.toordinal() - 1)
