"""What people write to us on WhatsApp: kept, joined to the person, and stop words obeyed at once."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns import admission
from campaigns.channels import Inbound
from campaigns.models import InboundMessage
from contacts import addresses, consent, pointers
from contacts.errors import Refused
from contacts.models import Address, AddressKind, Channel, Contact, EvidenceKind


def receive(session: Session, message: Inbound) -> InboundMessage | None:
    """Keep a message, once; None when it was known. A stop word closes WhatsApp for everybody at that number."""
    if session.scalar(select(InboundMessage.id).where(InboundMessage.provider_id == message.provider_id)):
        return None
    people = _people(session, message.sender)
    word = consent.stop_word(message.body)
    kept = InboundMessage(
        provider_id=message.provider_id,
        contact_id=people[0] if people else None,
        sender=message.sender,
        body=message.body,
        at=message.at,
        stop_word=word,
        raw=message.raw,
    )
    session.add(kept)
    if word:
        for contact_id in people:
            consent.withdraw(
                session,
                contact_id,
                Channel.WHATSAPP,
                source=f"{word} por WhatsApp",
                evidence=message.provider_id,
                kind=EvidenceKind.REPLY,
                at=message.at,
                by="",
            )
    session.flush()
    admission.wake(session)  # to who wrote to us a letter costs nothing of the 24 hours
    return kept


def _people(session: Session, sender: str) -> list[int]:
    """Return who writes from `whatsapp:+52…`, an old `+521…`, or a business-scoped id."""
    raw = sender.removeprefix("whatsapp:")
    try:
        value = addresses.phone(raw)[0]
    except Refused:
        value = raw
    return list(
        session.scalars(
            select(Address.contact_id)
            .join(Contact)
            .where(Address.kind == AddressKind.WHATSAPP, Address.value == value, pointers.present())
            .order_by(Address.contact_id)
        )
    )
