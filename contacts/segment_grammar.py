"""The language of segments: a filter as somebody wrote it is read whole, or refused with everything that is wrong.

A filter is a tree of plain tables, as a TOML or a JSON file holds them:

    {"todas": [A, B]}    each of them          {"alguna": [A, B]}    at least one of them
    {"no": A}            not A                 {"campo": "pais", "es": ["US"]}    a condition

What a condition may ask is a `Field` of the registry. `contacts` has its own (`contacts.segment_fields`); who stands
above (`campaigns`) registers more, so that the arrow between the packages stays.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from contacts.errors import Fault, Refused, refuse
from contacts.folding import clean

VERSION = 1
ALL, ANY, NOT, FIELD = "todas", "alguna", "no", "campo"
NONE = "–"  # as a value: «not known», «none»

DEEPEST = 5  # groups inside groups; «no» is not counted
MOST_CONDITIONS = 50
MOST_VALUES = 200  # of one part
LONGEST = 200  # letters of a value
MOST_DAYS = 36_500

Node = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Scene:
    """What a condition may look at: the database, the moment it is asked for, the zone of its days."""

    session: Session
    at: datetime
    zone: str

    def begins(self, day: str) -> datetime:
        """Return when a day (ISO 8601) begins in the zone, in UTC."""
        return datetime.combine(date.fromisoformat(day), time(), ZoneInfo(self.zone)).astimezone(UTC)

    def ends(self, day: str) -> datetime:
        """Return when a day is over."""
        return self.begins((date.fromisoformat(day) + timedelta(days=1)).isoformat())


class Kind(StrEnum):
    """What a part of a condition holds."""

    CHOICES = "choices"  # some of a few words
    NAMES = "names"  # some texts, each looked up
    DAYS = "days"  # a whole number of days
    DAY = "day"  # a date, ISO 8601
    FLAG = "flag"  # true, or not there


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that a condition says, below a key of its own.

    `read` turns what was written (a name) into what is kept (a number of a row), `write` turns it back; `offered` are
    the values that a form shows as choices although they are names.
    """

    key: str
    kind: Kind
    choices: tuple[str, ...] = ()
    read: Callable[[Session, str], str | int] | None = None
    write: Callable[[Session, str | int], str] | None = None
    offered: Callable[[Session], list[tuple[str, str]]] | None = None
    needed: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """What a condition may be about: its parts, and the SQL that says whom it is true of.

    `condition` gives an expression over `contacts.models.Contact` that is never NULL. `one` are parts of which exactly
    one is said, `some` parts of which at least one is.
    """

    key: str
    parts: tuple[Part, ...]
    condition: Callable[[Scene, Node], ColumnElement[bool]]
    one: tuple[str, ...] = ()
    some: tuple[str, ...] = ()

    def part(self, key: str) -> Part:
        """Return a part by its key."""
        return next(part for part in self.parts if part.key == key)


FIELDS: dict[str, Field] = {}


def register(*fields: Field) -> None:
    """Add fields to those that a condition may be about."""
    FIELDS.update({field.key: field for field in fields})


def read(session: Session, written: object) -> dict[str, Any]:
    """Return a filter as it is kept, from how it was written. Refuses with every fault at once.

    Codes: `segment_form`, `segment_field`, `segment_part`, `segment_empty`, `segment_value`, `segment_choice`,
    `segment_days`, `segment_day`, `segment_order`, `segment_one`, `segment_some`, `segment_deep`, `segment_many`,
    `segment_long`, `text_control`, and what the fields' own readers refuse (`network_unknown`, `country_unknown` …).
    """
    reader = _Reader(session)
    kept = reader.node(written, (), 0)
    if reader.conditions > MOST_CONDITIONS:
        reader.fault("segment_many", (), reader.conditions, most=MOST_CONDITIONS)
    if reader.faults or kept is None:
        raise Refused(reader.faults)
    return kept


def written(session: Session, node: Node) -> dict[str, Any]:
    """Return a kept filter as a person would write it: names in place of numbers. `read` takes it back."""
    if ALL in node or ANY in node:
        (kind,) = node
        return {kind: [written(session, child) for child in node[kind]]}
    if NOT in node:
        return {NOT: written(session, node[NOT])}
    answer: dict[str, Any] = {FIELD: node[FIELD]}
    for part in field_of(node).parts:
        if part.key in node:
            value = node[part.key]
            turn = part.write
            answer[part.key] = [turn(session, each) for each in value] if turn else value
    return answer


def field_of(node: Node) -> Field:
    """Return the field of a kept condition. Refuses `segment_field` where the platform knows it no more."""
    field = FIELDS.get(str(node[FIELD]))
    if field is None:
        raise refuse("segment_field", FIELD, node[FIELD], allowed=", ".join(FIELDS))
    return field


def place(path: Sequence[str | int]) -> str:
    """Return a place as a reader writes it: `todas[2].es`."""
    text = ""
    for step in path:
        text += f"[{step + 1}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def _unsaid(found: object) -> bool:
    return found is None or found is False or found == ""


