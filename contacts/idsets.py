"""«One of these rows», as one parameter: a thousand numbers cost a statement no more than one does.

`column.in_(ids)` writes a statement anew for every number of values. This one is always the same text: SQLite is
given the numbers as JSON, PostgreSQL as an array.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Boolean, ColumnElement, Dialect, String, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine


class Numbers(TypeDecorator[Iterable[int]]):
    """Several row numbers as the value of one parameter."""

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return an array where the database has them."""
        return dialect.type_descriptor(ARRAY(BigInteger()) if dialect.name == "postgresql" else String())

    def process_bind_param(self, value: Iterable[int] | None, dialect: Dialect) -> Any:
        """Numbers → what the database takes."""
        if dialect.name == "postgresql":
            return list(value or ())
        return f"[{','.join(map(str, value or ()))}]"


class _Among(FunctionElement[bool]):
    type = Boolean()
    inherit_cache = True
    name = "among"

    def self_group(self, against: Any = None) -> "_Among":  # noqa: ARG002 — the signature is SQLAlchemy's
        """Stand as it is: SQLite would be asked for `(…) = 1`, and look through the whole table."""
        return self


@compiles(_Among)
def _as_json(element: _Among, compiler: SQLCompiler, **options: Any) -> str:
    column, numbers = (compiler.process(clause, **options) for clause in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({numbers}))"  # noqa: S608 — compiled SQL


@compiles(_Among, "postgresql")
def _as_array(element: _Among, compiler: SQLCompiler, **options: Any) -> str:
    column, numbers = (compiler.process(clause, **options) for clause in element.clauses)
    return f"{column} = ANY({numbers})"


def among(column: ColumnElement[int] | InstrumentedAttribute[int], ids: Iterable[int] | str) -> ColumnElement[bool]:
    """Return the condition that a column holds one of these numbers; a text names the parameter that brings them."""
    numbers = bindparam(ids, type_=Numbers()) if isinstance(ids, str) else bindparam(None, ids, type_=Numbers())
    return _Among(column, numbers)
