"""The net under every erasure: whatever table holds a person's name or address as text is found, and says it no more.

It walks the metadata and knows no table by its meaning, so that one that is added later is caught as well. What has a
meaning of its own (a delivery that must not leave) is the business of the hooks of `contacts.erasing`.
"""

from collections.abc import Iterator
from secrets import token_hex
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    Enum,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    cast,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from contacts.base import Base
from contacts.tracing import ESCAPE, GONE, Traces

#: Not looked through. People have rows of their own, and another person's name may hold this one's; accounts are the
#: staff's, notices the institution's; the rest holds no words of people.
LEFT_ALONE = frozenset({"account", "address", "contact", "kept", "notice", "suppression"})
#: Who of the staff did something: that is theirs.
_HANDS = frozenset({"who", "by", "worker"})


def scrub(session: Session, traces: Traces) -> dict[str, int]:
    """Take the traces out of every table; return how many rows of which were changed."""
    done: dict[str, int] = {}
    if not traces:
        return done
    for table in Base.metadata.sorted_tables:
        if table.name not in LEFT_ALONE and (changed := scrub_table(session, table, traces)):
            done[table.name] = changed
    return done


def columns(table: Table) -> list[Column[Any]]:
    """Return the columns of a table that may hold words of people: texts, documents, bodies."""
    return [
        column
        for column in table.columns
        if isinstance(column.type, (String, JSON, LargeBinary))
        and not isinstance(column.type, Enum)
        and not column.info.get("code")
        and column.name not in _HANDS
        and not column.name.endswith("_by")
    ]


def scrub_table(session: Session, table: Table, traces: Traces) -> int:
    """Take the traces out of one table; return how many rows were changed."""
    wanted = columns(table)
    if not wanted:
        return 0
    served = session.get_bind().dialect.name == "postgresql"
    whole = _as_text(wanted[0], served=served)  # one look at a row, however many columns it has
    for column in wanted[1:]:
        whole = whole.concat(" ").concat(_as_text(column, served=served))
    # SQLite's LIKE takes no account of capitals anyway.
    like = whole.ilike if served else whole.like
    found = or_(*[like(pattern, escape=ESCAPE) for pattern in traces.likes])
    keys = list(table.primary_key.columns)
    shown = [*[column.label(f"key_{column.name}") for column in keys], *wanted]
    connection = session.connection()
    changed = 0
    for row in connection.execute(select(*shown).where(found)).mappings().all():
        news = dict(_news(table, wanted, row, traces))
        if news:
            here = [column == row[f"key_{column.name}"] for column in keys]
            connection.execute(update(table).where(*here).values(news))
            changed += 1
    return changed


def _as_text(column: Column[Any], *, served: bool) -> ColumnElement[str]:
    if isinstance(column.type, LargeBinary) and served:
        text: ColumnElement[str] = func.encode(column, "escape", type_=Text())
    else:
        text = cast(column, Text)
    return func.coalesce(text, "", type_=Text())


def _news(table: Table, wanted: list[Column[Any]], row: Any, traces: Traces) -> Iterator[tuple[str, Any]]:
    for column in wanted:
        was = row[column.name]
        if was is None:
            continue
        if isinstance(column.type, LargeBinary):
            now: Any = traces.clean_body(bytes(was))
        else:
            now = traces.clean_value(was)
        if now != was:
            # Two people may have had the same word here: each keeps a row of its own.
            yield column.name, f"{GONE} {token_hex(4)}" if _unique(table, column) else now


def _unique(table: Table, column: Column[Any]) -> bool:
    indexed = [index.columns for index in table.indexes if index.unique]
    bound = [each.columns for each in table.constraints if isinstance(each, UniqueConstraint)]
    return bool(column.primary_key or column.unique) or any(column.name in some for some in (*indexed, *bound))
