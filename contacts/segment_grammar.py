"""The language of segments: what a filter is, and the registry of what it may ask.

A filter is a tree of plain tables, as a TOML or a JSON file holds them:

    {"todas": [A, B]}    each of them          {"alguna": [A, B]}    at least one of them
    {"no": A}            not A                 {"campo": "pais", "es": ["US"]}    a condition

What a condition may ask is a `Field` of the registry. `contacts` has its own (`contacts.segment_fields`); who stands
above (`campaigns`) registers more, so that the arrow between the packages stays.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from contacts.errors import refuse
from contacts.models import Contact

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


def has_row(
    scene: Scene, person: InstrumentedAttribute[int] | InstrumentedAttribute[int | None], *asked: ColumnElement[bool]
) -> ColumnElement[bool]:
    """Return the condition that a person has a row, of another table, of which all this is true. It is never NULL.

    SQLite is quicker with the set of all such people, PostgreSQL joins (and would go through a large set for each
    person, where the condition is denied).
    """
    if scene.session.get_bind().dialect.name == "sqlite":
        return Contact.id.in_(select(person).where(person.is_not(None), *asked))
    return exists().where(person == Contact.id, *asked)


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


def written(session: Session, node: Node) -> dict[str, Any]:
    """Return a kept filter as a person would write it, names in place of numbers: `segment_reading.read` reads it."""
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
