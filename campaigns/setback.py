"""A clock that was set back: moments that only a clock ahead of the right one explains are made moments again.

A machine that comes up with a wrong date (a flat battery, before NTP has answered) writes for seconds what would then
hold for a day: leases, times of the next try, lines closed by the breaker, places of the 24 hours.
"""

from datetime import datetime, timedelta

from sqlalchemy import or_, update
from sqlalchemy.orm import Session

from campaigns.budget import Conversation
from campaigns.lines import SenderLine
from campaigns.models import Delivery
from campaigns.states import DeliveryState
from contacts.models import Channel

SKEW = timedelta(seconds=10)  # what the clocks of several machines may differ by
TRIAL = timedelta(hours=1)  # longer than any worker may keep a closed line to itself


def mend(session: Session, *, at: datetime) -> None:
    """Bring to `at` what was written later than that, so that nothing waits for a day that is not to come.

    What is under way is held no longer, as if its worker were gone; one that lives says what became of its call. A
    message that waits for the morning of its reader, and was never tried, keeps its moment.
    """
    ahead = Delivery.changed_at > at + SKEW
    begun = Delivery.state.in_([DeliveryState.CLAIMED, DeliveryState.CALLING])
    for which, values in (
        (begun, {"lease_until": at}),
        (Delivery.state == DeliveryState.IN_DOUBT, {}),
        (
            (Delivery.state == DeliveryState.PLANNED)
            & (Delivery.due_at > at)
            & or_(Delivery.attempts > 0, Delivery.channel == Channel.EMAIL),
            {"due_at": at},
        ),
    ):
        session.execute(
            update(Delivery)
            .where(which, ahead)
            .values(changed_at=at, **values)
            .execution_options(synchronize_session=False)
        )
    session.execute(
        update(SenderLine)
        .where(SenderLine.closed_until.is_not(None), SenderLine.closed_at > at + SKEW)
        .values(closed_at=at, closed_until=at, probe_until=None)  # to be tried
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(SenderLine)
        .where(SenderLine.probe_until > at + TRIAL)
        .values(probe_until=None)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(Conversation)
        .where(Conversation.opened_at > at + SKEW)
        .values(opened_at=at)
        .execution_options(synchronize_session=False)
    )
