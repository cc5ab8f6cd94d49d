"""Small facts that an installation keeps for itself, by name: its own id, leases, switches."""

import secrets
from contextlib import suppress
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from contacts.base import Base

INSTALLATION = "installation"


class Kept(Base):
    """One fact by its name."""

    __tablename__ = "kept"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]
    until: Mapped[datetime | None]  # for leases


def installation_id(session: Session) -> str:
    """Return the eight letters that tell this installation from others; made the first time."""
    kept = session.get(Kept, INSTALLATION)
    if kept is None:
        with suppress(IntegrityError), session.begin_nested():  # another process may have been quicker
            session.add(Kept(name=INSTALLATION, value=secrets.token_hex(4)))
        kept = session.get_one(Kept, INSTALLATION)
    return kept.value


def one_at_a_time(session: Session) -> None:
    """Wait until no other transaction that asked for this is open.

    For verbs that look first and write afterwards. SQLite's writers wait for each other anyway; PostgreSQL's do not.
    """
    installation_id(session)
    session.execute(select(Kept.value).where(Kept.name == INSTALLATION).with_for_update())
