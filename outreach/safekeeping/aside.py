"""An installation that gives its place to a restored one is kept, under another name."""

import shutil
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, text

from outreach.config import Settings
from outreach.safekeeping.archive import PICTURES, SECRET


def put(target: Engine, settings: Settings, at: datetime, undoing: ExitStack) -> str:
    """Move what an installation holds out of the way and return where it is; `undoing` moves it back.

    Files go to a folder of the data folder, the tables of a server to a schema of the same name.
    """
    name = f"antes-{at:%Y%m%d-%H%M%S}"
    kept = settings.data / name
    kept.mkdir(mode=0o700)
    places = [settings.data / SECRET, settings.data / PICTURES]
    if target.dialect.name == "sqlite":
        assert target.url.database
        target.dispose()
        file = Path(target.url.database)
        places += [file, *(file.with_name(file.name + ending) for ending in ("-wal", "-shm"))]
    for place in places:
        if place.exists():
            shutil.move(place, kept / place.name)  # the database may be on another disk
            undoing.callback(_back, kept / place.name, place)
    if target.dialect.name != "sqlite":
        schema = name.replace("-", "_")
        _rename_schema(target, schema, undoing)
        return f"{schema}, {kept}"
    return str(kept)


def _back(kept: Path, place: Path) -> None:
    if place.is_dir():
        shutil.rmtree(place)
    place.unlink(missing_ok=True)
    shutil.move(kept, place)


def _rename_schema(target: Engine, name: str, undoing: ExitStack) -> None:
    """Give all tables of a server's database another schema, and make an empty one where they were."""
    with target.begin() as connection:
        schema = connection.scalar(text("SELECT current_schema()"))
        connection.execute(text(f'ALTER SCHEMA "{schema}" RENAME TO "{name}"'))
        connection.execute(text(f'CREATE SCHEMA "{schema}"'))
    undoing.callback(_rename_back, target, name, schema)


def _rename_back(target: Engine, name: str, schema: str) -> None:
    with target.begin() as connection:
        connection.execute(text(f'DROP SCHEMA "{schema}" CASCADE'))
        connection.execute(text(f'ALTER SCHEMA "{name}" RENAME TO "{schema}"'))
