"""A sender's line: what every worker of every process must know before a letter leaves by it, one row a sender.

Whoever hands out moments (`campaigns.pacing`), counts conversations (`campaigns.budget`) or closes the line
(`campaigns.breaker`) holds the row for the length of a short transaction; so each of these is exact, however many
workers there are. Whoever holds a line takes it after the run and before the deliveries: one order, no deadlock.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from contacts.base import Base, table_of, vocabulary
from contacts.models import Channel


class SenderLine(Base):
    """One sender on one channel: an e-mail account or a WhatsApp number."""

    __tablename__ = "sender_line"

    channel: Mapped[Channel] = mapped_column(vocabulary(Channel), primary_key=True)
    sender: Mapped[str] = mapped_column(primary_key=True)
    # pace: the latest moment that was handed out, and to how many people
    slot_at: Mapped[datetime | None]
    slot_used: Mapped[int] = mapped_column(default=0)
    # budget: people in the moving 24 h, the rows of `conversation`
    opened: Mapped[int] = mapped_column(default=0)
    # breaker
    strikes: Mapped[int] = mapped_column(default=0)
    closings: Mapped[int] = mapped_column(default=0)  # one after the other, without a quiet time between
    closed_at: Mapped[datetime | None]
    closed_until: Mapped[datetime | None]  # None: open
    probe_until: Mapped[datetime | None]  # somebody tries, with one letter
    reason: Mapped[str] = mapped_column(default="")  # code: why it was last closed
    detail: Mapped[str] = mapped_column(default="")  # the provider's own words


@dataclass(frozen=True, slots=True)
class Senders:
    """Who sends where a campaign does not say it itself."""

    email: str
    whatsapp: str

    def of(self, channel: Channel, account: str) -> str:
        """Return the sender of a campaign with this account: only an address can be one, and only of mail."""
        if channel == Channel.EMAIL:
            return account if "@" in account else self.email
        return self.whatsapp


def hold(session: Session, channel: Channel, sender: str) -> SenderLine:
    """Return a sender's line, made the first time, kept for the caller's transaction."""
    wanted = (
        select(SenderLine)
        .where(SenderLine.channel == channel, SenderLine.sender == sender)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    line = session.scalar(wanted)
    if line is None:
        dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
        new = {"channel": channel, "sender": sender, "slot_used": 0, "opened": 0, "strikes": 0, "closings": 0}
        session.execute(
            dialect.insert(table_of(SenderLine)).values(new | {"reason": "", "detail": ""}).on_conflict_do_nothing()
        )
        line = session.scalars(wanted).one()
    return line


def seen(session: Session, channel: Channel, sender: str) -> SenderLine | None:
    """Return a line as it is, without keeping it; None when nothing ever left by it."""
    return session.scalar(
        select(SenderLine)
        .where(SenderLine.channel == channel, SenderLine.sender == sender)
        .execution_options(populate_existing=True)
    )


def closed(session: Session) -> Sequence[SenderLine]:
    """Return the lines that the breaker holds closed, also those that may be tried again."""
    return session.scalars(
        select(SenderLine)
        .where(SenderLine.closed_until.is_not(None))
        .order_by(SenderLine.channel, SenderLine.sender)
        .execution_options(populate_existing=True)
    ).all()
