"""What is known of letters under way when the process that sent them died: proof, from outside of the database."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from campaigns import doubts, outcomes
from campaigns.channels import Outcome, Result
from campaigns.models import Delivery
from campaigns.states import DeliveryState


def settle(session: Session, known: Mapping[int, tuple[int, str | None]], *, at: datetime) -> int:
    """Settle letters by what their dead process noted; return how many.

    By delivery: which try the note is of, and the provider's id where the letter was taken, None where it certainly
    was not. A row that went on since then (another try, an event, a person's word) keeps its state.
    """
    doubts.hold(session, sorted(known))
    rows = session.execute(
        select(Delivery.id, Delivery.attempts).where(
            Delivery.id.in_(known), Delivery.state.in_([DeliveryState.CALLING, DeliveryState.IN_DOUBT])
        )
    ).all()
    meant = {row.id: known[row.id][1] for row in rows if row.attempts == known[row.id][0]}
    _into_doubt(session, meant, at)
    taken = [
        Outcome(number, Result.ACCEPTED, provider_id=provider_id)
        for number, provider_id in meant.items()
        if provider_id is not None
    ]
    outcomes.record(session, taken, at=at, attempts={})
    for number, provider_id in meant.items():
        if provider_id is None:
            doubts.not_accepted(session, number, at=at, reason="crash_not_sent")
    return len(meant)


def _into_doubt(session: Session, ids: Iterable[int], at: datetime) -> None:
    """Do what the sweep does with rows whose worker is gone: from there evidence leads on."""
    session.execute(
        update(Delivery)
        .where(Delivery.id.in_(list(ids)), Delivery.state == DeliveryState.CALLING)
        .values(state=DeliveryState.IN_DOUBT, reason="crash_while_calling", worker="", lease_until=None, changed_at=at)
        .execution_options(synchronize_session=False)
    )
