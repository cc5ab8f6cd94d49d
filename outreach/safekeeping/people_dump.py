"""Everything of the people as JSON Lines, and back into an empty installation exactly as it was.

The first line says what the file is and what it holds, each other line is a row of a table, the last one counts the
rows and has the SHA-256 of all bytes before it: a file that was cut or changed is refused. Tables are those of the
package `contacts`, found by the metadata; moments are ISO 8601 in UTC.
"""

import hmac
import json
import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import IO, Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from contacts import suppression
from contacts.base import Base
from contacts.errors import Refused, refuse
from outreach import database
from outreach.safekeeping import copying, rows
from outreach.safekeeping.rows import Form, Row

FORMAT, VERSION = "voto-chilango/contacts", 1
#: Tables of `contacts` that stay, each with its reason. A test holds that every other one goes along.
LEFT_OUT: Mapping[str, str] = {}
LONGEST_LINE = 64 * 1024 * 1024  # octets
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")

Tell = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Head:
    """The first line of a file: what it holds (table → rows, columns), whence, by whom and why."""

    version: int
    schema: str
    who: str
    when: str
    why: str
    secret: str
    tables: Mapping[str, tuple[int, tuple[str, ...]]]

    @property
    def total(self) -> int:
        """How many rows it announces."""
        return sum(count for count, _columns in self.tables.values())


def table_names() -> list[str]:
    """Return the tables that a file holds, each behind those that it refers to."""
    ours = {
        mapper.local_table
        for mapper in Base.registry.mappers
        if mapper.class_.__module__.partition(".")[0] == "contacts"
    }
    return [table.name for table in Base.metadata.sorted_tables if table in ours and table.name not in LEFT_OUT]


def size(session: Session) -> int:
    """Return how many rows a file would have."""
    return sum(rows.count(session.connection(), name) for name in table_names())


def write(session: Session, *, who: str, at: datetime, zone: str, why: str) -> Generator[bytes, None, None]:
    """Yield the file from a session that reads, in its transaction; a line at a time is held in memory."""
    connection = session.connection()
    database.unhurried(connection)
    rows.lean(connection)
    shapes = [rows.form(connection, name) for name in table_names()]
    head = {
        "format": FORMAT,
        "version": VERSION,
        "schema": database.version(connection),
        "who": who,
        "when": at.astimezone(ZoneInfo(zone)).isoformat(timespec="seconds"),
        "zone": zone,
        "why": why,
        "secret": _secret(session),
        "tables": {
            shape.table: {"rows": rows.count(connection, shape.table), "columns": list(shape.names)} for shape in shapes
        },
    }
    digest, count = sha256(), 0
    for piece, held in _pieces(connection, shapes, head):
        digest.update(piece)
        count += held
        yield piece
    yield _line({"end": True, "rows": count, "sha256": digest.hexdigest()})


def _pieces(connection: Connection, shapes: Iterable[Form], head: object) -> Iterator[tuple[bytes, int]]:
    yield _line(head), 0
    for shape in shapes:
        with closing(rows.read(connection, shape)) as batches:
            for batch in batches:
                yield b"".join(_line({shape.table: _told(shape, row)}) for row in batch), len(batch)


def _told(shape: Form, row: Row) -> dict[str, Any]:
    return {name: _out(kind, value) for (name, kind), value in zip(shape.columns, row, strict=True)}


def _out(kind: str, value: Any) -> Any:
    if value is None:
        return None
    if kind == "moment":
        return f"{value[:10]}T{value[11:]}Z"
    if kind == "flag":
        return bool(value)
    if kind == "json":
        return json.loads(value)
    return b64encode(bytes(value)).decode() if kind == "bytes" else value


