"""Pure time: when a campaign is due, in a named zone, and when a reader may be written to. No clock, no database."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import chain, islice
from zoneinfo import ZoneInfo

from dateutil.rrule import rruleset, rrulestr

from contacts.errors import Fault, Refused, refuse

OFTEN = re.compile(r"\bFREQ=(SECONDLY|MINUTELY|HOURLY)\b|\bBYSECOND=", re.IGNORECASE)  # nobody writes so to people
MOST_OCCURRENCES = 4000  # ten years of daily sendings; a rule without end stops here


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a campaign goes out, in wall time of its zone.

    `moments` are single dates with their hour. `rule` is an RFC 5545 RRULE that repeats from `start`; days in
    `excluded` are left out. Empty means: not until somebody says «now».
    """

    moments: tuple[datetime, ...] = ()
    start: datetime | None = None
    rule: str = ""
    excluded: tuple[date, ...] = ()

    def to_json(self) -> dict[str, object]:
        """Return the form that the database keeps."""
        return {
            "moments": [moment.isoformat(timespec="minutes") for moment in self.moments],
            "start": self.start.isoformat(timespec="minutes") if self.start else "",
            "rule": self.rule,
            "excluded": [day.isoformat() for day in self.excluded],
        }

    @classmethod
    def from_json(cls, kept: dict[str, object]) -> "Schedule":
        """Read the form that the database keeps."""
        start = str(kept.get("start") or "")
        return cls(
            moments=tuple(datetime.fromisoformat(text) for text in _texts(kept.get("moments"))),
            start=datetime.fromisoformat(start) if start else None,
            rule=str(kept.get("rule") or ""),
            excluded=tuple(date.fromisoformat(text) for text in _texts(kept.get("excluded"))),
        )

    def faults(self) -> list[Fault]:
        """Return what is wrong with it: `recurrence_form`, `recurrence_start`, `recurrence_often`."""
        if not self.rule:
            return []
        if OFTEN.search(self.rule):
            return [Fault("recurrence_often", "repite", self.rule)]
        if self.start is None:
            return [Fault("recurrence_start", "repite", self.rule)]
        try:
            next(iter(self._repeated()), None)
        except (ValueError, TypeError, LookupError, ArithmeticError, AttributeError):  # dateutil says no in many ways
            return [Fault("recurrence_form", "repite", self.rule)]
        return []

    def walls(self) -> Iterator[datetime]:
        """Every occurrence as wall time, in order, each once."""
        repeated = list(islice(self._repeated(), MOST_OCCURRENCES)) if self.rule and self.start else []
        known = {moment for moment in chain(self.moments, repeated) if moment.date() not in self.excluded}
        yield from sorted(known)

    def _repeated(self) -> Iterator[datetime]:
        rules = rruleset()
        rules.rrule(rrulestr(self.rule.removeprefix("RRULE:"), dtstart=self.start))  # type: ignore[arg-type]
        return iter(rules)


def _texts(value: object) -> Sequence[str]:
    return [str(item) for item in value] if isinstance(value, list) else []


def to_utc(wall: datetime, zone: str) -> datetime:
    """Return the moment of a wall time in a zone.

    An hour that a clock change skips is read with the offset before the change (so it lands just after it); an hour
    that happens twice is the first one.
    """
    return wall.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC)


def occurrences(schedule: Schedule, zone: str) -> list[datetime]:
    """Return every moment of a schedule, in UTC and in order."""
    return sorted({to_utc(wall, zone) for wall in schedule.walls()})


def next_after(schedule: Schedule, zone: str, moment: datetime) -> datetime | None:
    """Return the first occurrence strictly after a moment; None when there is none left."""
    return next((due for due in occurrences(schedule, zone) if due > moment), None)


def read_wall(text: str, where: str) -> datetime:
    """Read `2025-04-09T10:00` or `2025-04-09 10:00`. Refuses `moment_form`."""
    try:
        wall = datetime.fromisoformat(text.strip())
    except ValueError:
        raise refuse("moment_form", where, text) from None
    if wall.tzinfo is not None:
        raise refuse("moment_zone", where, text)
    return wall


def check(schedule: Schedule) -> None:
    """Refuse a schedule that cannot be followed, with every reason."""
    if faults := schedule.faults():
        raise Refused(faults)


def out_of_quiet(moment: datetime, zone: str, quiet: tuple[time, time] | None) -> datetime:
    """Return the moment itself, or the end of the reader's quiet hours when it falls in them.

    `quiet` is (from, to) in the reader's own zone, over midnight when from is later than to.
    """
    if quiet is None or quiet[0] == quiet[1]:
        return moment
    begin, end = quiet
    local = moment.astimezone(ZoneInfo(zone))
    hour = local.time().replace(tzinfo=None)
    inside = begin <= hour < end if begin < end else hour >= begin or hour < end
    if not inside:
        return moment
    day = local.date() + timedelta(days=1) if begin > end and hour >= begin else local.date()
    return to_utc(datetime.combine(day, end), zone)
