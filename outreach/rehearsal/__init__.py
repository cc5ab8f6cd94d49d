"""A whole plan in virtual time, through the real scheduler code, sender, webhooks and the simulator.

The clock stands still while work is done and then jumps to the next moment at which anything is due: a campaign, an
event of a provider, an appointment of a person.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from campaigns.calendar import to_utc
from contacts.errors import refuse
from outreach.clock import VirtualClock
from outreach.config import Settings
from outreach.informes import Report, build
from outreach.informes.model import Definition
from outreach.plans import Plan
from outreach.reception import process_batches
from outreach.register.reading import communications, known_fields
from outreach.rehearsal.loading import load
from outreach.rehearsal.people import People
from outreach.rehearsal.proof import Proof, prove
from outreach.rehearsal.stage import Stage, staged
from outreach.rehearsal.summary import Summary, summarize

__all__ = ["Rehearsed", "rehearse", "run"]

NUDGE = timedelta(minutes=1)  # what is due and could not be done is asked again after this, as a real timer would


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What came of it. `unheard` are people of the plan who were to leave by a link that they never got."""

    report: Report
    summary: Summary
    proof: Proof
    entries: int
    replies: int
    leavings: int
    unheard: tuple[str, ...]


def rehearse(
    plan: Plan,
    definition: Definition,
    start: date,
    end: date,
    settings: Settings,
    *,
    port: int = 0,
    keep: Path | None = None,
    watch: Callable[[date], None] = lambda _day: None,
) -> Rehearsed:
    """Play a plan from the first day to the last, both included, in the data folder of `settings`, which is empty.

    Days are those of the plan's zone; `watch` is told each day that begins. Refuses `day_order`, `port_taken`, what
    the plan's people, networks and campaigns are refused for, and what the informe is.
    """
    if end < start:
        raise refuse("day_order", "--to", end.isoformat(), begin=start.isoformat())
    begins, ends = _midnight(start, plan.zone), _midnight(end + timedelta(days=1), plan.zone)
    # A second before the first moment: a campaign of that very midnight is still to come.
    clock = VirtualClock(begins - timedelta(seconds=1))
    with staged(replace(settings, database_url=""), clock, port=port, keep=keep) as stage:
        load(stage, plan, begins)
        people = People(stage, plan, begins, ends)
        run(stage, people, ends, plan.zone, watch)
        clock.set(ends)
        with stage.platform.reading() as session:
            found = communications(session, start, end, definition.timezone)
            report = build(definition, found, start, end, ends, known_fields(session))
            return Rehearsed(
                report,
                summarize(session),
                prove(session, stage.simulator),
                people.entries,
                people.replies,
                people.leavings,
                tuple(people.unheard),
            )


def _midnight(day: date, zone: str) -> datetime:
    return to_utc(datetime.combine(day, time()), zone)


def run(
    stage: Stage, people: People, ends: datetime, zone: str, watch: Callable[[date], None] = lambda _day: None
) -> None:
    """Let time pass until before `ends`: jump to whatever is due next, and do it with the real engine."""
    place = ZoneInfo(zone)
    last = stage.clock.now()
    today: date | None = None
    while (moment := _next(stage, people)) is not None and moment < ends:
        last = moment if moment > last else last + NUDGE
        if last >= ends:
            return
        stage.clock.set(last)
        if (day := last.astimezone(place).date()) != today:
            today = day
            watch(day)
        people.act()
        stage.engine.tick()
        stage.engine.drain()
        stage.simulator.deliver()
        while process_batches(stage.platform):
            pass
        stage.engine.close_runs()
        people.look()


def _next(stage: Stage, people: People) -> datetime | None:
    moments = (stage.engine.next_due(), stage.simulator.due(), people.next())
    return min((moment for moment in moments if moment is not None), default=None)
