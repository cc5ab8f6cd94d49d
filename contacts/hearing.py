"""Somebody wrote to us by WhatsApp: whose address that is, and what it says of the address.

A provider names the writer by number, by business-scoped id, or by both. The number leads to the person; the id is
learned with it, so that they are known the day they hide the number. What arrives from an address shows that it works.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts import addresses, pointers, suppression
from contacts.address_history import line, move
from contacts.address_states import Says, may_move
from contacts.errors import Refused
from contacts.models import Address, AddressKind, AddressState, Contact
from contacts.sharing import close


@dataclass(frozen=True, slots=True)
class Heard:
    """Who wrote, as they are kept: the people, and the addresses that the provider named."""

    people: tuple[int, ...]
    values: tuple[str, ...]


def heard(session: Session, sender: str, scoped: str, *, at: datetime, evidence: str, stops: bool = False) -> Heard:
    """Return who wrote, and keep what their writing says of the address.

    `sender` is whom replies go to, as the provider spells it (a number, also an old +521…, or an id), `scoped` the
    business-scoped id beside it, "" when it said none. With `stops` they asked for no more: the addresses are closed
    for everybody who has them. Otherwise one that was new, or had bounced, is verified.
    """
    said = _said(sender, scoped)
    people, known_by = _people(session, said)
    if people:
        _learn(session, people, said, known_by, at=at, evidence=evidence)
        _spell(session, people, sender)
    if stops:
        close(session, said.values(), reason="stop_word", at=at, evidence=evidence)
    elif people:
        for row in _rows(session, people, said):
            if may_move(row.state, AddressState.VERIFIED, Says.PERSON):
                move(session, row, AddressState.VERIFIED, Says.PERSON, reason="reply", at=at, evidence=evidence)
    session.flush()
    return Heard(tuple(people), tuple(said.values()))


def _said(sender: str, scoped: str) -> dict[AddressKind, str]:
    """Return what the provider named, as it is kept. What is neither a number nor an id is kept as it came."""
    said: dict[AddressKind, str] = {}
    for text in (sender, scoped):
        plain = text.removeprefix("whatsapp:")
        if plain and addresses.scoped(plain):
            said[AddressKind.SCOPED] = plain
        elif plain:
            try:
                said.setdefault(AddressKind.WHATSAPP, addresses.phone(plain)[0])
            except Refused:
                said.setdefault(AddressKind.WHATSAPP, plain)
    return said


def _people(session: Session, said: dict[AddressKind, str]) -> tuple[list[int], AddressKind | None]:
    """Return who has the number, else who has the id, else whose telephone it is; and by what they were found."""
    number = said.get(AddressKind.WHATSAPP)
    looks: list[tuple[AddressKind, str]] = [
        (kind, said[kind]) for kind in (AddressKind.WHATSAPP, AddressKind.SCOPED) if kind in said
    ]
    if number:
        looks.append((AddressKind.PHONE, number))
    for kind, value in looks:
        found = session.scalars(
            select(Address.contact_id)
            .join(Contact)
            .where(Address.kind == kind, Address.value == value, pointers.present())
            .order_by(Address.contact_id)
        ).all()
        if found:
            return list(found), kind
    return [], None


def _learn(
    session: Session,
    people: list[int],
    said: dict[AddressKind, str],
    known_by: AddressKind | None,
    *,
    at: datetime,
    evidence: str,
) -> None:
    """Give the people what else the provider named, unless somebody has it already."""
    news = {kind: value for kind, value in said.items() if kind is not known_by and _plausible(kind, value)}
    for kind, value in list(news.items()):
        holders = select(Address.contact_id).where(Address.kind == kind, Address.value == value).limit(1)
        if session.scalar(holders) is not None:
            del news[kind]
    if not news:
        return
    # Held, as another process may be reading another message of theirs; and looked at again.
    session.execute(select(Contact.id).where(Contact.id.in_(people)).order_by(Contact.id).with_for_update()).all()
    for person in session.scalars(select(Contact).where(Contact.id.in_(people)).order_by(Contact.id)):
        have = set(session.execute(select(Address.kind, Address.value).where(Address.contact_id == person.id)).all())
        for kind, value in news.items():
            if (kind, value) in have or suppression.faults(session, person.name, [(kind, value)]):
                continue
            region = value[:2] if kind is AddressKind.SCOPED else addresses.phone(value)[1]
            learned = Address(contact_id=person.id, kind=kind, value=value, region=region)
            session.add(learned)
            session.flush()
            line(session, learned, None, AddressState.NEW, reason="learned", at=at, evidence=evidence)


def _plausible(kind: AddressKind, value: str) -> bool:
    return kind is AddressKind.SCOPED or value.startswith("+")


def _rows(session: Session, people: list[int], said: dict[AddressKind, str]) -> list[Address]:
    rows = session.scalars(
        select(Address)
        .where(Address.contact_id.in_(people), Address.value.in_(list(said.values())), Address.kind.in_(list(said)))
        .order_by(Address.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return list(rows)


def _spell(session: Session, people: list[int], sender: str) -> None:
    """Keep how the provider spells the address that they wrote from, where it is not how we keep it."""
    plain = sender.removeprefix("whatsapp:")
    kept = addresses.normalise(plain)
    for row in session.scalars(
        select(Address).where(
            Address.contact_id.in_(people),
            Address.value == kept,
            Address.kind.in_([AddressKind.WHATSAPP, AddressKind.SCOPED]),
            Address.spelled != plain,
        )
    ):
        row.spelled = plain
    session.flush()


def reply_to(session: Session, contact_id: int) -> str:
    """Return where a reply to a person goes by WhatsApp, as the provider spells it; "" when they have no way.

    The address that they wrote from last comes first; what never wrote is spelled as it is kept.
    """
    row = session.scalars(
        select(Address)
        .where(
            Address.contact_id == contact_id,
            Address.kind.in_([AddressKind.WHATSAPP, AddressKind.SCOPED]),
            Address.state.in_([AddressState.NEW, AddressState.VERIFIED]),
        )
        .order_by(Address.spelled == "", Address.state_at.desc(), Address.id)
        .limit(1)
    ).first()
    return (row.spelled or row.value) if row else ""