class _Reader:
    """Reads a tree, noting every fault, and goes on."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.faults: list[Fault] = []
        self.conditions = 0

    def fault(self, code: str, path: Sequence[str | int], value: object = "", **details: object) -> Any:
        """Note a fault; what is read there is nothing."""
        self.faults.append(Fault(code, place(path), str(value)[:LONGEST], details=details))
        return None

    def node(self, found: object, path: tuple[str | int, ...], depth: int) -> dict[str, Any] | None:
        if not isinstance(found, Mapping):
            return self.fault("segment_form", path, found)
        kinds = [key for key in (ALL, ANY, NOT, FIELD) if key in found]
        if len(kinds) != 1 or (kinds[0] != FIELD and len(found) > 1):
            return self.fault("segment_form", path, ", ".join(map(str, found)))
        if kinds[0] == FIELD:
            return self.condition(found, path)
        if depth >= DEEPEST:
            return self.fault("segment_deep", path, most=DEEPEST)
        if kinds[0] == NOT:
            return self.opposite(found[NOT], path, depth)
        return self.group(kinds[0], found[kinds[0]], path, depth)

    def opposite(self, found: object, path: tuple[str | int, ...], depth: int) -> dict[str, Any] | None:
        inner = found
        turned = True
        path = (*path, NOT)
        while isinstance(inner, Mapping) and set(inner) == {NOT}:  # «not not» is nothing
            inner, turned, path = inner[NOT], not turned, (*path, NOT)
        kept = self.node(inner, path, depth)
        return {NOT: kept} if kept is not None and turned else kept

    def group(self, kind: str, found: object, path: tuple[str | int, ...], depth: int) -> dict[str, Any] | None:
        if not isinstance(found, Sequence) or isinstance(found, str):
            return self.fault("segment_form", (*path, kind), found)
        if not found:
            return self.fault("segment_empty", (*path, kind), kind)
        if len(found) > MOST_CONDITIONS:
            return self.fault("segment_many", (*path, kind), len(found), most=MOST_CONDITIONS)
        kept = [self.node(child, (*path, kind, number), depth + 1) for number, child in enumerate(found)]
        return {kind: [child for child in kept if child is not None]}

    def condition(self, found: Node, path: tuple[str | int, ...]) -> dict[str, Any] | None:
        self.conditions += 1
        field = FIELDS.get(str(found[FIELD]))
        if field is None:
            return self.fault("segment_field", (*path, FIELD), found[FIELD], allowed=", ".join(FIELDS))
        known = [part.key for part in field.parts]
        for key in found:
            if key not in {FIELD, *known}:
                self.fault("segment_part", (*path, str(key)), key, allowed=", ".join(known))
        kept: dict[str, Any] = {FIELD: field.key}
        for part in field.parts:
            value = self.part(part, found.get(part.key), (*path, part.key))
            if value is not None:
                kept[part.key] = value
        self.together(field, found, kept, path)
        return kept

    def together(self, field: Field, found: Node, kept: Node, path: tuple[str | int, ...]) -> None:
        said = [key for key in field.one if not _unsaid(found.get(key))]
        if field.one and len(said) != 1:
            self.fault("segment_one", (*path, said[1] if said else field.one[0]), allowed=", ".join(field.one))
        if field.some and not any(found.get(key) and not _unsaid(found[key]) for key in field.some):
            self.fault("segment_some", (*path, field.some[0]), allowed=", ".join(field.some))
        if kept.get("desde") and kept.get("hasta") and kept["desde"] > kept["hasta"]:
            self.fault("segment_order", (*path, "hasta"), kept["hasta"], first=kept["desde"])

    def part(self, part: Part, found: object, path: tuple[str | int, ...]) -> object:
        if _unsaid(found):
            return self.fault("segment_empty", path, part.key) if part.needed else None
        if part.kind is Kind.FLAG:
            return True if found is True else self.fault("segment_value", path, found)
        if part.kind is Kind.DAYS:
            return self.days(found, path)
        if part.kind is Kind.DAY:
            return self.day(found, path)
        return self.several(part, found, path)

    def days(self, found: object, path: tuple[str | int, ...]) -> int | None:
        text = str(found).strip()
        if isinstance(found, (int, str)) and text.isascii() and text.isdecimal() and len(text) < 9:  # noqa: PLR2004
            if 1 <= int(text) <= MOST_DAYS:
                return int(text)
        return self.fault("segment_days", path, found, most=MOST_DAYS)

    def day(self, found: object, path: tuple[str | int, ...]) -> str | None:
        try:
            day = found if type(found) is date else date.fromisoformat(str(found).strip())
        except ValueError:
            return self.fault("segment_day", path, found)
        first, last = date(1900, 1, 1), date(2200, 1, 1)  # what every zone and both databases can hold
        return day.isoformat() if first <= day <= last else self.fault("segment_day", path, found)

    def several(self, part: Part, found: object, path: tuple[str | int, ...]) -> list[str | int] | None:
        texts = [found] if isinstance(found, (str, int)) else found
        if not isinstance(texts, Sequence) or not all(isinstance(text, (str, int)) and not isinstance(text, bool) for text in texts):
            return self.fault("segment_value", path, found)
        if not texts:
            return self.fault("segment_empty", path, part.key) if part.needed else None
        if len(texts) > MOST_VALUES:
            return self.fault("segment_long", path, len(texts), most=MOST_VALUES)
        kept = [self.value(part, clean(str(text)), path) for text in texts]
        return list(dict.fromkeys(each for each in kept if each is not None))

    def value(self, part: Part, text: str, path: tuple[str | int, ...]) -> str | int | None:
        if not text:
            return self.fault("segment_empty", path, part.key)
        if not text.isprintable():
            return self.fault("text_control", path, "".join(c if c.isprintable() else "�" for c in text))
        if len(text) > LONGEST:
            return self.fault("segment_long", path, len(text), most=LONGEST)
        if part.kind is Kind.CHOICES:
            if text in part.choices:
                return text
            return self.fault("segment_choice", path, text, allowed=", ".join(part.choices))
        if part.read is None:
            return text
        try:
            return part.read(self.session, text)
        except Refused as refused:
            self.faults += [replace(fault, where=place(path)) for fault in refused.faults]
            return None
