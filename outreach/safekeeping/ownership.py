"""Nobody else at work: what is needed before a whole installation is moved or replaced."""

import fcntl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sqlalchemy import Connection, text

from contacts.errors import refuse
from outreach.platform import IN_USE

ENGINE = "engine.lock"  # outreach/timer.py: who sends on this machine


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep every other process of this machine out of an installation for a block. Refuses `installation_in_use`.

    The locks are the operating system's: a killed process gives them back.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as held:
        for name in (IN_USE, ENGINE):
            file = held.enter_context((folder / name).open("a", encoding="ascii"))
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise refuse("installation_in_use", "", folder) from error
        yield


def nobody_connected(connection: Connection) -> None:
    """Refuse `server_in_use` while others of our user are connected to this database, on whatever machine.

    SQLite has no such others: whoever uses the file is on this machine, and `alone` keeps them out.
    """
    if connection.dialect.name == "sqlite":
        return
    others = connection.scalar(
        text(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = current_user "
            "AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
    )
    if others:
        raise refuse("server_in_use", "", connection.engine.url.render_as_string(), others=others)
