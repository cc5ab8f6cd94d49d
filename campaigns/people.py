"""People as an author of a campaign names them: by address, by number, by contact id."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts import addresses, pointers
from contacts.errors import Refused
from contacts.models import Address, Contact

LONGEST_ID = 9  # digits; ten digits are a Mexican number


def find_people(session: Session, texts: Iterable[str]) -> dict[str, list[int]]:
    """Return the contact ids behind each text; a text that names nobody is not in the answer.

    A text is a contact id, an e-mail address, or a phone number. Several people may share an address.
    """
    found = {}
    for text in texts:
        ids = (
            _by_id(session, text)
            if text.strip().isdigit() and len(text.strip()) <= LONGEST_ID
            else _by_address(session, text)
        )
        if ids:
            found[text] = ids
    return found


def _by_id(session: Session, text: str) -> list[int]:
    person = select(pointers.person()).where(Contact.id == int(text), Contact.erased_at.is_(None))
    return list(session.scalars(person))


def _by_address(session: Session, text: str) -> list[int]:
    try:
        value = addresses.email(text) if "@" in text else addresses.phone(text)[0]
    except Refused:
        return []
    ids = session.scalars(select(Address.contact_id).join(Contact).where(Address.value == value, pointers.present()))
    return sorted(set(ids))
