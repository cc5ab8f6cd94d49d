"""Where cities lie: from places of GeoNames, of which `tools/cities.py` makes a table. Others have no place."""

from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files

from contacts.folding import fold_words

Point = tuple[float, float]  # latitude and longitude, in degrees


@lru_cache(maxsize=16_384)
def locate(country: str, city: str) -> Point | None:
    """Return where a city lies, by the name that people give it and the ISO code of its country; None when unknown.

    «Chicago, IL» is Chicago. Of two places of one name in a country the larger is meant.
    """
    known = _places(country)
    return known.get(fold_words(city)) or known.get(fold_words(city.partition(",")[0]))


@cache
def _places(country: str) -> Mapping[str, Point]:
    found: dict[str, Point] = {}
    further: dict[str, Point] = {}
    for line in _lines().get(country, ()):
        latitude, longitude, names = line.split("\t")
        point = float(latitude), float(longitude)
        own, *others = names.split("|")
        found.setdefault(own, point)
        for name in others:
            further.setdefault(name, point)
    return further | found  # a place's own name goes before what another is called as well


@cache
def _lines() -> Mapping[str, tuple[str, ...]]:
    """Return the lines of each country, the largest place first."""
    table: dict[str, list[str]] = {}
    for line in (files("contacts") / "cities.tsv").read_text(encoding="utf-8").splitlines():
        country, _tab, rest = line.partition("\t")
        table.setdefault(country, []).append(rest)
    return {country: tuple(lines) for country, lines in table.items()}
