"""The month: what went out and what is to come, day by day, in Mexico City's time."""

import calendar as almanac
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, render_template, request
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from campaigns.models import Campaign, Run
from campaigns.states import RunState
from outreach.web import context, formats
from outreach.web.queries import home as read

pages = Blueprint("calendar", __name__, url_prefix="/calendario")

SHOWN = 3  # items a day; the others stand behind «y n más»
MOST = 2000
FIRST_YEAR, LAST_YEAR = 2000, 2200  # beyond them there is nothing to see


@dataclass(frozen=True, slots=True)
class Item:
    """One dated sending: done, under way, or to come."""

    at: datetime
    campaign: Campaign
    run: Run | None = None

    @property
    def css(self) -> str:
        """Return the class of its preferred way."""
        return {"correo": "is-mail", "whatsapp": "is-wa", "whatsapp-grupo": "is-group"}.get(
            self.campaign.channels[0], ""
        )


def _month(text: str) -> date:
    """Return the first day of the month that the address asks for; the present one when it is none."""
    with suppress(ValueError):
        first = date.fromisoformat(f"{text}-01")
        if FIRST_YEAR <= first.year < LAST_YEAR:
            return first
    return context.today().replace(day=1)


def _items(first: date, last: date) -> list[Item]:
    zone = ZoneInfo(context.zone())
    since = datetime.combine(first, time(), zone)
    until = datetime.combine(last + timedelta(days=1), time(), zone)
    session = context.db()
    runs = session.scalars(
        select(Run)
        .where(Run.due_at >= since, Run.due_at < until, Run.state.not_in([RunState.MISSED, RunState.CANCELLED]))
        .options(joinedload(Run.campaign))
    )
    done = [Item(run.due_at, run.campaign, run) for run in runs]
    after = max(since, context.now())
    ahead = [Item(due.at, due.campaign) for due in read.coming(session, after, until, MOST) if due.at < until]
    return sorted(done + ahead, key=lambda item: (item.at, item.campaign.id))


@pages.get("/")
def index() -> str:
    """Show a month."""
    first = _month(request.args.get("mes", ""))
    weeks = almanac.Calendar(firstweekday=0).monthdatescalendar(first.year, first.month)
    by_day: dict[date, list[Item]] = defaultdict(list)
    items = _items(weeks[0][0], weeks[-1][-1])
    for item in items:
        by_day[formats.local(item.at).date()].append(item)
    day = _day(request.args.get("dia", ""), by_day)
    return render_template(
        "calendar.html",
        first=first,
        weeks=weeks,
        by_day=by_day,
        total=sum(len(found) for when, found in by_day.items() if (when.year, when.month) == (first.year, first.month)),
        previous=(first - timedelta(days=1)).replace(day=1),
        following=(first + timedelta(days=32)).replace(day=1),
        today=context.today(),
        shown=SHOWN,
        day=day,
        weekdays=weeks[0],
    )


def _day(text: str, by_day: dict[date, list[Item]]) -> date | None:
    """Return the day whose whole list is asked for."""
    with suppress(ValueError):
        found = date.fromisoformat(text)
        return found if found in by_day else None
    return None
