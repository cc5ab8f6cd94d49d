"""The map of a network: circles where its people live, on the outline of the land; a table always stands beside it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from contacts import atlas
from contacts.figures import Place
from outreach.web.graticule import WIDTH, at

SMALLEST, LARGEST = 3.0, 22.0  # radius
NAMED = 6  # circles with their city's name


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
    circles = []
    for rank, (people, point, some) in enumerate(sums):
        x, y = at(*point)
        radius = round(max(SMALLEST, LARGEST * math.sqrt(people / most)), 1)
        city, country = max(some, key=lambda place: place[2])[:2]
        circles.append(Circle(city, country, people, x, y, radius, rank < NAMED, x > WIDTH * 0.78))
    return Map(tuple(circles), elsewhere)
