"""Bulk insert: many rows in one statement, and what a database is told meanwhile."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import JSON, Insert, String, Table, bindparam, cast, column, func, insert, select
from sqlalchemy.orm import Session


@contextmanager
def bulk_insert(session: Session) -> Iterator[None]:
    """Spare SQLite, for a block, the CHECK constraints: half of what writing a delivery costs.

    For rows whose words come from our own vocabularies and not from outside. Keys and references are checked as ever.
    """
    if session.get_bind().dialect.name != "sqlite":
        yield
        return
    connection = session.connection()
    connection.exec_driver_sql("PRAGMA ignore_check_constraints = ON")
    try:
        yield
    finally:
        connection.exec_driver_sql("PRAGMA ignore_check_constraints = OFF")


def insert_rows(session: Session, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that all name the same columns, in their order.

    PostgreSQL is given them all as one value: a statement for each row would cost it, and us, several times as much.
    SQLite, which is no other process, loses nothing by one for each.
    """
    if not rows:
        return
    if session.get_bind().dialect.name == "sqlite":
        session.execute(insert(table), rows)
        return
    columns = tuple(rows[0])
    documents = [name for name in columns if isinstance(table.c[name].type, JSON)]
    # A document goes as a text of its own: what stands in it (a NUL, half a character) is for no one to read here.
    written = [{**row, **{name: json.dumps(row[name]) for name in documents}} for row in rows]
    session.execute(_from_json(table, columns), {"rows": json.dumps(written, default=datetime.isoformat)})


@lru_cache
def _from_json(table: Table, columns: tuple[str, ...]) -> Insert:
    kinds = {name: table.c[name].type for name in columns}
    given = func.json_to_recordset(cast(bindparam("rows", type_=String()), JSON())).table_valued(
        *[column(name, String() if isinstance(kind, JSON) else kind) for name, kind in kinds.items()]
    )
    one = given.render_derived(name="one", with_types=True)
    taken = [cast(one.c[name], kind) if isinstance(kind, JSON) else one.c[name] for name, kind in kinds.items()]
    return insert(table).from_select(columns, select(*taken), include_defaults=False)
