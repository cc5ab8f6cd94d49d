"""What campaigns do when a person is forgotten, and what they tell a person who asks: hooks of `contacts`.

Deliveries, their states and their runs stay: the counts of past informes are made of them.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Text, cast, delete, or_, select, update
from sqlalchemy.orm import Session, joinedload

from campaigns.budget import Conversation
from campaigns.inquiries import Inquiry, Watch
from campaigns.models import Delivery, InboundMessage, Receipt, Run, WebhookBatch
from campaigns.states import DeliveryState
from contacts import dossier, erasing, pointers
from contacts.addresses import normalise
from contacts.base import table_of
from contacts.erasing import Leaving
from contacts.idsets import among
from contacts.models import Address, Contact
from contacts.scrubbing import scrub_table
from contacts.tracing import GONE, Traces

_NAMING = ("email", "To", "to", "From", "from")  # where an event says whose it is
INBOUND = "twilio-inbound"  # a body that is one message of one person


@erasing.known_by
def addresses_used(session: Session, contact_id: int) -> Iterable[str]:
    """Return the addresses that this person was written to at, or wrote from."""
    used = select(Delivery.address).where(Delivery.contact_id == contact_id, Delivery.address != "").distinct()
    wrote = select(InboundMessage.sender).where(InboundMessage.contact_id == contact_id).distinct()
    return {*session.scalars(used), *(normalise(sender) for sender in session.scalars(wrote) if sender)}


@erasing.before
def forget(session: Session, leaving: Leaving) -> None:
    """Let nothing more leave, and take what is theirs out of deliveries, receipts, messages and posts."""
    mine = Delivery.contact_id == leaving.contact_id
    # Held lowest number first, as everywhere: a worker may be recording an answer.
    session.scalars(select(Delivery.id).where(mine).order_by(Delivery.id).with_for_update()).all()
    _write(
        session,
        update(Delivery)
        .where(mine, Delivery.state.in_([DeliveryState.PLANNED, DeliveryState.CLAIMED]))
        .values(state=DeliveryState.SKIPPED, reason="erased", worker="", lease_until=None, changed_at=leaving.at),
    )
    _write(session, update(Delivery).where(mine).values(address="", detail=""))
    theirs = select(Delivery.id).where(mine)
    _write(session, update(Receipt).where(Receipt.delivery_id.in_(theirs)).values(raw={}))
    _write(session, update(Inquiry).where(Inquiry.delivery_id.in_(theirs)).values(detail=""))
    # Their doubts are a person's to decide: without an address no list can be asked.
    _write(session, delete(Watch).where(Watch.doubt, Watch.delivery_id.in_(theirs)))
    wrote = InboundMessage.contact_id == leaving.contact_id
    _write(session, update(InboundMessage).where(_theirs(wrote, leaving)).values(body="", sender=GONE, raw={}))
    # A person of the budget's 24 hours still counts, without a number.
    opened = session.execute(
        select(Conversation.sender, Conversation.address).where(Conversation.address.in_(leaving.alone))
    ).all()
    for place, row in enumerate(opened):
        _write(
            session,
            update(Conversation)
            .where(Conversation.sender == row.sender, Conversation.address == row.address)
            .values(address=f"{GONE} {leaving.contact_id}-{place}"),
        )
    _forget_posts(session, leaving)


def _theirs(wrote: ColumnElement[bool], leaving: Leaving) -> ColumnElement[bool]:
    """Return the condition of their messages: also of one that came before we knew whose the number was."""
    senders = {form for value in leaving.alone for form in (value, f"whatsapp:{value}")}
    return or_(wrote, (InboundMessage.contact_id.is_(None)) & InboundMessage.sender.in_(senders))


def _forget_posts(session: Session, leaving: Leaving) -> None:
    """Empty what was posted to us as a message of theirs: their words are in it, read or not yet."""
    posts = session.execute(select(WebhookBatch.id, WebhookBatch.body).where(WebhookBatch.kind == INBOUND)).all()
    gone = [post.id for post in posts if leaving.traces.clean_body(bytes(post.body)) != bytes(post.body)]
    for post_id in gone:
        values = {"body": b"", "query": "", "fault": "erased", "processed_at": leaving.at}
        _write(session, update(WebhookBatch).where(WebhookBatch.id == post_id).values(values))


def _write(session: Session, statement: Any) -> None:
    session.execute(statement.execution_options(synchronize_session=False))


def forget_late(session: Session) -> int:
    """Take out what providers told of people after they were erased; return how many rows were changed.

    An event comes hours after its letter, with the address in it; the post that it came in is cleaned as well.
    """
    gone = select(Delivery.id).join(Contact).where(Contact.erased_at.is_not(None))
    told = session.execute(
        select(Receipt.id, Receipt.raw).where(Receipt.delivery_id.in_(gone), cast(Receipt.raw, Text) != "{}")
    ).all()
    spoken = session.scalars(gone.where(or_(Delivery.detail != "", Delivery.address != ""))).all()
    named = {normalise(str(row.raw[key])) for row in told for key in _NAMING if row.raw.get(key)}
    traces = Traces(addresses=named - set(session.scalars(select(Address.value).where(Address.value.in_(named)))))
    posts = scrub_table(session, table_of(WebhookBatch), traces) if traces else 0
    _write(session, update(Receipt).where(among(Receipt.id, [row.id for row in told])).values(raw={}))
    _write(session, update(Delivery).where(among(Delivery.id, spoken)).values(detail="", address=""))
    return len(told) + len(spoken) + posts


@dossier.section
def tell(session: Session, contact_id: int) -> dict[str, Any]:
    """Return the messages to a person and theirs to us, the newest first."""
    deliveries = session.scalars(
        select(Delivery)
        .where(Delivery.contact_id.in_(pointers.numbers(session, contact_id)))
        .options(joinedload(Delivery.run).joinedload(Run.campaign))
        .order_by(Delivery.changed_at.desc(), Delivery.id.desc())
    )
    inbound = session.scalars(
        select(InboundMessage)
        .where(InboundMessage.contact_id == contact_id)
        .order_by(InboundMessage.at.desc(), InboundMessage.id.desc())
    )
    return {
        "deliveries": [
            {
                "campaign": one.run.campaign.title,
                "channel": one.channel.value,
                "address": one.address,
                "state": one.state.value,
                "reason": one.reason,
                "detail": one.detail,
                "at": one.changed_at.isoformat(),
            }
            for one in deliveries
        ],
        "inbound": [
            {"at": one.at.isoformat(), "from": one.sender, "text": one.body, "stop_word": one.stop_word}
            for one in inbound
        ],
    }
