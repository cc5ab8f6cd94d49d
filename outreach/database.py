"""The database: engine, pragmas, transactions, schema."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.orm import Session, sessionmaker

MIGRATIONS = Path(__file__).parent / "migrations"


def connect(url: str) -> Engine:
    """Return an engine. SQLite gets WAL, foreign keys, patience, and explicit transactions."""
    target = make_url(url)
    if target.get_backend_name() != "sqlite":
        return create_engine(target, pool_pre_ping=True)
    engine = create_engine(target, connect_args={"timeout": 30, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves: pysqlite would begin too late
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",  # a committed claim must survive a power cut, or a message goes twice
            "foreign_keys=ON",
            "busy_timeout=30000",
            "cache_size=-65536",
            "mmap_size=268435456",
            "temp_store=MEMORY",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        # A transaction that reads first and writes later would fail with SQLITE_BUSY under load, so writers say so.
        immediate = connection.get_execution_options().get("writes", True)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine


def sessions(engine: Engine) -> sessionmaker[Session]:
    """Return the maker of sessions; objects stay readable after the commit."""
    return sessionmaker(engine, expire_on_commit=False)


@contextmanager
def transaction(maker: sessionmaker[Session]) -> Iterator[Session]:
    """One unit of work that may write: committed at the end, rolled back on any error."""
    with maker.begin() as session:
        yield session


@contextmanager
def reading(maker: sessionmaker[Session]) -> Iterator[Session]:
    """One consistent read: on SQLite it waits for no writer. Nothing is committed."""
    with maker() as session:
        session.connection(execution_options={"writes": False})
        yield session  # closing ends the transaction; what was read stays readable, which a rollback would forbid


def migration_config(engine: Engine) -> Config:
    """Return Alembic's configuration for our migrations and this engine."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["engine"] = engine
    return config


def upgrade(engine: Engine) -> None:
    """Bring the schema to the newest version; harmless, and quick, when it is there already."""
    config = migration_config(engine)
    newest = ScriptDirectory.from_config(config).get_current_head()
    with engine.connect().execution_options(writes=False) as connection:
        present = MigrationContext.configure(connection).get_current_revision()
    if present != newest:
        command.upgrade(config, "head")
