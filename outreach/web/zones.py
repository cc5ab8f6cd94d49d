"""Time zones as a form offers them: by the city they are named after, those of one's country first."""

from functools import lru_cache

from babel.dates import get_timezone_location

from contacts import places
from contacts.folding import fold
from outreach import i18n

Offered = list[tuple[str, str]]


def offered(country: str) -> tuple[Offered, Offered]:
    """Return the zones of a country, and all the others, each as IANA name and words in the language in force."""
    words = dict(_all(i18n.language()))
    own = [(zone, words[zone]) for zone in places.zones_of(country)]
    known = {zone for zone, _word in own}
    return own, [pair for pair in _all(i18n.language()) if pair[0] not in known]


def _country(code: str) -> str:
    return str(i18n.locale().territories.get(code, code))


@lru_cache
def _all(language: str) -> tuple[tuple[str, str], ...]:
    with i18n.speaking(language):
        named = [
            (zone, f"{get_timezone_location(zone, locale=i18n.locale(), return_city=True)}, {_country(code)}")
            for zone, code in places.all_zones()
        ]
    return tuple(sorted(named, key=lambda pair: fold(pair[1])))
