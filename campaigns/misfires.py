"""Runs whose moment passed and that wait for a person's word: which there are, and how a gap in memory makes them."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload

from campaigns import planning
from campaigns.models import Campaign, Run
from campaigns.states import CampaignState, RunState


def waiting(session: Session, campaign_id: int | None = None) -> list[Run]:
    """Return the runs that wait for a word, of one campaign or of all, by moment."""
    held = select(Run).where(Run.state == RunState.HELD).options(joinedload(Run.campaign)).order_by(Run.due_at, Run.id)
    return list(session.scalars(held if campaign_id is None else held.where(Run.campaign_id == campaign_id)))


def hold_forgotten(session: Session, *, at: datetime) -> None:
    """Make a person be asked of every moment until `at` of which nothing is known: it may have gone out, to everybody.

    For an installation that remembers less than it did. Whatever a campaign chose for moments that passed while
    nothing ran is no answer here, because something may have run. That holds for one in pause as well: it may have
    been resumed. Of several moments of one campaign the last is asked of, as `planning.start_due` sends it.

    No arrow leads from `sending` to `held`: nobody holds a run that began. Here it is not known whether it has.
    """
    session.execute(
        update(Run)
        .where(Run.state == RunState.SENDING, Run.prepared_at.is_(None))
        .values(state=RunState.HELD)
        .execution_options(synchronize_session=False)
    )
    known = [CampaignState.SCHEDULED, CampaignState.SENDING, CampaignState.PAUSED]
    due = select(Campaign).where(Campaign.next_due_at <= at, Campaign.state.in_(known)).order_by(Campaign.id)
    for campaign in session.scalars(due).all():
        latest = planning.pass_by(campaign, at=at)
        if session.scalar(select(Run.id).where(Run.campaign_id == campaign.id, Run.due_at == latest)) is None:
            session.add(Run(campaign=campaign, due_at=latest, version=campaign.version, state=RunState.HELD))
    session.flush()
