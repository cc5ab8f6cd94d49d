"""Days of the institution's calendar as moments: when somebody joined or left, said by the day."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from contacts.errors import refuse

YEARS = range(1900, 2200)
_LAST = timedelta(seconds=1)  # before midnight: who left that day was there that day


def read(text: str, where: str) -> date:
    """Return a day that was typed. Refuses `day_form`."""
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        raise refuse("day_form", where, text.strip()[:40]) from None
    if day.year not in YEARS:
        raise refuse("day_form", where, text.strip()[:40])
    return day


def begins(day: date, zone: str) -> datetime:
    """Return the moment at which a day begins in a zone."""
    return datetime.combine(day, time(), ZoneInfo(zone))


def ends(day: date, zone: str) -> datetime:
    """Return the moment at which the next day begins in a zone."""
    return begins(day + timedelta(days=1), zone)


def today(now: datetime, zone: str) -> date:
    """Return the day that it is in a zone."""
    return now.astimezone(ZoneInfo(zone)).date()


def _past(day: date, zone: str, now: datetime, where: str) -> bool:
    """Tell a past day from today. Refuses `day_future`."""
    present = today(now, zone)
    if day > present:
        raise refuse("day_future", where, day.isoformat(), today=present.isoformat())
    return day < present


def since(text: str, where: str, zone: str, now: datetime) -> datetime:
    """Return from when somebody was something: now for "" and today, else the beginning of a day that is past.

    Refuses `day_form` and `day_future`.
    """
    if not text.strip():
        return now
    day = read(text, where)
    return begins(day, zone) if _past(day, zone, now, where) else now


def until(text: str, where: str, zone: str, now: datetime) -> datetime:
    """Return until when somebody was something: now for "" and today, else the end of a day that is past.

    Refuses `day_form` and `day_future`.
    """
    if not text.strip():
        return now
    day = read(text, where)
    return ends(day, zone) - _LAST if _past(day, zone, now, where) else now


def month_of(moment: datetime, zone: str) -> date:
    """Return the first day of the month in which a moment lies, in a zone."""
    return moment.astimezone(ZoneInfo(zone)).date().replace(day=1)
