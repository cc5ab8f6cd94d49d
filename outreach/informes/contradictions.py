"""What a typed text says against the calendar or against its own table: weekdays, days that never were, counts."""

import calendar
import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import date
from functools import lru_cache

from babel import Locale

from outreach.informes.log import Log
from outreach.informes.model import Rows
from outreach.informes.remarks import Named, Remark
from outreach.informes.tables import Made
from outreach.informes.text import plain

#: Nouns beside a number that stand for what a table counts, by language.
_NOUNS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "es": {
        "rows": (
            *("comunicaciones", "correos", "mensajes", "envíos", "boletines", "calendarios", "notas", "eventos"),
            *("reuniones", "actividades", "publicaciones", "invitaciones", "oficios", "noticias", "solicitudes"),
            *("respuestas", "llamadas", "intercambios", "registros", "renglones", "filas", "acciones"),
        ),
        "topics": ("temas",),
        "days": ("días", "fechas"),
        "recipients": ("personas", "destinatarios", "destinatarias"),
    },
    "en": {
        "rows": (
            *("communications", "e-mails", "emails", "messages", "newsletters", "calendars", "notes", "events"),
            *("meetings", "activities", "posts", "invitations", "letters", "requests", "answers", "calls", "rows"),
        ),
        "topics": ("topics",),
        "days": ("days", "dates"),
        "recipients": ("people", "recipients"),
    },
}
_NUMBERS: Mapping[str, tuple[str, ...]] = {
    "es": (
        *("dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve", "diez", "once", "doce", "trece"),
        *("catorce", "quince", "dieciséis", "diecisiete", "dieciocho", "diecinueve", "veinte"),
    ),
    "en": (
        *("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen"),
        *("fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"),
    ),
}
#: What a noun may count rightly.
_MEANT = {
    "rows": ("rows", "communications"),
    "topics": ("topics",),
    "days": ("days",),
    "recipients": ("recipients", "people"),
}


def folded(text: str) -> str:
    """Return a text without accents, capitals, stops and needless spaces: two that agree so are meant to be one."""
    bare = unicodedata.normalize("NFD", text.casefold())
    kept = "".join(letter if letter.isalnum() else " " for letter in bare if not unicodedata.combining(letter))
    return " ".join(kept.split())


def counts_differ(made: Made, counts: Mapping[str, int], locale: Locale) -> Iterator[Remark]:
    """Numbers typed into a title or an intro, beside a noun that the table counts, that are not the table's."""
    number, nouns = _counting(locale.language)
    for template in (made.definition.title, made.definition.intro):
        for match in number.finditer(plain(template.literal)):
            noun = nouns[match["noun"].casefold()]
            digits = re.sub(r"[,\s]", "", match["number"])
            words = _NUMBERS[locale.language]
            said = int(digits) if digits.isdigit() else words.index(match["number"].casefold()) + 2
            true = [counts[name] for name in _MEANT[noun]]
            if said not in true:
                yield Remark("remark_count", made.definition.id, None, {"said": match[0], "true": true[0]})


def dates_in_text(made: Made, log: Log, locale: Locale, start: date) -> Iterator[Remark]:
    """Weekdays that do not belong to their day, and days that no calendar has, in cells and in typed texts."""
    table = made.definition.id
    for template in (made.definition.title, made.definition.intro):
        for code, details in _wrong_dates(template.literal, locale, start):
            yield Remark(code, table, None, details)
    if made.definition.rows is Rows.CROSS:
        return
    own = [index for index, column in enumerate(made.definition.columns) if column.value != "date"]
    told: set[tuple[str, object]] = set()
    for number, (row, group) in enumerate(zip(made.cells, made.groups, strict=True), start=1):
        for index in own:
            for code, details in _wrong_dates(row[index], locale, log.items[group[0]].day):
                if (code, details["said"]) not in told:
                    told.add((code, details["said"]))
                    yield Remark(code, table, number, details)


def _wrong_dates(text: str, locale: Locale, near: date) -> Iterator[tuple[str, dict[str, object]]]:
    found = _dated(locale)
    for match in found.finditer(text):
        month = _names(locale.months["format"]["wide"])[folded(match["month"])]
        number = int(match["day"])
        years = [int(match["year"])] if match["year"] else [near.year - 1, near.year, near.year + 1]
        days = [date(year, month, number) for year in years if 1 <= number <= calendar.monthrange(year, month)[1]]
        said = " ".join(match[0].split())
        if not days:
            yield "remark_date_absent", {"said": said}
            continue
        day = min(days, key=lambda candidate: abs(candidate - near))
        if match["weekday"] and day.weekday() != _names(locale.days["format"]["wide"])[folded(match["weekday"])]:
            yield "remark_weekday", {"said": said, "weekday": Named(day, "weekday")}


def _names(table: Mapping[int, str]) -> dict[str, int]:
    return {folded(name): number for number, name in table.items()}


@lru_cache
def _dated(locale: Locale) -> re.Pattern[str]:
    """Return what finds a date in words: the weekday before it and the year after it may be missing."""

    def any_of(names: Mapping[int, str]) -> str:
        return "|".join(sorted({*names.values(), *map(folded, names.values())}, key=len, reverse=True))

    weekday = rf"(?:\b(?P<weekday>{any_of(locale.days['format']['wide'])})\s*,?\s+(?:el\s+|the\s+)?)?"
    month = rf"(?P<month>{any_of(locale.months['format']['wide'])})\b"
    if locale.language == "es":
        rest = rf"\b(?P<day>\d{{1,2}})(?:\.?º|o|ro|ero)?\s+de\s+{month}(?:\s+del?\s+(?P<year>[12]\d{{3}})\b)?"
    else:
        rest = rf"\b{month}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s+(?P<year>[12]\d{{3}})\b)?"
    return re.compile(weekday + rest, re.IGNORECASE)


@lru_cache
def _counting(language: str) -> tuple[re.Pattern[str], dict[str, str]]:
    nouns = {noun: meant for meant, names in _NOUNS[language].items() for noun in names}
    numbers = "|".join(_NUMBERS[language])
    listed = "|".join(sorted(nouns, key=len, reverse=True))
    pattern = rf"(?<![\w./-])(?P<number>\d{{1,3}}(?:,\d{{3}})+|\d{{1,6}}|{numbers})\s+(?P<noun>{listed})\b"
    return re.compile(pattern, re.IGNORECASE), nouns
