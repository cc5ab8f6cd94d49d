"""Who would receive a campaign if it went out now, by which way, and who not and why: the sender's own plan."""

from dataclasses import dataclass
from datetime import datetime, time

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from campaigns import audience
from campaigns.models import Campaign
from campaigns.states import DeliveryState
from contacts.models import Channel


@dataclass(frozen=True, slots=True)
class Plan:
    """Counts of people: by way, with the reason where it is not the preferred one; and not written to, by reason."""

    ways: list[tuple[str, str, int]]
    without: list[tuple[str, int]]
    last_due_at: datetime | None

    @property
    def total(self) -> int:
        """Return how many people would get a message."""
        return sum(count for _channel, _route, count in self.ways)

    @property
    def left_out(self) -> int:
        """Return how many would not."""
        return sum(count for _reason, count in self.without)

    def by(self, channel: str) -> int:
        """Return how many would get it by one way."""
        return sum(count for way, _route, count in self.ways if way == channel)


def read(session: Session, campaign: Campaign, at: datetime, quiet: tuple[time, time] | None) -> Plan:
    """Return the plan of a campaign at a moment. A campaign for groups has none: it writes to nobody by itself."""
    if campaign.channels == [Channel.GROUP.value]:
        return Plan([], [], None)
    chosen = audience.plan(session, campaign, campaign.version, at, quiet).order_by(None).subquery()
    rows = session.execute(
        select(
            chosen.c.channel, chosen.c.state, chosen.c.reason, chosen.c.route, func.count(), func.max(chosen.c.due_at)
        )
        .group_by(chosen.c.channel, chosen.c.state, chosen.c.reason, chosen.c.route)
        .order_by(func.count().desc())
    ).all()
    planned = [row for row in rows if row.state == DeliveryState.PLANNED]
    without: dict[str, int] = {}
    for row in rows:
        if row.state == DeliveryState.SKIPPED:
            without[row.reason] = without.get(row.reason, 0) + row[4]
    return Plan(
        [(row.channel, row.route, row[4]) for row in planned],
        sorted(without.items(), key=lambda pair: -pair[1]),
        max((row[5] for row in planned), default=None),
    )
