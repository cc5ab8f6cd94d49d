"""A period as an address says it, and the shortcuts to quarters."""

from dataclasses import dataclass
from datetime import date

from outreach.i18n import gettext as _
from outreach.register import reading
from outreach.web import context
from outreach.web.formats import month
from outreach.web.queries.home import quarter

QUARTERS_BACK = 4
YEARS = range(1900, 2200)  # what a report or a register may speak of


@dataclass(frozen=True, slots=True)
class Period:
    """Both days included."""

    start: date
    end: date


@dataclass(frozen=True, slots=True)
class Shortcut:
    """A quarter to choose with one press."""

    name: str
    period: Period


def read_day(text: str) -> date | None:
    """Return the day that a date field sends, None when it is none."""
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        return None
    return day if day.year in YEARS else None


def present() -> tuple[date, date]:
    """Return the quarter to begin with: today's, or the last one in which anything was communicated."""
    today = context.today()
    return quarter(reading.latest_day(context.db(), today) or today)


def asked(start: str, end: str) -> tuple[Period, dict[str, str]]:
    """Return the period of `?desde=` and `?hasta=`, and what is wrong with each, by field.

    An empty field is the quarter's to begin with. What is wrong falls back to it as well, and is said.
    """
    first, last = present()
    wrong: dict[str, str] = {}
    days = []
    for name, text, default in (("desde", start, first), ("hasta", end, last)):
        day = read_day(text)
        if text.strip() and day is None:
            wrong[name] = _("«%(value)s» no es una fecha. Escriba una como 2025-06-30.", value=text.strip()[:40])
        days.append(day or default)
    if days[0] > days[1] and not wrong:
        if not start.strip():
            days[0] = quarter(days[1])[0]
        elif not end.strip():
            days[1] = quarter(days[0])[1]
        else:
            wrong["hasta"] = _("El periodo termina antes de empezar. Escriba una fecha posterior a la primera.")
            days[1] = quarter(days[0])[1]
    return Period(days[0], days[1]), wrong


def name_of(period: Period) -> str:
    """Return `abril a junio de 2025` for a quarter."""
    return _("%(first)s a %(last)s", first=month(period.start).split(" ")[0], last=month(period.end))


def shortcuts() -> list[Shortcut]:
    """Return the quarter to begin with and those before it, the newest first."""
    found = []
    first, last = present()
    for _step in range(QUARTERS_BACK):
        period = Period(first, last)
        found.append(Shortcut(name_of(period), period))
        first, last = quarter(date.fromordinal(first.toordinal() - 1))
    return found
