"""A claimed row becomes a letter: the person's values for the placeholders, in the language they read."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from babel import Locale
from babel.dates import get_timezone_location

from campaigns.channels import Letter
from campaigns.claiming import Claimed
from campaigns.content import Compiled
from campaigns.rendering import VARIABLES
from contacts.linkrequests import LinkUse

_LOCALES = {"es": Locale.parse("es_MX"), "en": Locale.parse("en_US")}


@lru_cache(maxsize=1024)
def country_name(code: str, language: str) -> str:
    """Return a country's name in a language; the code itself when it is none."""
    return str(_LOCALES.get(language, _LOCALES["es"]).territories.get(code, code))


@lru_cache(maxsize=1024)
def zone_name(zone: str, language: str) -> str:
    """Return the city that a time zone is named after, in a language."""
    return str(get_timezone_location(zone, locale=_LOCALES.get(language, _LOCALES["es"]), return_city=True))


@dataclass(frozen=True, slots=True)
class Links:
    """The links that only one person has: out of the channel, by contact id; and to what they may do, by their row."""

    leave: Callable[[int], str]
    own: Callable[[LinkUse, Claimed], str]


#: How the value of each placeholder (`campaigns.rendering.VARIABLES`) is made: of whom, in which language, which links.
_MAKERS: dict[str, Callable[[Claimed, str, Links], str]] = {
    "nombre": lambda row, _language, _links: row.name,
    "nombre_de_pila": lambda row, _language, _links: next(iter(row.name.split(maxsplit=1)), ""),
    "ciudad": lambda row, _language, _links: row.city,
    "pais": lambda row, language, _links: country_name(row.country, language) if row.country else "",
    "zona": lambda row, language, _links: zone_name(row.timezone, language),
    "red": lambda row, _language, _links: row.network,
    "preferencias": lambda row, _language, links: links.own(LinkUse.PREFERENCES, row),
    "datos": lambda row, _language, links: links.own(LinkUse.DATA, row),
    "baja": lambda row, _language, links: links.leave(row.contact_id),
}


def person(row: Claimed, language: str, links: Links, names: Iterable[str] = VARIABLES) -> dict[str, str]:
    """Return the value of placeholders, all of them unless told which, for one person."""
    return {name: _MAKERS[name](row, language, links) for name in names}


#: Makes the values of placeholders that only some letters have: of these rows, contact id → name → value.
More = Callable[[Sequence[Claimed]], Mapping[int, Mapping[str, str]]]


def letters(
    rows: Sequence[Claimed], compiled: Compiled, language: str, links: Links, more: More | None = None
) -> list[Letter]:
    """Return one letter a row; `links` makes the links in it.

    `more` is asked where the letter names what `VARIABLES` has not; who has no value for it gets no letter.
    """
    made = []
    names = compiled.names & _MAKERS.keys()
    theirs = more(rows) if more and names != compiled.names else None
    for row in rows:
        if theirs is not None and row.contact_id not in theirs:
            continue
        known = person(row, language, links, names)
        values = compiled.values(known if theirs is None else {**known, **theirs[row.contact_id]})
        leave = links.leave(row.contact_id)
        made.append(Letter(row.delivery_id, row.address, row.name, values, leave, row.attempts + 1))
    return made


def waves(rows: Sequence[Claimed], size: int) -> list[list[Claimed]]:
    """Split rows into calls of at most `size` in which no address stands twice.

    SendGrid refuses an address twice in one call; two people who share one get theirs in two calls.
    """
    rounds: list[list[Claimed]] = []
    turn: dict[str, int] = {}
    for row in rows:
        number = turn.get(row.address, 0)
        turn[row.address] = number + 1
        if number == len(rounds):
            rounds.append([])
        rounds[number].append(row)
    return [wave[start : start + size] for wave in rounds for start in range(0, len(wave), size)]
