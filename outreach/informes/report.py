"""A built informe: its tables as they are printed, what they stand for, and what contradicts.

Every format prints these cells and no others.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from babel import Locale
from babel.dates import format_date, format_time

from outreach.i18n import gettext as _
from outreach.informes.remarks import Remark


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell as a page draws it: `column` from 0; `height` is how many rows it stands across."""

    column: int
    text: str
    height: int = 1


@dataclass(frozen=True, slots=True)
class Table:
    """One table as printed.

    `rows` hold a merged value in its first row and "" in the rows that it stands across; `spans` say which those are:
    (column, first row, number of rows), from 0. `intro` and `title` keep their `**bold**` marks (`text.pieces`).
    `empty` is the sentence to print instead when there are no rows. `cross` tables have a total row and column.
    `figures` are the columns of counts. `folios` are the communications behind each row, for pages that link to them;
    the total row has none.
    """

    id: str
    title: str
    intro: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    empty: str
    spans: tuple[tuple[int, int, int], ...] = ()
    cross: bool = False
    figures: frozenset[int] = frozenset()
    folios: tuple[tuple[str, ...], ...] = ()

    def grid(self) -> Iterator[list[Cell]]:
        """Yield the cells of each row, without those that a merged cell above covers."""
        heights = {(first, column): height for column, first, height in self.spans}
        covered = {(row, column) for column, first, height in self.spans for row in range(first + 1, first + height)}
        for number, row in enumerate(self.rows):
            yield [
                Cell(column, text, heights.get((number, column), 1))
                for column, text in enumerate(row)
                if (number, column) not in covered
            ]


@dataclass(frozen=True, slots=True)
class Report:
    """A built informe. `start` and `end` are in the period; `as_of`, the moment of cut, is in the informe's zone.

    `communications` counts those of the period. `digest` is `sha256:…` over definition, period and cells.
    """

    title: str
    period: str
    start: date
    end: date
    timezone: str
    as_of: datetime
    locale: Locale
    tables: tuple[Table, ...]
    remarks: tuple[Remark, ...]
    communications: int
    digest: str

    @property
    def language(self) -> str:
        """The language of the informe itself: its files are written in it."""
        return str(self.locale.language)

    def numbered(self) -> Iterator[tuple[int, Table]]:
        """Yield each table with its number in the document; 0 for one without rows, which is printed as a sentence."""
        number = 0
        for table in self.tables:
            number += bool(table.rows)
            yield (number if table.rows else 0), table

    def statement(self) -> list[tuple[str, str]]:
        """Return what every output states about itself, as pairs of a name and a text, in the language in force."""
        days = (format_date(day, "long", locale=self.locale) for day in (self.start, self.end))
        cut = _(
            "%(day)s, %(hour)s",
            day=format_date(self.as_of, "long", locale=self.locale),
            hour=format_time(self.as_of, "HH:mm", locale=self.locale),
        )
        return [
            (_("Periodo"), _("%(first)s a %(last)s", first=next(days), last=next(days))),
            (_("Zona horaria"), self.timezone),
            (_("Corte"), cut),
            (_("Huella"), self.digest),
        ]
