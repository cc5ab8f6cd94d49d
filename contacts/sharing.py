"""An address that two people have: a couple's mailbox, a family's telephone. Asked each time, never stored.

What is said with a shared address (a stop word, one click) is said by whoever reads it, and nobody knows who that was.
So the address is closed for everybody who has it.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session, aliased

from contacts import pointers
from contacts.address_history import move
from contacts.address_states import Says, may_move
from contacts.models import Address, AddressKind, AddressState, Contact

UNSUBSCRIBED = "unsubscribed"  # by the link of a letter, or at the provider
SAID = "person_said"  # they told us, by no letter of ours
SHARED = "shared"  # beside the states, where one may ask for them

#: A number is one whether a list calls it telephone or WhatsApp.
ALIKE = {
    AddressKind.EMAIL: (AddressKind.EMAIL,),
    AddressKind.PHONE: (AddressKind.PHONE, AddressKind.WHATSAPP),
    AddressKind.WHATSAPP: (AddressKind.PHONE, AddressKind.WHATSAPP),
    AddressKind.SCOPED: (AddressKind.SCOPED,),
}


def is_shared() -> ColumnElement[bool]:
    """Return the condition on `Address` that somebody else has it too."""
    other, person = aliased(Address), aliased(Contact)
    return (
        exists()
        .where(
            other.value == Address.value,
            other.contact_id != Address.contact_id,
            person.id == other.contact_id,
            person.erased_at.is_(None),
            person.merged_into_id.is_(None),
        )
        .correlate_except(other, person)
    )


def with_whom(session: Session, addresses: Iterable[Address]) -> dict[int, list[Contact]]:
    """Return, by number of the address, who else has it: nobody for most."""
    mine = {address.id: address for address in addresses}
    if not mine:
        return {}
    values = {address.value for address in mine.values()}
    rows = session.execute(
        select(Address.value, Address.kind, Contact)
        .join(Contact, Contact.id == Address.contact_id)
        .where(Address.value.in_(values), pointers.present())
        .order_by(Contact.id)
    ).all()
    return {
        number: list(
            dict.fromkeys(
                contact
                for value, kind, contact in rows
                if value == address.value and kind in ALIKE[address.kind] and contact.id != address.contact_id
            )
        )
        for number, address in mine.items()
    }


def left_by_others(session: Session, address: Address) -> bool:
    """Tell whether somebody else who has this address wanted no more by it."""
    left = [AddressState.OPTED_OUT, AddressState.COMPLAINED]
    other = (
        select(Address.id)
        .join(Contact)
        .where(
            Address.kind == address.kind,
            Address.value == address.value,
            Address.contact_id != address.contact_id,
            Address.state.in_(left),
            pointers.present(),
        )
        .limit(1)
    )
    return session.scalar(other) is not None


def close(session: Session, values: Iterable[str], *, reason: str, at: datetime, evidence: str = "") -> int:
    """Close addresses, as they are kept, for everybody who has them; return how many rows that were.

    One that the person complained about stays so. For telephones nothing changes: nobody writes to them.
    """
    rows = session.scalars(
        select(Address)
        .join(Contact)
        .where(Address.value.in_(sorted(set(values))), Address.kind != AddressKind.PHONE, pointers.present())
        .order_by(Address.id)
        .with_for_update(of=Address)
        .execution_options(populate_existing=True)
    ).all()
    closing = [row for row in rows if may_move(row.state, AddressState.OPTED_OUT, Says.PERSON)]
    for row in closing:
        move(session, row, AddressState.OPTED_OUT, Says.PERSON, reason=reason, at=at, evidence=evidence)
    session.flush()
    return len(closing)


def reopen(session: Session, contact_id: int, kinds: Iterable[AddressKind], *, at: datetime, by: str = "") -> None:
    """Open what one person had closed, since they said yes again; for others who share an address it stays closed."""
    rows = session.scalars(
        select(Address)
        .where(
            Address.contact_id == contact_id,
            Address.kind.in_(list(kinds)),
            Address.state == AddressState.OPTED_OUT,
            func.coalesce(Address.state_at, at) <= at,  # a yes of before does not undo it
        )
        .order_by(Address.id)
    ).all()
    for row in rows:
        move(session, row, AddressState.NEW, Says.PERSON, reason="consented", at=at, by=by)
    if rows:
        session.flush()
