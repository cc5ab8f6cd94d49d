"""Two people who are one: made one, with all that either has, and made two again.

The survivor keeps their number; the others keep a row that points there (`contacts.pointers`). What both have, the
same address or an open membership of the same network, stays once: the second row stays with the pointer and counts
nowhere. Deliveries stay where they are. Whoever else keeps rows about people says so with `goes_along`, whoever must
know beforehand with `whenever`; `campaigns` does both.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Table, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from contacts import consent, joining, mergenotes, outlasting, pointers
from contacts.address_history import AddressChange
from contacts.base import table_of
from contacts.errors import refuse
from contacts.folding import fold
from contacts.mergenotes import Note
from contacts.models import Affiliation, ConsentEntry, Contact
from contacts.sameness import PersonMerge

#: What is chosen field by field: the name of `people.EDITABLE` → the column.
FIELDS = {
    "nombre": "name",
    "pais": "country",
    "ciudad": "city",
    "zona": "timezone",
    "idioma": "language",
    "organizacion": "organization_id",
}
MOST = 10  # people made one at once

Hook = Callable[[Session, Sequence[int] | None, datetime], None]
_hooks: list[Hook] = []
_along: list[tuple[Table, str]] = []
_CONTACT, _LEDGER, _CHANGES = table_of(Contact), table_of(ConsentEntry), table_of(AddressChange)


def whenever(hook: Hook) -> Hook:
    """Call this before people (their numbers; None: whoever) become one or several."""
    _hooks.append(hook)
    return hook


def goes_along(column: InstrumentedAttribute[Any]) -> None:
    """Let the rows that name a person in this column go along with them, and come back."""
    table = column.class_.__table__
    if (table, column.key) not in _along:
        _along.append((table, column.key))


def moved_columns() -> set[tuple[str, str]]:
    """Return table and column of all that goes along."""
    return {(table.name, column) for table, column in _along}


def merge(
    session: Session,
    survivor_id: int,
    others: Sequence[int],
    *,
    choices: Mapping[str, int] | None = None,
    at: datetime,
    by: str,
) -> PersonMerge:
    """Make people one: `others` become `survivor_id`. Return the note by which it is undone.

    `choices` says for each of `FIELDS` whose value is kept; where it says nothing the survivor's is, or, where theirs
    is empty, the first that is not. Who withdrew a consent stays withdrawn, whatever the other said. Refuses
    `merge_alone`, `merge_many`, `merge_same`, `person_unknown`, `merge_erased`, `merge_done`, `field_unknown`,
    `merge_choice`.
    """
    ids = list(dict.fromkeys(others))
    if not ids:
        raise refuse("merge_alone", "persona", survivor_id)
    if len(ids) >= MOST:
        raise refuse("merge_many", "persona", len(ids) + 1, most=MOST)
    if survivor_id in ids or len(ids) != len(others):
        raise refuse("merge_same", "persona", survivor_id)
    session.flush()
    people = _held(session, [survivor_id, *ids], at)
    survivor = people[survivor_id]
    note = Note(session, ids)
    withdrawn = outlasting.withdrawn(session, people)
    _fields(note, survivor, people, choices or {})
    # They point to the survivor before the ledger goes along: by that the database knows that a line may.
    session.execute(update(_CONTACT).where(_CONTACT.c.id.in_(ids)).values(merged_into_id=survivor_id, merged_at=at))
    for other in ids:
        _take_over(note, survivor_id, other)
    pointing = select(Contact.id).where(Contact.merged_into_id.in_(ids)).order_by(Contact.id)
    for number in session.scalars(pointing).all():
        was = session.scalars(select(Contact.merged_into_id).where(Contact.id == number)).one()
        note.change(_CONTACT, number, {"merged_into_id": (was, survivor_id)})
    note.written = outlasting.keep_withdrawn(session, survivor_id, withdrawn, at, by)
    note.ledger = consent.mark(session)
    done = PersonMerge(survivor_id=survivor_id, at=at, by=by, details=note.as_json())
    session.add(done)
    session.flush()
    session.expire_all()
    return done


@dataclass(frozen=True, slots=True)
class Undone:
    """Who is back, and what stayed with the survivor as it was changed since."""

    merge: PersonMerge
    people: tuple[int, ...]
    fields: tuple[str, ...]  # of `FIELDS`: somebody changed them since
    withdrawals: int  # received since: they hold for everybody


def undo(session: Session, merge_id: int, *, at: datetime, by: str) -> Undone:
    """Make two people of one again, as they were; what came since stays with the survivor.

    A withdrawal that came since holds for everybody: nobody knows which of them said it. Refuses `merge_unknown`,
    `merge_undone`, `merge_later` (another one must be undone before), `merge_erased`.
    """
    done = session.get(PersonMerge, merge_id, with_for_update=True)
    if done is None:
        raise refuse("merge_unknown", "unión", merge_id)
    if done.undone_at is not None:
        raise refuse("merge_undone", "unión", merge_id)
    if later := standing_in_the_way(session, done):
        raise refuse("merge_later", "unión", merge_id, id=later)
    session.flush()
    note = mergenotes.read(session, done.details)
    people = [done.survivor_id, *note.people]
    _prepare(session, people, at)
    if session.scalars(select(Contact.id).where(Contact.id.in_(people), Contact.erased_at.is_not(None))).first():
        raise refuse("merge_erased", "persona", done.survivor_id)
    since = outlasting.since(session, done.survivor_id, note)
    outlasting.give_back(session, note, done.survivor_id)
    kept = mergenotes.undo(note, done.survivor_id)
    joining.share_states(note, kept, at)
    restored = {"merged_into_id": None, "merged_at": None}
    session.execute(update(_CONTACT).where(_CONTACT.c.id.in_(note.people)).values(restored))
    for other in note.people:
        session.add_all(outlasting.copies(since, other))
    done.undone_at, done.undone_by = at, by
    session.flush()
    session.expire_all()
    changed = {name for table, number, name in kept if (table, number) == ("contact", done.survivor_id)}
    if changed:
        survivor = session.get_one(Contact, done.survivor_id)
        survivor.search_text = fold(f"{survivor.name} {survivor.city}")
        session.flush()
    return Undone(
        done, tuple(note.people), tuple(name for name, column in FIELDS.items() if column in changed), len(since)
    )


def standing_in_the_way(session: Session, done: PersonMerge) -> int | None:
    """Return the merge that has to be undone before this one: the newest of the person that its survivor is by now."""
    now = pointers.followed(session, [done.survivor_id]).get(done.survivor_id, done.survivor_id)
    newest = newest_of(session, now)
    return newest.id if newest and newest.id != done.id else None


def newest_of(session: Session, contact_id: int) -> PersonMerge | None:
    """Return the last merge into a person that is in force."""
    return session.scalar(
        select(PersonMerge)
        .where(PersonMerge.survivor_id == contact_id, PersonMerge.undone_at.is_(None))
        .order_by(PersonMerge.id.desc())
        .limit(1)
    )


def merges_of(session: Session, contact_id: int) -> list[PersonMerge]:
    """Return the merges into a person that are in force, the newest first: the first may be undone."""
    return list(
        session.scalars(
            select(PersonMerge)
            .where(PersonMerge.survivor_id == contact_id, PersonMerge.undone_at.is_(None))
            .order_by(PersonMerge.id.desc())
        )
    )


def merged_people(done: PersonMerge) -> list[int]:
    """Return who was merged away by a merge."""
    people: Any = done.details["people"]
    return list(people)


def forget(session: Session, contact_id: int, *, at: datetime) -> list[int]:
    """Take the values out of what is noted of a person's merges, and end the way back; return who points to them.

    For whoever erases a person: those rows hold their data as well.
    """
    theirs = pointers.numbers(session, contact_id)
    for done in session.scalars(select(PersonMerge).where(PersonMerge.survivor_id.in_(theirs))):
        done.details = {"people": done.details["people"]}
        if done.undone_at is None:
            done.undone_at, done.undone_by = at, outlasting.SOURCE
    session.flush()
    return theirs[1:]


def _prepare(session: Session, ids: Sequence[int], at: datetime) -> None:
    """Hold the people for this transaction. Twice, as a run may be prepared while we wait for them."""
    for hook in _hooks:
        hook(session, ids, at)
    session.execute(select(Contact.id).where(Contact.id.in_(ids)).order_by(Contact.id).with_for_update()).all()
    for hook in _hooks:
        hook(session, ids, at)


def _held(session: Session, ids: Sequence[int], at: datetime) -> dict[int, Contact]:
    _prepare(session, ids, at)
    found = select(Contact).where(Contact.id.in_(ids)).execution_options(populate_existing=True)
    people = {contact.id: contact for contact in session.scalars(found)}
    for number in ids:
        if number not in people:
            raise refuse("person_unknown", "persona", number)
        if people[number].erased_at is not None:
            raise refuse("merge_erased", "persona", number)
        if (into := people[number].merged_into_id) is not None:
            raise refuse("merge_done", "persona", number, into=into)
    return people


def _fields(note: Note, survivor: Contact, people: Mapping[int, Contact], choices: Mapping[str, int]) -> None:
    for name, whose in choices.items():
        if name not in FIELDS:
            raise refuse("field_unknown", name, name, known=", ".join(FIELDS))
        if whose not in people:
            raise refuse("merge_choice", name, whose)
    values = {}
    for name, column in FIELDS.items():
        theirs = [getattr(people[number], column) for number in (survivor.id, *note.people)]
        chosen = getattr(people[choices[name]], column) if name in choices else next(filter(None, theirs), theirs[0])
        values[column] = (getattr(survivor, column), chosen)
    values["search_text"] = (survivor.search_text, fold(f"{values['name'][1]} {values['city'][1]}"))
    note.change(_CONTACT, survivor.id, values)


def _take_over(note: Note, survivor_id: int, other: int) -> None:
    joining.addresses(note, survivor_id, other)
    joining.memberships(note, survivor_id, other)
    joining.tags(note, survivor_id, other)
    note.move(_CHANGES, "contact_id", other, survivor_id)
    note.move(_LEDGER, "contact_id", other, survivor_id)
    for table, column in _along:
        note.move(table, column, other, survivor_id)


goes_along(Affiliation.contact_id)
