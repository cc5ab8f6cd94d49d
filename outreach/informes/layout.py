"""How the columns of a table share the width of a page, from what stands in them."""

from collections.abc import Sequence

from outreach.informes.report import Table

UPRIGHT_COLUMNS = 4  # more columns of words than these do not read well on an upright page
UPRIGHT_LETTERS = 94  # that a row of a cross-table may have on an upright page
SHORT = 34  # letters that may stand in one line whatever the page: dates, names of kinds
_LONGEST = 90  # a longer text wraps anyway
_SHORTEST = 4
_CAPITAL = 0.35  # by how much a capital is wider than the mean letter
_GAP = 2.4  # letters that the edges of a cell take


def landscape(table: Table) -> bool:
    """Return whether a table needs its page on its side."""
    if not table.rows:
        return False
    if table.cross:
        return sum(_letters(table)) + _GAP * len(table.columns) > UPRIGHT_LETTERS
    return len(table.columns) > UPRIGHT_COLUMNS


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
    narrow = _narrow(table)
    growing = [index for index in range(len(given)) if index not in narrow] or list(range(len(given)))
    total = sum(given[index] for index in growing)
    for index in growing:  # a table fills its page: what is left goes to the columns that hold words
        given[index] += left * given[index] / total if total else left / len(growing)
    return [int(width) for width in given]


def short(table: Table) -> frozenset[int]:
    """Return the columns whose cells may stand in one line each."""
    return frozenset(
        index for index in range(len(table.columns)) if max((len(row[index]) for row in table.rows), default=0) <= SHORT
    )


def _letters(table: Table) -> Sequence[float]:
    """Return the room that the longest text of each column takes, in letters; a header may wrap between its words."""
    longest = []
    for index, header in enumerate(table.columns):
        word = max(header.split(), key=len, default="")
        cell = max((row[index] for row in table.rows), key=len, default="")
        longest.append(min(_LONGEST, max(_size(word) + 1, _size(cell), _SHORTEST)))
    return longest


def _size(text: str) -> float:
    return len(text) + _CAPITAL * sum(letter.isupper() for letter in text)


def _narrow(table: Table) -> set[int]:
    """Return the columns that hold numbers: they stay as wide as they need."""
    numbered = {
        index
        for index in range(len(table.columns))
        if table.rows and all(row[index].rstrip(".").isdigit() for row in table.rows)
    }
    return numbered | set(table.figures)
