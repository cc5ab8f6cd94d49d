"""A backup becomes an installation again: proven before anything is touched, whole or not at all."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import URL, Connection, Engine, inspect, text

from contacts import guarding, search_index
from contacts.errors import Refused, refuse
from outreach import audit, database
from outreach.clock import Clock
from outreach.config import Settings
from outreach.safekeeping import aside, caution, copying, ownership, rows
from outreach.safekeeping.archive import DATABASE, PICTURES, SECRET, Archive, Manifest
from outreach.safekeeping.backup import single_file, sound, unsynchronised
from outreach.safekeeping.caution import Held

Tell = Callable[[int], None]
APART = timedelta(minutes=1)  # of two machines' clocks: a backup may seem to be made a moment from now


@dataclass(frozen=True, slots=True)
class Restored:
    """What came of it."""

    manifest: Manifest
    held: Held
    aside: str  # where the installation that was there is now; "" when there was none


def size(path: Path, settings: Settings) -> int:
    """Return how many rows `restore` tells of, for whoever watches. Refuses what `Archive` refuses."""
    with Archive(path) as brought:
        told = sum(table.rows for table in brought.manifest.tables.values())
    return told * (1 if settings.database.get_backend_name() == "sqlite" else 2)


def restore(
    path: Path, settings: Settings, clock: Clock, *, by: str, force: bool = False, tell: Tell = lambda _rows: None
) -> Restored:
    """Make the settings' installation from a backup: its database, its secret, its evidence.

    Everything is taken out beside, compared with the backup's list, brought to the newest schema, and held back
    (`caution`), before anything of the installation is touched. The database gets its place last: cut off before, the
    installation is as empty as it was. With `force` an installation that is there already is kept aside.

    Refuses what `Archive` refuses, `backup_newer`, `backup_future` for one that this machine's clock says is not made
    yet (what may have left since is reckoned with that clock), `restore_taken`, `secret_other`, `installation_in_use`,
    `server_in_use`.
    """
    with Archive(path) as brought, ownership.alone(settings.data):
        manifest = brought.manifest
        known = database.revisions()
        if manifest.schema not in known:
            raise refuse("backup_newer", "", path, version=manifest.schema, ours=known[-1])
        at = clock.now()
        if manifest.made_at > at + APART:
            raise refuse(
                "backup_future", "", path, made=f"{manifest.made_at:%Y-%m-%d %H:%M}", now=f"{at:%Y-%m-%d %H:%M}"
            )
        with _target(settings) as target:
            taken = _taken(target)
            if taken and not force:
                raise refuse("restore_taken", "", database.name(target.url), table=taken)
            with TemporaryDirectory(dir=settings.data, prefix=".restore-") as folder:
                beside = Path(folder)
                _take_out(brought, beside, settings, path)
                file = beside / DATABASE
                held = _made_ready(file, manifest, path, max(at, manifest.made_at), by, tell)
                with ExitStack() as undoing:
                    was = aside.put(target, settings, clock.now(), undoing) if taken else ""
                    _put_in_place(beside, settings)
                    if target.dialect.name == "sqlite":
                        target.dispose()
                        _place_file(file, target.url)
                    else:
                        _place_rows(file, target, tell)
                    undoing.pop_all()
    return Restored(manifest, held, was)


@contextmanager
def _target(settings: Settings) -> Iterator[Engine]:
    engine = database.connect(settings.database)
    try:
        if engine.dialect.name != "sqlite":  # SQLite would make the file
            with database.answering(engine), engine.connect() as connection:
                ownership.nobody_connected(connection)
        yield engine
    finally:
        engine.dispose()


def _taken(target: Engine) -> str:
    """Return what an installation that is there holds, "" for none. Refuses `database_foreign` and what is newer."""
    file = target.url.database
    if target.dialect.name == "sqlite" and not (file and Path(file).exists()):
        return ""
    with database.answering(target), target.connect().execution_options(writes=False) as connection:
        version = database.version(connection)
        if version is None:
            return ""
        ours = set(copying.table_names()) & set(inspect(connection).get_table_names())
        return next((name for name in sorted(ours) if rows.count(connection, name)), "")


def _take_out(brought: Archive, beside: Path, settings: Settings, path: Path) -> None:
    (beside / PICTURES).mkdir()
    for name in brought.manifest.files:
        brought.take(name, beside / name)
    secret = (beside / SECRET).read_text(encoding="utf-8", errors="replace").strip()
    if not secret.isprintable() or not secret or "\N{REPLACEMENT CHARACTER}" in secret:  # as none of ours is
        raise refuse("backup_damaged", "", path)
    if settings.secret_key and settings.secret_key != secret:
        raise refuse("secret_other", "OUTREACH_SECRET_KEY")


def _made_ready(file: Path, manifest: Manifest, path: Path, at: datetime, by: str, tell: Tell) -> Held:
    """Prove the database of a backup, bring it to the newest schema, and hold back what may have left since."""
    if not sound(file):
        raise refuse("backup_damaged", "", path)
    engine = database.connect(URL.create("sqlite", database=str(file)))
    try:
        with engine.connect().execution_options(writes=False) as connection:
            rows.lean(connection)
            _compare(connection, manifest, path, tell)
        database.upgrade(engine)
        with database.transaction(database.sessions(engine)) as session:
            search_index.install(session.connection())
            search_index.renew(session.connection())
            held = caution.hold_back(session, made_at=manifest.made_at, at=at, by=by)
            details: dict[str, object] = {
                "made_at": manifest.made_at.isoformat(),
                "in_doubt": held.deliveries,
                "paused": held.campaigns,
                "asked": held.asked,
            }
            audit.note(session, at, by, "db.restore", path.name, details)
    finally:
        engine.dispose()
    single_file(file)
    return held


def _compare(connection: Connection, manifest: Manifest, path: Path, tell: Tell) -> None:
    """Refuse `backup_damaged` when a table is not as the list says, or the schema is another one."""
    try:
        if database.version(connection) != manifest.schema or rows.tables(connection) != sorted(manifest.tables):
            raise refuse("backup_damaged", "", path)
        acts = set(connection.scalars(text("SELECT sql FROM sqlite_master WHERE type IN ('trigger', 'view')")))
        if not acts <= guarding.texts(connection):  # another than ours would act on what is held back here
            raise refuse("backup_damaged", "", path)
        for name, told in manifest.tables.items():
            if rows.tally(connection, name) != told:
                raise refuse("backup_damaged", "", path)
            tell(told.rows)
    except Refused as refused:
        raise refuse("backup_damaged", "", path) from refused


def _put_in_place(beside: Path, settings: Settings) -> None:
    """Give the secret and the evidence their places; those of an empty installation mean nothing to anybody."""
    (beside / SECRET).replace(settings.data / SECRET)
    pictures = settings.data / PICTURES
    pictures.mkdir(parents=True, exist_ok=True)
    for picture in (beside / PICTURES).iterdir():
        picture.replace(pictures / picture.name)


def _place_file(file: Path, url: URL) -> None:
    assert url.database
    place = Path(url.database)
    for left in (place, *(place.with_name(place.name + ending) for ending in ("-wal", "-shm"))):
        left.unlink(missing_ok=True)
    if place.parent == file.parent.parent:
        file.replace(place)
        return
    nearby = place.with_name(f".{place.name}.restore")  # another disk, perhaps: whole before it takes its name
    shutil.copyfile(file, nearby)
    nearby.chmod(0o600)
    single_file(nearby)
    nearby.replace(place)


def _place_rows(file: Path, target: Engine, tell: Tell) -> None:
    source = database.connect(URL.create("sqlite", database=str(file)))
    try:
        database.upgrade(target)
        with unsynchronised(source) as read_from, target.begin() as written:
            database.unhurried(written)
            copying.copy(read_from, written, tell)
        with target.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE"))  # so that the first questions are not answered at a guess
    finally:
        source.dispose()
