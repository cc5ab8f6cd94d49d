"""What is proposed of a person from where they live: the hour they keep and the language they read.

A proposal stands until somebody says otherwise; what somebody said is never overwritten by a later one. It says
whether it is a guess, and from what it was made.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from contacts import places
from contacts.places import MEXICO_CITY

#: What a proposal was made from; the words are at the edge.
BASES = ("country", "city", "largest", "number", "nothing")


@dataclass(frozen=True, slots=True)
class Proposal:
    """Zone and language, each with what it was made from, and whether it is a guess."""

    zone: str
    zone_basis: str  # country: it has one zone; city; largest: of several, where most people live; number; nothing
    language: str
    language_basis: str  # country, number, nothing

    @property
    def zone_guessed(self) -> bool:
        """Whether the person may well keep another hour."""
        return self.zone_basis not in {"country", "city"}


def propose(country: str, city: str, regions: Iterable[str] = ()) -> Proposal:
    """Return what is proposed for who lives in a country (ISO code) and city, and has numbers of these regions.

    Without a country a foreign number speaks; a Mexican one does not, since people take it along when they move.
    """
    abroad = next((region for region in regions if region not in {"", "MX"}), "")
    live = country or abroad
    zone, basis = places.timezone_with_basis(live, city)
    if not country and abroad:
        basis = "number"
    language, why = places.propose_language(live, city, mexican="MX" in set(regions))
    return Proposal(zone or MEXICO_CITY, basis, language, "number" if why == "country" and not country else why)
