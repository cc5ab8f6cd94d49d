"""One entry of the communications register, whether a run sent it, a person wrote it down, or a file brought it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time

#: The register's own columns, in the order of an export (informe-definition.md §1).
COLUMNS = ("fecha", "hora", "canal", "cuenta", "red", "clase", "tema", "informacion", "destinatarios")


@dataclass(frozen=True, slots=True)
class Communication:
    """What the informe counts and prints.

    `day` is the scheduled day in the reader's zone; where only the month is known it is the first of the month and
    `month_only` is set. `hour` is Mexico City time. `networks` may be several. `recipients` is None when unknown.
    `people` are the contacts whom a run reached, for counting distinct persons. `counts` are deliveries by state.
    """

    folio: str
    day: date
    channel: str
    kind: str  # clase
    information: str
    month_only: bool = False
    hour: time | None = None
    account: str = ""
    networks: tuple[str, ...] = ()
    topic: str = ""
    recipients: int | None = None
    extra: Mapping[str, str] = field(default_factory=dict)
    source: str = "manual"  # run, manual or import
    order: int = 0  # the order in which they were made: breaks ties of day and hour
    people: frozenset[int] = frozenset()
    counts: Mapping[str, int] = field(default_factory=dict)
    annulled: bool = False

    def values(self, name: str) -> tuple[str, ...]:
        """Return the values of a column by its Spanish name: several for `red`, else one ("" when empty)."""
        own: dict[str, tuple[str, ...]] = {
            "fecha": (f"{self.day:%Y-%m}" if self.month_only else self.day.isoformat(),),
            "hora": (f"{self.hour:%H:%M}" if self.hour else "",),
            "canal": (self.channel,),
            "cuenta": (self.account,),
            "red": self.networks or ("",),
            "clase": (self.kind,),
            "tema": (self.topic,),
            "informacion": (self.information,),
            "destinatarios": ("" if self.recipients is None else str(self.recipients),),
            "folio": (self.folio,),
        }
        return own.get(name) or (self.extra.get(name, ""),)

    def field(self, name: str) -> str:
        """Return a column as text; several networks joined with `; `."""
        return "; ".join(self.values(name))
