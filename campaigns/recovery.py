"""Recovery: what was claimed and not called is planned again; what somebody gone was calling is in doubt."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, and_, case, false, literal, or_, select, update
from sqlalchemy.orm import Session

from campaigns.indexed import BEGUN, PLANNED
from campaigns.models import Delivery, Run
from campaigns.states import DeliveryState, RunState
from contacts.idsets import among


def put_back(
    session: Session, ids: Sequence[int], worker: str, *, at: datetime, marked: datetime | None = None
) -> None:
    """Give back rows that this worker claimed and did not call.

    `marked` is the moment of a mark of which the worker never heard whether it was written: no call was made by it.
    """
    unheard = and_(Delivery.state == DeliveryState.CALLING, Delivery.called_at == marked) if marked else false()
    mine = (among(Delivery.id, ids), Delivery.worker == worker)
    _give_back(session, at, or_(Delivery.state == DeliveryState.CLAIMED, unheard), *mine)


def sweep(session: Session, *, at: datetime, everything: bool = False, gone: Collection[str] = ()) -> int:
    """Settle work that nobody holds any more: expired leases, what workers that are `gone` held, or `everything`.

    What was claimed and never called returns to `planned`; what was being called is in doubt. What came back to
    `planned` after its run was cancelled, because the provider had not taken it, is left out. Returns how many rows.
    """
    late = session.execute(
        update(Delivery)
        .where(PLANNED, Delivery.run_id.in_(select(Run.id).where(Run.state == RunState.CANCELLED)))
        .values(state=DeliveryState.SKIPPED, reason="cancelled", changed_at=at)
        .execution_options(synchronize_session=False)
    )
    left = Delivery.worker != "" if everything else Delivery.lease_until <= at
    if gone:
        left = or_(left, Delivery.worker.in_(gone))
    doubtful = session.execute(
        update(Delivery)
        .where(BEGUN, Delivery.state == DeliveryState.CALLING, left)
        .values(state=DeliveryState.IN_DOUBT, reason="crash_while_calling", worker="", lease_until=None, changed_at=at)
        .execution_options(synchronize_session=False)
    )
    return _count(late) + _count(doubtful) + _give_back(session, at, Delivery.state == DeliveryState.CLAIMED, left)


def give_back(session: Session, ids: Sequence[int], *, at: datetime) -> int:
    """Return to `planned` which of these rows are claimed and not yet called, whoever holds them; how many were."""
    return _give_back(session, at, Delivery.state == DeliveryState.CLAIMED, among(Delivery.id, ids))


def _give_back(session: Session, at: datetime, *which: ColumnElement[bool]) -> int:
    cancelled = Delivery.run_id.in_(select(Run.id).where(Run.state == RunState.CANCELLED))
    given_back = session.execute(
        update(Delivery)
        .where(BEGUN, *which)
        .values(
            state=case(
                (cancelled, literal(DeliveryState.SKIPPED, Delivery.state.type)),
                else_=literal(DeliveryState.PLANNED, Delivery.state.type),
            ),
            reason=case((cancelled, "cancelled"), else_=Delivery.reason),
            worker="",
            lease_until=None,
            changed_at=at,
        )
        .execution_options(synchronize_session=False)
    )
    return _count(given_back)


def _count(result: Any) -> int:
    return int(result.rowcount) if isinstance(result, CursorResult) else 0
