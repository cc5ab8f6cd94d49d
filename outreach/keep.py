"""Small facts that an installation keeps for itself, by name: its own id, leases, switches."""

import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, DateTime, Interval, delete, func, literal, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from contacts.base import Base, UtcDateTime

INSTALLATION = "installation"
MOVED = "moved"  # after `outreach db copy`: where the installation lives now, without a password
RESTORED = "restored"  # after `outreach db restore`: the moments of the backup and of the restoration
QUEUE_SCHEMA = "queue_schema"  # of a database with workers: how far its queue's own tables are


class Kept(Base):
    """One fact by its name."""

    __tablename__ = "kept"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]
    until: Mapped[datetime | None]  # for leases


@dataclass(frozen=True, slots=True)
class Gap:
    """What an installation does not remember, because it was restored: from its backup to its restoration."""

    made_at: datetime
    at: datetime

    def covers(self, moment: datetime) -> bool:
        """Whether what was to happen at a moment may have happened without being remembered: not only within it.

        What was due before the backup and had not begun may have begun after it.
        """
        return moment <= self.at


def installation_id(session: Session) -> str:
    """Return the eight letters that tell this installation from others; made the first time."""
    kept = session.get(Kept, INSTALLATION)
    if kept is None:
        with suppress(IntegrityError), session.begin_nested():  # another process may have been quicker
            session.add(Kept(name=INSTALLATION, value=secrets.token_hex(4)))
        kept = session.get_one(Kept, INSTALLATION)
    return kept.value


def moved_to(session: Session) -> str:
    """Return where this installation was copied to, "" while it lives here."""
    kept = session.get(Kept, MOVED)
    return kept.value if kept else ""


def note_restored(session: Session, *, made_at: datetime, at: datetime) -> None:
    """Note that the installation was restored at a moment from a backup of another; the last time counts."""
    session.merge(Kept(name=RESTORED, value=f"{made_at.isoformat()} {at.isoformat()}"))


def restored(session: Session) -> Gap | None:
    """Return what the installation forgot when it was last restored; None when it never was."""
    kept = session.get(Kept, RESTORED)
    if kept is None:
        return None
    made_at, at = map(datetime.fromisoformat, kept.value.split())
    return Gap(made_at, at)


def one_at_a_time(session: Session) -> None:
    """Wait until no other transaction that asked for this is open.

    For verbs that look first and write afterwards. SQLite's writers wait for each other anyway; PostgreSQL's do not.
    """
    installation_id(session)
    session.execute(select(Kept.value).where(Kept.name == INSTALLATION).with_for_update())


def hold(session: Session, name: str, holder: str, *, seconds: float, at: datetime, after: str = "") -> bool:
    """Take a lease for some seconds, or renew one's own; False while it is somebody else's, unless that is `after`.

    PostgreSQL's own clock decides there, so that machines need not agree on the time; `at` is the moment on SQLite. A
    lease that ends later than any could is left from before a clock was set back, and is free.
    """
    span = timedelta(seconds=seconds)
    insert = postgresql.insert if _served(session) else sqlite.insert
    wanted = insert(Kept).values(name=name, value=holder, until=_moment(session, at, span))
    taken = wanted.on_conflict_do_update(
        index_elements=[Kept.name],
        set_={"value": wanted.excluded.value, "until": wanted.excluded.until},
        where=or_(
            Kept.value.in_([holder, after]),
            Kept.until.is_(None),
            Kept.until < _moment(session, at),
            Kept.until > _moment(session, at, 2 * span),
        ),
    ).returning(Kept.value)
    return session.scalar(taken, execution_options={"populate_existing": True}) is not None


def give_back(session: Session, name: str, holder: str) -> None:
    """End one's own lease at once."""
    session.execute(delete(Kept).where(Kept.name == name, Kept.value == holder))


def holder(session: Session, name: str) -> str:
    """Return who has a lease, or had it last; "" when it was given back."""
    return session.scalar(select(Kept.value).where(Kept.name == name)) or ""


def holders(session: Session, prefix: str, *, at: datetime) -> dict[str, bool]:
    """Return who holds the leases whose names begin so, each with whether it has run out."""
    gone = Kept.until < _moment(session, at)
    rows = session.execute(select(Kept.value, gone).where(Kept.name.startswith(prefix, autoescape=True)))
    return {value: bool(ended) for value, ended in rows}


def _served(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"


def _moment(session: Session, at: datetime, later: timedelta = timedelta()) -> ColumnElement[Any]:
    if not _served(session):
        return literal(at + later, UtcDateTime())
    return func.clock_timestamp(type_=DateTime(timezone=True)) + literal(later, Interval())
