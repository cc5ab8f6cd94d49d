"""A person is forgotten: their row stays, so that the counts of past informes stay true, and says nothing of them.

The packages above know tables that this one does not: each registers what it does for them (`before`, `known_by`).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from contacts import cards, pointers, search_index, suppression, unifying
from contacts.address_history import AddressChange
from contacts.addresses import kind_of_way
from contacts.errors import refuse
from contacts.folding import fold
from contacts.models import Address, Affiliation, ConsentEntry, Contact, Membership
from contacts.scrubbing import scrub
from contacts.tagging import Tagged
from contacts.tracing import GONE, Traces

#: What an erased person is called wherever a list shows the row.
NOBODY = "Persona suprimida"


@dataclass(frozen=True, slots=True)
class Leaving:
    """Who is being erased: what hooks are told. `alone` are the addresses that nobody else has."""

    contact_id: int
    at: datetime
    alone: frozenset[str]
    traces: Traces


@dataclass(frozen=True, slots=True)
class Erased:
    """What became of it: addresses that are recognised from now on, and rows that were changed by table.

    `traces` are for files that lie beside the database; nobody may keep them.
    """

    contact_id: int
    addresses: int
    traces: Traces = field(repr=False)
    scrubbed: Mapping[str, int] = field(default_factory=dict)
    files: tuple[str, ...] = ()  # names of pictures and papers kept as evidence of theirs alone: to be removed


Hook = Callable[[Session, Leaving], None]
Knows = Callable[[Session, int], Iterable[str]]
_hooks: list[Hook] = []
_knows: list[Knows] = []


def before(hook: Hook) -> Hook:
    """Register what a package does with its own tables, before texts are looked through."""
    if hook not in _hooks:
        _hooks.append(hook)
    return hook


def known_by(knows: Knows) -> Knows:
    """Register what other addresses a package knows of a person: such as they had once."""
    if knows not in _knows:
        _knows.append(knows)
    return knows


def erase(session: Session, contact_id: int, *, at: datetime, why: str = "") -> Erased:
    """Forget a person; `why` is the folio of their request, or a code. Cannot be undone.

    Rows that were merged into the person are theirs too and go with them, and the merge cannot be undone any more.
    Gone are name, city, organization, zone, addresses, and what they said about consent but for what and when; open
    memberships end, and who brought whom stays as numbers. Their addresses cannot come back (`contacts.suppression`):
    one that somebody else shares, only not under this name. Country and language stay: they are counted.
    Refuses `person_unknown`, `person_erased`, and `person_merged` for a row that is somebody else's by now.
    """
    contact = session.scalar(
        select(Contact)
        .where(Contact.id == contact_id)
        .with_for_update(key_share=True)  # rows that only point to the person need not wait
        .execution_options(populate_existing=True)
    )
    if contact is None:
        raise refuse("person_unknown", "persona", contact_id)
    if contact.erased_at is not None:
        raise refuse("person_erased", "persona", contact_id)
    if contact.merged_into_id is not None:
        raise refuse("person_merged", "persona", contact_id, into=contact.merged_into_id)
    rows = [contact, *(session.get_one(Contact, number) for number in unifying.forget(session, contact_id, at=at))]
    names = {row.name for row in rows}
    known = {(address.kind, address.value) for row in rows for address in row.addresses}
    written = {value for _kind, value in known}
    written |= {value for row in rows for knows in _knows for value in knows(session, row.id) if value}
    shared = _shared(session, written, [row.id for row in rows])
    papers = _papers(session, [row.id for row in rows])
    traces = Traces(
        names - {row.name for row in rows if _namesake(session, row, [each.id for each in rows])}, written - shared
    )
    for kind, value in sorted(known | {(kind_of_way(value), value) for value in written}):
        for name in sorted(names):
            suppression.suppress(session, kind, value, at=at, why=why, name=name, by_name=value in shared)
    for row in rows:
        leaving = Leaving(row.id, at, frozenset(written - shared), traces)
        for hook in _hooks:
            hook(session, leaving)
        _forget(session, row, at)
    session.flush()
    search_index.forget(session, [row.id for row in rows])
    scrubbed = scrub(session, traces)
    session.expire_all()  # rows were written behind the session's back
    return Erased(contact_id, len(written), traces, scrubbed, _alone(session, papers))


def _papers(session: Session, people: Sequence[int]) -> set[str]:
    kept = select(ConsentEntry.evidence_file).where(
        ConsentEntry.contact_id.in_(people), ConsentEntry.evidence_file != ""
    )
    return set(session.scalars(kept))


def _alone(session: Session, papers: set[str]) -> tuple[str, ...]:
    """Return the papers that no line of the ledger names any more: one may have shown a word of two people."""
    named = set(session.scalars(select(ConsentEntry.evidence_file).where(ConsentEntry.evidence_file.in_(papers))))
    return tuple(sorted(papers - named))


def _shared(session: Session, values: Iterable[str], rows: Sequence[int]) -> set[str]:
    """Return which of these addresses somebody else has too, who is not one of these rows: they stay theirs."""
    return set(
        session.scalars(
            select(Address.value)
            .join(Contact)
            .where(Address.value.in_(list(values)), Address.contact_id.not_in(rows), pointers.present())
        )
    )


def _namesake(session: Session, contact: Contact, rows: Sequence[int]) -> bool:
    """Whether somebody else has the same name: a text that says it may mean them."""
    alike = select(Contact.name).where(
        Contact.search_text.startswith(fold(contact.name), autoescape=True),
        Contact.id.not_in(rows),
        pointers.present(),
    )
    return any(fold(name) == fold(contact.name) for name in session.scalars(alike))


def _forget(session: Session, contact: Contact, at: datetime) -> None:
    contact.name, contact.city, contact.organization_id = NOBODY, "", None
    contact.search_text = ""
    contact.timezone = cards.Card(NOBODY, country=contact.country).zone()
    contact.erased_at = at
    contact.zone_set = False
    contact.addresses.clear()
    session.execute(
        delete(Affiliation).where(Affiliation.contact_id == contact.id).execution_options(synchronize_session=False)
    )
    session.execute(
        delete(AddressChange).where(AddressChange.contact_id == contact.id).execution_options(synchronize_session=False)
    )
    session.execute(delete(Tagged).where(Tagged.contact_id == contact.id).execution_options(synchronize_session=False))
    session.execute(
        update(ConsentEntry)
        .where(ConsentEntry.contact_id == contact.id)
        .values(source=GONE, evidence="", evidence_file="")
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(Membership)
        .where(Membership.contact_id == contact.id, Membership.until.is_(None))
        .values(until=at)
        .execution_options(synchronize_session=False)
    )
