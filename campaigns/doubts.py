"""Deliveries whose outcome is unknown: never sent again by themselves, settled by evidence or by a person."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from campaigns.models import Campaign, Delivery, Run
from campaigns.states import CampaignState, DeliveryState, RunState, guard
from contacts.errors import refuse


def decide(session: Session, delivery_ids: Sequence[int], *, sent: bool, at: datetime) -> int:
    """Take a person's word for a group of doubts: it was sent, or it is to be sent again. Returns how many moved.

    Sending again opens a run and a campaign that had ended. Refuses `doubt_cancelled` when the campaign was cancelled:
    nothing of it may leave any more.
    """
    _hold(session, delivery_ids)
    if not sent:
        _reopen(session, delivery_ids)
    target = DeliveryState.ACCEPTED if sent else DeliveryState.PLANNED
    values = {"accepted_at": Delivery.called_at} if sent else {"due_at": at}
    moved = session.scalars(
        update(Delivery)
        .where(Delivery.id.in_(delivery_ids), Delivery.state == DeliveryState.IN_DOUBT)
        .values(state=target, reason="person_decided", changed_at=at, **values)
        .returning(Delivery.id)
        .execution_options(synchronize_session=False)
    )
    return len(moved.all())


def _hold(session: Session, delivery_ids: Sequence[int]) -> None:
    """Let nobody end or cancel the campaigns of these doubts before the caller's transaction has ended."""
    runs = select(Delivery.run_id).where(Delivery.id.in_(delivery_ids))
    campaigns = select(Run.campaign_id).where(Run.id.in_(runs))
    session.execute(
        select(Campaign)
        .where(Campaign.id.in_(campaigns))
        .order_by(Campaign.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def _reopen(session: Session, delivery_ids: Sequence[int]) -> None:
    runs = session.scalars(
        select(Run).where(
            Run.id.in_(
                select(Delivery.run_id).where(Delivery.id.in_(delivery_ids), Delivery.state == DeliveryState.IN_DOUBT)
            )
        ),
        execution_options={"populate_existing": True},
    ).all()
    for run in runs:
        campaign: Campaign = run.campaign
        if run.state == RunState.CANCELLED or campaign.state == CampaignState.CANCELLED:
            raise refuse("doubt_cancelled", "campaña", campaign.id)
        if run.state == RunState.FINISHED:
            guard(run.state, RunState.SENDING)
            run.state = RunState.SENDING
        if campaign.state in {CampaignState.FINISHED, CampaignState.SCHEDULED}:
            guard(campaign.state, CampaignState.SENDING)
            campaign.state = CampaignState.SENDING
    session.flush()
