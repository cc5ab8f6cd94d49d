"""What runs sent, as communications: one per channel on which something left, one for the posts in groups."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, String, and_, func, select, true, type_coerce
from sqlalchemy.orm import Session

from campaigns.models import AudienceRule, Campaign, Delivery, GroupTask, Run
from campaigns.states import LEFT, REACHED
from contacts import pointers
from contacts.models import Channel, Network
from contacts.segments import Segment
from outreach.keep import installation_id
from outreach.register.columns import MEMBERS, Spellings, respell, tidy
from outreach.register.communication import Communication

MEXICO_CITY = ZoneInfo("America/Mexico_City")

#: When a communication was made: the moment, then what tells two of the same moment apart.
Made = tuple[datetime, int, int, str]

_left = frozenset(state.value for state in LEFT)
_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


@dataclass(slots=True)
class _Tally:
    """What became of one run on one channel."""

    counts: dict[str, int] = field(default_factory=dict)
    people: set[int] = field(default_factory=set)
    networks: dict[str, None] = field(default_factory=dict)  # an ordered set
    members: int | None = None

    @property
    def left(self) -> int:
        return sum(count for state, count in self.counts.items() if state in _left)


def sent(
    session: Session, start: date | None, end: date | None, zone: str, spellings: Spellings, *, with_people: bool
) -> Iterator[tuple[Made, "partial[Communication]"]]:
    """Yield what the runs whose scheduled day in `zone` lies in the period sent; a few queries, however many runs."""
    period = _due(start, end, ZoneInfo(zone))
    runs = session.execute(
        select(
            *(Run.id, Run.due_at, Run.campaign_id, Campaign.clase, Campaign.tema, Campaign.informacion),
            *(Campaign.cuenta, Campaign.extra),
        )
        .join(Campaign, Campaign.id == Run.campaign_id)
        .where(period)
    ).all()
    if not runs:
        return
    tallies = _deliveries(session, period, with_people=with_people) | _posts(session, period)
    networks = _audiences(session, period)
    installation = installation_id(session)
    for run in runs:
        local, here = run.due_at.astimezone(ZoneInfo(zone)), run.due_at.astimezone(MEXICO_CITY)
        for channel in Channel:
            tally = tallies.get((run.id, channel.value))
            if tally is None:
                continue
            posted = channel is Channel.GROUP
            members = {} if tally.members is None else {MEMBERS: str(tally.members)}
            yield (
                (run.due_at, 0, run.id, channel.value),
                partial(
                    Communication,
                    folio=folio(installation, run.id, channel),
                    day=local.date(),
                    hour=here.time().replace(second=0, microsecond=0),
                    channel=channel.value,
                    account=run.cuenta.strip(),
                    networks=tuple(tally.networks if posted else networks[run.campaign_id]),
                    kind=run.clase.strip(),
                    topic=run.tema.strip(),
                    information=run.informacion.strip(),
                    recipients=None if posted else tally.left,  # being in a group is not being delivered to
                    extra=respell(members | tidy(run.extra), spellings),
                    source="run",
                    people=frozenset(tally.people),
                    counts=tally.counts,
                ),
            )


def folio(installation: str, run_id: int, channel: Channel) -> str:
    """Return the number of what a run sent by a channel: unique among all installations."""
    return f"{installation}-R{run_id}-{channel.value}"


def _due(start: date | None, end: date | None, zone: ZoneInfo) -> ColumnElement[bool]:
    """Build the condition that a run's scheduled day in `zone` lies in the period, both ends included."""
    since = _midnight(start, zone) if start else _FIRST
    until = _midnight(end + timedelta(days=1), zone) if end and end < date.max else _LAST
    return and_(Run.due_at >= since, Run.due_at < until) if start or end else true()


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    try:
        return datetime.combine(day, time(), zone).astimezone(UTC)
    except OverflowError:  # the first or last day that a calendar knows
        return _FIRST if day < date(2000, 1, 1) else _LAST


def _deliveries(session: Session, period: ColumnElement[bool], *, with_people: bool) -> dict[tuple[int, str], _Tally]:
    """Count deliveries by run, channel and state; without the pairs on which nothing left."""
    channel, state = type_coerce(Delivery.channel, String), type_coerce(Delivery.state, String)
    tallies: defaultdict[tuple[int, str], _Tally] = defaultdict(_Tally)
    counted = (
        select(Delivery.run_id, channel, state, func.count())
        .join(Run, Run.id == Delivery.run_id)
        .where(period)
        .group_by(Delivery.run_id, channel, state)
    )
    for run_id, by, where, count in session.execute(counted):
        tallies[run_id, by].counts[where] = count
    left = {key: tally for key, tally in tallies.items() if tally.left}
    if with_people:
        reached = (
            select(Delivery.run_id, channel, Delivery.contact_id)
            .join(Run, Run.id == Delivery.run_id)
            .where(period, Delivery.state.in_(REACHED))
        )
        same = pointers.everybody(session)  # who was there twice is one person, in the informes of last year too
        for run_id, by, contact_id in session.execute(reached):
            left[run_id, by].people.add(same.get(contact_id, contact_id))
    return left


def _posts(session: Session, period: ColumnElement[bool]) -> dict[tuple[int, str], _Tally]:
    """Gather the groups in which a person published, by run."""
    tallies: defaultdict[tuple[int, str], _Tally] = defaultdict(_Tally)
    published = (
        select(GroupTask.run_id, Network.name, GroupTask.members)
        .join(Run, Run.id == GroupTask.run_id)
        .join(Network, Network.id == GroupTask.network_id)
        .where(period, GroupTask.published_at.is_not(None))
        .order_by(GroupTask.id)
    )
    for run_id, name, members in session.execute(published):
        tally = tallies[run_id, Channel.GROUP.value]
        tally.networks[_one_name(name)] = None
        if members is not None:
            tally.members = (tally.members or 0) + members
    return dict(tallies)


def _audiences(session: Session, period: ColumnElement[bool]) -> Mapping[int, dict[str, None]]:
    """Gather the networks and segments of each campaign's audience, in the order they were named."""
    networks: defaultdict[int, dict[str, None]] = defaultdict(dict)
    rules = (
        select(AudienceRule.campaign_id, func.coalesce(Network.name, Segment.name))
        .outerjoin(Network, Network.id == AudienceRule.network_id)
        .outerjoin(Segment, Segment.id == AudienceRule.segment_id)
        .where(
            AudienceRule.contact_id.is_(None),
            AudienceRule.excluded.is_(False),
            AudienceRule.campaign_id.in_(select(Run.campaign_id).where(period)),
        )
        .order_by(AudienceRule.id)
    )
    for campaign_id, name in session.execute(rules):
        networks[campaign_id][_one_name(name)] = None
    return networks


def _one_name(name: str) -> str:
    """Return a network's name without `;`, which separates networks in a register file."""
    return name.replace(";", ",").strip()
