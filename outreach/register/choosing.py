"""Which communications a person wants to see: the filters of a list, on a page and at the command line."""

import unicodedata
from collections.abc import Iterable

from contacts.errors import refuse
from outreach.register.communication import Communication
from outreach.register.fields import CHANNELS


def choose(
    communications: Iterable[Communication], *, channel: str = "", kind: str = "", network: str = "", search: str = ""
) -> list[Communication]:
    """Return those of a channel, class and network ("" asks for any) that hold every word of `search` somewhere.

    Words are found without regard to capitals and accents. Refuses `register_channel`.
    """
    if channel and channel not in CHANNELS:
        raise refuse("register_channel", "canal", channel, allowed=", ".join(CHANNELS))
    words = plain(search).split()
    return [
        one
        for one in communications
        if (not channel or one.channel == channel)
        and (not kind or one.kind == kind)
        and (not network or network in one.networks)
        and (not words or _holds(one, words))
    ]


def plain(text: str) -> str:
    """Return a text without capitals and accents."""
    apart = unicodedata.normalize("NFD", text.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def _holds(one: Communication, words: Iterable[str]) -> bool:
    names = ("fecha", "canal", "cuenta", "red", "clase", "tema", "informacion", "folio")
    whole = plain("\n".join([*(one.field(name) for name in names), *one.extra.values()]))
    return all(word in whole for word in words)
