"""What contradicts, or should be looked at before an informe is signed: codes with their place, words at the edge."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from contacts.errors import Fault
from outreach import words

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
