"""A link that somebody asked for by a person's address: to their preferences, or to all that is held about them.

The mail that brings it needs no consent, because the person asked; so the gate (`contacts.gate`) lets it pass as long
as a row here says that it was asked for, and for nothing else. Between two of a kind there is a pause.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from contacts.base import Base, BigId, vocabulary
from contacts.errors import refuse
from contacts.models import Contact

#: How long after a mail with a link no second one goes to the same person, however often somebody asks.
PAUSE = timedelta(hours=4)
#: How long the mail may take to leave before what it answers is too old.
ANSWERED_WITHIN = timedelta(hours=2)


class LinkUse(StrEnum):
    """What a link leads to. In the gate it stands in the place of a purpose."""

    PREFERENCES = "preferencias"
    DATA = "datos"


class LinkRequest(Base):
    """That a person's link was asked for, and until when the mail may leave. Gone some days later."""

    __tablename__ = "link_request"
    __table_args__ = (Index("ix_link_request_contact", "contact_id", "kind", "until"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    kind: Mapped[LinkUse] = mapped_column(vocabulary(LinkUse))
    at: Mapped[datetime]
    until: Mapped[datetime] = mapped_column(index=True)


def ask(session: Session, contact_id: int, kind: LinkUse, *, at: datetime) -> LinkRequest:
    """Write down that a person's link was asked for. The person is held for the caller's transaction.

    Refuses `person_unknown`, and `link_recent` within `PAUSE` of the last one.
    """
    held = select(Contact.id).where(Contact.id == contact_id).with_for_update(key_share=True)
    if session.scalar(held) is None:
        raise refuse("person_unknown", "persona", contact_id)
    recent = select(LinkRequest.id).where(
        LinkRequest.contact_id == contact_id, LinkRequest.kind == kind, LinkRequest.at > at - PAUSE
    )
    if session.scalar(recent.limit(1)) is not None:
        raise refuse("link_recent", "persona", contact_id)
    asked = LinkRequest(contact_id=contact_id, kind=kind, at=at, until=at + ANSWERED_WITHIN)
    session.add(asked)
    session.flush()
    return asked


def forget_old(session: Session, *, at: datetime) -> None:
    """Drop what was asked for long ago."""
    session.execute(delete(LinkRequest).where(LinkRequest.until < at - PAUSE))
