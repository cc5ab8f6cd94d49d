"""Dates as an informe prints them: one day, several days joined, or a month alone.

The joined form follows the locale's own long form (es_MX: `d 'de' MMMM 'de' y`), so that English reads as English:
`9, 16 y 30 de abril de 2025` and `April 9, 16, and 30, 2025`. Days of one month share its name, months of one year
share the year.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import groupby

from babel import Locale
from babel.dates import format_date, tokenize_pattern
from babel.lists import format_list

MONTH_DEFAULT = "MMMM y"
Token = tuple[str, str | tuple[str, int]]


@dataclass(frozen=True, slots=True)
class DateStyle:
    """How one table prints its dates; the keys of a definition with their defaults.

    `pattern` is for cells of one day ("" is the locale's long form). `month` is for cells of one month alone ("" is
    `MMMM y` with a capital). `capitalize` makes the first character of every date cell a capital. `end` is appended.
    """

    locale: Locale
    pattern: str = ""
    month: str = ""
    capitalize: bool = False
    end: str = ""

    def cell(self, days: Iterable[date], months: Iterable[date] = ()) -> str:
        """Return the text of a date cell. A day counts once.

        `months` are first days of the months of communications of which only the month is known. A month of which a
        day is known is not named a second time.
        """
        known = sorted(set(days))
        alone = sorted({month.replace(day=1) for month in months} - {day.replace(day=1) for day in known})
        if len(known) == 1 and not alone:
            text = format_date(known[0], self.pattern or _long(self.locale), locale=self.locale)
        elif len(alone) == 1 and not known:
            text = format_date(alone[0], self.month or MONTH_DEFAULT, locale=self.locale)
        else:
            text = joined(known, alone, self.locale)
        starts_with_month = bool(alone) and (not known or alone[0] < known[0])
        if self.capitalize or (starts_with_month and not self.month):
            text = capital(text)
        return text + self.end if text else ""


def capital(text: str) -> str:
    """Return the text with its first character a capital."""
    return text[:1].upper() + text[1:]


def joined(days: Collection[date], months: Collection[date], locale: Locale) -> str:
    """Return days, and months without a day, as one phrase in order of time.

    `9 y 16 de abril y 2 de mayo de 2025`; `30 de diciembre de 2025 y 2 de enero de 2026`; `9 de abril y mayo de 2025`.
    """
    by_month: dict[date, list[int]] = {month: [] for month in months}
    for day in sorted(days):
        by_month.setdefault(day.replace(day=1), []).append(day.day)
    years = []
    for _, of_year in groupby(sorted(by_month), key=lambda month: month.year):
        firsts = list(of_year)
        phrases = [_of_month(first, by_month[first], locale) for first in firsts]
        years.append(_with_year(enumerated(phrases, locale), firsts[-1], locale, days=bool(by_month[firsts[-1]])))
    return enumerated(years, locale)


def enumerated(parts: Sequence[str], locale: Locale) -> str:
    """Return the parts as a list in words: `9, 16 y 30`; in English `9, 16, and 30`."""
    return format_list(list(parts), style="standard", locale=locale)


def span(start: date, end: date, locale: Locale, between: Callable[[str, str], str]) -> str:
    """Return a period in words, `abril a junio de 2025`; `between` puts the word between its two ends.

    Whole months are named as months; other periods by their days: `9 a 30 de abril de 2025`, `9 de abril a 15 de junio
    de 2025`. What both ends share is named once. One whole month is `abril de 2025`, one day is the day.
    """
    last_day = (date(end.year + end.month // 12, end.month % 12 + 1, 1) - date(end.year, end.month, 1)).days
    whole = start.day == 1 and end.day == last_day
    first_month, last_month = start.replace(day=1), end.replace(day=1)
    if start == end or (whole and first_month == last_month):
        return _with_year(_of_month(start, [] if whole else [start.day], locale), start, locale, days=not whole)
    ends = [
        _of_month(moment, [] if whole else [moment.day], locale) for moment in (start, end)
    ]  # each without its year
    if start.year != end.year:
        return between(
            _with_year(ends[0], start, locale, days=not whole), _with_year(ends[1], end, locale, days=not whole)
        )
    if first_month == last_month:
        phrase = _of_month(start, [], locale, days_text=between(str(start.day), str(end.day)))
    else:
        phrase = between(*ends)
    return _with_year(phrase, end, locale, days=not whole)


def _of_month(month: date, days: list[int], locale: Locale, days_text: str = "") -> str:
    """Return `9 y 16 de abril`, or `abril` where there are no days. Without the year."""
    days_text = days_text or enumerated([str(day) for day in days], locale)
    if not days_text:
        return str(format_date(month, "MMMM", locale=locale))
    head, _ = _long_parts(locale)
    return "".join(
        days_text if token[0] == "field" and token[1][0] == "d" else _one(token, month, locale) for token in head
    )


def _with_year(phrase: str, month: date, locale: Locale, *, days: bool) -> str:
    """Return the phrase with the year after it, as the locale writes it after a day, or after a month alone."""
    tail = _long_parts(locale)[1] if days else _tail(str(locale.datetime_skeletons["yMMMM"].pattern))
    return phrase + "".join(_one(token, month, locale) for token in tail)


def _one(token: Token, moment: date, locale: Locale) -> str:
    kind, value = token
    if kind == "chars":
        return str(value)
    return str(format_date(moment, value[0] * int(value[1]), locale=locale))


def _long(locale: Locale) -> str:
    return str(locale.date_formats["long"].pattern)


@lru_cache
def _long_parts(locale: Locale) -> tuple[tuple[Token, ...], tuple[Token, ...]]:
    """Part the locale's long form in the day with its month, and what follows (the year with its link)."""
    tail = _tail(_long(locale))
    tokens = tuple(tokenize_pattern(_long(locale)))
    return tokens[: len(tokens) - len(tail)], tail


@lru_cache
def _tail(pattern: str) -> tuple[Token, ...]:
    """Return what stands after the last field that is not the year. In Spanish and English the year is last."""
    tokens = tuple(tokenize_pattern(pattern))
    last = max(index for index, (kind, value) in enumerate(tokens) if kind == "field" and value[0] != "y")
    return tokens[last + 1 :]
