"""The audit log (bitácora): who did what to what, when. Appended, never changed."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import JSON
from sqlalchemy.orm import Mapped, Session, mapped_column

from contacts.base import Base, BigId

SELF = "persona"  # who did it: the person whom the line speaks of, by a link of theirs


class AuditEntry(Base):
    """One line of the audit log."""

    __tablename__ = "audit_entry"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    who: Mapped[str]  # an account, "terminal:user" for the CLI, or `SELF`
    action: Mapped[str]  # verb.code: contacts.import, campaign.pause, register.annul …
    subject: Mapped[str] = mapped_column(default="")  # "campaign:12"
    details: Mapped[dict[str, object]] = mapped_column(JSON, default=dict)


def note(
    session: Session,
    at: datetime,
    who: str,
    action: str,
    subject: str = "",
    details: Mapping[str, object] | None = None,
) -> None:
    """Append a line in the caller's transaction: what is rolled back was not done and is not noted."""
    session.add(AuditEntry(at=at, who=who, action=action, subject=subject, details=dict(details or {})))
