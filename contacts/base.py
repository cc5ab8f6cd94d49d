"""What every table shares: the declarative base, named constraints, moments in UTC, closed vocabularies."""

from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import JSON, BigInteger, Boolean, DateTime, Dialect, Enum, Integer, MetaData, String, Table
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator, TypeEngine

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

BigId = BigInteger().with_variant(Integer(), "sqlite")  # SQLite numbers rows by itself only for INTEGER keys


class UtcDateTime(TypeDecorator[datetime]):
    """A moment. Refuses naive values, stores UTC, gives back aware UTC."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[datetime]:
        """PostgreSQL keeps the zone itself; SQLite has none, so UTC is stored without one."""
        return dialect.type_descriptor(DateTime(timezone=dialect.name == "postgresql"))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Aware in any zone → UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime is not a moment")
        moment = value.astimezone(UTC)
        return moment if dialect.name == "postgresql" else moment.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Whatever the database keeps → aware UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def vocabulary(words: type[StrEnum]) -> Enum:
    """Column type of a closed vocabulary: text in the database, held by a CHECK constraint."""
    return Enum(
        words,
        native_enum=False,
        create_constraint=True,
        length=24,
        name=words.__name__.lower(),
        values_callable=lambda enum: [word.value for word in enum],
    )


def table_of(model: type["Base"]) -> Table:
    """Return the table of a model, for writing many rows at once past the mapper."""
    table = model.__table__
    assert isinstance(table, Table)
    return table


class Base(DeclarativeBase):
    """Declarative base of the three packages; one metadata, one migration history."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {  # noqa: RUF012 — SQLAlchemy reads it as a plain class attribute
        datetime: UtcDateTime,
        str: String,
        bool: Boolean,
        dict[str, str]: JSON,
        dict[str, object]: JSON,
        list[str]: JSON,
    }
