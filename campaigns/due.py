"""What there is to send at a moment, in chunks: for whoever hands work out to several machines."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from campaigns import breaker, lines, stopping
from campaigns.breaker import State
from campaigns.lines import Senders
from campaigns.models import Campaign, Delivery, Run
from campaigns.states import CampaignState, DeliveryState, RunState
from contacts.models import Channel

ANNOUNCED = "due_runs"  # where a session keeps which runs its transaction gave something to do


@dataclass(frozen=True, slots=True)
class Due:
    """Chunks of one run and channel whose time has come."""

    run_id: int
    channel: Channel
    chunks: int


def announce(session: Session, run_ids: Iterable[int]) -> None:
    """Say that the caller's transaction gives these runs something to do; `announced` gives it to whoever listens.

    Nobody has to listen: the deliveries are the truth, and whoever asks `waiting` later finds the same work.
    """
    session.info.setdefault(ANNOUNCED, set()).update(run_ids)


def announced(session: Session) -> set[int]:
    """Return what was announced on a session, and forget it."""
    found: set[int] = session.info.pop(ANNOUNCED, set())
    return found


def waiting(
    session: Session,
    senders: Senders,
    *,
    at: datetime,
    sizes: Mapping[Channel, int],
    most: int,
    runs: Collection[int] | None = None,
) -> Iterator[Due]:
    """Yield what may be claimed at a moment, run by run: at most `most` chunks of `sizes[channel]` people each.

    Nothing while everything is stopped, nor by a line that the breaker closed; by one that is to be tried, one chunk.
    `runs` narrows it to these; None asks of all that are open. The limit keeps a run of a million as quick to look at
    as a small one.
    """
    if stopping.stopped(session) is not None:
        return
    shut = {(line.channel, line.sender): breaker.state(line, at) for line in lines.closed(session)}
    open_runs = (
        select(Run.id, Campaign.cuenta, Run.whatsapp_after)
        .join(Campaign, Campaign.id == Run.campaign_id)
        .where(Run.state == RunState.SENDING, Run.prepared_at.is_not(None), Campaign.state == CampaignState.SENDING)
        .order_by(Campaign.priority.desc(), Run.id)
    )
    if runs is not None:
        open_runs = open_runs.where(Run.id.in_(runs))
    for run_id, account, rests in session.execute(open_runs).all():
        for channel, size in sizes.items():
            line = shut.get((channel, senders.of(channel, account)), State.OPEN)
            if line == State.CLOSED or (channel == Channel.WHATSAPP and rests is not None and rests > at):
                continue
            some = (
                select(Delivery.id)
                .where(
                    Delivery.run_id == run_id,
                    Delivery.state == DeliveryState.PLANNED,
                    Delivery.due_at <= at,
                    Delivery.channel == channel,
                )
                .limit(size * (1 if line == State.PROBE else most))
                .subquery()
            )
            if people := session.scalar(select(func.count()).select_from(some)):
                yield Due(run_id, channel, -(-people // size))
