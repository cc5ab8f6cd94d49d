"""The period of an informe in words, in the language of its definition."""

from collections.abc import Mapping
from datetime import date

from babel import Locale
from babel.dates import format_date

from outreach.i18n import gettext as _
from outreach.informes import dates
from outreach.words import N_

QUARTERS = (
    N_("primer trimestre de %(year)s"),
    N_("segundo trimestre de %(year)s"),
    N_("tercer trimestre de %(year)s"),
    N_("cuarto trimestre de %(year)s"),
)
NAMES = ("periodo", "desde", "hasta", "trimestre")


def words(start: date, end: date, locale: Locale) -> Mapping[str, str]:
    """Return the values of `{periodo}`, `{desde}`, `{hasta}` and `{trimestre}`; both days are in the period.

    `{periodo}` names whole months as months (`abril a junio de 2025`), other periods by their days (`9 a 30 de abril
    de 2025`). `{trimestre}` of a period that is no quarter of the calendar is its `{periodo}`: never a wrong quarter.
    """
    period = dates.span(start, end, locale, lambda first, last: _("%(first)s a %(last)s", first=first, last=last))
    number = quarter(start, end)
    return {
        "periodo": period,
        "desde": format_date(start, "long", locale=locale),
        "hasta": format_date(end, "long", locale=locale),
        "trimestre": _(QUARTERS[number - 1], year=start.year) if number else period,
    }


def quarter(start: date, end: date) -> int:
    """Return which quarter of the year a period is, from 1; 0 when it is not exactly one."""
    number = (start.month + 2) // 3
    first = date(start.year, 3 * number - 2, 1)
    after = date(start.year + number // 4, 3 * number % 12 + 1, 1)
    return number if start == first and (after - end).days == 1 else 0
