"""Budget: how many people a WhatsApp number may write to first, in any moving 24 hours.

Meta counts the people to whom a portfolio writes outside of the 24 hours after their own last message
(developers.facebook.com, «messaging limits»): 250, then 2,000, 10,000, 100,000. Here each such person is a row with the
moment of the last letter to them; whoever has one already costs nothing more, and neither does who wrote to us.
A letter that was certainly not taken gives its place back.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, CursorResult, Index, delete, exists, func, insert, or_, select, update
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from campaigns.lines import SenderLine
from campaigns.models import Delivery, InboundMessage
from contacts import consent
from contacts.base import Base, BigId
from contacts.models import Address, Channel, Contact

SERVICE = timedelta(hours=24)  # after a person's own message
WINDOW = timedelta(hours=24, seconds=1)  # the second is for who counts by another clock
_REACHED = consent.KINDS[Channel.WHATSAPP]


class Conversation(Base):
    """A person to whom a number wrote outside of their service window; forgotten when the window has moved on."""

    __tablename__ = "conversation"
    __table_args__ = (Index("ix_conversation_opened_at", "sender", "opened_at"),)

    sender: Mapped[str] = mapped_column(primary_key=True)
    address: Mapped[str] = mapped_column(primary_key=True)
    opened_at: Mapped[datetime]  # the last letter to them
    delivery_id: Mapped[int] = mapped_column(BigId)  # that letter


@dataclass(frozen=True, slots=True)
class Wish:
    """A letter that is about to leave."""

    delivery_id: int
    address: str


@dataclass(frozen=True, slots=True)
class Opened:
    """What a letter took, and what stood there before: enough to give it back."""

    delivery_id: int
    address: str
    before: tuple[datetime, int] | None  # moment and letter


def forget(session: Session, line: SenderLine, at: datetime) -> None:
    """Let go of whom the moving window has left behind. The caller holds the line."""
    gone = session.execute(
        delete(Conversation)
        .where(Conversation.sender == line.sender, Conversation.opened_at <= at - WINDOW)
        .execution_options(synchronize_session=False)
    )
    assert isinstance(gone, CursorResult)
    line.opened -= gone.rowcount


def admit(
    session: Session, line: SenderLine, limit: int, wishes: Sequence[Wish], at: datetime
) -> dict[int, Opened | None]:
    """Return which letters may leave at a moment (by delivery), each with what it took; None for who costs nothing.

    The caller holds the line. Who is not in the answer has no place before the window moves (`next_place`).
    """
    forget(session, line, at)
    addresses = {wish.address for wish in wishes}
    numbers = (Address.kind.in_(_REACHED), Address.value.in_(addresses))
    spoke = set(session.scalars(select(Address.value).where(*numbers, _spoke(at))))
    known = {
        row.address: (row.opened_at, row.delivery_id)
        for row in session.execute(
            select(Conversation.address, Conversation.opened_at, Conversation.delivery_id).where(
                Conversation.sender == line.sender, Conversation.address.in_(addresses)
            )
        )
    }
    admitted: dict[int, Opened | None] = {}
    for wish in wishes:
        before = known.get(wish.address)
        if wish.address in spoke:
            admitted[wish.delivery_id] = None
            continue
        if before is None and line.opened >= limit:
            continue
        admitted[wish.delivery_id] = Opened(wish.delivery_id, wish.address, before)
        known[wish.address] = (at, wish.delivery_id)
        _keep(session, line, wish, at, new=before is None)
    return admitted


def _keep(session: Session, line: SenderLine, wish: Wish, at: datetime, *, new: bool) -> None:
    values = {"opened_at": at, "delivery_id": wish.delivery_id}
    if new:
        line.opened += 1
        session.execute(insert(Conversation).values(sender=line.sender, address=wish.address, **values))
        return
    session.execute(
        update(Conversation)
        .where(Conversation.sender == line.sender, Conversation.address == wish.address)
        .values(**values)
        .execution_options(synchronize_session=False)
    )


def give_back(session: Session, line: SenderLine, opened: Iterable[Opened]) -> None:
    """Undo what letters took that were certainly not accepted, unless another letter went to the same person since."""
    for one in opened:
        mine = (
            Conversation.sender == line.sender,
            Conversation.address == one.address,
            Conversation.delivery_id == one.delivery_id,
        )
        if one.before is None:
            gone = session.execute(delete(Conversation).where(*mine).execution_options(synchronize_session=False))
            assert isinstance(gone, CursorResult)
            line.opened -= gone.rowcount
        else:
            moment, letter = one.before
            session.execute(
                update(Conversation)
                .where(*mine)
                .values(opened_at=moment, delivery_id=letter)
                .execution_options(synchronize_session=False)
            )


def left(session: Session, line: SenderLine | None, limit: int, at: datetime) -> int:
    """Return how many people may be written to first at a moment, by a line as it stands (not held)."""
    if line is None:
        return limit
    gone = session.scalar(
        select(func.count())
        .select_from(Conversation)
        .where(Conversation.sender == line.sender, Conversation.opened_at <= at - WINDOW)
    )
    return max(0, limit - line.opened + (gone or 0))


def costs_nothing(sender: str, at: datetime) -> ColumnElement[bool]:
    """Return the condition on deliveries: the person was written to, or wrote to us, within the window.

    By person, not by address: that is how deliveries of a run are found.
    """
    live = (
        select(Address.contact_id)
        .join(Conversation, Conversation.address == Address.value)
        .where(Address.kind.in_(_REACHED), Conversation.sender == sender, Conversation.opened_at > at - WINDOW)
    )
    other = aliased(Address)  # of the same number: two people may share one
    spoke = (
        select(other.contact_id)
        .join(Address, (Address.value == other.value) & (Address.kind == other.kind))
        .join(InboundMessage, InboundMessage.contact_id == Address.contact_id)
        .where(other.kind.in_(_REACHED), InboundMessage.at > at - SERVICE)
    )
    return or_(
        Delivery.contact_id.in_(live),
        Delivery.contact_id.in_(spoke),
        Delivery.contact_id.in_(select(Contact.id).where(Contact.merged_into_id.in_(live.union(spoke)))),
    )


def next_place(session: Session, sender: str, number: int = 0) -> datetime | None:
    """Return when the window frees the next place, or the one after so many others; None when fewer are taken."""
    taken = session.scalar(
        select(Conversation.opened_at)
        .where(Conversation.sender == sender)
        .order_by(Conversation.opened_at)
        .offset(number)
        .limit(1)
    )
    return taken + WINDOW if taken else None


def _spoke(at: datetime) -> ColumnElement[bool]:
    """Return the condition on addresses: somebody with that number wrote to us, and their window is still open."""
    return exists().where(InboundMessage.contact_id == Address.contact_id, InboundMessage.at > at - SERVICE)
