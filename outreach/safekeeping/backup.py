"""A backup of an installation while it sends: one consistent picture, proven before it gets its name."""

import io
import os
import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from tempfile import TemporaryDirectory, mkstemp
from typing import Any

from sqlalchemy import URL, Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from contacts import search_index
from contacts.errors import Refused, refuse
from outreach import database, keep
from outreach.platform import Platform
from outreach.safekeeping import archive, copying, rows
from outreach.safekeeping.archive import File, Manifest
from outreach.safekeeping.rows import Told

PAGES = 2048  # of 4 KiB a step: between two steps progress is told and Ctrl-C is heard
Tell = Callable[[int], None]


def write(platform: Platform, target: Path, *, force: bool = False, tell: Tell = lambda _rows: None) -> Manifest:
    """Write a backup of a platform into a file, readable by its owner alone, and return its list.

    Whoever sends meanwhile is not held up: SQLite's file is read in one snapshot beside the writers, a server in one
    transaction. The copy is checked whole before the file takes its name, and nothing half written is ever seen there.

    Refuses `backup_exists` (unless `force`), `database_damaged`, and what the disk or the database say.
    """
    target = target.absolute()
    if target.exists() and not force:
        raise refuse("backup_exists", "", target)
    if target.is_dir() or not target.parent.is_dir():
        raise refuse(
            "path_is_folder" if target.is_dir() else "path_missing", "", target if target.is_dir() else target.parent
        )
    with TemporaryDirectory(dir=target.parent, prefix=".backup-") as beside:  # 0700; as large as the database
        copied = Path(beside) / archive.DATABASE
        moment = platform.clock.now()
        told = _picture(platform.engine, copied, tell)
        manifest = _described(platform, copied, moment, told, tell)
        handle, name = mkstemp(dir=beside)  # 0600
        with os.fdopen(handle, "w+b") as file:
            with zipfile.ZipFile(file, "w", compresslevel=1) as packed:
                manifest = replace(manifest, files=_pack(packed, platform, copied))
                packed.writestr(archive.MANIFEST, archive.as_text(manifest))
            file.flush()
            os.fsync(file.fileno())
        _take_name(Path(name), target, force=force)
    return manifest


def size(platform: Platform) -> int:
    """Return how many rows `write` tells of, for whoever watches."""
    with platform.reading() as session:
        return copying.size(session.connection())


def _picture(engine: Engine, copied: Path, tell: Tell) -> dict[str, Told]:
    """Write the database, as it is at one moment, into an SQLite file; return the tables that were read back there."""
    told: dict[str, Told] = {}
    copied.touch(mode=0o600)
    if engine.dialect.name == "sqlite":
        with engine.connect().execution_options(writes=False) as connection:
            _pages(connection, copied)
    else:
        target = database.connect(URL.create("sqlite", database=str(copied)))
        try:
            database.upgrade(target)
            reading = engine.connect().execution_options(**database.READING["postgresql"])
            with reading as source, unsynchronised(target) as written, written.begin():
                database.unhurried(source)
                told = copying.copy(source, written, tell)
        finally:
            target.dispose()
    _without_index(copied)
    single_file(copied)
    return told


def _without_index(copied: Path) -> None:
    """Take the index of words out of a copy: it is made anew from the rest, where the copy is restored."""
    engine = database.connect(URL.create("sqlite", database=str(copied)))
    try:
        with unsynchronised(engine) as connection, connection.begin():
            connection.execute(text("PRAGMA secure_delete = ON"))  # what is nothing packs well
            search_index.remove(connection)
    finally:
        engine.dispose()


def _pages(connection: Connection, copied: Path) -> None:
    """Copy the pages of one snapshot: held open, it is the same from the first page to the last."""
    rows.lean(connection)
    connection.execute(text("SELECT count(*) FROM sqlite_master"))  # takes the snapshot; writers go on beside it
    driver: Any = connection.connection.driver_connection
    with speaking(copied), closing(sqlite3.connect(copied)) as target:
        driver.backup(target, pages=PAGES)


@contextmanager
def unsynchronised(engine: Engine) -> Iterator[Connection]:
    """Write to a file that nobody relies on yet, without waiting for the disk at each step."""
    with engine.connect() as connection:
        rows.lean(connection)
        driver: Any = connection.connection.driver_connection
        driver.execute("PRAGMA synchronous = OFF")
        yield connection


def single_file(path: Path) -> None:
    """Make an SQLite file whole in itself, without a journal beside it, and written to the disk."""
    with speaking(path), closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA journal_mode = DELETE")
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def sound(path: Path) -> bool:
    """Look through every page of an SQLite file: whether it is one, and whole."""
    with closing(sqlite3.connect(path)) as connection:
        try:
            return bool(connection.execute("PRAGMA integrity_check(1)").fetchone() == ("ok",))
        except sqlite3.DatabaseError as error:
            if database.SQLITE_CODES.get(error.sqlite_errorcode & 0xFF) in {"disk_full", "disk_fault"}:
                raise DBAPIError("", None, error) from error
            return False


@contextmanager
def speaking(path: Path) -> Iterator[None]:
    """Turn what SQLite says of a file into a refusal that has words."""
    try:
        yield
    except sqlite3.Error as error:
        wrapped = DBAPIError("", None, error)
        if found := database.fault(wrapped, URL.create("sqlite", database=str(path))):
            raise Refused([found]) from error
        raise wrapped from error


def _described(platform: Platform, copied: Path, moment: datetime, read: dict[str, Told], tell: Tell) -> Manifest:
    """Look the copy through and count what is in it, without what was `read` there: the copy is what is told of."""
    if not sound(copied):
        raise refuse("database_damaged", "", database.name(platform.engine.url))
    engine = database.connect(URL.create("sqlite", database=str(copied)))
    try:
        with engine.connect().execution_options(writes=False) as connection:
            rows.lean(connection)
            told = dict(read)
            for name in sorted(set(rows.tables(connection)) - read.keys()):
                told[name] = rows.tally(connection, name)
                tell(told[name].rows)
            schema = database.version(connection)
            installation = connection.scalar(
                text("SELECT value FROM kept WHERE name = :name"), {"name": keep.INSTALLATION}
            )
    finally:
        engine.dispose()
    single_file(copied)
    origin = platform.engine.dialect.name
    return Manifest(moment, str(installation), schema or "", origin, _program(), told, {})


def _pack(packed: zipfile.ZipFile, platform: Platform, copied: Path) -> dict[str, File]:
    with copied.open("rb") as source:
        files = {archive.DATABASE: archive.put(packed, archive.DATABASE, source)}
    files[archive.SECRET] = archive.put(packed, archive.SECRET, io.BytesIO(platform.secret.encode()))
    kept = platform.settings.data / archive.PICTURES
    for picture in sorted(kept.iterdir()) if kept.is_dir() else []:
        name = f"{archive.PICTURES}/{picture.name}"
        if archive.EVIDENCE.fullmatch(name) and picture.is_file():
            with picture.open("rb") as source:
                files[name] = archive.put(packed, name, source)
    return files


def _take_name(beside: Path, target: Path, *, force: bool) -> None:
    """Give the finished file its name, which nobody has taken meanwhile, and make the disk remember it."""
    if force:
        beside.replace(target)
    else:
        try:
            os.link(beside, target)
        except FileExistsError as error:
            raise refuse("backup_exists", "", target) from error
        except OSError:  # a disk without hard links
            beside.replace(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _program() -> str:
    try:
        return version("voto-chilango-outreach")
    except PackageNotFoundError:  # run from a folder, never installed
        return ""
