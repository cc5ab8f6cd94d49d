"""One entry of the communications register, whether a run sent it, a person wrote it down, or a file brought it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from types import MappingProxyType

from campaigns.states import DeliveryState

#: The register's own columns, in the order of an export (informe-definition.md §1).
COLUMNS = ("fecha", "hora", "canal", "cuenta", "red", "clase", "tema", "informacion", "destinatarios")

#: Deliveries by state: the columns of an export. Empty where the register does not know; 0 is a figure.
COUNTS: Mapping[str, str] = MappingProxyType(
    {
        "n_planeados": DeliveryState.PLANNED,
        "n_tomados": DeliveryState.CLAIMED,
        "n_en_llamada": DeliveryState.CALLING,
        "n_aceptados": DeliveryState.ACCEPTED,
        "n_entregados": DeliveryState.DELIVERED,
        "n_leidos": DeliveryState.READ,
        "n_fallidos": DeliveryState.FAILED,
        "n_rebotados": DeliveryState.BOUNCED,
        "n_omitidos": DeliveryState.SKIPPED,
        "n_en_duda": DeliveryState.IN_DOUBT,
    }
)

#: How an export says that an entry was annulled.
ANNULMENT = ("anulada", "anulada_el", "anulada_por", "anulada_motivo")


@dataclass(frozen=True, slots=True)
class Annulment:
    """That an entry does not count: since when (UTC; None in a file that does not say), by whom and why."""

    at: datetime | None
    who: str
    reason: str


@dataclass(frozen=True, slots=True)
class Communication:
    """What the informe counts and prints.

    `day` is the scheduled day in the reader's zone; where only the month is known it is the first of the month and
    `month_only` is set. `hour` is Mexico City time. `networks` may be several. `recipients` is None when unknown.
    `people` are the contacts whom a run reached, for counting distinct persons. `counts` are deliveries by state.
    `corrected` says that older versions are kept.
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
    corrected: bool = False
    annulment: Annulment | None = None

    @property
    def annulled(self) -> bool:
        """Whether it is kept and shown, but not counted."""
        return self.annulment is not None

    def values(self, name: str) -> tuple[str, ...]:
        """Return the values of a column by its Spanish name: several for `red`, else one ("" when empty)."""
        if name == "red":
            return self.networks or ("",)
        return (self.field(name),)

    def field(self, name: str) -> str:
        """Return a column as text, as a file spells it; several networks joined with `; `."""
        own = _OWN.get(name)
        if own is not None:
            return own(self)
        state = COUNTS.get(name)
        if state is not None:
            return str(self.counts.get(state, 0)) if self.counts else ""
        return self.extra.get(name, "")


def _annulment(read: Callable[[Annulment], str]) -> Callable[[Communication], str]:
    return lambda entry: read(entry.annulment) if entry.annulment else ""


_OWN: Mapping[str, Callable[[Communication], str]] = {
    "fecha": lambda entry: entry.day.isoformat()[: 7 if entry.month_only else 10],
    "hora": lambda entry: f"{entry.hour:%H:%M}" if entry.hour else "",
    "canal": lambda entry: entry.channel,
    "cuenta": lambda entry: entry.account,
    "red": lambda entry: "; ".join(entry.networks),
    "clase": lambda entry: entry.kind,
    "tema": lambda entry: entry.topic,
    "informacion": lambda entry: entry.information,
    "destinatarios": lambda entry: "" if entry.recipients is None else str(entry.recipients),
    "folio": lambda entry: entry.folio,
    "anulada": lambda entry: "sí" if entry.annulment else "",
    "anulada_el": _annulment(lambda annulment: annulment.at.isoformat() if annulment.at else ""),
    "anulada_por": _annulment(lambda annulment: annulment.who),
    "anulada_motivo": _annulment(lambda annulment: annulment.reason),
}

#: Every name that the register itself gives a meaning; further columns are called anything else.
OWN = frozenset(_OWN) | frozenset(COUNTS)
