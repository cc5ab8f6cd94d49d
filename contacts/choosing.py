"""One person meant by what somebody typed: a number of ours, a mail, a telephone, or a name in a network."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts import people, pointers
from contacts.errors import refuse
from contacts.folding import fold
from contacts.models import Contact, Membership

LONGEST_NUMBER = 9  # digits of a number of ours: with more it is a telephone


def person(session: Session, text: str, where: str, network_id: int | None = None) -> Contact:
    """Return the person whom a text means; a name means somebody who is or was in the network.

    Refuses `chosen_unknown` and `chosen_several`.
    """
    plain = text.strip()
    if plain.isascii() and plain.isdecimal() and len(plain) <= LONGEST_NUMBER:
        number = int(plain)
        found = session.get(Contact, pointers.followed(session, [number]).get(number, number))
        if found is not None and found.erased_at is None:
            return found
    known = people.by_address(session, plain) if plain else []
    if not known and plain:
        known = _named(session, plain, network_id)
    if not known:
        raise refuse("chosen_unknown", where, plain[:60])
    if len(known) > 1:
        raise refuse("chosen_several", where, plain[:60])
    return known[0]


def _named(session: Session, text: str, network_id: int | None) -> list[Contact]:
    """Return who is called so, in the network; by the whole name where one is, else by a piece of it."""
    wanted = people.found(text[:200])
    if network_id is not None:
        wanted = wanted.where(Contact.id.in_(select(Membership.contact_id).where(Membership.network_id == network_id)))
    found = list(session.scalars(wanted.limit(20)))
    return [each for each in found if fold(each.name) == fold(text)] or found
