"""Nobody else at work: what is needed before a whole installation is moved or replaced."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from sqlalchemy import Connection, text

from contacts.errors import refuse
from outreach.platform import use_file

ENGINE = "engine.lock"  # outreach/timer.py: who sends on this machine

LOOKS = 12  # at who is connected, a quarter of a second apart
_OTHERS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = current_user "
    "AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep every other process of this machine out of an installation for a block. Refuses `installation_in_use`.

    The locks are the operating system's: a killed process gives them back.
    """
    with ExitStack() as held:
        files = [held.enter_context(os.fdopen(use_file(folder)))]
        with suppress(FileNotFoundError):  # whoever sends makes it, as the user who sends
            files.append(held.enter_context((folder / ENGINE).open(encoding="ascii")))
        for file in files:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise refuse("installation_in_use", "", folder) from error
        yield


def nobody_connected(connection: Connection) -> None:
    """Refuse `server_in_use` while others of our user are connected to this database, on whatever machine.

    Who has just ended is given some seconds to be gone. SQLite has no such others: whoever uses the file is on this
    machine, and `alone` keeps them out.
    """
    if connection.dialect.name == "sqlite":
        return
    for _look in range(LOOKS):
        others = connection.scalar(text(_OTHERS))
        if not others:
            return
        connection.execute(text("SELECT pg_sleep(0.25), pg_stat_clear_snapshot()"))
    raise refuse("server_in_use", "", connection.engine.url.render_as_string(), others=others)
