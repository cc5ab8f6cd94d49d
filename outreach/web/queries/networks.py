"""What the pages of networks read: who is in one today or was on a day, and what went on in it month by month."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session, joinedload

from campaigns.models import AudienceRule, Campaign, GroupTask, Run
from campaigns.states import CampaignState
from contacts import days, people, pointers, reach
from contacts.models import Contact, Leadership, Membership, Role
from outreach.web.queries import progress


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which people of a network are asked for: with a text, in a role, and on a day (None: today, who is there now)."""

    network_id: int
    text: str = ""
    role: Role | None = None
    day: date | None = None


def _of(wanted: Wanted, zone: str, role: Role) -> Select[int]:
    """Return the select of the memberships of people in one role, each person once."""
    if wanted.day is None:
        found = select(Membership.id).where(
            Membership.network_id == wanted.network_id, Membership.until.is_(None), Membership.role == role
        )
    else:
        start, end = days.begins(wanted.day, zone), days.ends(wanted.day, zone)
        led = func.max(case((reach.led_during(start, end), 1), else_=0))
        once = (
            select(func.max(Membership.id))
            .where(Membership.network_id == wanted.network_id, reach.during(start, end), reach.not_merged())
            .group_by(Membership.contact_id)
            .having(led == (1 if role is Role.LEADER else 0))
        )
        found = select(Membership.id).where(Membership.id.in_(once))
    if wanted.text:
        theirs = people.matching(wanted.text)
        return found.join(Contact, Contact.id == Membership.contact_id).where(pointers.present(), theirs)
    gone = select(Contact.id).where(Contact.erased_at.is_not(None))
    return found.where(reach.not_merged(), Membership.contact_id.not_in(gone))


def count(session: Session, wanted: Wanted, zone: str) -> dict[Role, int]:
    """Return how many people there are in each role; 0 in one that is not asked for."""
    counted = dict.fromkeys(Role, 0)
    for role in [wanted.role] if wanted.role else Role:
        counted[role] = session.scalar(select(func.count()).select_from(_of(wanted, zone, role).subquery())) or 0
    return counted


def members(
    session: Session, wanted: Wanted, counted: dict[Role, int], zone: str, offset: int, limit: int
) -> list[tuple[Membership, Role]]:
    """Return some of the people with their role: leaders first, in each whoever joined last."""
    rows: list[tuple[Membership, Role]] = []
    for role in (Role.LEADER, Role.MEMBER):
        if counted[role] and offset < counted[role] and limit > len(rows):
            page = (
                _of(wanted, zone, role)
                .order_by(Membership.since.desc(), Membership.id.desc())
                .offset(offset)
                .limit(limit - len(rows))
            )
            numbers = session.scalars(page).all()
            found = {
                one.id: one
                for one in session.scalars(
                    select(Membership).where(Membership.id.in_(numbers)).options(joinedload(Membership.contact))
                )
            }
            rows += [(found[number], role) for number in numbers]
        offset = max(0, offset - counted[role])
    return rows


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
