"""After the rehearsed past, a present: campaigns that are due now, in a moment and next week."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from campaigns import planning
from campaigns.calendar import Schedule
from campaigns.files import read_campaign
from outreach.platform import Platform

#: How long after the start each file of a scene without a moment of its own is due, in their order.
AFTER = (timedelta(), timedelta(minutes=1), timedelta(minutes=2))


def enliven(platform: Platform, scene: Path, *, by: str) -> int:
    """Schedule every campaign file of a folder; return how many there are.

    Files that say no moment are due one after the other, from the next whole minute on.
    """
    now = platform.clock.now()
    first = now.replace(second=0, microsecond=0) + timedelta(minutes=1)
    spans = iter(AFTER)
    files = sorted(scene.glob("*.toml"))
    with platform.transaction() as session:
        for file in files:
            draft = read_campaign(file)
            if not any(draft.schedule.walls()):
                wall = _wall(first + next(spans), draft.timezone)
                draft = replace(draft, schedule=Schedule(moments=(wall,)))
            campaign = planning.create(session, draft, at=now, by=by)
            planning.schedule(session, campaign, at=now)
    return len(files)


def _wall(moment: datetime, zone: str) -> datetime:
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
