"""Claim: how a worker takes planned deliveries so that nobody else does, and marks what it is about to call.

Three short transactions of the caller stand around one call to the provider, none of them open while it runs:
`claim` (committed: nobody else takes these rows), `begin_call` (committed right before the call: after a crash only
these are in doubt), and `campaigns.outcomes.record` with what the provider answered. What nobody calls comes back by
`campaigns.recovery`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    Integer,
    Select,
    String,
    bindparam,
    exists,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql.dml import ReturningUpdate

from campaigns import unified
from campaigns.admission import Admission, Room
from campaigns.indexed import PLANNED
from campaigns.models import AudienceRule, Campaign, Delivery, Run
from campaigns.outcomes import move_each
from campaigns.states import CampaignState, DeliveryState, RunState
from contacts import consent, pointers
from contacts.base import UtcDateTime
from contacts.idsets import among
from contacts.models import Channel, Contact, Membership, Network, Purpose

LEASE = timedelta(seconds=90)  # longer than any call may take; a worker that needs longer is taken for dead


def lease(call_seconds: float) -> timedelta:
    """Return for how long a worker holds what it claimed, where a provider's silence is borne for so many seconds.

    A call begins up to 45 s after its mark. Connecting may then take that long, or opening a session with a mail server
    twice as long; so may an envelope, a letter, the word on it.
    """
    return max(LEASE, timedelta(seconds=60 + 5 * call_seconds))


class Claimed(NamedTuple):
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
    network: str = ""  # of the audience, that they are in; "" when they were named one by one


@dataclass(frozen=True, slots=True)
class Claim:
    """Rows of one run and channel that this worker holds, and nobody else."""

    run_id: int
    campaign_id: int
    version: int
    channel: Channel
    account: str
    rows: tuple[Claimed, ...]
    probe: bool = False  # one letter that tries a line which the breaker closed
    ledger: int = 0  # where the ledger of consent ended when the gate was asked


def _open_runs(at: datetime) -> Select[int, int, int, Purpose, bool, str, str]:
    """Return the runs with something to claim: by priority, then whoever waits longest (a small run is not starved)."""
    due = exists().where(Delivery.run_id == Run.id, Delivery.state == DeliveryState.PLANNED, Delivery.due_at <= at)
    return (
        select(Run.id, Campaign.id, Run.version, Campaign.purpose, Campaign.confirms, Campaign.links, Campaign.cuenta)
        .join(Campaign, Campaign.id == Run.campaign_id)
        .where(
            Run.state == RunState.SENDING,
            Run.prepared_at.is_not(None),
            Campaign.state == CampaignState.SENDING,
            due,
        )
        .order_by(Campaign.priority.desc(), Run.claimed_at.is_not(None), Run.claimed_at, Run.id)
    )


def claim(
    session: Session,
    worker: str,
    *,
    at: datetime,
    sizes: dict[Channel, int],
    admission: Admission | None = None,
    held: timedelta = LEASE,
) -> Claim | None:
    """Take up to `sizes[channel]` due rows of one run and channel; None when there is nothing to take.

    Consent is asked again here, for each row: who left since the list was made is skipped with the reason. The
    answer may hold no row at all when everybody did. `admission` says what may leave at all at this moment; the rows
    are the worker's for the span `held`.
    """
    if admission is not None and not admission.open:
        return None
    for run_id, campaign_id, version, purpose, confirms, links, account in session.execute(_open_runs(at)):
        if session.get_bind().dialect.name != "sqlite":
            # Everybody takes the run before its deliveries: a cancellation the other way round would deadlock.
            session.execute(select(Run.id).where(Run.id == run_id).with_for_update(key_share=True))
        for channel, size in sizes.items():
            room = admission.room(run_id, channel, account, size) if admission else Room(size)
            ids = _take(session, run_id, channel, room, worker, at, held) if room.size else []
            if not ids:
                if admission:
                    admission.nothing(run_id, channel, account)
                continue
            if admission:
                admission.taken(room, channel, account)
            session.execute(update(Run).where(Run.id == run_id).values(claimed_at=at))
            ledger = consent.mark(session)
            about = consent.CONFIRMATION if confirms else links or purpose
            rows = _allowed(session, campaign_id, ids, channel, about, at)
            return Claim(run_id, campaign_id, version, channel, account, rows, room.probe, ledger)
    return None


def _take(
    session: Session, run_id: int, channel: Channel, room: Room, worker: str, at: datetime, held: timedelta
) -> list[int]:
    values: dict[str, Any] = {"hand": worker, "now": at, "until": at + held}
    taking = _taking(session.get_bind().dialect.name, named=room.rows is not None)
    if room.rows is None:
        values |= {"run": run_id, "way": channel, "size": room.size}
    else:
        values |= {"ids": room.rows}
    return list(session.connection().execute(taking, values).scalars())


@lru_cache
def _taking(dialect: str, *, named: bool) -> ReturningUpdate[Any]:
    """Return the claim of what a run has next, or of deliveries that are `named`."""
    wanted = (
        select(Delivery.id)
        .where(
            Delivery.run_id == bindparam("run"),
            PLANNED,
            Delivery.channel == bindparam("way", type_=Delivery.channel.type),
            Delivery.due_at <= bindparam("now", type_=UtcDateTime()),
        )
        .order_by(Delivery.due_at, Delivery.id)
        .limit(bindparam("size", type_=Integer()))
    )
    if dialect == "postgresql":
        # Apart and materialised: as a plain subquery it may run, and lock, more than once.
        locked = wanted.with_for_update(skip_locked=True).cte("wanted").prefix_with("MATERIALIZED")
        wanted = select(locked.c.id)
    return (
        update(Delivery)
        .where(among(Delivery.id, "ids") if named else Delivery.id.in_(wanted), PLANNED)
        .values(
            state=DeliveryState.CLAIMED,
            worker=bindparam("hand"),
            lease_until=bindparam("until", type_=UtcDateTime()),
            changed_at=bindparam("now", type_=UtcDateTime()),
        )
        .returning(Delivery.id)
    )


def _allowed(
    session: Session, campaign_id: int, ids: list[int], channel: Channel, purpose: str, at: datetime
) -> tuple[Claimed, ...]:
    """Ask the gate for each claimed row; skip who may not be written to any more, follow who changed address."""
    asked = (
        session.connection().execute(_asking(channel, purpose), {"ids": ids, "campaign": campaign_id, "now": at}).all()
    )
    twice = unified.written_to(session, [row.id for row in asked if row.tied and not row.refused])
    why = {row.id: row.refused or "duplicate_person" for row in asked if row.refused or row.id in twice}
    refused = [{"row": number, "why": reason} for number, reason in why.items()]
    if refused:
        move_each(session, refused, DeliveryState.SKIPPED, at, reason=bindparam("why"))
    moved = [{"row": row.id, "to": row.address} for row in asked if row.id not in why and row.address != row.was]
    if moved:
        session.connection().execute(
            update(Delivery).where(Delivery.id == bindparam("row")).values(address=bindparam("to")), moved
        )
    return tuple([Claimed._make(row[:-3]) for row in asked if row.id not in why])


@lru_cache
def _asking(channel: Channel, purpose: str) -> Select[*tuple[Any, ...]]:
    """Return the question about claimed rows: the fields of `Claimed` in their order, the gate, the address so far.

    A row speaks of whoever its contact points to by now; `tied` says that this person has, or had, more rows than one.
    """
    named, pointing = aliased(Contact, name="named"), aliased(Contact, name="pointing")
    tied = or_(named.merged_into_id.is_not(None), exists().where(pointing.merged_into_id == Contact.id))
    network = (
        select(func.min(Network.name))
        .join(Membership, Membership.network_id == Network.id)
        .join(AudienceRule, AudienceRule.network_id == Network.id)
        .where(
            Membership.contact_id == Contact.id,
            Membership.until.is_(None),
            AudienceRule.campaign_id == bindparam("campaign"),
            AudienceRule.excluded.is_(False),
        )
        .correlate(Contact)
        .scalar_subquery()
    )
    return (
        select(
            Delivery.id,
            Contact.id,
            consent.usable_address(Contact.id, channel).label("address"),
            Contact.name,
            Contact.city,
            Contact.country,
            Contact.timezone,
            Contact.language,
            Delivery.attempts,
            func.coalesce(network, ""),
            consent.refusal(Contact.id, channel, purpose, bindparam("now", type_=UtcDateTime())).label("refused"),
            Delivery.address.label("was"),
            tied.label("tied"),
        )
        .join(named, named.id == Delivery.contact_id)
        .join(Contact, Contact.id == pointers.person(named))
        .where(among(Delivery.id, "ids"))
        .order_by(Delivery.id)
    )


def begin_call(
    session: Session,
    ids: Sequence[int],
    worker: str,
    *,
    at: datetime,
    held: timedelta = LEASE,
    ledger: int | None = None,
) -> set[int]:
    """Mark claimed rows as being called, right before the call; return those that may be called.

    A pause, a cancellation or a lease taken over in the meantime shows here, and with the claim's `ledger` who has
    left since: such rows are not in the answer.
    """
    if ledger is not None and consent.mark(session) != ledger:
        left_by_now = pointers.numbers_of(consent.left_since(ledger))
        left = select(Delivery.id).where(among(Delivery.id, ids), Delivery.contact_id.in_(left_by_now))
        gone = set(session.scalars(left))
        ids = [number for number in ids if number not in gone]
    values = {"ids": ids, "hand": worker, "now": at, "until": at + held}
    return set(session.connection().execute(_BEGIN, values).scalars())


_BEGIN = (
    update(Delivery)
    .where(
        among(Delivery.id, "ids"),
        Delivery.state == DeliveryState.CLAIMED,
        Delivery.worker == bindparam("hand", type_=String()),
        Delivery.run_id.in_(
            select(Run.id)
            .join(Campaign, Campaign.id == Run.campaign_id)
            .where(Run.state == RunState.SENDING, Campaign.state == CampaignState.SENDING)
        ),
    )
    .values(
        state=DeliveryState.CALLING,
        called_at=bindparam("now", type_=UtcDateTime()),
        changed_at=bindparam("now", type_=UtcDateTime()),
        lease_until=bindparam("until", type_=UtcDateTime()),
        attempts=Delivery.attempts + 1,
    )
    .returning(Delivery.id)
)
