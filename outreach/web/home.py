"""The first page: what needs a person, what is running, what comes next."""

from datetime import date, datetime, time, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from flask import Blueprint, Flask, render_template
from flask_login import current_user

from campaigns import misfires
from campaigns.groups import waiting
from campaigns.states import LEFT, DeliveryState
from contacts import rights
from outreach import keep
from outreach.i18n import gettext as _
from outreach.register.reading import communications
from outreach.web import charts, context, formats
from outreach.web.queries import home as read
from outreach.web.queries import progress
from outreach.web.rights import SOON_DAYS

pages = Blueprint("home", __name__)

NOON, EVENING = 12, 19
MOST_TASKS = 5
ARRIVED = (DeliveryState.DELIVERED, DeliveryState.READ)


@pages.get("/")
def index() -> str:
    """Show what somebody should know before anything else."""
    session, now, today = context.db(), context.now(), context.today()
    first, last = read.quarter(today)
    months = [date(first.year, first.month + step, 1) for step in range(today.month - first.month + 1)]
    entries = communications(session, first, today, context.zone())
    running = [(campaign, run_ids, progress.read(session, run_ids)) for campaign, run_ids in read.running(session)]
    reached = {person for entry in entries for person in entry.people}
    return render_template(
        "home.html",
        greeting=_greeting(formats.local(now).hour),
        tasks=waiting(session)[:MOST_TASKS],
        tasks_total=read.waiting_tasks(session),
        doubts=read.doubts(session, now - timedelta(seconds=context.platform().settings.doubt_seconds)),
        held=misfires.waiting(session),
        requests=rights.pressing(session, today + timedelta(days=SOON_DAYS)),
        gap=keep.restored(session),
        stopped=read.stopped(session),
        running=[row for row in running if row[2].total],
        coming=[
            (day, list(dues))
            for day, dues in groupby(
                read.coming(session, now, now + timedelta(days=14)), lambda due: formats.local(due.at).date()
            )
        ],
        chart=charts.by_month(entries, months),
        reached=len(reached),
        left=sum(entry.counts.get(state, 0) for entry in entries for state in LEFT),
        arrived=sum(entry.counts.get(state, 0) for entry in entries for state in ARRIVED),
        withdrawn=read.withdrawn(session, datetime.combine(first, time(), ZoneInfo(context.zone()))),
        first=first,
        last=last,
        today=today,
    )


def _greeting(hour: int) -> str:
    name = str(current_user.name).split(maxsplit=1)[0]
    if hour < NOON:
        return _("Buenos días, %(name)s", name=name)
    if hour < EVENING:
        return _("Buenas tardes, %(name)s", name=name)
    return _("Buenas noches, %(name)s", name=name)


def install(app: Flask) -> None:
    """Let the menu of every page say how many tasks wait."""

    @app.context_processor
    def _waiting() -> dict[str, object]:
        return {"waiting_tasks": read.waiting_tasks(context.db()) if current_user.is_authenticated else 0}
