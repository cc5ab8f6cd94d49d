"""A provider's events move deliveries forward, each event once, never back."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from campaigns import consequences
from campaigns.bulk import insert_rows
from campaigns.channels import DeliveryEvent, EventKind
from campaigns.indexed import NAMED
from campaigns.models import Delivery, Receipt
from campaigns.states import DeliveryState, may_move
from contacts.base import table_of
from contacts.idsets import among, among_texts
from contacts.models import Channel

_MEANS = {
    EventKind.ACCEPTED: DeliveryState.ACCEPTED,
    EventKind.DELIVERED: DeliveryState.DELIVERED,
    EventKind.READ: DeliveryState.READ,
    EventKind.BOUNCED: DeliveryState.BOUNCED,
    EventKind.FAILED: DeliveryState.FAILED,
}
_BAD = frozenset({DeliveryState.BOUNCED, DeliveryState.FAILED})


@dataclass(slots=True)
class _Row:
    """A delivery as the events of one batch move it; `before` is how the database has it."""

    contact_id: int
    channel: Channel
    address: str
    state: DeliveryState
    provider_id: str
    accepted_at: datetime | None
    before: tuple[DeliveryState, str, datetime | None]
    reason: str = ""
    detail: str = ""


def apply(session: Session, events: Sequence[DeliveryEvent], *, at: datetime) -> int:
    """Keep each event once and move its delivery forward; return how many were new.

    An event with our delivery id finds its row by it; one without by the provider's id. What fits no row, and kinds
    we do not know, are kept and change nothing. However many events speak of one delivery, its row is written once.
    """
    fresh = _unseen(session, events)
    rows = _rows(session, fresh)
    by_provider = {row.provider_id: number for number, row in rows.items() if row.provider_id}
    receipts, fates = [], []
    for event in fresh:
        # A delivery of ours that is not here (an older copy of the database) is nobody else's either.
        number = event.delivery_id if event.delivery_id is not None else by_provider.get(event.provider_id)
        row = rows.get(number) if number is not None else None
        receipts.append(
            {
                "provider": event.provider,
                "event_id": event.event_id,
                "delivery_id": number if row else None,
                "kind": event.kind.value,
                "code": event.code,
                "at": event.at,
                "received_at": at,
                "raw": event.raw,
            }
        )
        if row:
            _move(row, event)
            if consequences.matters(event.kind, event.code):
                fates.append(_fate(row, event))
    insert_rows(session, table_of(Receipt), receipts)
    consequences.draw(session, fates, at=at)
    _write(session, rows, at)
    return len(fresh)


def _unseen(session: Session, events: Sequence[DeliveryEvent]) -> list[DeliveryEvent]:
    """Return the events that are not kept yet, each once, the earliest first."""
    keyed: dict[str, dict[str, DeliveryEvent]] = defaultdict(dict)
    for event in events:
        keyed[event.provider].setdefault(event.event_id, event)
    for provider, theirs in keyed.items():
        known = select(Receipt.event_id).where(Receipt.provider == provider, among_texts(Receipt.event_id, theirs))
        for event_id in session.scalars(known).all():
            del theirs[event_id]
    return sorted((event for theirs in keyed.values() for event in theirs.values()), key=lambda event: event.at)


def _rows(session: Session, events: Sequence[DeliveryEvent]) -> dict[int, _Row]:
    ids = {event.delivery_id for event in events if event.delivery_id is not None}
    # Without our id only Twilio's is of one message; SendGrid's is of a whole call and finds nobody in particular.
    sids = {event.provider_id for event in events if event.delivery_id is None and event.provider_id}
    if sids:
        ids.update(session.scalars(select(Delivery.id).where(NAMED, among_texts(Delivery.provider_id, sids))))
    delivery = table_of(Delivery).c
    rows: dict[int, _Row] = {}
    # Held until the caller commits, lowest id first as everywhere: a worker records its answer before that or after.
    found = session.execute(
        select(
            delivery.id,
            delivery.contact_id,
            delivery.channel,
            delivery.address,
            delivery.state,
            delivery.provider_id,
            delivery.accepted_at,
        )
        .where(among(delivery.id, sorted(ids)))
        .order_by(delivery.id)
        .with_for_update()
    )
    for number, contact_id, channel, address, state, provider_id, accepted_at in found:
        before = (state, provider_id, accepted_at)
        rows[number] = _Row(contact_id, channel, address, state, provider_id, accepted_at, before)
    return rows


def _move(row: _Row, event: DeliveryEvent) -> None:
    if event.provider_id and not row.provider_id:
        row.provider_id = event.provider_id
    target = _MEANS.get(event.kind)
    if target is None or not may_move(row.state, target):
        return
    row.state = target
    row.reason, row.detail = (event.code, event.detail[:500]) if target in _BAD else ("", "")
    if row.accepted_at is None and target != DeliveryState.FAILED:
        row.accepted_at = event.at


def _fate(row: _Row, event: DeliveryEvent) -> consequences.Fate:
    return consequences.Fate(
        contact_id=row.contact_id,
        channel=row.channel,
        address=row.address,
        kind=event.kind,
        code=event.code,
        source=f"{event.provider}: {event.kind.value}",
        evidence=event.event_id,
        happened=event.at,
    )


def _write(session: Session, rows: dict[int, _Row], at: datetime) -> None:
    """Write what is news, rows that became alike in one statement."""
    delivery = table_of(Delivery).c
    alike: dict[tuple[DeliveryState, tuple[tuple[str, object], ...]], list[int]] = defaultdict(list)
    for number, row in rows.items():
        was, sid, taken = row.before
        news: dict[str, object] = {}
        if row.state != was:
            news = {"state": row.state, "reason": row.reason, "detail": row.detail, "changed_at": at}
            news |= {"worker": "", "lease_until": None}
        if row.provider_id != sid:
            news["provider_id"] = row.provider_id
        if row.accepted_at != taken:
            news["accepted_at"] = row.accepted_at
        if news:
            alike[was, tuple(news.items())].append(number)
    for (was, values), numbers in alike.items():
        session.execute(
            update(table_of(Delivery)).where(among(delivery.id, numbers), delivery.state == was).values(dict(values))
        )
