"""What the pages of networks read: who is in one today or was on a day, and what went on in it month by month."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session, joinedload

from campaigns.models import AudienceRule, Campaign, GroupTask, Run
from campaigns.states import CampaignState
from contacts import days, pointers, reach
from contacts.matching import matching
from contacts.models import Contact, Leadership, Membership, Role
from outreach.web.queries import progress

AT_ONCE = 5_000  # numbers in one statement


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which people of a network are asked for: with a text, in a role, and on a day (None: today, who is there now)."""

    network_id: int
    text: str = ""
    role: Role | None = None
    day: date | None = None
    addresses: bool = True  # look for the text in them too


class People:
    """The people who are asked for: how many in each role, and some of them, leaders first, then whoever joined last.

    Who is there now comes out of an index page by page; who was there on a day is found once, and then cut.
    """

    def __init__(self, session: Session, wanted: Wanted, zone: str) -> None:
        self._session, self._wanted = session, wanted
        roles = [wanted.role] if wanted.role else [Role.LEADER, Role.MEMBER]
        self._on_day: dict[Role, list[int]] = {}
        if wanted.day is not None:
            self._on_day = self._found_on(days.begins(wanted.day, zone), days.ends(wanted.day, zone))
            self.counted = {role: len(self._on_day[role]) for role in roles}
        else:
            self.counted = {role: self._count(self._now(role)) for role in roles}

    @property
    def total(self) -> int:
        """Return how many people there are."""
        return sum(self.counted.values())

    def page(self, offset: int, limit: int) -> list[tuple[Membership, Role]]:
        """Return some of the people with their role."""
        chosen: list[tuple[int, Role]] = []
        for role, count in self.counted.items():
            if offset < count and limit > len(chosen):
                chosen += [(number, role) for number in self._numbers(role, offset, limit - len(chosen))]
            offset = max(0, offset - count)
        found: dict[int, Membership] = {}
        for start in range(0, len(chosen), AT_ONCE):
            some = [number for number, _role in chosen[start : start + AT_ONCE]]
            rows = select(Membership).where(Membership.id.in_(some)).options(joinedload(Membership.contact))
            found |= {one.id: one for one in self._session.scalars(rows)}
        return [(found[number], role) for number, role in chosen]

    def _numbers(self, role: Role, offset: int, limit: int) -> Sequence[int]:
        if self._wanted.day is not None:
            return self._on_day[role][offset : offset + limit]
        ordered = self._now(role).order_by(Membership.since.desc(), Membership.id.desc())
        return self._session.scalars(ordered.offset(offset).limit(limit)).all()

    def _count(self, found: Select[int]) -> int:
        return self._session.scalar(select(func.count()).select_from(found.subquery())) or 0

    def _now(self, role: Role) -> Select[int]:
        return self._listed(
            select(Membership.id).where(
                Membership.network_id == self._wanted.network_id, Membership.until.is_(None), Membership.role == role
            )
        )

    def _listed(self, found: Select[Any]) -> Select[Any]:
        """Leave out who is somebody else's row or was forgotten, and who has not the text."""
        if self._wanted.text:
            theirs = matching(self._wanted.text, addresses=self._wanted.addresses)
            return found.join(Contact, Contact.id == Membership.contact_id).where(pointers.present(), theirs)
        gone = select(Contact.id).where(Contact.erased_at.is_not(None))
        return found.where(reach.not_merged(), Membership.contact_id.not_in(gone))

    def _found_on(self, start: datetime, end: datetime) -> dict[Role, list[int]]:
        """Return the memberships of a day by role, of each person the last; whoever joined last first."""
        led = case((reach.led_during(start, end), 1), else_=0)
        rows = self._session.execute(
            self._listed(
                select(Membership.contact_id, Membership.since, Membership.id, led).where(
                    Membership.network_id == self._wanted.network_id, reach.during(start, end)
                )
            )
        ).all()
        leaders = {contact_id for contact_id, _since, _number, leads in rows if leads}
        last: dict[int, tuple[datetime, int]] = {}
        for contact_id, since, number, _leads in rows:
            last[contact_id] = max(last.get(contact_id, (since, number)), (since, number))
        found: dict[Role, list[int]] = {Role.LEADER: [], Role.MEMBER: []}
        for contact_id, (_since, number) in sorted(last.items(), key=lambda item: item[1], reverse=True):
            found[Role.LEADER if contact_id in leaders else Role.MEMBER].append(number)
        return found


def history(session: Session, network_id: int, contact_id: int) -> list[tuple[Membership, list[Leadership]]]:
    """Return every span in which a person was in a network, the newest first, with those in which they led before."""
    spans = session.scalars(
        select(Membership)
        .where(Membership.network_id == network_id, Membership.contact_id == contact_id)
        .order_by(Membership.until.is_not(None), Membership.since.desc(), Membership.id.desc())
    ).all()
    led: dict[int, list[Leadership]] = {}
    for one in session.scalars(
        select(Leadership)
        .where(Leadership.membership_id.in_([span.id for span in spans]))
        .order_by(Leadership.since.desc())
    ):
        led.setdefault(one.membership_id, []).append(one)
    return [(span, led.get(span.id, [])) for span in spans]


@dataclass(frozen=True, slots=True)
class Month:
    """A month of a network: who came and went, posts in the group, and messages of the campaigns that go to it."""

    first: date
    joined: int
    left: int
    posts: int
    messages: int


def activity(session: Session, network_id: int, months: Sequence[date], zone: str) -> list[Month]:
    """Return what went on in some months, given by their first day, in their order.

    Messages are those that left in campaigns to the network, to whomever else they went as well.
    """
    start = days.begins(months[0], zone)
    posts: dict[date, int] = {}
    messages: dict[date, int] = {}
    for published in session.scalars(
        select(GroupTask.published_at).where(GroupTask.network_id == network_id, GroupTask.published_at >= start)
    ):
        if published:
            _add(posts, days.month_of(published, zone), 1)
    runs = dict(
        session.execute(
            select(Run.id, Run.due_at).where(
                Run.due_at >= start,
                Run.campaign_id.in_(
                    select(AudienceRule.campaign_id).where(
                        AudienceRule.network_id == network_id, AudienceRule.excluded.is_(False)
                    )
                ),
            )
        ).all()
    )
    for number, each in progress.read_each(session, list(runs)).items():
        _add(messages, days.month_of(runs[number], zone), each.left)
    return [
        Month(one.first, one.joined, one.left, posts.get(one.first, 0), messages.get(one.first, 0))
        for one in reach.by_month(session, network_id, months, zone)
    ]


def _add(sums: dict[date, int], month: date, more: int) -> None:
    sums[month] = sums.get(month, 0) + more


def campaigns_to(session: Session, network_id: int) -> list[Campaign]:
    """Return the campaigns that are still to write to a network: who closes it is told."""
    open_ = (CampaignState.DRAFT, CampaignState.SCHEDULED, CampaignState.SENDING, CampaignState.PAUSED)
    return list(
        session.scalars(
            select(Campaign)
            .where(
                Campaign.state.in_(open_),
                Campaign.id.in_(
                    select(AudienceRule.campaign_id).where(
                        AudienceRule.network_id == network_id, AudienceRule.excluded.is_(False)
                    )
                ),
            )
            .order_by(Campaign.id)
        )
    )
