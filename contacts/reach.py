"""Whom a network reached on a day, and who came and went, month by month.

A day is whole, in the institution's zone: who was in the network at any moment of it was in it that day. People who
were forgotten since are counted with their country, so that the figure of a past day stays what it was.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select, union_all
from sqlalchemy.orm import Session

from contacts import days
from contacts.models import Contact, Leadership, Membership, Role


@dataclass(frozen=True, slots=True)
class Reach:
    """How many people were in a network on a day, and of them how many led; by country, the largest first."""

    day: date
    members: int
    leaders: int
    countries: tuple[tuple[str, int, int], ...]  # country ("" when unknown), people, leaders


def during(start: datetime, end: datetime) -> ColumnElement[bool]:
    """Return the condition that a membership was in force at a moment of this span (`end` is no longer in it)."""
    return and_(Membership.since < end, or_(Membership.until.is_(None), Membership.until > start))


def led_during(start: datetime, end: datetime) -> ColumnElement[bool]:
    """Return the condition that a member led at a moment of this span."""
    # Few ever led: who did is looked up once, and not for each member.
    earlier = Membership.id.in_(
        select(Leadership.membership_id).where(Leadership.since < end, Leadership.until > start)
    )
    leads = and_(Membership.role == Role.LEADER, func.coalesce(Membership.led_since, Membership.since) < end)
    return or_(leads, earlier)


def not_merged() -> ColumnElement[bool]:
    """Return the condition that a membership is not of a row that points to somebody else."""
    return Membership.contact_id.not_in(select(Contact.id).where(Contact.merged_into_id.is_not(None)))


def people_during(network_id: int, start: datetime, end: datetime) -> Select[int, int]:
    """Return the select of who was in a network in a span, each once: number, and 1 for whoever led."""
    return (
        select(
            Membership.contact_id.label("contact_id"),
            func.max(case((led_during(start, end), 1), else_=0)).label("led"),
        )
        .where(Membership.network_id == network_id, during(start, end), not_merged())
        .group_by(Membership.contact_id)
    )


def on(session: Session, network_id: int, day: date, zone: str) -> Reach:
    """Count who was in a network on a day."""
    people = people_during(network_id, days.begins(day, zone), days.ends(day, zone)).subquery()
    rows = session.execute(
        select(Contact.country, func.count(), func.sum(people.c.led))
        .join(people, people.c.contact_id == Contact.id)
        .group_by(Contact.country)
        .order_by(func.count().desc(), Contact.country)
    ).all()
    countries = tuple((country, int(count), int(led)) for country, count, led in rows)
    return Reach(day, sum(each[1] for each in countries), sum(each[2] for each in countries), countries)


@dataclass(frozen=True, slots=True)
class Month:
    """How many people joined and left a network in a month; who came back joined again."""

    first: date
    joined: int
    left: int


def by_month(session: Session, network_id: int, months: Sequence[date], zone: str) -> list[Month]:
    """Count who joined and who left, for months given by their first day, in their order."""
    if not months:
        return []
    asked = []
    for index, first in enumerate(months):
        start, end = days.begins(first, zone), days.begins(_next(first), zone)
        for kind, column in ((0, Membership.since), (1, Membership.until)):
            asked.append(
                select(literal(index).label("month"), literal(kind).label("kind"), func.count()).where(
                    Membership.network_id == network_id, column >= start, column < end, not_merged()
                )
            )
    counted = {(month, kind): count for month, kind, count in session.execute(union_all(*asked))}
    return [Month(first, counted[index, 0], counted[index, 1]) for index, first in enumerate(months)]


def _next(first: date) -> date:
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)


def last_months(today: date, count: int) -> list[date]:
    """Return the first days of the last months, today's last."""
    found = []
    year, month = today.year, today.month
    for _step in range(count):
        found.append(date(year, month, 1))
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    return found[::-1]
