"""How numbers, dates and hours are written on a page: es_MX first, a 24 h clock, always in a named zone."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel import dates, numbers
from flask import Flask
from markupsafe import Markup

from outreach.i18n import gettext as _
from outreach.i18n import language, locale
from outreach.web import context
from outreach.words.duplicates import sameness_word

NBSP = "\N{NO-BREAK SPACE}"
DAY = {"es": "EEEE d 'de' MMMM 'de' y", "en": "EEEE, MMMM d, y"}
DATE = {"es": "d 'de' MMMM 'de' y", "en": "MMMM d, y"}
SHORT = {"es": "d MMM", "en": "MMM d"}
SHORT_YEAR = {"es": "d MMM y", "en": "MMM d, y"}
WEEKDAY = {"es": "EEE d MMM", "en": "EEE, MMM d"}
DAY_NUMBER = {"es": "EEEE d 'de' MMMM", "en": "EEEE, MMMM d"}
MONTH = {"es": "MMMM 'de' y", "en": "MMMM y"}


def number(value: float) -> str:
    """`1,846`."""
    return numbers.format_decimal(value, locale=locale())


def percent(part: float, whole: float, decimals: int = 0) -> str:
    """`79 %`, with a space that does not break; a dash when there is nothing to take a part of.

    Never rounded up to the whole: 1,999 of 2,000 is 99 %, not 100 %.
    """
    if not whole:
        return "–"
    step = 10**decimals
    value = round(100 * part * step / whole) / step
    if part < whole and value >= 100:  # noqa: PLR2004 — per cent
        value = 100 - 1 / step
    figure = numbers.format_decimal(value, format="0." + "0" * decimals if decimals else "0", locale=locale())
    return figure + ("%" if language() == "en" else f"{NBSP}%")


def local(moment: datetime, zone: str = "") -> datetime:
    """Return a moment as wall time of a zone; the institution's by default."""
    return moment.astimezone(ZoneInfo(zone or context.zone()))


def capital(text: str) -> str:
    """Return the text with its first letter a capital, the rest as it is."""
    return text[:1].upper() + text[1:]


def _as_date(value: date | datetime, zone: str) -> date:
    return local(value, zone).date() if isinstance(value, datetime) else value


def day(value: date | datetime, zone: str = "") -> str:
    """`viernes 20 de junio de 2025`."""
    return dates.format_date(_as_date(value, zone), DAY[language()], locale())


def long_date(value: date | datetime, zone: str = "") -> str:
    """`20 de junio de 2025`."""
    return dates.format_date(_as_date(value, zone), DATE[language()], locale())


def weekday(value: date | datetime, zone: str = "") -> str:
    """`vie 20 jun`."""
    return dates.format_date(_as_date(value, zone), WEEKDAY[language()], locale())


def day_number(value: date) -> str:
    """`viernes 20 de junio`."""
    return dates.format_date(value, DAY_NUMBER[language()], locale())


def month(value: date) -> str:
    """`junio de 2025`."""
    return dates.format_date(value, MONTH[language()], locale())


def short_date(value: date | datetime, zone: str = "") -> str:
    """`20 jun`, with the year when it is not the present one."""
    found = _as_date(value, zone)
    pattern = SHORT if found.year == context.today().year else SHORT_YEAR
    return dates.format_date(found, pattern[language()], locale())


def hour(moment: datetime, zone: str = "") -> str:
    """`11:42`."""
    return f"{local(moment, zone):%H:%M}"


def second(moment: datetime, zone: str = "") -> str:
    """`11:42:08`."""
    return f"{local(moment, zone):%H:%M:%S}"


def moment(value: datetime, zone: str = "") -> str:
    """`20 jun, 11:42`; `Hoy, 11:42` where it is the same day in the zone, likewise yesterday and tomorrow."""
    days = (local(value, zone).date() - local(context.now(), zone).date()).days
    near = {0: _("Hoy"), -1: _("Ayer"), 1: _("Mañana")}
    return f"{near.get(days) or short_date(value, zone)}, {hour(value, zone)}"


def within(value: datetime, zone: str = "") -> str:
    """`hoy, 11:42`: a moment in the middle of a sentence."""
    days = (local(value, zone).date() - local(context.now(), zone).date()).days
    near = {0: _("hoy"), -1: _("ayer"), 1: _("mañana")}
    return f"{near.get(days) or short_date(value, zone)}, {hour(value, zone)}"


def about(value: datetime, zone: str = "") -> str:
    """`hoy hacia las 11:45`: a moment that is reckoned, to five minutes, never too early."""
    moment = value + (-(value - datetime.min.replace(tzinfo=value.tzinfo)) % timedelta(minutes=5))
    days = (local(moment, zone).date() - local(context.now(), zone).date()).days
    day = {0: _("hoy"), 1: _("mañana")}.get(days) or _("el %(day)s", day=day_number(local(moment, zone).date()))
    return _("%(day)s hacia las %(hour)s", day=day, hour=hour(moment, zone))


def exact(value: datetime, zone: str = "") -> str:
    """`20 jun 2025, 11:42`: where a day must not move, as in a ledger."""
    return f"{dates.format_date(local(value, zone), SHORT_YEAR[language()], locale())}, {hour(value, zone)}"


def time_tag(value: datetime, text: str, zone: str = "") -> Markup:
    """Return a `<time>` element with the machine's form beside the person's."""
    return Markup('<time datetime="{}">{}</time>').format(local(value, zone).isoformat(timespec="minutes"), text)


def country(code: str) -> str:
    """Return the name of a country by its ISO code; the code itself when nobody knows it."""
    return locale().territories.get(code, code) if code else "–"


def place(city: str, code: str) -> str:
    """`Chicago, Estados Unidos`."""
    return ", ".join(part for part in (city, country(code) if code else "") if part) or "–"


def city_of_zone(zone: str) -> str:
    """Return the city by which a zone is known: `Chicago`, `Ciudad de México`."""
    return dates.get_timezone_location(zone, locale=locale(), return_city=True)


def hour_of(zone: str) -> str:
    """`hora de la Ciudad de México`."""
    if zone == "America/Mexico_City":
        return _("hora de la Ciudad de México")
    return _("hora de %(city)s", city=city_of_zone(zone))


def offset(zone: str) -> str:
    """`UTC-5`, of the present moment."""
    minutes = int((local(context.now(), zone).utcoffset() or timedelta()).total_seconds()) // 60
    hours, rest = divmod(abs(minutes), 60)
    sign = "\N{MINUS SIGN}" if minutes < 0 else "+"
    return f"UTC{sign}{hours}" + (f":{rest:02}" if rest else "")


def initials(name: str) -> str:
    """Return the first letters of the first two words of a name."""
    return "".join(word[0] for word in name.split()[:2]).upper()


def install(app: Flask) -> None:
    """Make these the filters of the templates."""
    for spell in (
        number,
        day,
        long_date,
        weekday,
        month,
        short_date,
        hour,
        second,
        moment,
        within,
        about,
        day_number,
        exact,
        country,
        city_of_zone,
        hour_of,
        offset,
        initials,
        capital,
    ):
        app.jinja_env.filters[spell.__name__] = spell
    app.jinja_env.globals.update(sameness_word=sameness_word, percent=percent, place=place, time_tag=time_tag)
