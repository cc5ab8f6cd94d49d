"""A provider's events move deliveries forward, each event once, never back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, or_, select, update
from sqlalchemy.orm import Session

from campaigns import consequences
from campaigns.channels import DeliveryEvent, EventKind
from campaigns.models import Delivery, Receipt
from campaigns.states import DeliveryState, may_move
from contacts.models import Channel

_MEANS = {
    EventKind.ACCEPTED: DeliveryState.ACCEPTED,
    EventKind.DELIVERED: DeliveryState.DELIVERED,
    EventKind.READ: DeliveryState.READ,
    EventKind.BOUNCED: DeliveryState.BOUNCED,
    EventKind.FAILED: DeliveryState.FAILED,
}


@dataclass(slots=True)
class _Row:
    """A delivery as the events of one batch move it."""

    contact_id: int
    channel: Channel
    address: str
    state: DeliveryState
    before: DeliveryState
    reason: str
    detail: str
    provider_id: str
    accepted_at: datetime | None


def apply(session: Session, events: Sequence[DeliveryEvent], *, at: datetime) -> int:
    """Keep each event once and move its delivery forward; return how many were new.

    An event with our delivery id finds its row by it; one without by the provider's id. What fits no row, and kinds
    we do not know, are kept and change nothing.
    """
    fresh = _unseen(session, events)
    rows = _rows(session, fresh)
    by_provider = {row.provider_id: number for number, row in rows.items() if row.provider_id}
    receipts = []
    for event in fresh:
        # A delivery of ours that is not here (an older copy of the database) is nobody else's either.
        number = event.delivery_id if event.delivery_id is not None else by_provider.get(event.provider_id)
        number = number if number in rows else None
        receipts.append(
            {
                "provider": event.provider,
                "event_id": event.event_id,
                "delivery_id": number,
                "kind": event.kind.value,
                "code": event.code,
                "at": event.at,
                "received_at": at,
                "raw": event.raw,
            }
        )
        if number is not None:
            _move(rows[number], event)
            row = rows[number]
            consequences.draw(
                session,
                consequences.Reader(row.contact_id, row.channel, row.address),
                kind=event.kind,
                code=event.code,
                source=f"{event.provider}: {event.kind.value}",
                evidence=event.event_id,
                happened=event.at,
                at=at,
            )
    if receipts:
        session.execute(insert(Receipt), receipts)
    _write(session, rows, at)
    return len(fresh)


def _unseen(session: Session, events: Sequence[DeliveryEvent]) -> list[DeliveryEvent]:
    keyed = {(event.provider, event.event_id): event for event in reversed(events)}
    ids = [event_id for _provider, event_id in keyed]
    known: set[tuple[str, str]] = set()
    for start in range(0, len(ids), 500):
        found = session.execute(
            select(Receipt.provider, Receipt.event_id).where(Receipt.event_id.in_(ids[start : start + 500]))
        )
        known |= {(row.provider, row.event_id) for row in found}
    return sorted((event for key, event in keyed.items() if key not in known), key=lambda event: event.at)


def _rows(session: Session, events: Sequence[DeliveryEvent]) -> dict[int, _Row]:
    ids = {event.delivery_id for event in events if event.delivery_id is not None}
    sids = {event.provider_id for event in events if event.delivery_id is None and event.provider_id}
    wanted = select(
        Delivery.id,
        Delivery.contact_id,
        Delivery.channel,
        Delivery.address,
        Delivery.state,
        Delivery.reason,
        Delivery.detail,
        Delivery.provider_id,
        Delivery.accepted_at,
    )
    # Without our id only Twilio's is of one message; SendGrid's is of a whole call and finds nobody in particular.
    which = [column.in_(values) for column, values in ((Delivery.id, ids), (Delivery.provider_id, sids)) if values]
    single: dict[int, _Row] = {}
    if not which:
        return single
    # Held until the caller commits, lowest id first as everywhere: a worker records its answer before that or after.
    found = session.execute(wanted.where(or_(*which)).order_by(Delivery.id).with_for_update())
    for row in found:
        single[row.id] = _Row(
            contact_id=row.contact_id,
            channel=row.channel,
            address=row.address,
            state=row.state,
            before=row.state,
            reason=row.reason,
            detail=row.detail,
            provider_id=row.provider_id,
            accepted_at=row.accepted_at,
        )
    return single


def _move(row: _Row, event: DeliveryEvent) -> None:
    if event.provider_id and not row.provider_id:
        row.provider_id = event.provider_id
    target = _MEANS.get(event.kind)
    if target is None or not may_move(row.state, target):
        return
    row.state = target
    bad = target in {DeliveryState.BOUNCED, DeliveryState.FAILED}
    row.reason = event.code if bad else ""
    row.detail = event.detail[:500] if bad else ""
    if row.accepted_at is None and target != DeliveryState.FAILED:
        row.accepted_at = event.at


def _write(session: Session, rows: dict[int, _Row], at: datetime) -> None:
    changed: list[dict[str, Any]] = [
        {
            "row": number,
            "was": row.before,
            "new": row.state,
            "why": row.reason,
            "words": row.detail,
            "sid": row.provider_id,
            "taken": row.accepted_at,
        }
        for number, row in rows.items()
        if row.state != row.before
    ]
    if changed:
        session.connection().execute(
            update(Delivery)
            .where(Delivery.id == bindparam("row"), Delivery.state == bindparam("was"))
            .values(
                state=bindparam("new"),
                reason=bindparam("why"),
                detail=bindparam("words"),
                provider_id=bindparam("sid"),
                accepted_at=bindparam("taken"),
                changed_at=at,
                worker="",
                lease_until=None,
            ),
            changed,
        )
