"""The chart of a network's months: a bar for who joined beside one for who left; a table always stands beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from outreach.web.charts import HEIGHT, LEFT, TOP, WIDTH, step
from outreach.web.queries.networks import Month

THICK = 0.36  # of a month's room, each bar


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: where it stands, and what it counts."""

    css: str
    hatched: bool
    x: float
    width: float
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Pair:
    """The two bars of a month, and where its name stands."""

    month: date
    x: float
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """The months, and the lines of the grid with their numbers."""

    pairs: tuple[Pair, ...]
    lines: tuple[tuple[int, float], ...]


def chart(months: Sequence[Month]) -> Chart:
    """Return the chart of who joined and who left."""
    most = max([1, *(one.joined for one in months), *(one.left for one in months)])
    distance = step(most)
    highest = distance * -(-most // distance)
    scale = (HEIGHT - TOP) / highest
    room = (WIDTH - LEFT) / max(1, len(months))
    width = round(room * THICK, 1)
    pairs = []
    for index, one in enumerate(months):
        middle = LEFT + room * (index + 0.5)
        bars = tuple(
            Bar(css, hatched, round(x, 1), width, round(HEIGHT - count * scale, 1), round(count * scale, 1))
            for css, hatched, x, count in (
                ("f-mail", False, middle - width, one.joined),
                ("f-group", True, middle, one.left),
            )
        )
        pairs.append(Pair(one.first, round(middle, 1), bars))
    lines = tuple((value, round(HEIGHT - value * scale, 1)) for value in range(0, highest + 1, distance))
    return Chart(tuple(pairs), lines)
