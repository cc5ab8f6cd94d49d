"""Somebody who was there twice: the row that was merged away stays, and points to the person.

What was written to that row, or says its number (a delivery, a link in a letter of last year), is the person's all the
same. Whoever lists people asks for who is `present`; whoever is given a number follows it.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Select, and_, func, select, union_all
from sqlalchemy.orm import Session

from contacts.idsets import among
from contacts.models import Contact


def present() -> ColumnElement[bool]:
    """Return the condition that a contact is somebody: neither forgotten nor a row that points to another."""
    return and_(Contact.erased_at.is_(None), Contact.merged_into_id.is_(None))


def person(contact: Any = Contact) -> ColumnElement[int]:
    """Return whose row a contact is: its own number, or that of the person it points to."""
    return func.coalesce(contact.merged_into_id, contact.id)


def follow(session: Session, contact_id: int) -> int:
    """Return the person whom a number means, and keep them from being merged until the caller's transaction ends.

    So what is written of somebody is never left behind on a row that has just begun to point elsewhere.
    """
    found = session.execute(
        select(Contact.merged_into_id).where(Contact.id == contact_id).with_for_update(read=True, key_share=True)
    ).one_or_none()
    return found.merged_into_id or contact_id if found else contact_id


def followed(session: Session, contact_ids: Iterable[int]) -> dict[int, int]:
    """Return, of these numbers, those that point to somebody, with whom. Nearly always none."""
    pointing = select(Contact.id, Contact.merged_into_id).where(
        Contact.merged_into_id.is_not(None), among(Contact.id, sorted(set(contact_ids)))
    )
    return {row.id: row.merged_into_id for row in session.execute(pointing) if row.merged_into_id}


def everybody(session: Session) -> dict[int, int]:
    """Return every number that points to somebody, with whom: what counts people needs it."""
    pointing = select(Contact.id, Contact.merged_into_id).where(Contact.merged_into_id.is_not(None))
    return {row.id: row.merged_into_id for row in session.execute(pointing) if row.merged_into_id}


def numbers(session: Session, contact_id: int) -> list[int]:
    """Return every number that a person has: their own, and those that point to them."""
    pointing = select(Contact.id).where(Contact.merged_into_id == contact_id).order_by(Contact.id)
    return [contact_id, *session.scalars(pointing)]


def numbers_of(people: Select[int]) -> CompoundSelect[int]:
    """Return the select of every number that the selected people have."""
    pointing = select(Contact.id).where(Contact.merged_into_id.is_not(None), Contact.merged_into_id.in_(people))
    return union_all(people, pointing)
