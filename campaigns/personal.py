"""A claimed row becomes a letter: the person's values for the placeholders, in the language they read."""

from collections.abc import Callable, Sequence
from functools import lru_cache

from babel import Locale
from babel.dates import get_timezone_location

from campaigns.channels import Letter
from campaigns.claiming import Claimed
from campaigns.content import Compiled

_LOCALES = {"es": Locale.parse("es_MX"), "en": Locale.parse("en_US")}


@lru_cache(maxsize=1024)
def country_name(code: str, language: str) -> str:
    """Return a country's name in a language; the code itself when it is none."""
    return str(_LOCALES.get(language, _LOCALES["es"]).territories.get(code, code))


@lru_cache(maxsize=1024)
def zone_name(zone: str, language: str) -> str:
    """Return the city that a time zone is named after, in a language."""
    return str(get_timezone_location(zone, locale=_LOCALES.get(language, _LOCALES["es"]), return_city=True))


def person(row: Claimed, network: str, language: str, leave_url: str) -> dict[str, str]:
    """Return the value of every placeholder (`campaigns.rendering.VARIABLES`) for one person."""
    return {
        "nombre": row.name,
        "nombre_de_pila": row.name.split()[0] if row.name.split() else "",
        "ciudad": row.city,
        "pais": country_name(row.country, language) if row.country else "",
        "zona": zone_name(row.timezone, language),
        "red": network,
        "baja": leave_url,
    }


def letters(
    rows: Sequence[Claimed],
    compiled: Compiled,
    language: str,
    leave_url: Callable[[int], str],
) -> list[Letter]:
    """Return one letter a row. `leave_url` makes the link that unsubscribes a contact from the channel."""
    made = []
    for row in rows:
        url = leave_url(row.contact_id)
        values = compiled.values(person(row, row.network, language, url))
        made.append(Letter(row.delivery_id, row.address, row.name, values, url))
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
