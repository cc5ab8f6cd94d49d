"""The map of a network: circles where its people live, on the outline of the land; a table always stands beside it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from contacts import atlas
from contacts.figures import Place
from outreach.web.graticule import WIDTH, at

SMALLEST, LARGEST = 2.5, 15.0  # radius
MOST_NAMES = 12  # of circles, the largest; a name that would lie on another is left out
LETTERS, LETTER, LINE = 24, 7.5, 15.0  # of a name: the most, and how wide and high one is at most


@dataclass(frozen=True, slots=True)
class Circle:
    """A city: where its circle lies, how large it is, and what stands beside it. `named` tells the largest."""

    city: str
    country: str
    people: int
    x: float
    y: float
    radius: float
    named: bool
    left: bool  # its name stands on the left: there is no room on the right


@dataclass(frozen=True, slots=True)
class Label:
    """Where the name of a city stands: its beginning, and how far it goes (to the left where that is negative)."""

    x: float
    y: float
    width: float

    def meets(self, other: "Label") -> bool:
        """Tell whether two names would lie on each other."""
        (mine, ends), (theirs, end) = (sorted((one.x, one.x + one.width)) for one in (self, other))
        return abs(self.y - other.y) < LINE and mine < end and theirs < ends


@dataclass(frozen=True, slots=True)
class Map:
    """The circles, the largest first so that small ones stay visible, and how many people have no place on it."""

    circles: tuple[Circle, ...]
    elsewhere: int


def draw(places: Sequence[Place]) -> Map:
    """Return the map of people by city; spellings of one city are one circle. Areas are as the counts."""
    found: dict[tuple[float, float], list[Place]] = {}
    elsewhere = 0
    for place in places:
        point = atlas.locate(place[1], place[0]) if place[0] else None
        if point is None:
            elsewhere += place[2]
        else:
            found.setdefault(point, []).append(place)
    sums = sorted(
        ((sum(place[2] for place in some), point, some) for point, some in found.items()),
        key=lambda each: (-each[0], each[1]),
    )
    most = sums[0][0] if sums else 1
    circles: list[Circle] = []
    names: list[Label] = []
    for rank, (people, point, some) in enumerate(sums):
        x, y = at(*point)
        radius = round(max(SMALLEST, LARGEST * math.sqrt(people / most)), 1)
        city, country = max(some, key=lambda place: place[2])[:2]
        left = x > WIDTH * 0.78
        name = Label(x + (radius + 4) * (-1 if left else 1), y, len(city[:LETTERS]) * (-LETTER if left else LETTER))
        named = rank < MOST_NAMES and not any(name.meets(other) for other in names)
        if named:
            names.append(name)
        circles.append(Circle(city, country, people, x, y, radius, named, left))
    return Map(tuple(circles), elsewhere)
