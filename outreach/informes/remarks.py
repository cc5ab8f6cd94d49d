"""What contradicts, or should be looked at before an informe is signed: codes with their place, words at the edge."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from babel.dates import format_date

from contacts.errors import Fault
from outreach import i18n, words

#: Codes of what cannot be right: pages show them red, and the rest yellow.
CONTRADICTIONS = frozenset(
    {
        "remark_weekday",
        "remark_date_absent",
        "remark_count",
        "remark_twice",
        "remark_tables_differ",
        "remark_after_cut",
        "remark_where_value",
    }
)


@dataclass(frozen=True, slots=True)
class Named:
    """A day as a sentence names it, in the language of whoever reads: the day, its `month` alone, or its `weekday`."""

    day: date
    form: str = "day"

    def __str__(self) -> str:
        """Return the day in words, in the language in force."""
        locale = i18n.locale()
        month = locale.datetime_skeletons["yMMMM"].pattern
        return format_date(self.day, {"day": "long", "month": month, "weekday": "EEEE"}[self.form], locale=locale)


@dataclass(frozen=True, slots=True)
class Remark:
    """One warning. `table` is a table's id ("" for the whole informe), `row` counts the table's rows from 1."""

    code: str
    table: str = ""
    row: int | None = None
    details: Mapping[str, object] = field(default_factory=dict)

    @property
    def contradiction(self) -> bool:
        """Whether something cannot be right, rather than should be looked at."""
        return self.code in CONTRADICTIONS

    @property
    def message(self) -> str:
        """The sentence, in the language in force."""
        return words.explain(Fault(self.code, details=self.details))
