"""Many rows into a table, past the mapper and past the compiler: what a row costs is what the driver takes for it.

SQLAlchemy looks at every value of every row; in a hundred thousand people nearly all of them are texts that go as they
are, and the others (moments, words of a vocabulary, flags) are the same few again and again.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Table

_MARKS = {"qmark": "?", "format": "%s", "pyformat": "%s"}


def insert_rows(connection: Connection, table: Table, names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write rows whose values stand in the order of the columns named; each value as the mapper would write it."""
    dialect = connection.dialect
    columns = [table.c[name] for name in names]
    bound = [(place, column.type.dialect_impl(dialect).bind_processor(dialect)) for place, column in enumerate(columns)]
    change = [(place, processor, dict[Any, Any]()) for place, processor in bound if processor]
    prepared = [list(row) for row in rows]
    if not prepared:
        return
    for place, processor, known in change:
        for row in prepared:
            value = row[place]
            if value not in known:
                known[value] = processor(value)
            row[place] = known[value]
    quote = dialect.identifier_preparer.quote
    listed = ", ".join(quote(name) for name in names)
    marks = ", ".join([_MARKS[dialect.paramstyle]] * len(names))
    statement = f"INSERT INTO {quote(table.name)} ({listed}) VALUES ({marks})"  # noqa: S608 — names of our own tables
    connection.exec_driver_sql(statement, [tuple(row) for row in prepared])
