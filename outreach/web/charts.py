"""Charts drawn on the server as SVG: widths are attributes, and a table always stands beside them."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from contacts.models import Channel
from outreach.register.communication import Communication

HEIGHT, TOP, LEFT, WIDTH = 184.0, 24.0, 30.0, 340.0
LINES = 4  # of the grid, at most

#: The series of the home chart: register channels, and their class; groups are hatched, they are done by a person.
SERIES: tuple[tuple[tuple[str, ...], str, bool], ...] = (
    ((Channel.EMAIL,), "f-mail", False),
    ((Channel.WHATSAPP,), "f-wa", False),
    ((Channel.GROUP,), "f-group", True),
    ((Channel.MICROSITE, Channel.PHONE, Channel.MEETING, Channel.SYSTEM, Channel.OTHER), "f-web", False),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One series: the channels in it, its class, and its count in each month."""

    channels: tuple[str, ...]
    css: str
    counts: tuple[int, ...]

    @property
    def total(self) -> int:
        """Return its sum over the months."""
        return sum(self.counts)


@dataclass(frozen=True, slots=True)
class Segment:
    """One piece of a column."""

    css: str
    y: float
    height: float
    hatched: bool


@dataclass(frozen=True, slots=True)
class Column:
    """One month of the chart."""

    month: date
    x: float
    total: int
    top: float
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """Stacked columns, the lines of the grid with their numbers, and the rows of the table beside it."""

    columns: tuple[Column, ...]
    lines: tuple[tuple[int, float], ...]
    rows: tuple[Row, ...]

    @property
    def totals(self) -> tuple[int, ...]:
        """Return the sum of each month."""
        return tuple(column.total for column in self.columns)

    @property
    def total(self) -> int:
        """Return the sum of everything."""
        return sum(self.totals)


def step(most: int) -> int:
    """Return the distance of the grid's lines: 1, 2, 5, 10, 20, 50 … so that there are few of them."""
    size = 1
    while True:
        for distance in (size, 2 * size, 5 * size):
            if distance * LINES >= most:
                return distance
        size *= 10


def by_month(communications: Iterable[Communication], months: list[date]) -> Chart:
    """Return the chart of communications by month and way."""
    counted = Counter((one.day.replace(day=1), one.channel) for one in communications)
    rows = tuple(
        Row(channels, css, tuple(sum(counted[month, channel] for channel in channels) for month in months))
        for channels, css, _hatched in SERIES
    )
    totals = [sum(row.counts[index] for row in rows) for index in range(len(months))]
    distance = step(max([*totals, 1]))
    highest = distance * -(-max([*totals, 1]) // distance)
    scale = (HEIGHT - TOP) / highest
    columns = []
    for index, month in enumerate(months):
        y, segments = HEIGHT, []
        for row, (_channels, css, hatched) in zip(rows, SERIES, strict=True):
            height = row.counts[index] * scale
            y -= height
            if height:
                segments.append(Segment(css, round(y, 1), round(height, 1), hatched))
        room = (WIDTH - LEFT) / len(months)
        columns.append(
            Column(month, round(LEFT + room * (index + 0.5), 1), totals[index], round(y, 1), tuple(segments))
        )
    lines = tuple((value, round(HEIGHT - value * scale, 1)) for value in range(0, highest + 1, distance))
    return Chart(tuple(columns), lines, rows)
