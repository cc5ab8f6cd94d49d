"""Claim: how a worker takes planned deliveries so that nobody else does, and gives back what it did not call.

Three short transactions of the caller stand around one call to the provider, none of them open while it runs:
`claim` (committed: nobody else takes these rows), `begin_call` (committed right before the call: after a crash only
these are in doubt), and `campaigns.outcomes.record` with what the provider answered.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, Select, bindparam, exists, func, select, update
from sqlalchemy.orm import Session

from campaigns.models import AudienceRule, Campaign, Delivery, Run
from campaigns.outcomes import move_each
from campaigns.states import CampaignState, DeliveryState, RunState
from contacts import consent
from contacts.models import Channel, Contact, Membership, Network, Purpose

LEASE = timedelta(seconds=90)  # longer than any call may take; a worker that needs longer is taken for dead


@dataclass(frozen=True, slots=True)
class Claimed:
    """One claimed row, with what a letter needs to know of the person."""

    delivery_id: int
    contact_id: int
    address: str
    name: str
    city: str
    country: str
    timezone: str
    language: str
    attempts: int


@dataclass(frozen=True, slots=True)
class Claim:
    """Rows of one run and channel that this worker holds, and nobody else."""

    run_id: int
    campaign_id: int
    version: int
    channel: Channel
    account: str
    rows: tuple[Claimed, ...]
    networks: dict[int, str]  # contact id → the network of the audience they are in


def _open_runs(at: datetime) -> Select[int, int, int, Purpose, str]:
    """Return the runs with something to claim: by priority, then whoever waits longest (a small run is not starved)."""
    due = exists().where(Delivery.run_id == Run.id, Delivery.state == DeliveryState.PLANNED, Delivery.due_at <= at)
    return (
        select(Run.id, Campaign.id, Run.version, Campaign.purpose, Campaign.cuenta)
        .join(Campaign, Campaign.id == Run.campaign_id)
        .where(
            Run.state == RunState.SENDING,
            Run.prepared_at.is_not(None),
            Campaign.state == CampaignState.SENDING,
            due,
        )
        .order_by(Campaign.priority.desc(), Run.claimed_at.is_not(None), Run.claimed_at, Run.id)
    )


def claim(session: Session, worker: str, *, at: datetime, sizes: dict[Channel, int]) -> Claim | None:
    """Take up to `sizes[channel]` due rows of one run and channel; None when there is nothing to take.

    Consent is asked again here, for each row: who left since the list was made is skipped with the reason. The
    answer may hold no row at all when everybody did.
    """
    for run_id, campaign_id, version, purpose, account in session.execute(_open_runs(at)):
        # Everybody takes the run before its deliveries: a cancellation that did it the other way round would deadlock.
        session.execute(select(Run.id).where(Run.id == run_id).with_for_update(key_share=True))
        for channel, size in sizes.items():
            ids = _take(session, run_id, channel, size, worker, at)
            if not ids:
                continue
            session.execute(update(Run).where(Run.id == run_id).values(claimed_at=at))
            rows = _allowed(session, ids, channel, purpose, at)
            networks = _networks(session, campaign_id, [row.contact_id for row in rows])
            return Claim(run_id, campaign_id, version, channel, account, rows, networks)
    return None


def _take(session: Session, run_id: int, channel: Channel, size: int, worker: str, at: datetime) -> list[int]:
    wanted = (
        select(Delivery.id)
        .where(
            Delivery.run_id == run_id,
            Delivery.state == DeliveryState.PLANNED,
            Delivery.channel == channel,
            Delivery.due_at <= at,
        )
        .order_by(Delivery.due_at, Delivery.id)
        .limit(size)
    )
    if session.get_bind().dialect.name == "postgresql":
        # Apart and materialised: as a plain subquery it may run, and lock, more than once.
        locked = wanted.with_for_update(skip_locked=True).cte("wanted").prefix_with("MATERIALIZED")
        wanted = select(locked.c.id)
    taken = session.scalars(
        update(Delivery)
        .where(Delivery.id.in_(wanted), Delivery.state == DeliveryState.PLANNED)
        .values(state=DeliveryState.CLAIMED, worker=worker, lease_until=at + LEASE, changed_at=at)
        .returning(Delivery.id)
        .execution_options(synchronize_session=False)
    ).all()
    return list(taken)


def _allowed(session: Session, ids: list[int], channel: Channel, purpose: str, at: datetime) -> tuple[Claimed, ...]:
    """Ask the gate for each claimed row; skip who may not be written to any more, follow who changed address."""
    asked = session.execute(
        select(
            Delivery.id,
            Delivery.contact_id,
            Delivery.address,
            Contact.name,
            Contact.city,
            Contact.country,
            Contact.timezone,
            Contact.language,
            Delivery.attempts,
            consent.refusal(Delivery.contact_id, channel, purpose).label("refused"),
            consent.usable_address(Delivery.contact_id, channel).label("usable"),
        )
        .join(Contact, Contact.id == Delivery.contact_id)
        .where(Delivery.id.in_(ids))
        .order_by(Delivery.id)
    ).all()
    refused = [{"row": row.id, "why": row.refused} for row in asked if row.refused]
    if refused:
        move_each(session, refused, DeliveryState.SKIPPED, at, reason=bindparam("why"))
    moved = [{"row": row.id, "to": row.usable} for row in asked if not row.refused and row.usable != row.address]
    if moved:
        session.connection().execute(
            update(Delivery).where(Delivery.id == bindparam("row")).values(address=bindparam("to")), moved
        )
    return tuple(
        Claimed(
            delivery_id=row.id,
            contact_id=row.contact_id,
            address=row.usable,
            name=row.name,
            city=row.city,
            country=row.country,
            timezone=row.timezone,
            language=row.language,
            attempts=row.attempts,
        )
        for row in asked
        if not row.refused
    )


def _networks(session: Session, campaign_id: int, contact_ids: list[int]) -> dict[int, str]:
    rows = session.execute(
        select(Membership.contact_id, func.min(Network.name))
        .join(Network, Network.id == Membership.network_id)
        .join(AudienceRule, AudienceRule.network_id == Network.id)
        .where(
            AudienceRule.campaign_id == campaign_id,
            AudienceRule.excluded.is_(False),
            Membership.until.is_(None),
            Membership.contact_id.in_(contact_ids),
        )
        .group_by(Membership.contact_id)
    )
    return {contact_id: name for contact_id, name in rows}  # noqa: C416 — rows are not plain tuples to the checker


def begin_call(session: Session, ids: Sequence[int], worker: str, *, at: datetime) -> set[int]:
    """Mark claimed rows as being called, right before the call; return those that may be called.

    A pause, a cancellation or a lease taken over in the meantime shows here: such rows are not in the answer.
    """
    running = (
        select(Run.id)
        .join(Campaign, Campaign.id == Run.campaign_id)
        .where(Run.state == RunState.SENDING, Campaign.state == CampaignState.SENDING)
    )
    moved = session.scalars(
        update(Delivery)
        .where(
            Delivery.id.in_(ids),
            Delivery.state == DeliveryState.CLAIMED,
            Delivery.worker == worker,
            Delivery.run_id.in_(running),
        )
        .values(
            state=DeliveryState.CALLING,
            called_at=at,
            changed_at=at,
            lease_until=at + LEASE,
            attempts=Delivery.attempts + 1,
        )
        .returning(Delivery.id)
        .execution_options(synchronize_session=False)
    )
    return set(moved)


def put_back(session: Session, ids: Sequence[int], worker: str, *, at: datetime) -> None:
    """Give back rows that this worker claimed and did not call."""
    _give_back(session, at, Delivery.id.in_(ids), Delivery.worker == worker)


def sweep(session: Session, *, at: datetime, everything: bool = False) -> int:
    """Settle work that nobody holds any more: expired leases, or `everything` when no worker can be alive.

    What was claimed and never called returns to `planned`; what was being called is in doubt. Returns how many rows.
    """
    gone = Delivery.worker != "" if everything else Delivery.lease_until < at
    doubtful = session.execute(
        update(Delivery)
        .where(Delivery.state == DeliveryState.CALLING, gone)
        .values(state=DeliveryState.IN_DOUBT, reason="crash_while_calling", worker="", lease_until=None, changed_at=at)
        .execution_options(synchronize_session=False)
    )
    return _count(doubtful) + _give_back(session, at, gone)


def _give_back(session: Session, at: datetime, *which: ColumnElement[bool]) -> int:
    cancelled = select(Run.id).where(Run.state == RunState.CANCELLED)
    left = {"worker": "", "lease_until": None, "changed_at": at}
    claimed = (Delivery.state == DeliveryState.CLAIMED, *which)
    ended = session.execute(
        update(Delivery)
        .where(*claimed, Delivery.run_id.in_(cancelled))
        .values(state=DeliveryState.SKIPPED, reason="cancelled", **left)
        .execution_options(synchronize_session=False)
    )
    waiting = session.execute(
        update(Delivery)
        .where(*claimed)
        .values(state=DeliveryState.PLANNED, **left)
        .execution_options(synchronize_session=False)
    )
    return _count(ended) + _count(waiting)


def _count(result: Any) -> int:
    return int(result.rowcount) if isinstance(result, CursorResult) else 0
