"""«One of these», as one parameter: a thousand numbers, or texts, cost a statement no more than one does.

`column.in_(values)` writes a statement anew for every number of values. This one is always the same text: SQLite is
given the values as JSON, PostgreSQL as an array.
"""

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Boolean, ColumnElement, Dialect, String, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine


class _Several(TypeDecorator[Iterable[Any]]):
    """Several values of one type as the value of one parameter."""

    impl = String
    cache_ok = True
    item: TypeEngine[Any]

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return an array where the database has them."""
        return dialect.type_descriptor(ARRAY(self.item) if dialect.name == "postgresql" else String())

    def process_bind_param(self, value: Iterable[Any] | None, dialect: Dialect) -> Any:
        """Values → what the database takes."""
        values = list(value or ())
        return values if dialect.name == "postgresql" else json.dumps(values)


class Numbers(_Several):
    """Row numbers."""

    cache_ok = True
    item = BigInteger()


class Texts(_Several):
    """Texts."""

    cache_ok = True
    item = String()


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


def among_texts(
    column: ColumnElement[str] | InstrumentedAttribute[str], texts: Iterable[str] | str
) -> ColumnElement[bool]:
    """Return the condition that a column holds one of these texts; a lone text names the parameter that brings them."""
    values = bindparam(texts, type_=Texts()) if isinstance(texts, str) else bindparam(None, texts, type_=Texts())
    return _Among(column, values)
