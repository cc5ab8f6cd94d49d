"""All rows of one database into another one that has the same schema and none, each table read back and compared."""

from collections.abc import Callable, Generator
from contextlib import closing

from sqlalchemy import Connection, delete, insert, inspect, select, text

from contacts import search_index
from contacts.errors import refuse
from outreach import keep
from outreach.keep import Kept
from outreach.safekeeping import rows
from outreach.safekeeping.rows import Form, Row, Told
from outreach.tables import metadata

#: Facts of `kept` that speak of one database and not of the installation; so does everything that has an end.
_ITS_OWN = (keep.MOVED, keep.QUEUE_SCHEMA)

#: Is told how many rows were handled since it was last told.
Tell = Callable[[int], None]


def table_names() -> list[str]:
    """Return our tables, each behind those that it refers to; without `kept`, of which not everything goes along."""
    return [table.name for table in metadata.sorted_tables if table.name != Kept.__tablename__]


def size(connection: Connection) -> int:
    """Return how many rows all of our tables have."""
    return sum(rows.count(connection, name) for name in table_names())


def taken(connection: Connection) -> str:
    """Return a table of ours that holds something, "" when there is none: an installation that was only opened.

    What an installation notes of itself when it is opened (its id, a lease) is nothing.
    """
    return next((name for name in table_names() if rows.count(connection, name)), "")


def copy(source: Connection, target: Connection, tell: Tell = lambda _rows: None) -> dict[str, Told]:
    """Copy every row in the callers' transactions; return what each table holds now.

    `target` has our schema in its newest version, and so has `source`. Refuses `copy_rows` for a row that the target
    cannot hold, and `copy_differs` for a table that reads otherwise there: then nothing may be committed.
    """
    if target.dialect.name == "sqlite":
        target.execute(text("PRAGMA defer_foreign_keys = ON"))  # rows of one table refer to each other
    else:
        target.execute(text("SET LOCAL TIME ZONE 'UTC'"))
    search_index.remove(target)  # it need not be told of each row that comes
    _carry_facts(source, target)
    written: dict[str, Told] = {}
    for name in table_names():
        shape, counted = rows.form(source, name), rows.Tally()
        if shape.names != rows.form(target, name).names:
            raise refuse("copy_schema", "", name)
        with closing(_counted(source, shape, counted, tell)) as batches:
            rows.write(target, shape, batches)
        written[name] = counted.told()
        if target.dialect.name == "postgresql":
            number_on(target, shape)
    compare(target, written)
    search_index.install(target)
    search_index.renew(target)
    return written


def compare(connection: Connection, expected: dict[str, Told]) -> None:
    """Read every table back. Refuses `copy_differs` with the first that is not as it should be."""
    for name, told in expected.items():
        found = rows.tally(connection, name)
        if found != told:
            raise refuse("copy_differs", "", name, expected=told.rows, found=found.rows)


def _carry_facts(source: Connection, target: Connection) -> None:
    """Take along what the installation knows of itself: its id, its switches. Leases stay where they were given."""
    facts = select(Kept.name, Kept.value).where(Kept.until.is_(None), Kept.name.not_in(_ITS_OWN))
    known = [{"name": row.name, "value": row.value} for row in source.execute(facts)]
    target.execute(delete(Kept).where(Kept.name.not_in(_ITS_OWN)))
    if known:
        target.execute(insert(Kept), known)


def _counted(source: Connection, shape: Form, counted: rows.Tally, tell: Tell) -> Generator[list[Row], None, None]:
    with closing(rows.read(source, shape)) as batches:  # also when the writing breaks off: its cursor is still open
        for batch in batches:
            counted.add(batch)
            tell(len(batch))
            yield batch


def number_on(connection: Connection, shape: Form) -> None:
    """Let the server number new rows behind those that came with a number."""
    for column in inspect(connection).get_columns(shape.table):
        if column.get("autoincrement") and column["name"] in shape.key:
            connection.execute(
                text(
                    f"SELECT setval(pg_get_serial_sequence(:table, :key), max({column['name']})) "  # noqa: S608
                    f"FROM {shape.table} HAVING max({column['name']}) IS NOT NULL"
                ),
                {"table": shape.table, "key": column["name"]},
            )
