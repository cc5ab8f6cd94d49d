"""Procrastinate's own tables, in the version of the installed library; they stand beside ours on PostgreSQL.

They are read from the library's files, without importing it: a command that queues nothing need not wait for it.
"""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, text

from contacts.errors import refuse
from outreach import database, keep

APPLIED = keep.QUEUE_SCHEMA  # names the newest migration of Procrastinate that was applied


def upgrade(engine: Engine) -> None:
    """Bring Procrastinate's tables to the version of the installed library; harmless, and quick, when they are there.

    Refuses `database_driver` where the library is missing, and `queue_newer` where a newer one has been at work.
    """
    folder = _folder(engine)
    migrations = sorted((folder / "migrations").glob("*.sql"))  # their names begin with the version they came with
    known = [path.stem for path in migrations]
    if _version(engine) == known[-1]:
        return
    with database.alone(engine):
        applied = _version(engine)  # whoever comes second finds the work done
        if applied is None:
            _apply(engine, folder / "schema.sql", known[-1])
        elif applied not in known:
            raise refuse("queue_newer", "", database.name(engine.url), version=applied, ours=known[-1])
        else:
            for path in migrations[known.index(applied) + 1 :]:
                _apply(engine, path, path.stem)


def _folder(engine: Engine) -> Path:
    spec = find_spec("procrastinate")
    if spec is None or spec.origin is None:
        raise refuse("database_driver", "DATABASE_URL", engine.url.render_as_string())
    return Path(spec.origin).parent / "sql"


def _version(engine: Engine) -> str | None:
    with engine.connect() as connection:
        return _applied(connection)


def _applied(connection: Connection) -> str | None:
    found: str | None = connection.scalar(text("SELECT value FROM kept WHERE name = :name"), {"name": APPLIED})
    return found


def _apply(engine: Engine, path: Path, version: str) -> None:
    with engine.begin() as connection:
        raw: Any = connection.connection.driver_connection
        raw.execute(path.read_text(encoding="utf-8"))  # many statements: the driver takes them, SQLAlchemy does not
        connection.execute(
            text(
                "INSERT INTO kept (name, value) VALUES (:name, :version) "
                "ON CONFLICT (name) DO UPDATE SET value = excluded.value"
            ),
            {"name": APPLIED, "version": version},
        )
