"""Rows in one form that both databases can give and take: what SQLite keeps in its file.

Moments are texts in UTC (`2025-06-20 17:42:00.000000`), flags 0 and 1, JSON the text that was written. Columns stand in
the order of their names, rows in that of their key, so that a table has one fingerprint wherever it is kept. Rows go
from driver to driver in batches, past the mapper: nothing is held in memory and no value is read as anything else.
"""

from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from sqlalchemy import Boolean, Connection, Date, DateTime, LargeBinary, inspect, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import JSON, String, TypeEngine

from contacts import search_index
from contacts.errors import refuse
from outreach import database

Row = tuple[int | float | str | bytes | None, ...]
AT_ONCE = 2000  # rows a batch
VERSION_TABLE = "alembic_version"

#: How each database gives a column of a kind; SQLite takes what it gives, PostgreSQL reads the same texts.
_SQLITE = {
    "moment": "CASE WHEN {0} IS NULL OR length({0}) = 26 THEN {0} ELSE strftime('%Y-%m-%d %H:%M:%f', {0}) || '000' END",
    "json": "CAST({0} AS TEXT)",
}
_POSTGRES = {
    "moment": "to_char({0} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')",
    "day": "to_char({0}, 'YYYY-MM-DD')",
    "flag": "{0}::integer",
    "json": "{0}::text",
}
_KINDS: tuple[tuple[type[TypeEngine[Any]], str], ...] = (
    (DateTime, "moment"),
    (Date, "day"),
    (Boolean, "flag"),
    (JSON, "json"),
    (LargeBinary, "bytes"),
    (String, "text"),
)


@dataclass(frozen=True, slots=True)
class Form:
    """A table as a database has it: its columns with their kinds, by name, and its key."""

    table: str
    columns: tuple[tuple[str, str], ...]
    key: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its columns, in order."""
        return tuple(name for name, _kind in self.columns)


@dataclass(frozen=True, slots=True)
class Told:
    """How many rows a table has, and the fingerprint of all of them."""

    rows: int
    fingerprint: str


class Tally:
    """Counts rows and takes their fingerprint as they pass."""

    def __init__(self) -> None:
        self.rows = 0
        self._hash = blake2b(digest_size=16)

    def add(self, batch: Sequence[Row]) -> None:
        """Take in some rows. `ascii` writes a value alike in every version of Python."""
        self.rows += len(batch)
        self._hash.update("".join(map(ascii, batch)).encode("ascii"))

    def told(self) -> Told:
        """Return what was counted so far."""
        return Told(self.rows, self._hash.hexdigest())


def tables(connection: Connection) -> list[str]:
    """Return the names of the tables that a database has, in order, without that of its version and the index of words.

    What the index says is made of the others.
    """
    names = set(inspect(connection).get_table_names()) - {VERSION_TABLE}
    return sorted(name for name in names if not name.startswith(search_index.DERIVED))


def form(connection: Connection, table: str) -> Form:
    """Look up the form of a table."""
    looked = inspect(connection)
    kinds = {
        column["name"]: next((kind for known, kind in _KINDS if isinstance(column["type"], known)), "number")
        for column in looked.get_columns(table)
    }
    return Form(table, tuple(sorted(kinds.items())), tuple(looked.get_pk_constraint(table)["constrained_columns"]))


def count(connection: Connection, table: str) -> int:
    """Return how many rows a table has."""
    return int(connection.scalar(text(f"SELECT count(*) FROM {_quoted(table)}")) or 0)  # noqa: S608 — our own names


def read(connection: Connection, shape: Form) -> Generator[list[Row], None, None]:
    """Yield the rows of a table, some at a time, in the connection's transaction."""
    sqlite = connection.dialect.name == "sqlite"
    ways = _SQLITE if sqlite else _POSTGRES
    wanted = ", ".join(ways.get(kind, "{0}").format(_quoted(name)) for name, kind in shape.columns)
    kinds = dict(shape.columns)
    # A key that is a text stands in the order of its bytes in both.
    by_bytes = "" if sqlite else ' COLLATE "C"'
    order = ", ".join(_quoted(name) + (by_bytes if kinds[name] == "text" else "") for name in shape.key)
    statement = f"SELECT {wanted} FROM {_quoted(shape.table)} ORDER BY {order}"  # noqa: S608 — our own names
    driver: Any = connection.connection.driver_connection
    with told_in_words(connection, shape.table):
        cursor = (
            driver.cursor() if sqlite else driver.cursor(name="copied")
        )  # on a server: kept there, fetched in parts
        try:
            cursor.execute(statement)
            while batch := cursor.fetchmany(AT_ONCE):
                yield batch
        finally:
            cursor.close()


def write(connection: Connection, shape: Form, batches: Iterable[list[Row]]) -> None:
    """Write rows into a table in the connection's transaction. The foreign keys hold when the last one is in."""
    names = ", ".join(map(_quoted, shape.names))
    driver: Any = connection.connection.driver_connection
    cursor = driver.cursor()
    try:
        if connection.dialect.name == "sqlite":
            marks = ", ".join("?" * len(shape.columns))
            statement = f"INSERT INTO {_quoted(shape.table)} ({names}) VALUES ({marks})"  # noqa: S608 — our own names
            for batch in batches:
                with told_in_words(connection, shape.table):
                    cursor.executemany(statement, batch)
            return
        with (
            told_in_words(connection, shape.table),
            cursor.copy(f"COPY {_quoted(shape.table)} ({names}) FROM STDIN") as copy,
        ):
            for batch in batches:
                for row in batch:
                    copy.write_row(row)
    finally:
        cursor.close()


def tally(connection: Connection, table: str) -> Told:
    """Read a whole table and return its count and fingerprint."""
    counted = Tally()
    for batch in read(connection, form(connection, table)):
        counted.add(batch)
    return counted.told()


@contextmanager
def told_in_words(connection: Connection, table: str) -> Iterator[None]:
    """Turn what a driver says of a table's rows into a refusal: `copy_rows`, or what the surroundings are at."""
    driver: Any = connection.dialect.dbapi
    try:
        yield
    except driver.Error as error:
        wrapped = DBAPIError("", None, error)
        if database.fault(wrapped, connection.engine.url):
            raise wrapped from error
        raise refuse("copy_rows", "", table, why=str(error).strip().partition("\n")[0]) from error


def lean(connection: Connection) -> None:
    """Let a connection that reads a whole SQLite file once keep little of it in memory."""
    if connection.dialect.name == "sqlite":
        driver: Any = connection.connection.driver_connection
        driver.execute("PRAGMA mmap_size = 0")
        driver.execute("PRAGMA cache_size = -8192")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
