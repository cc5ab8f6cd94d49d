"""A link in a letter by which somebody leaves: the address that the letter went to is closed with it."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.models import Delivery
from contacts import pointers, sharing
from contacts.models import Channel


def close_address(session: Session, contact_id: int, channel: Channel, *, at: datetime, evidence: str) -> int:
    """Close the address that a person was last written to at by this way, for everybody who has it.

    One click speaks for the mailbox (RFC 8058): who shares it wants no more there either, and keeps their other
    addresses. Return how many rows that were; none when nothing was ever sent to them by this way.
    """
    person = pointers.follow(session, contact_id)
    address = session.scalar(
        select(Delivery.address)
        .where(
            Delivery.contact_id.in_(pointers.numbers(session, person)),
            Delivery.channel == channel,
            Delivery.address != "",
            Delivery.accepted_at.is_not(None),
        )
        .order_by(Delivery.accepted_at.desc(), Delivery.id.desc())
        .limit(1)
    )
    return sharing.close(session, [address], reason=sharing.UNSUBSCRIBED, at=at, evidence=evidence) if address else 0
