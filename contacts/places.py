"""Countries by the names that people give them, and the hour that is kept where somebody lives."""

from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from importlib.resources import files
from zoneinfo import available_timezones

from babel import Locale

from contacts import zones
from contacts.errors import refuse
from contacts.folding import fold_words

MEXICO_CITY = "America/Mexico_City"

#: Where people are written to in English unless they say otherwise: it is the language of most, and Spanish is of few.
ENGLISH = frozenset(
    "AG AU BB BS CA DM FJ GB GD GG GH GY IE IM JE JM KE KN LC LR MT NG NZ SG SL TT UG VC ZA ZM ZW".split()  # noqa: SIM905
)
_QUEBEC = frozenset({"montreal", "quebec", "qc", "laval", "gatineau", "sherbrooke", "longueuil"})

_LANGUAGES = {
    "es": "es, spa, espanol, castellano, spanish, es mx, es es, es us",
    "en": "en, eng, ingles, english, en us, en gb, en ca",
}


@lru_cache(maxsize=1024)
def country(text: str) -> str:
    """Return the ISO 3166-1 code of a country named in Spanish or English, or by its code; "" for "".

    Refuses `country_unknown`.
    """
    plain = fold_words(text)
    if not plain:
        return ""
    code = _countries().get(plain)
    if code is None:
        raise refuse("country_unknown", "pais", text)
    return code


def country_name(code: str, language: str = "es") -> str:
    """Return the name of a country for a reader; "" for ""."""
    return str(_locale(language).territories.get(code, code))


def countries(language: str = "es") -> list[tuple[str, str]]:
    """Return every country as code and name, in the order of the names: what a form offers."""
    return sorted(((code, country_name(code, language)) for code in _zones()), key=lambda pair: fold_words(pair[1]))


def country_words() -> Iterable[str]:
    """Return every name and code by which a country is known, folded."""
    return (name for name in _countries() if len(name) > 3)  # noqa: PLR2004 — a code is near to many others


def timezone_words() -> Iterable[str]:
    """Return every name by which a zone is known, folded."""
    return _spelling()


@lru_cache(maxsize=1024)
def timezone(text: str) -> str:
    """Return an IANA zone from its name in any capitals or from its city; "" for "". Refuses `timezone_unknown`."""
    plain = fold_words(text)
    if not plain:
        return ""
    known = _spelling().get(plain)
    if known is None:
        raise refuse("timezone_unknown", "zona", text)
    return known


@cache
def zone_names() -> tuple[str, ...]:
    """Return every zone in which people live, by name: what a form offers."""
    return tuple(sorted({name for own in _zones().values() for name in own}))


@lru_cache(maxsize=16_384)
def propose_timezone(code: str, city: str = "") -> str:
    """Return the zone where somebody most likely lives, from the ISO code of the country and the city as written.

    A city decides, then a state behind it («Portland, Maine»), then the country's most populous zone. Without a
    country it is Mexico City's.
    """
    return timezone_with_basis(code, city)[0]


@lru_cache(maxsize=16_384)
def timezone_with_basis(code: str, city: str = "") -> tuple[str, str]:
    """Return the zone that `propose_timezone` does, and what it was made from.

    That is «country» where it has one zone, «city», «largest» where only the country is known and has several, and
    «nothing».
    """
    own = _zones().get(code)
    if not own:
        return MEXICO_CITY, "nothing"
    if len(own) > 1 and city.strip():
        parts = [fold_words(part) for part in city.replace("(", ",").replace("/", ",").split(",")]
        first, behind = parts[0], [part for part in parts[1:] if part]
        against, states, cities = (_places(code, table) for table in ("AGAINST_THEIR_STATE", "STATES", "CITIES"))
        for place, table in [(first, against), *((part, states) for part in behind), (first, cities), (first, states)]:
            if place in table:
                return table[place], "city"
    return zones.MAIN.get(code, own[0]), "country" if len(own) == 1 else "largest"


def propose_language(code: str, city: str = "", *, mexican: bool = False) -> tuple[str, str]:
    """Return "es" or "en" for who lives in a country (ISO code), and what that was made from: «country» or «nothing».

    We write to people of Mexico City: they read Spanish, and `mexican` numbers say so. English is proposed where it is
    the language of the country and Spanish is not widely spoken; not in the United States, nor in Quebec.
    """
    parts = {fold_words(part) for part in city.replace("(", ",").split(",")}
    if code in ENGLISH and not mexican and not (code == "CA" and parts & _QUEBEC):
        return "en", "country"
    return "es", "country" if code else "nothing"


def zones_of(code: str) -> tuple[str, ...]:
    """Return the IANA zones of a country, the most populous mostly first; none without a country."""
    return tuple(_zones().get(code, ()))


def all_zones() -> tuple[tuple[str, str], ...]:
    """Return the IANA zones of every country, each once, with its country."""
    return tuple(sorted({zone: code for code, own in _zones().items() for zone in own}.items()))


@lru_cache(maxsize=1024)
def language(text: str) -> str:
    """Return "es" or "en"; "" for "". Refuses `language_other`: the platform writes in these two."""
    plain = fold_words(text)
    if not plain:
        return ""
    for code, names in _LANGUAGES.items():
        if plain in names.split(", "):
            return code
    raise refuse("language_other", "idioma", text)


@cache
def _locale(language: str) -> Locale:
    return Locale.parse("en_US" if language == "en" else "es_MX")


@cache
def _zones() -> Mapping[str, list[str]]:
    """Return the zones of each country in the order of tzdata's zone.tab, the most populous mostly first."""
    table: dict[str, list[str]] = {}
    known = available_timezones()
    for line in (files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            code, _, name = line.split("\t")[:3]
            if name in known:
                table.setdefault(code, []).append(name)
    return table


@cache
def _spelling() -> Mapping[str, str]:
    named = {fold_words(name): name for name in available_timezones() if "/" in name and not name.startswith("Etc/")}
    cities = {fold_words(name.rpartition("/")[2]): name for own in _zones().values() for name in own}
    called = {plain: name for name, plains in zones.ZONES_CALLED.items() for plain in plains.split(", ")}
    return cities | named | called


@cache
def _countries() -> Mapping[str, str]:
    table: dict[str, str] = {}
    for code in _zones():
        table[code.lower()] = code
        for locale in ("es", "es_MX", "en"):
            table[fold_words(str(Locale.parse(locale).territories[code]))] = code
    for code, names in zones.CALLED.items():
        table |= dict.fromkeys(names.split(", "), code)
    return table


@cache
def _places(code: str, table: str) -> Mapping[str, str]:
    """Return place → zone of one table of `zones` for one country; the cities that zones are named after included."""
    read: dict[str, str] = {}
    if table == "CITIES":
        read = {fold_words(name.rpartition("/")[2]): name for name in _zones()[code]}
    named: Mapping[str, str] = getattr(zones, table).get(code, {})
    for zone, names in named.items():
        read |= dict.fromkeys(names.split(", "), zone)
    return read
