"""What follows from a provider's answer about a delivery: settled by what is there, or by what is proven not to be."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from campaigns import doubts, inquiries, receipts
from campaigns.channels import DeliveryEvent, EventKind
from campaigns.indexed import NAMED
from campaigns.inquiries import Due, Inquiry, Rules
from campaigns.matching import NEAR, Call, Found, Verdict
from campaigns.models import Delivery
from campaigns.states import DeliveryState
from contacts import pointers
from contacts.models import Address, Channel


def hold_doubt(session: Session, watched: Due) -> bool:
    """Keep a doubt and its campaign for the caller's transaction; False when it is settled already."""
    doubts.hold(session, [watched.delivery_id])
    row = session.execute(select(Delivery.state, Delivery.changed_at).where(Delivery.id == watched.delivery_id)).one()
    if row.state == DeliveryState.IN_DOUBT and row.changed_at == watched.since:
        return True
    inquiries.forget(session, watched.delivery_id, watched.since)
    return False


def waits_again(session: Session, call: Call) -> bool:
    """Whether a doubt that was asked about is to be sent again by now, and has not been called since.

    A person said so while the provider was asked. What its list shows may still keep the message from going twice.
    """
    row = session.execute(select(Delivery.state, Delivery.called_at).where(Delivery.id == call.delivery_id)).one()
    return row.state in {DeliveryState.PLANNED, DeliveryState.CLAIMED} and row.called_at == call.began


def rivals(session: Session, delivery_id: int) -> Sequence[int]:
    """Return the other deliveries to the same address whose message may be in the list under an id we do not know."""
    mine = session.execute(
        select(Delivery.address, Delivery.contact_id, Delivery.called_at).where(Delivery.id == delivery_id)
    ).one()
    sharing = pointers.numbers_of(select(Address.contact_id).where(Address.value == mine.address))
    return session.scalars(
        select(Delivery.id).where(
            or_(Delivery.contact_id == mine.contact_id, Delivery.contact_id.in_(sharing)),
            Delivery.id != delivery_id,
            Delivery.channel == Channel.WHATSAPP,
            Delivery.address == mine.address,
            Delivery.provider_id == "",
            Delivery.called_at >= mine.called_at - NEAR,
        )
    ).all()


def taken(session: Session, provider_ids: Collection[str], *, but: int) -> set[str]:
    """Return which of the provider's ids are known to be of other deliveries."""
    known = select(Delivery.provider_id).where(NAMED, Delivery.provider_id.in_(provider_ids), Delivery.id != but)
    return set(session.scalars(known))


def answered(
    session: Session, watched: Due, verdict: Verdict, *, asked_at: datetime, at: datetime, rules: Rules
) -> DeliveryState:
    """Note what a list said about a doubt that is held, and settle it when that proves something.

    A message that is there was accepted: the event counts as the callback would have. One that two whole lists lack,
    far enough from the call and from each other, was not: it goes again by itself, or is left out where its campaign
    was cancelled. Returns the delivery's state.
    """
    message = verdict.message
    sid = message.event.provider_id if message else ""
    _note(session, watched.delivery_id, asked_at, verdict.found, verdict.code, sid)
    if message:
        _accepted(session, watched.delivery_id, message.event, at)
    elif verdict.found == Found.ABSENT and _proven(session, watched, rules):
        doubts.not_accepted(session, watched.delivery_id, at=at)
    else:
        inquiries.postpone(session, watched, inquiries.next_look(watched.since, asked_at, verdict.found, rules))
        return DeliveryState.IN_DOUBT
    inquiries.forget(session, watched.delivery_id, watched.since)
    return _state(session, watched.delivery_id)


def seen_after_all(session: Session, delivery_id: int, verdict: Verdict, *, asked_at: datetime, at: datetime) -> None:
    """Let what a list shows count for a delivery that waits to be sent again: it was accepted."""
    if verdict.message:
        _note(session, delivery_id, asked_at, verdict.found, verdict.code, verdict.message.event.provider_id)
        _accepted(session, delivery_id, verdict.message.event, at)


def unanswered(session: Session, watched: Due, code: str, detail: str, *, asked_at: datetime, again: datetime) -> None:
    """Note that a question about a doubt had no answer: it proves nothing and is asked again."""
    _note(session, watched.delivery_id, asked_at, Found.UNANSWERED, code, detail[:500])
    inquiries.postpone(session, watched, again)


def told(session: Session, watched: Due, event: DeliveryEvent, *, asked_at: datetime, at: datetime) -> None:
    """Take what became of an accepted message; while that is nothing new, ask again later, and at last no more."""
    receipts.apply(session, [replace(event, delivery_id=watched.delivery_id)], at=at)
    if _state(session, watched.delivery_id) != DeliveryState.ACCEPTED:
        inquiries.forget(session, watched.delivery_id, watched.since)
        return
    coming = [moment for hours in inquiries.FATES if (moment := watched.since + timedelta(hours=hours)) > asked_at]
    if coming:
        inquiries.postpone(session, watched, coming[0])
    else:
        inquiries.forget(session, watched.delivery_id, watched.since)


def _accepted(session: Session, delivery_id: int, event: DeliveryEvent, at: datetime) -> None:
    event = replace(event, delivery_id=delivery_id)
    receipts.apply(session, [event], at=at)
    if _state(session, delivery_id) in {DeliveryState.IN_DOUBT, DeliveryState.PLANNED, DeliveryState.CLAIMED}:
        # Its state was told before without our id, or has a name that we do not know: that it is there is enough.
        listed = replace(event, event_id=f"{event.provider_id}:listed", kind=EventKind.ACCEPTED)
        receipts.apply(session, [listed], at=at)


def _proven(session: Session, watched: Due, rules: Rules) -> bool:
    """Whether the answers to this doubt prove absence: no other kind of answer since the first that counts."""
    last: datetime | None = None
    answers = session.execute(
        select(Inquiry.asked_at, Inquiry.found)
        .where(Inquiry.delivery_id == watched.delivery_id, Inquiry.found != Found.UNANSWERED)
        .order_by(Inquiry.id.desc())
    )
    for row in answers:
        if row.found != Found.ABSENT or row.asked_at < watched.since + rules.first:
            return False
        last = last or row.asked_at
        if last - row.asked_at >= rules.again:
            return True
    return False


def _note(session: Session, delivery_id: int, asked_at: datetime, found: Found, code: str, detail: str) -> None:
    last = session.scalar(
        select(Inquiry).where(Inquiry.delivery_id == delivery_id).order_by(Inquiry.id.desc()).limit(1)
    )
    if last and found == Found.UNANSWERED and (last.found, last.code) == (found.value, code):
        last.times += 1
        last.asked_at = asked_at
        last.detail = detail
    else:
        session.add(
            Inquiry(delivery_id=delivery_id, asked_at=asked_at, found=found.value, code=code, detail=detail, times=1)
        )
    session.flush()


def _state(session: Session, delivery_id: int) -> DeliveryState:
    return session.scalars(select(Delivery.state).where(Delivery.id == delivery_id)).one()
