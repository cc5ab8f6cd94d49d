"""CLDR date patterns as a definition writes them: what is allowed, and what is refused before it misprints a table.

Babel reads any pattern and prints letters that it does not know as they are; here every letter outside apostrophes
must be a field of a date. Reference: Unicode TR35, "Date Field Symbol Table".
"""

from datetime import date

from babel import Locale
from babel.dates import format_date

#: Fields that make sense for a day.
DAY_FIELDS = "EcedDMLyuYwWFQqG"
#: Fields that make sense where only the month is known.
MONTH_FIELDS = "MLyuQqG"

_PROBE = date(2025, 4, 9)
_LOCALE = Locale.parse("es_MX")


def fault(pattern: str, allowed: str = DAY_FIELDS) -> str:
    """Return the code of what is wrong with a pattern, or "" when it is good.

    `pattern_empty`; `pattern_quotes` (an apostrophe is not closed); `pattern_letters` (a letter that is no field);
    `pattern_words` (the word «de» outside apostrophes: CLDR reads it as two fields); `pattern_year` (`Y`, the year of
    the week, without a week, or `D`, the day of the year, beside a month: misprints around New Year); `pattern_length`
    (a field repeated more often than CLDR knows).
    """
    bare = "".join(pattern.split("'")[::2])
    checks = {
        "pattern_empty": not pattern.strip(),
        "pattern_quotes": pattern.count("'") % 2 == 1,
        "pattern_letters": not any(map(str.isalpha, bare)) or bool({*filter(str.isalpha, bare)} - {*allowed}),
        "pattern_words": "de" in bare.replace(",", " ").split(),
        "pattern_year": ("Y" in bare and "w" not in bare) or ("D" in bare and bool({*bare} & {*"ML"})),
        "pattern_length": not _printable(pattern),
    }
    return next((code for code, wrong in checks.items() if wrong), "")


def _printable(pattern: str) -> bool:
    try:
        return bool(format_date(_PROBE, pattern, locale=_LOCALE))
    except (ValueError, KeyError, AttributeError):
        return False
