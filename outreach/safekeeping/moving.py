"""An installation moves to another database, whole, and never sends from two: `outreach db copy`."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import URL, Engine, RootTransaction, make_url, select, text
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import Session

from campaigns import recovery, stopping
from contacts.errors import refuse
from outreach import audit, config_values, database, keep
from outreach.clock import Clock
from outreach.config import Settings
from outreach.keep import Kept
from outreach.safekeeping import copying, ownership
from outreach.safekeeping.rows import Told

Tell = Callable[[int], None]
STOPPED_BY = "outreach db copy"  # who pulled the switch of the database that was left


@dataclass(frozen=True, slots=True)
class Moved:
    """What came of it: what each table holds in both databases, and how many rows a dead worker had left."""

    tables: Mapping[str, Told]
    swept: int
    place: str


def size(settings: Settings) -> int:
    """Return how many rows there are to copy, for whoever watches."""
    engine = database.connect(settings.database)
    try:
        database.existing(engine)
        with database.answering(engine), engine.connect().execution_options(writes=False) as connection:
            return copying.size(connection) if database.version(connection) == database.revisions()[-1] else 0
    finally:
        engine.dispose()


def move(settings: Settings, to: str, clock: Clock, *, by: str, tell: Tell = lambda _rows: None) -> Moved:
    """Copy the settings' installation into the empty database at `to`, in one transaction, and leave this one behind.

    Nobody else may have either open. What dead workers held is settled first as a sweep does: claimed goes back to
    planned, calling is in doubt. The old database is marked as moved before the new one is committed, so that at no
    moment there are two that send; cut off between the two, the same command does it again.

    Refuses `copy_same`, `copy_taken`, `copy_version`, `installation_moved` (also when it is there already),
    `installation_in_use`, `server_in_use`, and what `copying.copy` refuses.
    """
    place = _place(to)
    with ownership.alone(settings.data), _opened(settings.database) as old, _opened(place) as new:
        if _same(old.url, new.url):
            raise refuse("copy_same", "--to", database.name(new.url))
        database.existing(old)
        with database.answering(old), old.connect().execution_options(writes=False) as connection:
            ownership.nobody_connected(connection)
            if database.version(connection) != database.revisions()[-1]:
                raise refuse("copy_version", "", database.name(old.url))
        with database.answering(new):
            with new.connect() as connection:
                ownership.nobody_connected(connection)
            database.upgrade(new)
        shown = _shown(new.url)
        with Session(old) as leaving, new.connect() as arriving, arriving.begin() as arrival:
            for connection in (leaving.connection(), arriving):
                database.unhurried(connection)  # while the one is read, the other waits
            before = keep.moved_to(leaving)
            swept = _leave(leaving, old, shown, clock.now())
            if table := copying.taken(arriving):
                same = select(Kept.value).where(Kept.name == keep.INSTALLATION)
                if before and arriving.scalar(same) == keep.installation_id(leaving):  # whole there: asked once more
                    raise refuse("installation_moved", "", database.name(old.url), place=before)
                raise refuse("copy_taken", "--to", database.name(new.url), table=table)
            audit.note(leaving, clock.now(), by, "db.copy", shown, {"swept": swept})
            leaving.flush()
            told = copying.copy(leaving.connection(), arriving, tell)
            _mark(leaving, shown, clock.now())
            leaving.commit()
            _arrive(arrival)
        if new.dialect.name == "postgresql":
            with new.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text("ANALYZE"))
    return Moved(told, swept, shown)


def _place(to: str) -> URL:
    try:
        return make_url(config_values.database(to))
    except (ValueError, ArgumentError) as error:
        raise refuse("setting_database", "--to", config_values.shown(to)) from error


@contextmanager
def _opened(url: URL) -> Iterator[Engine]:
    engine = database.connect(url)
    try:
        yield engine
    finally:
        engine.dispose()


def _same(one: URL, other: URL) -> bool:
    def bare(url: URL) -> URL:
        return url.set(password=None)

    return bare(one) == bare(other)


def _shown(url: URL) -> str:
    """Return an address for people: no password, and none of the further words that may hold one."""
    secret = [key for key in url.query if "pass" in key]
    return database.name(url.set(password=None).difference_update_query(secret))


def _leave(session: Session, old: Engine, place: str, at: datetime) -> int:
    """Let nobody write to what is left, and settle what dead workers held. Refuses what has moved elsewhere."""
    if old.dialect.name == "postgresql":
        tables = ", ".join(f'"{name}"' for name in (*copying.table_names(), Kept.__tablename__))
        session.execute(text(f"LOCK TABLE {tables} IN EXCLUSIVE MODE"))
    moved = keep.moved_to(session)
    if moved and moved != place:
        raise refuse("installation_moved", "", database.name(old.url), place=moved)
    if moved:  # cut off after the mark and before the other's commit: the other is empty, or it is refused as taken
        session.delete(session.get_one(Kept, keep.MOVED))
        if (switch := stopping.stopped(session)) and switch.by == STOPPED_BY:
            stopping.resume(session)
        session.flush()
    # Nobody is connected. Whoever may be cut off in the middle of a call needs this database's word for the next one.
    return recovery.sweep(session, at=at, everything=True)


def _arrive(arrival: RootTransaction) -> None:
    """Commit what was written: from here on the installation lives there."""
    arrival.commit()


def _mark(session: Session, place: str, at: datetime) -> None:
    """Leave word of where the installation went, and stop what may still run here and was never told."""
    session.add(Kept(name=keep.MOVED, value=place))
    if stopping.stopped(session) is None:
        stopping.stop(session, at=at, by=STOPPED_BY, reason=place[: stopping.LONGEST_REASON])
