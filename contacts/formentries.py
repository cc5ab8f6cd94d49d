"""What somebody sent by a form that is open to anybody: kept as it came, and looked at afterwards.

Whoever asks at the form is answered before anybody has looked whether they are known, so neither the answer nor its
time tells. What a person said about themself stays until it is done with: confirmed, let go, or found to be nobody's.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, Index, delete, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from contacts import erasing, unifying
from contacts.base import Base, BigId, vocabulary
from contacts.erasing import Leaving
from contacts.linkrequests import LinkRequest
from contacts.models import CODE, Contact

TRIES = 3  # of an entry that fails for a reason of ours, before it is put aside


class EntryKind(StrEnum):
    """What a form asks for."""

    JOIN = "alta"
    PREFERENCES = "preferencias"
    DATA = "datos"


class FormEntry(Base):
    """One entry of a public form. Its number is evidence in the ledger."""

    __tablename__ = "form_entry"
    __table_args__ = (
        Index(
            "ix_form_entry_waiting",
            "id",
            sqlite_where=text("handled_at IS NULL"),
            postgresql_where=text("handled_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[EntryKind] = mapped_column(vocabulary(EntryKind))
    at: Mapped[datetime]
    said: Mapped[dict[str, object]] = mapped_column(JSON, default=dict)  # emptied when it is done with
    handled_at: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(default="", info=CODE)  # what became of it
    tries: Mapped[int] = mapped_column(default=0)
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"), index=True)  # who was made of it
    asked_id: Mapped[int | None] = mapped_column(BigId, index=True)  # the line of the ledger that asks to confirm


unifying.goes_along(FormEntry.contact_id)
unifying.goes_along(LinkRequest.contact_id)


def receive(session: Session, kind: EntryKind, said: Mapping[str, object], *, at: datetime) -> FormEntry:
    """Keep what a form said, checked and in plain values; whoever ticks looks at it."""
    entry = FormEntry(kind=kind, at=at, said=dict(said))
    session.add(entry)
    session.flush()
    return entry


def waiting(session: Session, most: int) -> Sequence[int]:
    """Return the numbers of what nobody has looked at, oldest first."""
    return session.scalars(
        select(FormEntry.id).where(FormEntry.handled_at.is_(None)).order_by(FormEntry.id).limit(most)
    ).all()


def take(session: Session, entry_id: int) -> FormEntry | None:
    """Return an entry that is still to be looked at, held for the caller's transaction; None when another has it."""
    return session.scalar(
        select(FormEntry)
        .where(FormEntry.id == entry_id, FormEntry.handled_at.is_(None))
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )


def done(entry: FormEntry, outcome: str, *, at: datetime, keep: bool = False) -> None:
    """Note what became of an entry; what it said goes, unless it is still needed to `keep`."""
    entry.outcome, entry.handled_at = outcome, at
    if not keep:
        entry.said = {}


def failed(session: Session, entry_id: int, *, at: datetime) -> None:
    """Count a failure of ours; after some, the entry is put aside and keeps nobody else waiting."""
    session.execute(update(FormEntry).where(FormEntry.id == entry_id).values(tries=FormEntry.tries + 1))
    session.execute(
        update(FormEntry)
        .where(FormEntry.id == entry_id, FormEntry.tries >= TRIES)
        .values(handled_at=at, outcome="failed", said={})
    )


def of_ask(session: Session, ask_id: int) -> FormEntry | None:
    """Return the entry that a request to confirm was made of; None when it was no form's."""
    return session.scalar(select(FormEntry).where(FormEntry.asked_id == ask_id).order_by(FormEntry.id.desc()).limit(1))


@erasing.before
def _forget(session: Session, leaving: Leaving) -> None:
    """Empty what a person said by a form; what is not yet looked at and names them is found by the net below."""
    session.execute(update(FormEntry).where(FormEntry.contact_id == leaving.contact_id).values(said={}))
    session.execute(delete(LinkRequest).where(LinkRequest.contact_id == leaving.contact_id))


def of_contact(session: Session, contact_id: int) -> list[FormEntry]:
    """Return the entries that a person was made of, oldest first."""
    return list(
        session.scalars(
            select(FormEntry).join(Contact).where(FormEntry.contact_id == contact_id).order_by(FormEntry.id)
        )
    )