def _line(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _secret(session: Session) -> str:
    """Return what tells whether two installations have one secret, and nothing of the secret."""
    secret = str(session.info.get(suppression.SECRET, ""))
    return hmac.digest(secret.encode(), FORMAT.encode(), "sha256").hex()[:32]


def head_of(line: bytes) -> Head:
    """Return what the first line says. Refuses `dump_kind` and `dump_version`."""
    try:
        told = json.loads(line)
        if told["format"] != FORMAT:
            raise refuse("dump_kind", "", told["format"])
        if told["version"] != VERSION:
            raise refuse("dump_version", "", told["version"], known=VERSION)
        tables = {name: (int(one["rows"]), tuple(one["columns"])) for name, one in told["tables"].items()}
        return Head(told["version"], told["schema"], told["who"], told["when"], told["why"], told["secret"], tables)
    except (ValueError, LookupError, TypeError, AttributeError):
        raise refuse("dump_kind") from None


def read(
    session: Session,
    file: IO[bytes],
    *,
    other_secret: bool = False,
    begin: Tell = lambda _total: None,
    tell: Tell = lambda _rows: None,
) -> dict[str, int]:
    """Bring everything of a file into an empty installation, in the session's transaction; return rows by table.

    Numbers stay what they were. `begin` is told how many rows there are, `tell` each time how many came in. Refuses
    `dump_kind`, `dump_version`, `dump_schema`, `dump_taken`, `dump_secret` (suppressed addresses under another secret,
    unless `other_secret`), `dump_line`, `dump_rows`, `dump_cut`, `dump_changed`: then nothing may be committed.
    """
    connection = session.connection()
    database.unhurried(connection)
    rows.lean(connection)
    lines = _Lines(file)
    head = head_of(lines.next())
    shapes = _fitting(connection, head)
    if table := next((name for name in shapes if rows.count(connection, name)), ""):
        raise refuse("dump_taken", "", table)
    hidden = head.tables[suppression.Suppression.__tablename__][0]
    if hidden and head.secret != _secret(session) and not other_secret:
        raise refuse("dump_secret", "", hidden)
    if connection.dialect.name == "sqlite":
        connection.execute(text("PRAGMA defer_foreign_keys = ON"))  # rows of one table refer to each other
    else:
        connection.execute(text("SET LOCAL TIME ZONE 'UTC'"))
    begin(head.total)
    brought = {}
    for name, shape in shapes.items():
        brought[name] = _bring(connection, shape, head.tables[name][0], lines, tell)
        if connection.dialect.name == "postgresql":
            copying.number_on(connection, shape)
    lines.end(head.total)
    return brought


def _fitting(connection: Connection, head: Head) -> dict[str, Form]:
    """Return the forms of our tables. Refuses `dump_schema` where the file has others."""
    shapes = {name: rows.form(connection, name) for name in table_names()}
    here = database.version(connection)
    for name in [*shapes, *head.tables]:
        ours = shapes[name].names if name in shapes else ()
        theirs = head.tables[name][1] if name in head.tables else ()
        if ours != theirs:
            raise refuse("dump_schema", name, head.schema, ours=here)
    return shapes


def _bring(connection: Connection, shape: Form, count: int, lines: "_Lines", tell: Tell) -> int:
    def batches() -> Iterator[list[Row]]:
        left = count
        while left:
            some = [lines.row(shape) for _each in range(min(left, rows.AT_ONCE))]
            left -= len(some)
            yield some
            tell(len(some))

    try:
        rows.write(connection, shape, batches())
    except Refused as refused:
        fault = refused.faults[0]
        if fault.code != "copy_rows":
            raise
        raise refuse("dump_rows", shape.table, why=fault.details.get("why", "")) from None
    except IntegrityError as error:
        raise refuse("dump_rows", shape.table, why=str(error.orig)) from None
    return count


class _Lines:
    """The lines of a file, counted and digested as they pass."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._digest = sha256()
        self._number = 0

    def next(self) -> bytes:
        """Return the next line. Refuses `dump_cut` at the end, and `dump_line` for one that has none."""
        line = self._file.readline(LONGEST_LINE)
        self._number += 1
        if not line.endswith(b"\n"):
            raise refuse("dump_cut") if len(line) < LONGEST_LINE else self.wrong()
        self._before = self._digest.copy()
        self._digest.update(line)
        return line

    def wrong(self) -> Refused:
        """Return the refusal of this line."""
        return refuse("dump_line", "", self._number)

    def row(self, shape: Form) -> Row:
        """Return the next line as a row of a table. Refuses `dump_line`."""
        told = self._object()
        values = told.get(shape.table)
        if len(told) != 1 or not isinstance(values, dict) or tuple(sorted(values)) != shape.names:
            raise refuse("dump_cut") if "end" in told else self.wrong()
        try:
            return tuple(_in(kind, values[name]) for name, kind in shape.columns)
        except ValueError:
            raise self.wrong() from None

    def end(self, count: int) -> None:
        """Read the last line and hold the file to it. Refuses `dump_line`, `dump_cut`, `dump_changed`."""
        told = self._object()
        if told.get("end") is not True:
            raise self.wrong()
        if told.get("rows") != count or told.get("sha256") != self._before.hexdigest() or self._file.read(1):
            raise refuse("dump_changed")

    def _object(self) -> dict[str, Any]:
        try:
            told = json.loads(self.next())
        except (ValueError, RecursionError):
            raise self.wrong() from None
        if not isinstance(told, dict):
            raise self.wrong()
        return told


def _in(kind: str, value: Any) -> Any:
    """Value of a file → what a database keeps. Raises ValueError for one that is none of its kind."""
    if value is None:
        return None
    if kind == "json":
        return json.dumps(value)
    if kind == "flag":
        return int(_held(value, bool))
    if kind == "number":
        if isinstance(value, bool):
            raise ValueError(kind)
        return _held(value, int, float)
    said: str = _held(value, str)
    if kind == "moment":
        if not _MOMENT.fullmatch(said):
            raise ValueError(kind)
        return f"{said[:10]} {said[11:-1]}"
    if kind == "day" and not _DAY.fullmatch(said):
        raise ValueError(kind)
    return b64decode(said, validate=True) if kind == "bytes" else said


def _held(value: Any, *kinds: type) -> Any:
    """Return a value that is of one of these kinds. Raises ValueError for any other."""
    if not isinstance(value, kinds):
        raise ValueError(type(value).__name__)  # noqa: TRY004 — of the file it is a wrong value
    return value
