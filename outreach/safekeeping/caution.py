"""What a restored installation must not do by itself: a backup does not know what was sent after it was made.

Nothing leaves before a person has looked. Every sending is stopped; whatever may have left between the backup and now
is in doubt, with the reason `restored`, as after a crash in the middle of a call, and is settled as every doubt is: by
what a provider tells, or by a person's word. A moment that came since waits for a person's word, and so does a run of
which nothing was written yet: it may have gone to everybody. Campaigns that may have begun since are paused, with the
same reason.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import CursorResult, delete, func, literal, or_, select, update
from sqlalchemy.orm import Session

from campaigns import misfires, stopping
from campaigns.models import Campaign, Delivery, Run
from campaigns.states import CampaignState, DeliveryState, RunState
from contacts.base import UtcDateTime
from outreach import keep, marks
from outreach.i18n import gettext as _
from outreach.keep import Kept

RESTORED = "restored"


@dataclass(frozen=True, slots=True)
class Held:
    """How much a restored installation holds back."""

    deliveries: int  # in doubt
    campaigns: int  # in pause
    asked: int  # campaigns with a run that waits for a person's word


def hold_back(session: Session, *, made_at: datetime, at: datetime, by: str) -> Held:
    """Stop everything; put in doubt what may have left since the backup of `made_at`, hold what may have begun.

    `at` is now, `by` who restores.

    No arrow leads from `planned` to `in_doubt`: nobody called. It is our memory that has a gap, and a row whose turn
    had come by now may have gone all the way in it. One that waits for a later moment cannot have gone.
    """
    session.execute(delete(Kept).where(or_(Kept.name == keep.MOVED, Kept.until.is_not(None))))
    keep.note_restored(session, made_at=made_at, at=at)
    misfires.hold_forgotten(session, at=at)
    if stopping.stopped(session) is None:
        moment = f"{made_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        stopping.stop(session, at=at, by=by, reason=_("Se restauró el respaldo del %(moment)s.", moment=moment))
    marks.begin_anew(session, session.scalar(select(func.max(Delivery.id))) or 0)
    under_way = select(Run.id).where(Run.state == RunState.SENDING)
    begun = Delivery.state.in_([DeliveryState.CLAIMED, DeliveryState.CALLING])
    due = (Delivery.state == DeliveryState.PLANNED) & (Delivery.due_at <= at) & Delivery.run_id.in_(under_way)
    deliveries = session.execute(
        update(Delivery)
        .where(or_(begun, due))
        .values(
            state=DeliveryState.IN_DOUBT,
            reason=RESTORED,
            called_at=func.coalesce(
                Delivery.called_at, literal(made_at, UtcDateTime())
            ),  # not before: from there on it is looked for
            worker="",
            lease_until=None,
            changed_at=at,
        )
        .execution_options(synchronize_session=False)
    )
    asked = select(Run.campaign_id).where(Run.state == RunState.HELD)
    campaigns = session.execute(
        update(Campaign)
        .where(
            or_(
                Campaign.state == CampaignState.SENDING,
                (Campaign.state == CampaignState.SCHEDULED) & Campaign.id.in_(asked),
            )
        )
        .values(state=CampaignState.PAUSED, pause_reason=RESTORED)
        .execution_options(synchronize_session=False)
    )
    assert isinstance(deliveries, CursorResult)
    assert isinstance(campaigns, CursorResult)
    return Held(
        deliveries.rowcount,
        campaigns.rowcount,
        session.scalar(select(func.count()).select_from(asked.distinct().subquery())) or 0,
    )
