"""Who may be there twice: found by address, and by name and city; proposed with a score and the reasons.

A search (`search`, then `keep`) looks at everybody and keeps what it found, so that a long list is read a page at a
time; `like` looks for one person at the moment. What somebody said are two people is not proposed again.

The score is out of 100. One address: 60, and 40 more as far as the names are alike. Name and city without an address:
nine tenths of how alike the names are. Several reasons: 5 more for each.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, case, delete, false, func, insert, literal, or_, select
from sqlalchemy.orm import Session, aliased

from contacts import alike, people, pointers
from contacts.alike import Named
from contacts.base import table_of
from contacts.errors import refuse
from contacts.models import Address, AddressKind, Contact
from contacts.sameness import LikePair

REASONS = ("same_email", "same_phone", "like_name")
SHARED = 20  # people with one address: where more have it, only who is called alike is proposed
MOST_LIKE = 500  # people of one city that one person is compared with at the moment
AT_ONCE = 5_000  # rows a statement

_PAIR = table_of(LikePair)


@dataclass(slots=True)
class Pair:
    """Two people who may be one, and why; `first` is the lower number."""

    first: int
    second: int
    alike: int = 0  # their names, 0 to 100
    same_email: bool = False
    same_phone: bool = False
    like_name: bool = False

    @property
    def reasons(self) -> tuple[str, ...]:
        """The codes of the reasons, the strongest first."""
        return tuple(name for name in REASONS if getattr(self, name))

    @property
    def score(self) -> int:
        """How likely, 0 to 100."""
        base = 60 + 0.4 * self.alike if self.same_email or self.same_phone else 0.9 * self.alike
        return min(100, round(base) + 5 * (len(self.reasons) - 1))


def search(session: Session) -> list[Pair]:
    """Look at everybody; return who may be one, the likeliest first. Only reads: it may take a while."""
    rows = session.execute(
        select(Contact.id, Contact.name, Contact.city, Contact.country).where(pointers.present()).order_by(Contact.id)
    )
    everybody = {row.id: alike.named(*row) for row in rows}
    found: dict[tuple[int, int], Pair] = {}
    for reason, holders in _sharing(session):
        _by_address(found, reason, [everybody[number] for number in holders if number in everybody])
    for first, second, names in alike.by_name(everybody.values()):
        pair = found.setdefault((first, second), Pair(first, second))
        pair.alike, pair.like_name = names, True
    two_people = _dismissed(session)
    pairs = [pair for pair in found.values() if (pair.first, pair.second) not in two_people]
    return sorted(pairs, key=lambda pair: (-pair.score, pair.first, pair.second))


def keep(session: Session, pairs: Sequence[Pair], *, at: datetime) -> int:
    """Let what a search found be the list from now on; return how many pairs it has. What was dismissed stays so."""
    session.execute(delete(_PAIR).where(_PAIR.c.dismissed_at.is_(None)))
    known = {(row.first_id, row.second_id) for row in session.execute(select(_PAIR.c.first_id, _PAIR.c.second_id))}
    rows = [
        {"first_id": pair.first, "second_id": pair.second, "score": pair.score, "found_at": at, "dismissed_by": ""}
        | {name: getattr(pair, name) for name in REASONS}
        for pair in pairs
        if (pair.first, pair.second) not in known
    ]
    for start in range(0, len(rows), AT_ONCE):
        session.execute(insert(_PAIR), rows[start : start + AT_ONCE])
    return len(rows)


def proposed(reason: str = "") -> Select[LikePair]:
    """Return the select of the pairs to look at, the likeliest first; with one of `REASONS`, or all.

    Who was merged or forgotten since the search is no longer among them.
    """
    first, second = aliased(Contact), aliased(Contact)
    here = [each.erased_at.is_(None) & each.merged_into_id.is_(None) for each in (first, second)]
    wanted = (
        select(LikePair)
        .join(first, first.id == LikePair.first_id)
        .join(second, second.id == LikePair.second_id)
        .where(LikePair.dismissed_at.is_(None), *here)
        .order_by(LikePair.score.desc(), LikePair.first_id, LikePair.second_id)
    )
    return wanted.where(getattr(LikePair, reason)) if reason in REASONS else wanted


def searched_at(session: Session) -> datetime | None:
    """Return when the list was made; None when nothing was ever found."""
    return session.scalar(select(func.max(LikePair.found_at)).where(LikePair.dismissed_at.is_(None)))


def like(session: Session, contact: Contact) -> list[Pair]:
    """Return who may be the same person as this one, the likeliest first, as things are at this moment."""
    mine = alike.named(contact.id, contact.name, contact.city, contact.country)
    found: dict[tuple[int, int], Pair] = {}
    for kinds, reason in ((_EMAIL, "same_email"), (_NUMBERS, "same_phone")):
        values = {address.value for address in contact.addresses if address.kind in kinds}
        theirs = select(Address.contact_id).where(Address.kind.in_(kinds), Address.value.in_(values))
        _by_address(found, reason, [mine, *_people(session, contact, Contact.id.in_(theirs))], about=contact.id)
    beginnings = [Contact.search_text.contains(word[: alike.BEGINNING], autoescape=True) for word in mine.words]
    here = [Contact.country == contact.country, Contact.city != "", or_(false(), *beginnings)]
    neighbours = _people(session, contact, *here) if contact.city else []
    for one, other, names in alike.by_name([mine, *neighbours]):
        if contact.id in {one, other}:
            pair = found.setdefault((one, other), Pair(one, other))
            pair.alike, pair.like_name = names, True
    two_people = _dismissed(session)
    pairs = [pair for pair in found.values() if (pair.first, pair.second) not in two_people]
    return sorted(pairs, key=lambda pair: (-pair.score, pair.first, pair.second))


def dismiss(session: Session, one: int, other: int, *, at: datetime, by: str) -> None:
    """Say that two are not the same person: they are not proposed again. Refuses `merge_same`, `person_unknown`."""
    if one == other:
        raise refuse("merge_same", "persona", one)
    for number in (one, other):
        people.get(session, number)
    pair = session.get(LikePair, (min(one, other), max(one, other)))
    if pair is None:
        pair = LikePair(first_id=min(one, other), second_id=max(one, other), score=0, found_at=at)
        session.add(pair)
    if pair.dismissed_at is None:
        pair.dismissed_at, pair.dismissed_by = at, by
    session.flush()


def reconsider(session: Session, one: int, other: int) -> bool:
    """Take back that two are not the same person: the next search may propose them. False when nobody had said so."""
    pair = session.get(LikePair, (min(one, other), max(one, other)))
    if pair is None or pair.dismissed_at is None:
        return False
    session.delete(pair)
    session.flush()
    return True


def two_people(session: Session, one: int, other: int) -> LikePair | None:
    """Return the word that two are not the same person."""
    pair = session.get(LikePair, (min(one, other), max(one, other)))
    return pair if pair and pair.dismissed_at else None


_EMAIL = (AddressKind.EMAIL,)
#: A number is one person's by whatever name a list calls it, and so is what stands in the place of a number.
_NUMBERS = (AddressKind.PHONE, AddressKind.WHATSAPP, AddressKind.SCOPED)


def _sharing(session: Session) -> Iterable[tuple[str, list[int]]]:
    """Yield reason and people of every address that several have."""
    of = case((Address.kind == AddressKind.EMAIL, literal("same_email")), else_=literal("same_phone"))
    several = (
        select(of.label("reason"), Address.value)
        .group_by(of, Address.value)
        .having(func.count(func.distinct(Address.contact_id)) > 1)
        .subquery()
    )
    rows = session.execute(
        select(several.c.reason, several.c.value, Address.contact_id)
        .join(Address, (Address.value == several.c.value) & (of == several.c.reason))
        .order_by(several.c.reason, several.c.value, Address.contact_id)
        .distinct()
    )
    holders: dict[tuple[str, str], list[int]] = {}
    for reason, value, contact_id in rows:
        holders.setdefault((reason, value), []).append(contact_id)
    return [(reason, numbers) for (reason, _value), numbers in holders.items()]


def _by_address(
    found: dict[tuple[int, int], Pair], reason: str, holders: Sequence[Named], about: int | None = None
) -> None:
    for one, other in alike.neighbours(holders):
        names = alike.similarity(one.words, other.words)
        if (about is None or about in {one.id, other.id}) and (len(holders) <= SHARED or names >= alike.LIKE):
            first, second = min(one.id, other.id), max(one.id, other.id)
            pair = found.setdefault((first, second), Pair(first, second))
            pair.alike = names
            setattr(pair, reason, True)


def _people(session: Session, but: Contact, *where: object) -> list[Named]:
    rows = session.execute(
        select(Contact.id, Contact.name, Contact.city, Contact.country)
        .where(pointers.present(), Contact.id != but.id, *where)  # type: ignore[arg-type]
        .order_by(Contact.id)
        .limit(MOST_LIKE)
    )
    return [alike.named(*row) for row in rows]


def _dismissed(session: Session) -> set[tuple[int, int]]:
    """Return the pairs of whom somebody said that they are two, as the people they are by now."""
    rows = session.execute(select(LikePair.first_id, LikePair.second_id).where(LikePair.dismissed_at.is_not(None)))
    same = pointers.everybody(session)
    pairs = ((same.get(one, one), same.get(other, other)) for one, other in rows)
    return {(min(pair), max(pair)) for pair in pairs}
