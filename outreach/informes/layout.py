"""How wide the columns of a table are, in any unit, from what stands in them."""

from collections.abc import Sequence

from outreach.informes.report import Table

LANDSCAPE_FROM = 5  # columns: more than four do not read well on an upright page
_LONGEST = 90  # letters: a longer text wraps anyway
_SHORTEST = 4


def widths(table: Table, room: float, letter: float, padding: float) -> list[int]:
    """Share `room` among the columns: what is short keeps its width, what is long takes what is left.

    `letter` is the mean width of a letter and `padding` what a cell needs besides, in the unit of `room`.
    """
    wanted = [letter * letters + padding for letters in _letters(table)]
    given = [0.0] * len(wanted)
    left = room
    for place, column in enumerate(sorted(range(len(wanted)), key=lambda index: wanted[index])):
        given[column] = min(wanted[column], left / (len(wanted) - place))
        left -= given[column]
    long = [index for index in range(len(given)) if index not in _narrow(table)] or list(range(len(given)))
    total = sum(given[index] for index in long)
    for index in long:  # a table fills its page: what is left goes to the columns that hold words
        given[index] += left * given[index] / total
    return [int(width) for width in given]


def _letters(table: Table) -> Sequence[int]:
    """Return the longest text of each column in letters; a header may wrap between its words."""
    longest = []
    for index, header in enumerate(table.columns):
        words = max(map(len, header.split()), default=0)
        cells = max((len(row[index]) for row in table.rows), default=0)
        longest.append(min(_LONGEST, max(words + 1, cells, _SHORTEST)))
    return longest


def _narrow(table: Table) -> set[int]:
    """Return the columns that hold numbers: they stay as wide as they need."""
    numbered = {
        index
        for index in range(len(table.columns))
        if table.rows and all(row[index].rstrip(".").isdigit() for row in table.rows)
    }
    return numbered | set(table.figures)
