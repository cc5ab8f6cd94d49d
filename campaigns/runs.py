"""The end of a run: nothing left to do, or cancelled by a person."""

from datetime import datetime, timedelta

from sqlalchemy import exists, or_, select, update
from sqlalchemy.orm import Session

from campaigns.indexed import BEGUN, IN_DOUBT, PLANNED
from campaigns.models import Campaign, Delivery, GroupTask, Run
from campaigns.states import DeliveryState, RunState


def cancel_run(session: Session, run: Run, *, at: datetime) -> None:
    """Leave out what is still planned in a run, with the reason."""
    session.execute(
        update(Delivery)
        .where(Delivery.run_id == run.id, Delivery.state == DeliveryState.PLANNED)
        .values(state=DeliveryState.SKIPPED, reason="cancelled", changed_at=at)
        .execution_options(synchronize_session=False)
    )


def finish(session: Session, *, at: datetime, doubt_seconds: int) -> list[Run]:
    """Close every run that has nothing left to do and return them.

    A doubt keeps its run open for `doubt_seconds`; a group task keeps it open until somebody has published it.
    """
    # Asked at every tick: each of the three looks into the index of its own rows, never at those that are done.
    planned = exists().where(Delivery.run_id == Run.id, PLANNED)
    begun = select(Delivery.run_id).where(BEGUN)
    young = select(Delivery.run_id).where(IN_DOUBT, Delivery.changed_at > at - timedelta(seconds=doubt_seconds))
    busy = or_(planned, Run.id.in_(begun), Run.id.in_(young))
    unpublished = exists().where(GroupTask.run_id == Run.id, GroupTask.published_at.is_(None))
    ended = (Run.state == RunState.SENDING, Run.prepared_at.is_not(None), ~busy, ~unpublished)
    campaigns = session.scalars(select(Run.campaign_id).where(*ended)).all()
    if not campaigns:
        return []
    # Looked at again with the campaign held: a person may be sending a doubt again, or cancelling, at this moment.
    session.execute(select(Campaign.id).where(Campaign.id.in_(campaigns)).order_by(Campaign.id).with_for_update())
    done = session.scalars(select(Run).where(*ended).order_by(Run.id)).all()
    for run in done:
        run.state = RunState.FINISHED
        run.finished_at = at
    session.flush()
    return list(done)
