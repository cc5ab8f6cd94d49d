"""The list of people, a page at a time, however many there are.

Where nobody typed anything the pages follow an index by name: from the page before or behind it, or from the nearer
end. Where somebody did, the index of words finds the first so many; of more, nobody looks through all pages: those
whose name begins with the text come first, and the count says «more than».
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, union_all
from sqlalchemy.orm import Session, selectinload

from contacts import counting, pointers
from contacts.counting import Count
from contacts.folding import fold
from contacts.idsets import among
from contacts.matching import hits
from contacts.models import Contact, Membership

MOST = 1000  # people that a search leafs through
_LAST = "\U0010ffff"  # no letter comes behind it, in both databases
_INDEX = "INDEXED BY ix_contact_listed"
_LOOK_UP = 1.5  # what it costs to look somebody up and sort them, beside a step along the index


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whom a list is of: text, network («in it today»), country ("" for any; «–» for none known), further conditions.

    Without `addresses` the text is looked for in names and cities alone.
    """

    text: str = ""
    network_id: int | None = None
    country: str = ""
    more: tuple[ColumnElement[bool], ...] = ()
    addresses: bool = True

    def conditions(self, *, as_set: bool = False) -> list[ColumnElement[bool]]:
        """Return the conditions but for the text; the network `as_set` of its people, or looked up for each person."""
        asked = [pointers.present(), *self.more]
        if self.country:
            asked.append(Contact.country == ("" if self.country == NOWHERE else self.country))
        if self.network_id is not None:
            here = [Membership.network_id == self.network_id, Membership.until.is_(None)]
            if as_set:
                asked.append(Contact.id.in_(select(Membership.contact_id).where(*here)))
            else:
                asked.append(exists().where(Membership.contact_id == Contact.id, *here))
        return asked


NOWHERE = "–"


@dataclass(frozen=True, slots=True)
class Turn:
    """Where a page begins: behind somebody (`after`), or ends: before somebody."""

    person: int
    after: bool = True


@dataclass(frozen=True, slots=True)
class Looked:
    """How many people a list has, and who was found where a text was looked for."""

    count: Count
    found: list[int] | None = None


def look(session: Session, wanted: Wanted, seconds: float | None = counting.PATIENCE) -> Looked:
    """Look how many people a list has: with a text at most `MOST` and «more», else as `counting.people` counts."""
    if fold(wanted.text):
        found = _hits(session, wanted)
        return Looked(Count(len(found)) if len(found) <= MOST else Count(MOST, more=True), found)
    if not wanted.more and wanted.network_id is not None and not wanted.country:
        return Looked(_members(session, wanted.network_id, seconds))
    return Looked(counting.people(session, *wanted.conditions(as_set=True)[1:], seconds=seconds))


def ids(
    session: Session, wanted: Wanted, looked: Looked, offset: int, size: int, turn: Turn | None = None
) -> list[int]:
    """Return the numbers of the people on a page, by name. `turn` tells of the page beside it, where one is known."""
    total = looked.count
    if looked.found is not None:
        return _found(session, wanted, looked.found, offset, size)
    if turn is not None and (here := _turned(session, wanted, turn, size)) is not None:
        return here
    behind = max(0, total.number - offset - size)
    if behind < offset and total.exact:  # from the end
        some = _along(session, wanted, behind, min(size, total.number - offset), total, backwards=True)
        return some[::-1]
    return _along(session, wanted, offset, size, total)


def people(session: Session, numbers: Sequence[int]) -> list[Contact]:
    """Return people with their addresses and networks, in this order."""
    found = session.scalars(
        select(Contact)
        .where(among(Contact.id, numbers))
        .options(selectinload(Contact.addresses), selectinload(Contact.memberships).joinedload(Membership.network))
    )
    known = {contact.id: contact for contact in found}
    return [known[number] for number in numbers if number in known]


