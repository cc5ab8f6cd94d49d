"""What a provider that keeps silent is asked, and when: the list of what is watched.

Two things are watched, both of WhatsApp, because Twilio alone can be asked: deliveries in doubt (is the message in
the list of messages?) and deliveries accepted long ago of which no callback told anything (what became of it?).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, ForeignKey, Index, and_, delete, exists, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.indexed import IN_DOUBT, UNHEARD
from campaigns.matching import Found
from campaigns.models import Delivery
from campaigns.states import DeliveryState
from contacts.base import Base, BigId
from contacts.models import Channel

#: Seconds after a call at which its message is looked for. Being there settles a doubt at once.
LOOKS = (3, 10, 30, 60, 90)
#: Hours after the last news of an accepted message at which Twilio is asked what became of it.
FATES = (0.25, 1, 4, 12, 24, 48)
LONGEST = timedelta(hours=1)  # between two questions about a doubt of these days
OLD = timedelta(hours=FATES[-1])
NEVER_MIND = timedelta(hours=12)  # after that, a message that is asked about no more is taken off the list
MOST = 500  # put on the list at once


class Watch(Base):
    """A delivery that the provider is to be asked about. `since` is when its present state began."""

    __tablename__ = "watch"
    __table_args__ = (Index("ix_watch_doubt_next_at", "doubt", "next_at"),)

    delivery_id: Mapped[int] = mapped_column(BigId, ForeignKey("delivery.id"), primary_key=True, autoincrement=False)
    since: Mapped[datetime] = mapped_column(primary_key=True)
    doubt: Mapped[bool]
    next_at: Mapped[datetime]


class Inquiry(Base):
    """One question about a delivery in doubt and what came of it: the evidence that a person is shown."""

    __tablename__ = "inquiry"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    delivery_id: Mapped[int] = mapped_column(ForeignKey("delivery.id"), index=True)
    asked_at: Mapped[datetime]
    found: Mapped[str]  # a campaigns.matching.Found
    code: Mapped[str] = mapped_column(default="")  # why unclear or unanswered
    detail: Mapped[str] = mapped_column(default="")  # the provider's own words, or its id of the message
    times: Mapped[int] = mapped_column(default=1)  # questions in a row without an answer, for the same reason


@dataclass(frozen=True, slots=True)
class Rules:
    """When the absence of a message proves something: asked twice, so long after the call, so long apart."""

    first: timedelta
    again: timedelta


@dataclass(frozen=True, slots=True)
class Due:
    """A delivery to ask about now. `provider_id` is of the message whose fate is asked for."""

    delivery_id: int
    since: datetime
    doubt: bool
    provider_id: str


def _doubtful() -> ColumnElement[bool]:
    # Of a person who was erased no address is left: a list of messages to nobody would prove that nothing was sent.
    return and_(IN_DOUBT, Delivery.channel == Channel.WHATSAPP, Delivery.address != "")


def _unheard(at: datetime) -> ColumnElement[bool]:
    return and_(UNHEARD, Delivery.provider_id != "", Delivery.changed_at > at - OLD)


def _unwatched() -> ColumnElement[bool]:
    return ~exists().where(Watch.delivery_id == Delivery.id, Watch.since == Delivery.changed_at)


def enrol(session: Session, *, at: datetime, fates: bool) -> int:
    """Watch every new doubt and, with `fates`, every message unheard of for a quarter of an hour; return how many."""
    found = session.execute(
        select(Delivery.id, Delivery.changed_at)
        .where(_doubtful(), _unwatched())
        .order_by(Delivery.changed_at, Delivery.id)  # the order of the index: by number alone, all would be looked at
        .limit(MOST)
    ).all()
    rows = [
        {"delivery_id": row.id, "since": row.changed_at, "doubt": True, "next_at": _look(row.changed_at, at)}
        for row in found
    ]
    if fates:
        quiet = Delivery.changed_at <= at - timedelta(hours=FATES[0])
        unheard = select(Delivery.id, Delivery.changed_at).where(_unheard(at), quiet, _unwatched())
        rows += [
            {"delivery_id": row.id, "since": row.changed_at, "doubt": False, "next_at": at}
            for row in session.execute(unheard.order_by(Delivery.changed_at, Delivery.id).limit(MOST))
        ]
    if rows:
        try:
            with session.begin_nested():
                session.execute(insert(Watch), rows)
        except IntegrityError:  # another process was quicker
            return 0
    return len(rows)


def _look(since: datetime, at: datetime) -> datetime:
    return min(since, at) + timedelta(seconds=LOOKS[0])


def due(session: Session, *, at: datetime, most: int) -> list[Due]:
    """Return what to ask now, doubts first; whose state has changed since is watched no more."""
    found: list[Due] = []
    for doubt, state in ((True, DeliveryState.IN_DOUBT), (False, DeliveryState.ACCEPTED)):
        rows = session.execute(
            select(Watch.delivery_id, Watch.since, Delivery.state, Delivery.changed_at, Delivery.provider_id)
            .join(Delivery, Delivery.id == Watch.delivery_id)
            .where(Watch.doubt.is_(doubt), Watch.next_at <= at)
            .order_by(Watch.next_at, Watch.delivery_id)
            .limit(most - len(found))
        )
        for row in rows.all():
            over = not doubt and row.since + OLD + NEVER_MIND <= at
            if row.state == state and row.changed_at == row.since and not over:
                found.append(Due(row.delivery_id, row.since, doubt, row.provider_id))
            else:
                forget(session, row.delivery_id, row.since)
    return found


def next_moment(session: Session) -> datetime | None:
    """Return when something is to be asked or put on the list; None when nothing is watched nor to be."""
    watched = session.scalar(select(func.min(Watch.next_at)))
    doubt = session.scalar(select(func.min(Delivery.changed_at)).where(_doubtful(), _unwatched()))
    return min((moment for moment in (watched, doubt) if moment), default=None)


def next_unheard(session: Session, *, at: datetime) -> datetime | None:
    """Return when the next accepted message will have been unheard of for a quarter of an hour."""
    changed = session.scalar(select(func.min(Delivery.changed_at)).where(_unheard(at), _unwatched()))
    return changed + timedelta(hours=FATES[0]) if changed else None


def forget(session: Session, delivery_id: int, since: datetime) -> None:
    """Watch a delivery no more."""
    session.execute(
        delete(Watch)
        .where(Watch.delivery_id == delivery_id, Watch.since == since)
        .execution_options(synchronize_session=False)
    )


def postpone(session: Session, watched: Due, until: datetime) -> None:
    """Ask about a delivery again at a moment."""
    session.execute(
        update(Watch)
        .where(Watch.delivery_id == watched.delivery_id, Watch.since == watched.since)
        .values(next_at=until)
        .execution_options(synchronize_session=False)
    )


def give_up(session: Session, watched: Due) -> None:
    """Ask about a message no more. It stays on the list until it is too old to be put there again."""
    postpone(session, watched, watched.since + OLD + NEVER_MIND)


def next_look(since: datetime, asked_at: datetime, found: Found, rules: Rules) -> datetime:
    """Return when to ask about a doubt again, after an answer.

    Early and often at first, because being there settles it; then at the moments at which absence counts; what stays
    unclear is asked about ever less, at last once a day.
    """
    age = asked_at - since
    if found == Found.ABSENT and age >= rules.first:
        return asked_at + rules.again
    early = [since + timedelta(seconds=look) for look in LOOKS] + [since + rules.first]
    coming = [moment for moment in early if asked_at < moment <= since + rules.first]
    if coming:
        return min(*coming, asked_at + rules.first)  # a clock that was set back must not delay it for hours
    if age > OLD:
        return asked_at + timedelta(days=1)
    return asked_at + min(max(age / 10, timedelta(minutes=1)), LONGEST)
