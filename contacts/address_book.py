"""What somebody of the staff does with an address: add, correct, verify, mark, close, open, remove. Each with a reason.

The reason is a text, for who asks later why; it stands in the address's history with who wrote it.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from contacts import address_states, cards, people, sharing, suppression
from contacts.address_history import line, move, write_first_news
from contacts.address_states import Says
from contacts.errors import refuse
from contacts.folding import bare
from contacts.models import Address, AddressKind, AddressState, Contact

LONGEST = 200  # letters of a reason
MARKS = (AddressState.BOUNCED, AddressState.UNREACHABLE, AddressState.OPTED_OUT)  # what staff may mark an address as

_FIELD = {
    AddressKind.EMAIL: "correo",
    AddressKind.PHONE: "telefono",
    AddressKind.WHATSAPP: "whatsapp",
    AddressKind.SCOPED: "whatsapp",
}


def get(session: Session, contact_id: int, address_id: int) -> Address:
    """Return an address of a person, held. Refuses `address_gone`."""
    address = session.get(Address, address_id, with_for_update=True, populate_existing=True)
    if address is None or address.contact_id != contact_id:
        raise refuse("address_gone", "dirección", address_id)
    return address


def field_of(kind: AddressKind) -> str:
    """Return the field of a form in which an address of a kind is written."""
    return _FIELD[kind]


def add(session: Session, contact: Contact, field: str, text: str, *, reason: str, at: datetime, by: str) -> Address:
    """Give a person another address. Refuses what `people.add_address` does, and `why_missing`.

    An address by which somebody else wanted no more is closed for this person as well, until they say yes.
    """
    said = why(reason)
    address = people.add_address(session, contact, field, text)
    line(session, address, None, address.state, reason="added", at=at, evidence=said, by=by)
    session.flush()
    if address.kind is not AddressKind.PHONE and sharing.left_by_others(session, address):
        move(session, address, AddressState.OPTED_OUT, Says.PERSON, reason="shared_left", at=at)
        session.flush()
    return address


def correct(
    session: Session, contact: Contact, address: Address, text: str, *, reason: str, at: datetime, by: str
) -> None:
    """Write an address otherwise: another address, of which nothing is known yet.

    Refuses as `add` does, `address_last_word` where the person had said no with it, `address_same`.
    """
    said = why(reason)
    written = read_again(session, contact, address, text)
    was, origin = address.value, address.state
    if origin in address_states.LAST_WORD:
        raise refuse("address_last_word", "estado", origin.value, target=AddressState.NEW.value)
    if origin is not AddressState.NEW:
        address_states.guard(origin, AddressState.NEW, Says.STAFF)
    write_first_news(session, address)
    session.flush()
    address.kind, address.value, address.raw, address.region = written.kind, written.value, written.raw, written.region
    address.spelled, address.state, address.state_reason, address.state_at = "", AddressState.NEW, "corrected", at
    line(session, address, origin, AddressState.NEW, reason="corrected", at=at, evidence=said, by=by, value=was)
    session.flush()


def read_again(session: Session, contact: Contact, address: Address, text: str) -> cards.Written:
    """Return an address as it would be kept when it is corrected. Refuses as `correct` does."""
    written = people.read_address(contact, field_of(address.kind), text)
    if (written.kind, written.value) == (address.kind, address.value):
        raise refuse("address_same", "valor", written.value)
    if any((each.kind, each.value) == (written.kind, written.value) for each in contact.addresses):
        raise refuse("address_known", "valor", text)
    suppression.check(session, contact.name, [(written.kind, written.value)])
    return written


def verify(session: Session, address: Address, *, reason: str, at: datetime, by: str) -> None:
    """Say that an address is good. Refuses `address_state`, `address_last_word`, `why_missing`."""
    _act(session, address, AddressState.VERIFIED, "staff_verified", reason, at, by)


def mark(session: Session, address: Address, state: AddressState, *, reason: str, at: datetime, by: str) -> None:
    """Say what is wrong with an address: one of `MARKS`. Refuses as `verify` does, and `address_mark`."""
    if state not in MARKS:
        raise refuse("address_mark", "estado", state.value)
    _act(session, address, state, "staff_marked", reason, at, by)


def close(session: Session, address: Address, *, reason: str, at: datetime, by: str) -> None:
    """Use an address no more, and keep it. Refuses as `verify` does."""
    _act(session, address, AddressState.CLOSED, "staff_closed", reason, at, by)


def reopen(session: Session, address: Address, *, reason: str, at: datetime, by: str) -> None:
    """Use an address again that was closed, or had failed: it is as good as new. Refuses as `verify` does."""
    _act(session, address, AddressState.NEW, "staff_reopened", reason, at, by)


def remove(session: Session, contact: Contact, address: Address, *, reason: str, at: datetime, by: str) -> None:
    """Take an address away; its history stays. Refuses `address_last_word`, `why_missing`."""
    said = why(reason)
    if address.state in address_states.LAST_WORD:
        raise refuse("address_last_word", "estado", address.state.value, target="")
    write_first_news(session, address)
    session.flush()
    line(session, address, address.state, None, reason="removed", at=at, evidence=said, by=by, value=address.value)
    session.flush()
    contact.addresses.remove(address)
    session.flush()


def _act(
    session: Session, address: Address, target: AddressState, code: str, reason: str, at: datetime, by: str
) -> None:
    move(session, address, target, Says.STAFF, reason=code, at=at, evidence=why(reason), by=by)
    session.flush()


def why(reason: str) -> str:
    """Return a reason as it is kept. Refuses `why_missing`, `field_long`."""
    plain = bare(reason)
    if not plain:
        raise refuse("why_missing", "motivo")
    if len(plain) > LONGEST:
        raise refuse("field_long", "motivo", plain[:60], most=LONGEST)
    return plain
