"""The communications of a period, in the informe's order, read column by column.

A definition asks many times for the same few fields of every communication: each is taken out once.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, time
from functools import cached_property

from outreach.informes.model import OWN_FIELDS, SUMMED, Selection
from outreach.informes.text import clean
from outreach.register.communication import Communication

SEVERAL = "; "  # between the values of one cell that holds several


class Log:
    """Communications sorted by day (those of a month alone after its days), hour (unknown first), order made.

    Everything else is said with indices into that order, so that a sorted list of them is in the informe's order too.
    """

    def __init__(self, communications: Iterable[Communication]) -> None:
        self.items = sorted(communications, key=_in_order)
        self._columns: dict[str, list[tuple[str, ...]]] = {}
        self._spellings = {name.casefold(): name for item in self.items for name in item.extra}
        self._spellings |= {name: name for name in OWN_FIELDS}

    def column(self, name: str) -> list[tuple[str, ...]]:
        """Return a field of every communication: several values for networks, else one ("" where there is none).

        A field's capitals do not matter: a file may head `Estado` what a definition calls `estado`.
        """
        if name not in self._columns:
            own = self._spellings.get(name.casefold(), name)
            self._columns[name] = [
                tuple(clean(value).strip() for value in item.values(own)) or ("",) for item in self.items
            ]
        return self._columns[name]

    def select(self, where: Selection, excluded: Iterable[Selection] = ()) -> list[int]:
        """Return which communications meet a selection and none of the excluded ones."""
        left_out = {index for selection in excluded for index in self._meeting(selection)}
        return [index for index in self._meeting(where) if index not in left_out]

    def _meeting(self, selection: Selection) -> list[int]:
        found: Collection[int] = range(len(self.items))
        for name, wanted in selection.conditions:
            column = self.column(name)
            found = [index for index in found if not wanted.isdisjoint(column[index])]
        return list(found)

    def field(self, group: Sequence[int], name: str) -> str:
        """Return what a field of one row prints: its different values, in order; figures of people are added up."""
        column = self.column(name)
        values = [value for index in group for value in column[index] if value]
        if values and name.casefold() in SUMMED:
            return str(sum(map(int, values)))
        return SEVERAL.join(dict.fromkeys(values))

    @cached_property
    def topics(self) -> list[str]:
        """The topic of every communication: `tema`, else `informacion`."""
        return [
            topic or information
            for (topic,), (information,) in zip(self.column("tema"), self.column("informacion"), strict=True)
        ]

    def days(self, group: Iterable[int]) -> list[date]:
        """Return the days of communications of which the day is known."""
        return [self.items[index].day for index in group if not self.items[index].month_only]

    def months(self, group: Iterable[int]) -> list[date]:
        """Return the first days of the months of communications of which only the month is known."""
        return [self.items[index].day for index in group if self.items[index].month_only]

    def counts(self, picked: Collection[int], rows: int) -> Mapping[str, int]:
        """Return the counts that a text may name, of the communications picked for a table."""
        items = [self.items[index] for index in picked]
        return {
            "rows": rows,
            "communications": len(items),
            "topics": len({topic_key(self.topics[index]) for index in picked}),
            "days": len(set(self.days(picked))),
            "recipients": sum(item.recipients or 0 for item in items),
            "people": len(frozenset[int]().union(*(item.people for item in items))),
        }


def topic_key(topic: str) -> str:
    """Return what makes two topics the same: their text, however its words are spaced."""
    return " ".join(topic.split())


def _in_order(item: Communication) -> tuple[int, int, bool, int, time, int]:
    day = item.day
    return day.year, day.month, item.month_only, day.day, item.hour or time.min, item.order
