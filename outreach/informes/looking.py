"""What the checks of an informe look at: its tables, the log behind them, and where each communication is shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from outreach.informes.log import Log
from outreach.informes.model import Definition, TableDefinition
from outreach.informes.remarks import Named
from outreach.informes.tables import Made

_SHORT = 60


@dataclass(frozen=True, slots=True)
class Period:
    """The days of the informe, both included, and the day on which the log was cut, in the informe's zone."""

    start: date
    end: date
    cut: date


class Look:
    """One informe under scrutiny."""

    def __init__(self, definition: Definition, made: Sequence[Made], log: Log, days: Period) -> None:
        self.definition = definition
        self.made = made
        self.log = log
        self.days = days

    @cached_property
    def shown(self) -> dict[int, tuple[str, int | None]]:
        """Where each communication is shown first: table and row, in the order of the log."""
        shown: dict[int, tuple[str, int | None]] = {}
        for made in self.made:
            for number, group in enumerate(made.groups, start=1):
                for index in group:
                    shown.setdefault(index, (made.definition.id, number))
        return dict(sorted(shown.items()))

    def where(self, index: int) -> tuple[str, int | None]:
        """Return table and row of a communication; no table when none shows it."""
        return self.shown.get(index, ("", None))

    @cached_property
    def named(self) -> frozenset[str]:
        """Every placeholder of the definition's titles and intros."""
        templates = [self.definition.title]
        for made in self.made:
            templates += [made.definition.title, made.definition.intro]
        return frozenset(name for template in templates for name in template.names)

    def asks(self, table: TableDefinition, count: str) -> bool:
        """Return whether a text prints a count of this table."""
        return count in {*table.title.names, *table.intro.names} or f"{table.id}.{count}" in self.named

    def prints(self, table: TableDefinition, name: str) -> bool:
        """Return whether a column prints a value, alone or in a text."""
        return any(name == column.value or (column.text and name in column.text.names) for column in table.columns)

    def day(self, index: int) -> dict[str, object]:
        """Return the day of a communication, or its month where only that is known, for a sentence."""
        item = self.log.items[index]
        return {"day": Named(item.day, "month" if item.month_only else "day")}

    def short(self, index: int) -> str:
        """Return the beginning of what a communication informs."""
        text = " ".join(self.log.items[index].information.split())
        return text if len(text) <= _SHORT else f"{text[: _SHORT - 1].rstrip()}…"
