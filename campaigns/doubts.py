"""Deliveries whose outcome is unknown: never sent again by themselves, settled by proof or by a person."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote, unquote

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.orm import Session

from campaigns import due
from campaigns.indexed import IN_DOUBT
from campaigns.models import Campaign, Delivery, Run
from campaigns.outcomes import hold as hold_deliveries
from campaigns.states import CampaignState, DeliveryState, RunState, guard
from contacts.errors import refuse
from contacts.models import Channel

_CHUNK = 5000  # ids in one statement: SQLite takes 32,766


@dataclass(frozen=True, slots=True)
class Group:
    """Doubts that are alike: of one run, one way, one cause, and one call (or calls begun at the same moment)."""

    run_id: int
    channel: str
    reason: str
    called_at: datetime | None
    count: int
    first_id: int
    last_id: int
    since: datetime  # when the first of them came into doubt
    until: datetime  # when the last of them did
    detail: str  # what the provider said to one of them

    @property
    def kind(self) -> str:
        """Name all that have its run, way and cause."""
        return f"{self.run_id}/{self.channel}/{quote(self.reason, safe='') or '-'}"

    @property
    def key(self) -> str:
        """Name it on pages and at the terminal: run/channel/cause/moment of the call."""
        return f"{self.kind}/{self.called_at.isoformat() if self.called_at else '-'}"


def groups(session: Session, campaign_id: int) -> list[Group]:
    """Return the doubts of a campaign, alike ones together, the longest waiting first."""
    rows = session.execute(
        select(
            Delivery.run_id,
            Delivery.channel,
            Delivery.reason,
            Delivery.called_at,
            func.count().label("many"),
            func.min(Delivery.id).label("first_id"),
            func.max(Delivery.id).label("last_id"),
            func.min(Delivery.changed_at).label("since"),
            func.max(Delivery.changed_at).label("until"),
            func.max(Delivery.detail).label("detail"),
        )
        .where(*_of(campaign_id))
        .group_by(Delivery.run_id, Delivery.channel, Delivery.reason, Delivery.called_at)
        .order_by(Delivery.called_at, Delivery.run_id, Delivery.channel, Delivery.reason)
    )
    return [
        Group(
            run_id=row.run_id,
            channel=row.channel.value,
            reason=row.reason,
            called_at=row.called_at,
            count=row.many,
            first_id=row.first_id,
            last_id=row.last_id,
            since=row.since,
            until=row.until,
            detail=row.detail,
        )
        for row in rows
    ]


def count(session: Session, campaign_id: int) -> int:
    """Return how many deliveries of a campaign are in doubt."""
    return session.scalar(select(func.count()).select_from(Delivery).where(*_of(campaign_id))) or 0


def _of(campaign_id: int) -> tuple[ColumnElement[bool], ...]:
    runs = select(Run.id).where(Run.campaign_id == campaign_id)
    # Of the doubts those of these runs, and not of the runs' million rows those in doubt: no index of runs fits a sum.
    return IN_DOUBT, (Delivery.run_id + 0).in_(runs)


LARGEST = 2**63 - 1  # of the numbers that a database has


def _like(key: str) -> ColumnElement[bool]:
    """Return what a group's key asks for. The end may be left off: a run, a way of it, a cause of that.

    Refuses `doubt_group`.
    """
    parts = key.strip("/").split("/")
    tests: list[ColumnElement[bool]] = []
    try:
        run, channel, reason, moment = (*parts, None, None, None, None)[:4]
        tests.append(Delivery.run_id == min(int(run or ""), LARGEST))
        if channel is not None:
            tests.append(Delivery.channel == Channel(channel))
        if reason is not None:
            tests.append(Delivery.reason == ("" if reason == "-" else unquote(reason)))
        if moment is not None:
            tests.append(
                Delivery.called_at == (None if moment == "-" else datetime.fromisoformat(moment).astimezone(UTC))
            )
    except (ValueError, OverflowError):
        raise refuse("doubt_group", "grupo", key) from None
    if len(parts) > 4:  # noqa: PLR2004 — run, channel, cause, moment
        raise refuse("doubt_group", "grupo", key)
    return and_(*tests)


def choose(
    session: Session,
    campaign_id: int,
    *,
    keys: Sequence[str] = (),
    ids: Sequence[int] = (),
    everything: bool = False,
    seen: datetime | None = None,
) -> list[int]:
    """Return the doubts of a campaign that a person means, by their groups' keys, one by one, or all.

    Those that came into doubt after `seen`, when the person looked, are not meant. Refuses `doubt_group`.
    """
    tests = [_like(key) for key in keys]
    tests += [Delivery.id.in_(some) for some in _chunks(ids)]
    if not tests and not everything:
        return []
    wanted = select(Delivery.id).where(*_of(campaign_id)).order_by(Delivery.id)
    if not everything:
        wanted = wanted.where(or_(*tests))
    if seen is not None:
        wanted = wanted.where(Delivery.changed_at <= seen)
    return list(session.scalars(wanted))


def decide(session: Session, delivery_ids: Sequence[int], *, sent: bool, at: datetime) -> int:
    """Take a person's word for a group of doubts: it was sent, or it is to be sent again. Returns how many moved.

    What evidence has settled meanwhile keeps its state. Sending again opens a run and a campaign that had ended.
    Refuses `doubt_cancelled` when the campaign was cancelled: nothing of it may leave any more.
    """
    hold(session, delivery_ids)
    target = DeliveryState.ACCEPTED if sent else DeliveryState.PLANNED
    moved = 0
    for ids in _chunks(delivery_ids):
        if not sent:
            _reopen(session, ids)
        values = {"accepted_at": Delivery.called_at} if sent else {"due_at": at}
        found = session.scalars(
            update(Delivery)
            .where(Delivery.id.in_(ids), Delivery.state == DeliveryState.IN_DOUBT)
            .values(state=target, reason="person_decided", changed_at=at, **values)
            .returning(Delivery.id)
            .execution_options(synchronize_session=False)
        )
        moved += len(found.all())
    return moved


def not_accepted(session: Session, delivery_id: int, *, at: datetime, reason: str = "proven_absent") -> None:
    """Let a doubt that is held go again: it is proven that the provider never accepted it.

    Opens a run and a campaign that had ended. Where they were cancelled, it is left out for that reason.
    """
    run = session.scalars(select(Run).join(Delivery, Delivery.run_id == Run.id).where(Delivery.id == delivery_id)).one()
    session.refresh(run)
    cancelled = run.state == RunState.CANCELLED or run.campaign.state == CampaignState.CANCELLED
    if not cancelled:
        _reopen(session, [delivery_id])
    target = DeliveryState.SKIPPED if cancelled else DeliveryState.PLANNED
    session.execute(
        update(Delivery)
        .where(Delivery.id == delivery_id, Delivery.state == DeliveryState.IN_DOUBT)
        .values(
            state=target,
            reason="cancelled" if cancelled else reason,
            detail="",
            due_at=at,
            changed_at=at,
        )
        .execution_options(synchronize_session=False)
    )


def hold(session: Session, delivery_ids: Sequence[int]) -> None:
    """Let nobody else move these doubts, nor end or cancel their campaigns, before the caller's transaction has ended.

    Campaigns first, then deliveries, the lowest id first: as everywhere.
    """
    for ids in _chunks(delivery_ids):
        runs = select(Delivery.run_id).where(Delivery.id.in_(ids))
        campaigns = select(Run.campaign_id).where(Run.id.in_(runs))
        session.execute(
            select(Campaign)
            .where(Campaign.id.in_(campaigns))
            .order_by(Campaign.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        ).all()
    for ids in _chunks(sorted(delivery_ids)):
        hold_deliveries(session, ids)


def _reopen(session: Session, delivery_ids: Sequence[int]) -> None:
    runs = session.scalars(
        select(Run).where(
            Run.id.in_(
                select(Delivery.run_id).where(Delivery.id.in_(delivery_ids), Delivery.state == DeliveryState.IN_DOUBT)
            )
        ),
        execution_options={"populate_existing": True},
    ).all()
    for run in runs:
        campaign: Campaign = run.campaign
        if run.state == RunState.CANCELLED or campaign.state == CampaignState.CANCELLED:
            raise refuse("doubt_cancelled", "campaña", campaign.id)
        if run.state == RunState.FINISHED:
            guard(run.state, RunState.SENDING)
            run.state = RunState.SENDING
        if campaign.state in {CampaignState.FINISHED, CampaignState.SCHEDULED}:
            guard(campaign.state, CampaignState.SENDING)
            campaign.state = CampaignState.SENDING
    session.flush()
    due.announce(session, [run.id for run in runs])


def _chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), _CHUNK):
        yield ids[start : start + _CHUNK]
