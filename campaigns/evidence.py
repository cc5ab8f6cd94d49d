"""What is known of doubts that are alike: who was called with them, what was asked and answered, what was told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from campaigns.doubts import Group
from campaigns.indexed import IN_DOUBT
from campaigns.inquiries import Inquiry
from campaigns.matching import Found
from campaigns.models import Delivery, Receipt
from contacts.models import Channel

MOST_IN_A_CALL = 1000  # SendGrid's limit: ids of one call are not further apart


@dataclass(frozen=True, slots=True)
class Asked:
    """Answers of one kind to questions about some doubts. `code` says why unclear or unanswered."""

    found: Found
    code: str
    deliveries: int
    times: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Told:
    """Events of one kind about some doubts: too little to settle them."""

    kind: str
    code: str
    events: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is known of one group.

    `called` people went in the same call, and of `heard` of those the provider has told something: a call is accepted
    or not as a whole (unless it was cut in two because it was too large). Both are of e-mail alone: WhatsApp goes one
    by one.
    """

    called: int
    heard: int
    asked: tuple[Asked, ...]
    told: tuple[Told, ...]

    @property
    def likely(self) -> str:
        """Return what it points to: `sent`, `again`, or "" when it is balanced. Never enough to settle by itself."""
        kinds = {asked.found for asked in self.asked} - {Found.UNANSWERED}
        if self.heard:
            return "sent"
        return "again" if kinds == {Found.ABSENT} else ""


def of_group(session: Session, group: Group) -> Evidence:
    """Return what is known of a group of doubts."""
    members = select(Delivery.id).where(_members(group))
    called, heard = group.count, 0
    if group.channel == Channel.EMAIL:
        together = and_(
            Delivery.id.between(group.first_id - MOST_IN_A_CALL, group.last_id + MOST_IN_A_CALL),
            Delivery.run_id + 0 == group.run_id,  # by the numbers, and not through a whole run
            Delivery.channel == group.channel,
            Delivery.called_at == group.called_at,
        )
        called = session.scalar(select(func.count()).select_from(Delivery).where(together)) or 0
        receipts = select(func.count(func.distinct(Receipt.delivery_id))).where(
            Receipt.delivery_id.in_(select(Delivery.id).where(together))
        )
        heard = session.scalar(receipts) or 0
    return Evidence(
        called=called,
        heard=heard,
        asked=_asked(session, Inquiry.delivery_id.in_(members), group.since),
        told=_told(session, Receipt.delivery_id.in_(members)),
    )


def of_delivery(session: Session, delivery: Delivery) -> Evidence:
    """Return what is known of one doubt by itself."""
    return Evidence(
        called=1,
        heard=0,
        asked=_asked(session, Inquiry.delivery_id == delivery.id, delivery.changed_at),
        told=_told(session, Receipt.delivery_id == delivery.id),
    )


def _members(group: Group) -> ColumnElement[bool]:
    return and_(
        Delivery.id.between(group.first_id, group.last_id),
        IN_DOUBT,
        Delivery.run_id + 0 == group.run_id,
        Delivery.channel == group.channel,
        Delivery.reason == group.reason,
        Delivery.called_at == group.called_at,
    )


def members(session: Session, group: Group, most: int) -> Sequence[int]:
    """Return the deliveries of a group, at most so many."""
    return session.scalars(select(Delivery.id).where(_members(group)).order_by(Delivery.id).limit(most)).all()


def _asked(session: Session, which: ColumnElement[bool], since: datetime) -> tuple[Asked, ...]:
    rows = session.execute(
        select(
            Inquiry.found,
            Inquiry.code,
            func.count(func.distinct(Inquiry.delivery_id)).label("deliveries"),
            func.sum(Inquiry.times).label("times"),
            func.min(Inquiry.asked_at).label("first_at"),
            func.max(Inquiry.asked_at).label("last_at"),
        )
        .where(which, Inquiry.asked_at >= since)
        .group_by(Inquiry.found, Inquiry.code)
        .order_by(func.max(Inquiry.asked_at), Inquiry.found)
    )
    return tuple(
        Asked(Found(row.found), row.code, row.deliveries, int(row.times), row.first_at, row.last_at) for row in rows
    )


def _told(session: Session, which: ColumnElement[bool]) -> tuple[Told, ...]:
    rows = session.execute(
        select(Receipt.kind, Receipt.code, func.count().label("events"), func.max(Receipt.at).label("last_at"))
        .where(which)
        .group_by(Receipt.kind, Receipt.code)
        .order_by(func.max(Receipt.at))
    )
    return tuple(Told(row.kind, row.code, row.events, row.last_at) for row in rows)
