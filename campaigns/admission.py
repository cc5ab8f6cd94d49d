"""Admission: from which runs and ways a worker may claim now, asked in the transaction of the claim itself.

Nothing while everything is stopped; nothing of a line that the breaker closed, one letter of one that is to be tried;
and of a WhatsApp number whose 24 hours are spent, only whom a letter costs nothing. Exactness lives elsewhere, where
letters are released; this is what keeps workers from claiming what could not leave, and one run from holding up
another.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from campaigns import breaker, budget, lines, stopping
from campaigns.breaker import State
from campaigns.lines import SenderLine, Senders
from campaigns.models import Campaign, Delivery, Run
from campaigns.states import CampaignState, DeliveryState, RunState
from contacts.models import Channel

LONGEST_REST = timedelta(minutes=15)  # a run that waits for its 24 hours is looked at again after this at the latest


@dataclass(frozen=True, slots=True)
class Room:
    """What may be claimed of one run and way: so many rows, or so many of these."""

    size: int
    rows: Sequence[int] | None = None
    probe: bool = False  # one letter that tries a closed line


NONE = Room(0)


class Admission:
    """What is allowed at one moment; made for one claim, with the caller's session."""

    def __init__(self, session: Session, senders: Senders, *, limit: int, lease: timedelta, at: datetime) -> None:
        """`limit`: people a number may write to first in 24 h, 0 for any; `lease`: how long a trial may take."""
        self._session = session
        self._senders = senders
        self._limit = limit
        self._lease = lease
        self._at = at
        self._closed = {(line.channel, line.sender): line for line in lines.closed(session)}
        self._left: int | None = None
        self.open = stopping.stopped(session) is None

    def sender(self, channel: Channel, account: str) -> str:
        """Return who sends for a campaign with this account."""
        return self._senders.of(channel, account)

    def room(self, run_id: int, channel: Channel, account: str, size: int) -> Room:
        """Return how much may be claimed, at most `size`. A line that is to be tried is kept for the caller."""
        if not self.open:
            return NONE
        sender = self.sender(channel, account)
        line = self._closed.get((channel, sender))
        state = breaker.state(line, self._at)
        if state == State.PROBE:
            line = self._closed[channel, sender] = lines.hold(self._session, channel, sender)
            state = breaker.state(line, self._at)  # another may have been quicker
        if state == State.CLOSED:
            return NONE
        most = 1 if state == State.PROBE else size
        room = self._within_budget(run_id, sender, most) if channel == Channel.WHATSAPP and self._limit else Room(most)
        return Room(room.size, room.rows, probe=state == State.PROBE)

    def taken(self, room: Room, channel: Channel, account: str) -> None:
        """Note that rows were claimed: a trial keeps the others away until it has ended."""
        if room.probe:
            line: SenderLine = self._closed[channel, self.sender(channel, account)]
            line.probe_until = self._at + self._lease
            self._session.flush()

    def nothing(self, run_id: int, channel: Channel, account: str) -> None:
        """Note that a run had nothing that may leave by a number whose 24 hours are spent: let it rest."""
        if channel != Channel.WHATSAPP or not self._limit or self._left != 0:
            return
        moments = [
            budget.next_place(self._session, self.sender(channel, account)),
            self._session.scalar(
                select(func.min(Delivery.due_at)).where(
                    Delivery.run_id == run_id, Delivery.state == DeliveryState.PLANNED, Delivery.due_at > self._at
                )
            ),
            self._at + LONGEST_REST,
        ]
        rest = min(moment for moment in moments if moment is not None)
        self._session.execute(update(Run).where(Run.id == run_id).values(whatsapp_after=rest))

    def _within_budget(self, run_id: int, sender: str, size: int) -> Room:
        after = self._session.scalar(select(Run.whatsapp_after).where(Run.id == run_id))
        if after is not None and self._at < after <= self._at + LONGEST_REST:
            return NONE
        if self._left is None:
            line = lines.seen(self._session, Channel.WHATSAPP, sender)
            self._left = budget.left(self._session, line, self._limit, self._at)
        if self._left:
            return Room(min(size, self._left))
        free = self._session.scalars(
            select(Delivery.id)
            .where(
                Delivery.run_id == run_id,
                Delivery.state == DeliveryState.PLANNED,
                Delivery.channel == Channel.WHATSAPP,
                Delivery.due_at <= self._at,
                budget.costs_nothing(sender, self._at),
            )
            .order_by(Delivery.due_at, Delivery.id)
            .limit(size)
            .with_for_update(skip_locked=True)
        ).all()
        return Room(len(free), free)


def wake(session: Session) -> None:
    """Let every run that rests for want of its 24 hours be looked at again: something has changed."""
    resting = select(Run.id).where(Run.whatsapp_after.is_not(None)).with_for_update(skip_locked=True)
    session.execute(update(Run).where(Run.id.in_(session.scalars(resting).all())).values(whatsapp_after=None))


def next_due(session: Session, senders: Senders) -> datetime | None:
    """Return when the next planned delivery may leave, by time alone; None when none will without a person."""
    if stopping.stopped(session) is not None:
        return None
    closed = {(line.channel, line.sender): line for line in lines.closed(session)}
    moments = []
    for channel, account, after, due in session.execute(
        select(Delivery.channel, Campaign.cuenta, Run.whatsapp_after, func.min(Delivery.due_at))
        .join_from(Delivery, Run)
        .join(Campaign)
        .where(
            Delivery.state == DeliveryState.PLANNED,
            Run.state == RunState.SENDING,
            Campaign.state == CampaignState.SENDING,
        )
        .group_by(Run.id, Delivery.channel, Campaign.cuenta, Run.whatsapp_after)
    ):
        line = closed.get((channel, senders.of(channel, account)))
        waits = [due, after if channel == Channel.WHATSAPP else None]
        waits += [line.closed_until, line.probe_until] if line else []
        moments.append(max(moment for moment in waits if moment is not None))
    return min(moments, default=None)
