"""What the provider answered becomes the state of each delivery."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Integer, bindparam, func, or_, select, update
from sqlalchemy.orm import Session

from campaigns import consequences
from campaigns.channels import Outcome, Result
from campaigns.models import Delivery
from campaigns.states import DeliveryState, sources
from contacts.idsets import among

FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(minutes=30)
MOST_DOUBLINGS = 12


def record(
    session: Session, outcomes: Iterable[Outcome], *, at: datetime, attempts: Mapping[int, int], jitter: float = 0.0
) -> None:
    """Write what the provider answered. A row that a receipt moved on already keeps its state.

    `attempts` are the tries of each delivery before this one: whoever answers so late that the letter has been tried
    again since only tells that it was accepted, which is true whoever asked, and nothing else. `jitter` in [0, 1)
    spreads the next tries, so that workers do not come back all at once.
    """
    outcomes = sorted(outcomes, key=lambda outcome: outcome.delivery_id)
    hold(session, [outcome.delivery_id for outcome in outcomes])
    accepted: defaultdict[str, list[int]] = defaultdict(list)
    by_result: dict[Result, list[dict[str, Any]]] = {result: [] for result in Result}
    for outcome in map(partial(_in_the_end, attempts), outcomes):
        if outcome.result == Result.ACCEPTED:
            accepted[outcome.provider_id].append(outcome.delivery_id)
            continue
        row = {"row": outcome.delivery_id, "sid": outcome.provider_id, "why": outcome.code}
        row["words"] = outcome.detail[:500]
        before = attempts.get(outcome.delivery_id)
        row["try"] = None if before is None else before + 1
        row["again"] = at + wait(outcome.retry_after, attempts.get(outcome.delivery_id, 0), jitter)
        by_result[outcome.result].append(row)
    if accepted:
        _accept(session, accepted, at)
    mine = or_(_TRY.is_(None), Delivery.attempts == _TRY)
    words: dict[str, Any] = {"reason": bindparam("why"), "detail": bindparam("words")}
    if refused := by_result[Result.REFUSED]:
        move_each(session, refused, DeliveryState.FAILED, at, mine, **words)
        consequences.draw_from_refusals(session, {row["row"]: row["why"] for row in refused}, at=at)
    if unknown := by_result[Result.UNKNOWN]:
        move_each(session, unknown, DeliveryState.IN_DOUBT, at, mine, provider_id=bindparam("sid"), **words)
    if again := by_result[Result.RETRY]:
        move_each(session, again, DeliveryState.PLANNED, at, mine, due_at=bindparam("again"), **words)


def _in_the_end(attempts: Mapping[int, int], outcome: Outcome) -> Outcome:
    """Return what an answer comes to: who is asked to wait too often was refused."""
    if outcome.result == Result.RETRY and outcome.tries and attempts.get(outcome.delivery_id, 0) + 1 >= outcome.tries:
        return replace(outcome, result=Result.REFUSED, code="kept_waiting")
    return outcome


def _accept(session: Session, accepted: Mapping[str, list[int]], at: datetime) -> None:
    """Write that letters were taken, by the provider's id: one for a whole call (SendGrid), or one for each letter."""
    given = [{"ids": ids, "sid": provider_id, "at": at} for provider_id, ids in accepted.items()]
    moved = session.connection().execute(_ACCEPT, given).rowcount
    if moved < sum(map(len, accepted.values())):
        # A receipt that came before this commit has moved the row; the provider's id is still news.
        session.connection().execute(_NAME, given)


_ACCEPT = (
    update(Delivery)
    .where(
        among(Delivery.id, "ids"), or_(*[Delivery.state == state for state in sorted(sources(DeliveryState.ACCEPTED))])
    )
    .values(
        state=DeliveryState.ACCEPTED,
        reason="",
        detail="",
        provider_id=bindparam("sid"),
        accepted_at=bindparam("at"),
        worker="",
        lease_until=None,
        changed_at=bindparam("at"),
    )
)
_NAME = (
    update(Delivery)
    .where(among(Delivery.id, "ids"), Delivery.provider_id == "")
    .values(provider_id=bindparam("sid"), accepted_at=func.coalesce(Delivery.accepted_at, bindparam("at")))
)


def hold(session: Session, ids: Sequence[int]) -> None:
    """Keep deliveries for the caller's transaction, lowest id first: whoever moves several does it in this order.

    SQLite's writers stand in one line anyway, so there is nothing to ask.
    """
    if session.get_bind().dialect.name != "sqlite":
        session.connection().execute(
            select(Delivery.id).where(among(Delivery.id, ids)).order_by(Delivery.id).with_for_update()
        ).all()


def wait(asked: float | None, attempts: int, jitter: float) -> timedelta:
    """Return how long to wait before the next try: what the provider asked for, else 5 s doubling to 30 min.

    `jitter` in [0, 1) adds up to half as much again.
    """
    span = timedelta(seconds=asked) if asked is not None else FIRST_WAIT * 2 ** min(attempts, MOST_DOUBLINGS)
    return min(LONGEST_WAIT, span) * (1 + jitter / 2) if asked is None else span * (1 + jitter / 2)


_TRY = bindparam("try", type_=Integer())


def move_each(
    session: Session,
    rows: list[dict[str, Any]],
    target: DeliveryState,
    at: datetime,
    *only: ColumnElement[bool],
    **values: Any,
) -> None:
    """Move each row (`row` is its id, further keys are bound by name) where an arrow leads from its present state."""
    origins = or_(*[Delivery.state == state for state in sorted(sources(target))])
    session.connection().execute(
        update(Delivery)
        .where(Delivery.id == bindparam("row"), origins, *only)
        .values(state=target, worker="", lease_until=None, changed_at=at, **values),
        rows,
    )
