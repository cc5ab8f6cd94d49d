"""The composition root: settings in, a working platform out."""

import os
import secrets
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from outreach import database, keep
from outreach.clock import Clock, SystemClock
from outreach.config import Settings


class Platform:
    """What every edge (web, API, CLI, scheduler, tests) is given. Makes the data folder and the schema."""

    def __init__(self, settings: Settings, clock: Clock | None = None) -> None:
        self.settings = settings
        self.clock: Clock = clock or SystemClock()
        settings.data.mkdir(parents=True, exist_ok=True)
        self.engine: Engine = database.connect(settings.database)
        database.upgrade(self.engine)
        self.sessions = database.sessions(self.engine)
        with self.reading() as session:
            known = session.get(keep.Kept, keep.INSTALLATION)
        if known is None:  # made now, so that whoever only reads finds it
            with self.transaction() as session:
                keep.installation_id(session)
        self.secret = settings.secret_key or _kept_secret(settings.data / "secret")

    def transaction(self) -> AbstractContextManager[Session]:
        """One unit of work that may write."""
        return database.transaction(self.sessions)

    def reading(self) -> AbstractContextManager[Session]:
        """One consistent read."""
        return database.reading(self.sessions)

    def close(self) -> None:
        """Give back the connections."""
        self.engine.dispose()


@contextmanager
def opened(settings: Settings | None = None, clock: Clock | None = None) -> Iterator[Platform]:
    """Open the platform for a block: what a command does. Settings default to the environment's."""
    platform = Platform(settings or Settings.read(), clock)
    try:
        yield platform
    finally:
        platform.close()


def _kept_secret(path: Path) -> str:
    """Return the secret kept in the data folder, making it the first time (readable by its owner alone)."""
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48))
    return path.read_text(encoding="ascii").strip()
