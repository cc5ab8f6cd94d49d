"""How long a consent holds: months by purpose, or for all; none where an installation sets no end."""

import calendar
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from contacts.models import Purpose

TERMS = "consent_terms"  # where a session carries them (`Session.info`); the composition root puts them
MOST_MONTHS = 600
ALL = "*"

#: Months by purpose; "*" is every other purpose. 0 and what is not there: no end.
Terms = Mapping[str, int]


def read(text: str) -> Terms:
    """Return the terms of a setting: `24`, or `24 eventos=6 boletines=12`. Raises `ValueError` for another form."""
    terms: dict[str, int] = {}
    for word in text.split():
        name, equals, months = word.rpartition("=")
        purpose = str(Purpose(name)) if equals else ALL  # ValueError for what is no purpose
        if purpose in terms or not (months.isascii() and months.isdecimal()) or not 0 <= int(months) <= MOST_MONTHS:
            raise ValueError(text)
        terms[purpose] = int(months)
    return terms


def of(session: Session) -> Terms:
    """Return the terms of the installation; a session that was not made by the platform knows none."""
    found: Terms = session.info.get(TERMS, {})
    return found


def months(terms: Terms, purpose: Purpose | str) -> int:
    """Return for how many months a consent to a purpose ("*": to all) holds; 0: no end."""
    return terms.get(str(purpose), terms.get(ALL, 0))


def end(terms: Terms, purpose: Purpose | str, at: datetime) -> datetime | None:
    """Return when a consent of a moment ends: the same day and hour so many months later, or the month's last day."""
    count = months(terms, purpose)
    if not count:
        return None
    year, month = divmod(at.month - 1 + count, 12)
    year, month = at.year + year, month + 1
    return at.replace(year=year, month=month, day=min(at.day, calendar.monthrange(year, month)[1]))


def apart(terms: Terms) -> list[str]:
    """Return the purposes whose end is not that of all: a consent to everything has lines of its own for them."""
    return [str(purpose) for purpose in Purpose if months(terms, purpose) != months(terms, ALL)]
