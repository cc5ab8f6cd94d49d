"""A long list, a page at a time."""

from dataclasses import dataclass

from flask import request

SIZE = 50


@dataclass(frozen=True, slots=True)
class Page:
    """Which rows are shown of how many. Pages count from 1; one that does not exist becomes the nearest."""

    total: int
    wanted: int = 1
    size: int = SIZE

    @property
    def last(self) -> int:
        """Return the number of the last page."""
        return max(1, -(-self.total // self.size))

    @property
    def number(self) -> int:
        """Return the number of the page shown."""
        return min(max(1, self.wanted), self.last)

    @property
    def offset(self) -> int:
        """Return how many rows come before it."""
        return (self.number - 1) * self.size

    @property
    def first_row(self) -> int:
        """Return the place of its first row in the list, from 1."""
        return min(self.offset + 1, self.total)

    @property
    def last_row(self) -> int:
        """Return the place of its last row."""
        return min(self.offset + self.size, self.total)


def asked(total: int, size: int = SIZE) -> Page:
    """Return the page that the address asks for with `?pagina=`."""
    text = request.args.get("pagina", "1")
    return Page(total, int(text) if text.isdecimal() and len(text) < 10 else 1, size)  # noqa: PLR2004 — digits
