"""What people write to us on WhatsApp: kept, joined to the person, and stop words obeyed at once."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns import admission
from campaigns.channels import Inbound
from campaigns.models import InboundMessage
from contacts import consent, hearing
from contacts.models import Channel, EvidenceKind


def receive(session: Session, message: Inbound) -> InboundMessage | None:
    """Keep a message, once; None when it was known. A stop word closes WhatsApp for everybody at that number."""
    if session.scalar(select(InboundMessage.id).where(InboundMessage.provider_id == message.provider_id)):
        return None
    word = consent.stop_word(message.body)
    people = hearing.heard(
        session, message.sender, message.scoped, at=message.at, evidence=message.provider_id, stops=bool(word)
    ).people
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
