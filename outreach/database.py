"""The database: engine, pragmas, transactions, schema."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from contacts.errors import Fault, Refused, refuse

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"
SCHEMA_LOCK = 0x564F544F  # any number that is ours alone on a server
CONNECT_SECONDS = 10  # how long a server may take to answer the door
# A process that is suspended, or cut off, in the middle of a transaction holds its rows, and everybody waits. So the
# server ends one that says nothing for so long, and forgets who is gone from the network, as the driver does with it.
# Waiting for a row has no limit of its own (`lock_timeout`): its holder has this one, and whoever gave up waiting would
# only stand at the end of the line again.
HESITATION_SECONDS = 10
# And what we look for by number is in memory or on a disk without arms: a server that is not told reads the whole table
# of people for each thousand that a worker claims.
SERVER_SIDE = {
    "random_page_cost": "1.1",
    "idle_in_transaction_session_timeout": f"{HESITATION_SECONDS}s",
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "30s",
}
OUR_SIDE = {
    "connect_timeout": CONNECT_SECONDS,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
OURS = {"campaign", "contact"}  # tables that no other program beside us in a shared database may have
READING: dict[str, dict[str, Any]] = {
    "sqlite": {"writes": False},
    "postgresql": {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True},
}
SQLITE_CODES = {
    sqlite3.SQLITE_BUSY: "database_busy",
    sqlite3.SQLITE_LOCKED: "database_busy",
    sqlite3.SQLITE_CANTOPEN: "database_closed",
    sqlite3.SQLITE_PERM: "database_closed",
    sqlite3.SQLITE_READONLY: "database_readonly",
    sqlite3.SQLITE_NOTADB: "database_kind",
    sqlite3.SQLITE_CORRUPT: "database_damaged",
    sqlite3.SQLITE_FULL: "disk_full",
    sqlite3.SQLITE_IOERR: "disk_fault",
}
SQLSTATES = {  # of PostgreSQL
    "53100": "disk_full",
    "55P03": "database_busy",
    "25006": "database_readonly",
    "42501": "database_readonly",
}
#: Says so to a server, as a statement: PgBouncer takes no such words when a connection is made.
BOUND = "; ".join(f"SET {name} = '{value}'" for name, value in SERVER_SIDE.items())


def connect(url: str | URL) -> Engine:
    """Return an engine. SQLite gets WAL, foreign keys, patience, and explicit transactions.

    What is written to people never shows in an error: neither in a log nor on a screen. Refuses `database_driver`.
    """
    target = make_url(url)
    if target.get_backend_name() != "sqlite":
        return _served(target)
    engine = create_engine(target, hide_parameters=True, connect_args={"timeout": 30, "check_same_thread": False})

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


def _served(url: URL) -> Engine:
    try:
        engine = create_engine(url, pool_pre_ping=True, hide_parameters=True, connect_args=limits(url))
    except ModuleNotFoundError as error:
        raise refuse("database_driver", "DATABASE_URL", url.render_as_string()) from error

    @event.listens_for(engine, "connect")
    def _bound(connection: Any, _record: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute(BOUND)
        connection.commit()

    return engine


def limits(url: URL) -> dict[str, int]:
    """Return how long the driver waits for a server, as words of a connection; what the URL says comes first."""
    return {word: value for word, value in OUR_SIDE.items() if word not in url.query}


def unhurried(connection: Connection) -> None:
    """Let the transaction of a connection take its time between two statements: nobody waits for what it holds.

    Or whoever waits has to, as for a change of the schema.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))


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
    """One consistent read, however many questions it asks: it waits for no writer. Nothing is committed."""
    with maker() as session:
        session.connection(execution_options=READING[session.get_bind().dialect.name])
        yield session  # closing ends the transaction; what was read stays readable, which a rollback would forbid


def migration_config(engine: Engine) -> "Config":
    """Return Alembic's configuration for our migrations and this engine."""
    from alembic.config import Config  # a tenth of a second, which only a change of the schema has to wait

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["engine"] = engine
    return config


def revisions() -> list[str]:
    """Return the versions that the schema has had, oldest first: what the names of the migrations begin with."""
    return sorted(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("*.py"))


def version(connection: Connection) -> str | None:
    """Return the version of a database's schema; None of one without tables.

    Refuses `database_foreign` for a database that another program made.
    """
    tables = set(inspect(connection).get_table_names())
    if "alembic_version" in tables:
        found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return found
    strange = tables if connection.dialect.name == "sqlite" else tables & OURS
    if strange:
        raise refuse("database_foreign", "", name(connection.engine.url), table=min(strange))
    return None


def upgrade(engine: Engine) -> None:
    """Bring the schema to the newest version; harmless, and quick, when it is there already.

    Refuses `database_newer` and `database_foreign`.
    """
    known = revisions()
    with engine.connect().execution_options(writes=False) as connection:
        present = version(connection)
    if present == known[-1]:
        return
    if present is not None and present not in known:
        raise refuse("database_newer", "", name(engine.url), version=present, ours=known[-1])
    from alembic import command

    with alone(engine):  # whoever comes second finds the work done
        command.upgrade(migration_config(engine), "head")


def existing(engine: Engine) -> None:
    """Refuse `database_missing` where there is no file: SQLite would make one only to look into it."""
    if engine.dialect.name == "sqlite" and not Path(engine.url.database or "").exists():
        raise refuse("database_missing", "", name(engine.url))


@contextmanager
def alone(engine: Engine) -> Iterator[None]:
    """Let one process at a time change a schema: SQLite has one writer anyway, a server has a lock for it."""
    if engine.dialect.name == "sqlite":
        yield
        return
    with engine.connect() as connection:
        unhurried(connection)
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": SCHEMA_LOCK})
        yield  # the end of this transaction gives the lock back


@contextmanager
def answering(engine: Engine) -> Iterator[None]:
    """Refuse, for a block, a database that cannot be used, with what `fault` names; its connections are given back."""
    try:
        yield
    except DBAPIError as error:
        engine.dispose()
        if found := fault(error, engine.url):
            raise Refused([found]) from error
        raise
    except Refused:
        engine.dispose()
        raise


def name(url: URL) -> str:
    """Return what a reader knows a database by: its file, or its address without the password."""
    return url.database or "" if url.get_backend_name() == "sqlite" else url.render_as_string()


def fault(error: DBAPIError, url: URL | None = None) -> Fault | None:
    """Return the fault for an error of the surroundings (the file, the disk, the server); None for one of ours."""
    value = name(url) if url else ""
    origin = error.orig
    if isinstance(origin, sqlite3.Error):
        code = SQLITE_CODES.get(getattr(origin, "sqlite_errorcode", 0) & 0xFF)
        return Fault(code, "", value) if code else None
    state = getattr(origin, "sqlstate", None)
    if state is None and not error.connection_invalidated and error.statement is not None:
        return None
    code = SQLSTATES.get(state or "")
    if code is None and state is not None and not state.startswith(("08", "25P03", "28", "3D", "57P")):
        return None
    why = str(origin).strip().partition("\n")[0]
    return Fault(code or "database_unreachable", "", value, details={"why": why})