def _members(session: Session, network_id: int, seconds: float | None) -> Count:
    """Count the people of a network: its open memberships, without the few of rows that are nobody any more."""
    here = [Membership.network_id == network_id, Membership.until.is_(None)]
    nobody = union_all(
        select(Contact.id).where(Contact.erased_at.is_not(None)),
        select(Contact.id).where(Contact.merged_into_id.is_not(None)),
    )
    every = counting.within(session, select(func.count()).select_from(Membership).where(*here), seconds)
    if every is None:
        return counting.people(session, *Wanted(network_id=network_id).conditions()[1:], seconds=0)
    gone = session.scalar(select(func.count()).select_from(Membership).where(*here, Membership.contact_id.in_(nobody)))
    return Count(every - (gone or 0))


def _hits(session: Session, wanted: Wanted) -> list[int]:
    """Return who is found by a text: all, or one more than `MOST`."""
    found: dict[int, None] = {}
    for hit in hits(session, wanted.text, addresses=wanted.addresses):
        known = hit.subquery()
        asked = (
            select(Contact.id)
            .select_from(known)
            .join(Contact, Contact.id == known.c.contact_id)
            .where(*wanted.conditions())
            .limit(MOST + 1)
        )
        found |= dict.fromkeys(session.scalars(asked))
        if len(found) > MOST:
            break
    return list(found)[: MOST + 1]


def _found(session: Session, wanted: Wanted, some: list[int], offset: int, size: int) -> list[int]:
    by_name = select(Contact.id).order_by(Contact.search_text, Contact.id)
    if len(some) <= MOST:
        return list(session.scalars(by_name.where(among(Contact.id, some)).offset(offset).limit(size)))
    start = fold(wanted.text)
    begins = [Contact.search_text >= start, Contact.search_text < start + _LAST]
    first = list(session.scalars(by_name.where(*begins, *wanted.conditions()).limit(min(MOST, offset + size))))
    if len(first) < min(MOST, offset + size):
        rest = sorted(set(some) - set(first))[: MOST - len(first)]
        first += session.scalars(by_name.where(among(Contact.id, rest)))
    return first[:MOST][offset : offset + size]


def _turned(session: Session, wanted: Wanted, turn: Turn, size: int) -> list[int] | None:
    """Return the page behind or before somebody; None where they are not there any more."""
    name = session.scalar(select(Contact.search_text).where(Contact.id == turn.person, pointers.present()))
    if name is None:
        return None
    if turn.after:
        beyond = or_(Contact.search_text > name, and_(Contact.search_text == name, Contact.id > turn.person))
        edge = Contact.search_text >= name
    else:
        beyond = or_(Contact.search_text < name, and_(Contact.search_text == name, Contact.id < turn.person))
        edge = Contact.search_text <= name
    asked = _ordered(wanted, backwards=not turn.after).where(edge, beyond).limit(size)
    some = list(session.scalars(asked))
    return some if turn.after else some[::-1]


def _along(
    session: Session, wanted: Wanted, offset: int, size: int, total: Count, *, backwards: bool = False
) -> list[int]:
    """Walk along the index by name, or look those of a small set up and sort them: whichever takes fewer steps."""
    every = session.scalar(select(func.max(Contact.id))) or 0
    walked = (offset + size) * every / max(1, total.number)
    walking = walked < total.number * _LOOK_UP or not (wanted.more or wanted.network_id)
    asked = _ordered(wanted, backwards=backwards, walking=walking)
    return list(session.scalars(asked.offset(offset).limit(size)))


def _ordered(wanted: Wanted, *, backwards: bool = False, walking: bool = True) -> Select[int]:
    asked = select(Contact.id).where(*wanted.conditions(as_set=not walking))
    if walking:
        asked = asked.with_hint(Contact, _INDEX, "sqlite")
    if backwards:
        return asked.order_by(Contact.search_text.desc(), Contact.id.desc())
    return asked.order_by(Contact.search_text, Contact.id)
