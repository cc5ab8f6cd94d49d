"""How alike two names are, and which of many people to compare at all.

Everybody is compared only with people of the same city who share the beginning of a word of their name. The work is
bounded: a person stands in at most `WORDS` blocks; in a block of up to `BLOCK` people everybody is compared with
everybody, in a larger one with the next `WINDOW` in the order of their names. So it is at most
`WORDS × max(BLOCK / 2, WINDOW)` comparisons a person, however many people there are: 200.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from rapidfuzz import fuzz

from contacts.folding import fold, fold_words

LIKE = 88  # of 100: from here on two names may be of one person
INSIDE = 92  # «Ana López» and «Ana López García»: every word of one is in the other
WORDS = 4  # of a name that make blocks: the longest
BEGINNING = 3  # letters of a word that must be the same
BLOCK = 100
WINDOW = 40


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody by name and place."""

    id: int
    words: tuple[str, ...]  # of the name, folded, in order of the alphabet
    place: tuple[str, str]  # country, folded city

    @property
    def key(self) -> str:
        """The name by which two are compared: «López Ana» is «Ana López»."""
        return " ".join(self.words)


def named(number: int, name: str, city: str, country: str) -> Named:
    """Return somebody ready to be compared."""
    return Named(number, tuple(sorted(fold_words(name).split())), (country, fold(city)))


def similarity(one: Sequence[str], other: Sequence[str]) -> int:
    """Return how alike two names are, 0 to 100, by their words in order of the alphabet.

    One word alone says little: a second surname that is left out is common, a first name is not a person.
    """
    shorter, longer = sorted((one, other), key=len)
    if len(shorter) > 1 and set(shorter) < set(longer):
        return INSIDE
    return int(fuzz.ratio(" ".join(one), " ".join(other)))


def by_name(people: Iterable[Named]) -> Iterator[tuple[int, int, int]]:
    """Yield pairs of people of one city with names alike: the lower number, the higher, how alike. Each pair once."""
    blocks: dict[tuple[tuple[str, str], str], list[Named]] = {}
    for somebody in people:
        if somebody.place[1] and len(somebody.words) > 1:
            for beginning in _beginnings(somebody.words):
                blocks.setdefault((somebody.place, beginning), []).append(somebody)
    seen: set[tuple[int, int]] = set()
    for block in blocks.values():
        for one, other in neighbours(block):
            alike = similarity(one.words, other.words)
            pair = (min(one.id, other.id), max(one.id, other.id))
            if alike >= LIKE and pair not in seen:
                seen.add(pair)
                yield (*pair, alike)


def neighbours(block: Sequence[Named]) -> Iterator[tuple[Named, Named]]:
    """Yield who of a block is compared with whom."""
    if len(block) <= BLOCK:
        yield from combinations(block, 2)
        return
    ordered = sorted(block, key=lambda each: (each.words, each.id))
    for place, one in enumerate(ordered):
        for other in ordered[place + 1 : place + 1 + WINDOW]:
            yield one, other


def _beginnings(words: Sequence[str]) -> set[str]:
    longest = sorted(words, key=len, reverse=True)[:WORDS]
    return {word[:BEGINNING] for word in longest if len(word) >= BEGINNING}
