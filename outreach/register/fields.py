"""One row of the register, from a file or a form, → checked values. The rules are informe-definition.md §1."""

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from contacts.delimited import LONGEST_CELL
from contacts.errors import Fault
from contacts.models import Channel
from contacts.spreadsheets import Cell, as_text
from outreach.register.communication import ANNULMENT, COUNTS, OWN, Annulment

REQUIRED = ("fecha", "canal", "clase", "informacion")
CHANNELS = tuple(channel.value for channel in Channel)
LONGEST_FOLIO = 100

_MOST = 999_999_999  # a whole number that every database keeps
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")
_HOUR = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])(?::00)?")
_WHOLE = re.compile(r"[0-9]{1,9}")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.]{5,15}(?:Z|[+-][0-9]{2}:[0-9]{2})")
# No page, database or document can hold these; tabs and ends of line are text.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What one communication says: the values of a row, checked. `hour` is "20:00" or "", Mexico City time."""

    day: date
    month_only: bool
    hour: str
    channel: str
    account: str
    networks: tuple[str, ...]
    kind: str
    topic: str
    information: str
    recipients: int | None
    extra: Mapping[str, str]  # further columns, without the empty ones

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the content: two rows with the same say the same, in whatever order their columns stand."""
        whole = json.dumps(
            [
                *(self.day.isoformat(), self.month_only, self.hour, self.channel, self.account, self.networks),
                *(self.kind, self.topic, self.information, self.recipients, sorted(self.extra.items())),
            ],
            ensure_ascii=False,
        )
        return hashlib.sha256(whole.encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A content with what our own exports say besides."""

    content: Content
    folio: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)
    annulment: Annulment | None = None


def own_name(header: str) -> str:
    """Return a header's canonical name: ours where it means one of ours (`Información`), else as it stands."""
    name = " ".join(header.split())
    plain = unicodedata.normalize("NFD", name).encode("ascii", "ignore").decode().casefold()
    return plain if plain in OWN else name


def check_name(header: str) -> Fault | None:
    """Return what is wrong with the name of a further column (`register_text`, `register_long`)."""
    return next(_text_faults(header, header), None)


def read(cells: Mapping[str, Cell]) -> tuple[Line | None, list[Fault]]:
    """Check one row, given by canonical names (`own_name`); what is not given is empty.

    Returns the line, or None with every fault: `register_empty`, `register_date`, `register_hour`,
    `register_channel`, `register_number`, `register_text`, `register_long`, `register_yes`, `register_moment`.
    """
    row = _Row(cells)
    day, month_only = row.day("fecha")
    content = {
        "day": day,
        "month_only": month_only,
        "hour": row.hour("hora"),
        "channel": row.channel("canal"),
        "account": row.text("cuenta"),
        "networks": row.networks("red"),
        "kind": row.text("clase", required=True),
        "topic": row.text("tema"),
        "information": row.text("informacion", required=True),
        "recipients": row.number("destinatarios"),
        "extra": {name: text for name in cells if name not in OWN and (text := row.text(name))},
    }
    numbers = {state: row.number(column) for column, state in COUNTS.items() if column in cells}
    folio = row.text("folio", longest=LONGEST_FOLIO)
    annulment = row.annulment()
    if row.faults:
        return None, row.faults
    counts = {state: number for state, number in numbers.items() if number is not None}
    return Line(content=Content(**content), folio=folio, counts=counts, annulment=annulment), []


class _Row:
    """The cells of one row, and the faults found while reading them."""

    def __init__(self, cells: Mapping[str, Cell]) -> None:
        self._cells = cells
        self.faults: list[Fault] = []

    def _refuse(self, code: str, name: str, value: object, **details: object) -> None:
        self.faults.append(Fault(code, name, str(value), details=details))

    def text(self, name: str, *, required: bool = False, longest: int = LONGEST_CELL) -> str:
        """Return a cell as text without blanks around it."""
        cell = self._cells.get(name, "")
        text = (cell if isinstance(cell, str) else as_text(cell)).strip()
        if required and not text:
            self._refuse("register_empty", name, "", example=_EXAMPLES[name])
        self.faults.extend(_text_faults(name, text, longest))
        return text

    def day(self, name: str) -> tuple[Any, bool]:
        """Return a day, or the first of a month and True; a date cell of a workbook is a day."""
        cell = self._cells.get(name, "")
        if isinstance(cell, datetime) and cell.time() == time():
            return cell.date(), False
        if isinstance(cell, date) and not isinstance(cell, datetime):
            return cell, False
        text = self.text(name, required=True)
        month_only = bool(_MONTH.fullmatch(text))
        with suppress(ValueError):  # the 31st of June
            if month_only or _DAY.fullmatch(text):
                return date.fromisoformat(f"{text}-01" if month_only else text), month_only
        if text:
            self._refuse("register_date", name, text)
        return None, False

    def hour(self, name: str) -> str:
        """Return `20:00`, or "" where none is known."""
        cell = self._cells.get(name, "")
        text = cell.isoformat() if isinstance(cell, time) else self.text(name)
        match = _HOUR.fullmatch(text)
        if text and not match:
            self._refuse("register_hour", name, text)
        return f"{match[1]:0>2}:{match[2]}" if match else ""

    def channel(self, name: str) -> str:
        """Return a word of the vocabulary, written with or without capitals and accents."""
        text = self.text(name)
        plain = unicodedata.normalize("NFD", text).encode("ascii", "ignore").decode().lower()
        if plain not in CHANNELS:
            code = "register_channel" if text else "register_empty"
            self._refuse(code, name, text, allowed=", ".join(CHANNELS), example=_EXAMPLES[name])
        return plain

    def networks(self, name: str) -> tuple[str, ...]:
        """Return the names between semicolons, each once."""
        return tuple(dict.fromkeys(part for one in self.text(name).split(";") if (part := one.strip())))

    def number(self, name: str) -> int | None:
        """Return a whole number of people, or None where none is known."""
        text = self.text(name)
        if not text:
            return None
        if not _WHOLE.fullmatch(text):
            self._refuse("register_number", name, text, most=_MOST)
            return None
        return int(text)

    def annulment(self) -> Annulment | None:
        """Return what an export with annulled entries says of one."""
        said, moment, who, reason = (self.text(name) for name in ANNULMENT)
        if said.lower() in {"", "no"}:
            return None
        if said.lower() not in {"sí", "si"}:
            self._refuse("register_yes", ANNULMENT[0], said)
            return None
        at = None
        with suppress(ValueError):  # the 31st of June
            at = datetime.fromisoformat(moment) if _MOMENT.fullmatch(moment) else None
        if moment and at is None:
            self._refuse("register_moment", ANNULMENT[1], moment)
        if not reason:
            self._refuse("register_empty", ANNULMENT[3], "", example=_EXAMPLES[ANNULMENT[3]])
        return Annulment(at, who, reason)


def _text_faults(name: str, text: str, longest: int = LONGEST_CELL) -> Iterator[Fault]:
    unprintable = _UNPRINTABLE.search(text)
    if unprintable:
        shown = _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text)[:60]
        place = _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", name)
        yield Fault("register_text", place, shown, details={"position": unprintable.start() + 1})
    if len(text) > longest:
        yield Fault("register_long", name, text[:60], details={"most": longest})


#: What a required cell may look like, for the message that asks for it.
_EXAMPLES = {
    "fecha": "2025-04-09",
    "canal": "correo",
    "clase": "invitacion",
    "informacion": "Envío de la convocatoria de abril",
    "anulada_motivo": "estaba dos veces",
}
