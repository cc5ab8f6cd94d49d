"""An informe's definition as values, once a file is known to be good."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from babel import Locale

from contacts.errors import Fault
from outreach.informes.dates import DateStyle
from outreach.informes.text import Template
from outreach.register.communication import COLUMNS
from outreach.register.communication import COUNTS as STATES

#: Fields that every register has. Others are known when a row ever had them, or when the definition declares them.
OWN_FIELDS = (*COLUMNS, *STATES, "folio")
#: Fields that add up when one row stands for several communications.
SUMMED = frozenset({"destinatarios", *STATES})
#: What a column may print besides fields.
SPECIAL_VALUES = ("number", "date", "label", "count")
#: What a title or an intro may count; also of another table, as `{other_id.rows}`.
COUNTS = ("rows", "communications", "topics", "days", "recipients", "people")


class Rows(StrEnum):
    """What one row of a table stands for."""

    EACH = "each"
    MONTH = "month"
    TOPIC = "topic"
    CROSS = "cross"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its header, and either a value (a field or one of `SPECIAL_VALUES`) or a text with fields."""

    header: str
    value: str = ""
    text: Template | None = None
    merge: bool = False


@dataclass(frozen=True, slots=True)
class Selection:
    """Fields and the values of each that are meant. Met when every field has one of its values.

    A communication with several networks has each of them.
    """

    conditions: tuple[tuple[str, frozenset[str]], ...] = ()


@dataclass(frozen=True, slots=True)
class TableDefinition:
    """One table. What does not apply to its kind of rows is empty."""

    id: str
    title: Template
    intro: Template
    rows: Rows
    columns: tuple[Column, ...]
    dates: DateStyle
    where: Selection = Selection()
    excluded: tuple[Selection, ...] = ()
    split: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    order: tuple[str, ...] = ()
    down: str = ""
    across: str = ""
    down_order: tuple[str, ...] = ()
    across_order: tuple[str, ...] = ()
    empty: Template | None = None


@dataclass(frozen=True, slots=True)
class Definition:
    """A whole definition. `name` is the file's name without its ending: the built files bear it.

    `source` is what the file says, in one canonical form: what the digest covers. `uses` are the fields that it
    names, each with the fault to tell if the register does not know it.
    """

    name: str
    title: Template
    tables: tuple[TableDefinition, ...]
    locale: Locale
    timezone: str
    fields: tuple[str, ...] = ()
    source: str = ""
    uses: tuple[tuple[str, Fault], ...] = ()

    @property
    def language(self) -> str:
        """The language of the informe, whatever language its reader has chosen for the pages."""
        return str(self.locale.language)

    def unknown_fields(self, known: Collection[str]) -> list[Fault]:
        """Return a fault for each use of a field never seen in the register: `definition_field`, `definition_value`."""
        names = [*OWN_FIELDS, *sorted({*self.fields, *known} - {*OWN_FIELDS})]
        allowed = set(map(str.casefold, names))  # the register takes `Estado` and `estado` for one column
        special = [*SPECIAL_VALUES, *names]
        return [
            replace(fault, details={"allowed": ", ".join(special if fault.code == "definition_value" else names)})
            for name, fault in self.uses
            if name.casefold() not in allowed
        ]
