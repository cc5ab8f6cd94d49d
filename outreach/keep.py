"""Small facts that an installation keeps for itself, by name: its own id, leases, switches."""

import secrets
from datetime import datetime

from sqlalchemy.orm import Mapped, Session, mapped_column

from contacts.base import Base


class Kept(Base):
    """One fact by its name."""

    __tablename__ = "kept"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]
    until: Mapped[datetime | None]  # for leases


def installation_id(session: Session) -> str:
    """Return the eight letters that tell this installation from others; made the first time."""
    kept = session.get(Kept, "installation")
    if kept is None:
        kept = Kept(name="installation", value=secrets.token_hex(4))
        session.add(kept)
        session.flush()
    return kept.value
