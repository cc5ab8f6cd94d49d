"""Who came by the form and confirmed: what else they asked for there comes true with it."""

from datetime import datetime

from sqlalchemy.orm import Session

from contacts import consent, formentries, networks, people, preferences
from contacts.errors import Refused
from contacts.models import Address, AddressKind, AddressState, Channel, Contact, Decision, EvidenceKind, Purpose

SOURCE = "página para unirse"


def confirmed(session: Session, ask_id: int, *, at: datetime, network: str = "") -> None:
    """Finish the entry of a form that a request to confirm was made of; nothing where it was made of another.

    The address they confirmed by is verified. A WhatsApp number that they gave is written down now, with the consent
    for the same purposes: until now nobody knew who had typed it. They enter `network`, by its name, where one is set.
    """
    entry = formentries.of_ask(session, ask_id)
    if entry is None or entry.contact_id is None:
        return
    contact = session.get_one(Contact, entry.contact_id)
    said = entry.said
    for address in contact.addresses:
        if address.value == said.get("email") and address.state is AddressState.NEW:
            people.mark(address, AddressState.VERIFIED, reason="confirmed", at=at)
    number, purposes = said.get("whatsapp"), said.get("purposes")
    if isinstance(number, str) and number and isinstance(purposes, list) and _reachable(session, contact, number):
        now = preferences.standing(session, contact.id, at)
        wanted = [str(each) for each in purposes]
        wanted = [consent.ALL] if set(wanted) >= set(Purpose) else wanted
        if Decision.WITHDRAWN not in {now[Channel.WHATSAPP, purpose] for purpose in Purpose}:
            for purpose in wanted:
                consent.grant(
                    session,
                    contact.id,
                    Channel.WHATSAPP,
                    purpose,
                    source=SOURCE,
                    at=at,
                    notice_version=str(said.get("notice", "")),
                    evidence=f"entrada {entry.id}",
                    kind=EvidenceKind.FORM,
                )
    if network:
        networks.join(session, contact.id, networks.ensure(session, network).id, at=at)
    entry.outcome, entry.said = "confirmed", {}
    session.flush()


def number_given(session: Session, ask_id: int) -> str:
    """Return the WhatsApp number that confirming would write down too; "" for none."""
    entry = formentries.of_ask(session, ask_id)
    return str(entry.said.get("whatsapp", "")) if entry else ""


def _reachable(session: Session, contact: Contact, number: str) -> bool:
    """Write a number down; false where it must not come back."""
    if any(each.kind is AddressKind.WHATSAPP and each.value == number for each in contact.addresses):
        return True
    try:
        with session.begin_nested():
            added: Address = people.add_address(session, contact, "whatsapp", number)
    except Refused:
        return False
    return added.kind is AddressKind.WHATSAPP
