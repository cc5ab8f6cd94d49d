"""Working days: the clock of requests about personal data. Pure dates, of the institution's own calendar."""

from collections.abc import Collection
from datetime import date, timedelta
from functools import lru_cache

_DAY = timedelta(days=1)
_MONDAY, _SATURDAY = 0, 5
_SIX_YEARS = 6  # between two changes of the federal executive
_OCTOBER_SINCE = 2024  # before, the change was on the first of December


@lru_cache
def official(year: int) -> frozenset[date]:
    """Return Mexico's days of obligatory rest in a year (Ley Federal del Trabajo, article 74, I to VIII).

    Those of elections (IX) fall on Sundays, and what an institution closes for besides is a setting.
    """
    days = {
        date(year, 1, 1),
        _monday(year, 2, 1),
        _monday(year, 3, 3),
        date(year, 5, 1),
        date(year, 9, 16),
        _monday(year, 11, 3),
        date(year, 12, 25),
    }
    if (year - _OCTOBER_SINCE) % _SIX_YEARS == 0:
        days.add(date(year, 10, 1) if year >= _OCTOBER_SINCE else date(year, 12, 1))
    return frozenset(days)


def _monday(year: int, month: int, which: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(_MONDAY - first.weekday()) % 7 + 7 * (which - 1))


def is_working(day: date, closed: Collection[date] = ()) -> bool:
    """Whether a day counts: no Saturday or Sunday, no official day of rest, none of those `closed` besides."""
    return day.weekday() < _SATURDAY and day not in official(day.year) and day not in closed


def after(start: date, days: int, closed: Collection[date] = ()) -> date:
    """Return the working day on which a term of so many working days ends.

    The day on which it begins does not count: the first is the next working day. A term of 0 days ends on the day
    itself. Asks for at least 0 days, and for a calendar that does not close every day for years.
    """
    if days < 0:
        raise ValueError("a term has no fewer than 0 days")
    day = start
    while days:
        day += _DAY
        days -= is_working(day, closed)
    return day


def between(start: date, end: date, closed: Collection[date] = ()) -> int:
    """Return how many working days there are after `start`, up to and with `end`; below 0 where `end` comes first."""
    if end < start:
        return -between(end, start, closed)
    return sum(is_working(start + timedelta(days=step), closed) for step in range(1, (end - start).days + 1))
