"""The two databases that a test may run on: fresh ones, copied from a template that is filled once a process."""

import shutil
from abc import ABC, abstractmethod
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

from postgres_server import PostgresServer
from sqlalchemy import make_url

from outreach.clock import Clock
from outreach.config import Settings
from outreach.platform import Platform

SCHEMA = "schema"  # the template with the tables and nothing in them


class Databases(ABC):
    """Gives out settings over databases of one kind."""

    name: str

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._folder.mkdir()
        self._made: dict[str, Any] = {}

    @abstractmethod
    def _copy(self, data: Path, template: str) -> str:
        """Copy a template to a new database; return its DATABASE_URL, "" for the one in the data folder."""

    @abstractmethod
    def _keep(self, settings: Settings, template: str) -> None:
        """Make a template of what the settings lead to; nobody is connected any more."""

    @abstractmethod
    def _replace(self, settings: Settings, template: str) -> None:
        """Put a copy of a template in the place of a database that nobody is connected to."""

    def settings(self, data: Path, template: str = SCHEMA) -> Settings:
        """Return settings with a data folder, made here, and a fresh copy of a template."""
        self.template(SCHEMA, lambda _platform: None)
        data.mkdir(parents=True, exist_ok=True)
        return Settings.read({"OUTREACH_DATA": str(data), "DATABASE_URL": self._copy(data, template)})

    def template(self, name: str, fill: Callable[[Platform], Any], clock: Clock | None = None) -> Any:
        """Make a template, once a process, by filling a platform; return what `fill` returned, each time."""
        if name not in self._made:
            settings = self.settings(self._folder / name) if name != SCHEMA else self._bare()
            platform = Platform(settings, clock)
            self._made[name] = fill(platform)
            platform.close()
            self._keep(settings, name)
        return self._made[name]

    def refill(self, platform: Platform, template: str) -> None:
        """Put a copy of a template in the place of all that a platform's database holds."""
        platform.engine.dispose()
        self._replace(platform.settings, template)

    @abstractmethod
    def _bare(self) -> Settings:
        """Return settings over a database without tables."""

    @abstractmethod
    def forget(self, settings: Settings) -> None:
        """Remove a database that was given out, whoever is still connected."""

    def close(self) -> None:  # noqa: B027 — a file needs no closing
        """Leave nothing behind."""


class Sqlite(Databases):
    """A file in the data folder, as an installation has it by default."""

    name = "sqlite"

    def _bare(self) -> Settings:
        return Settings.read({"OUTREACH_DATA": str(self._folder / SCHEMA)})

    def _copy(self, data: Path, template: str) -> str:
        shutil.copy(self._file(template), data / "outreach.sqlite3")
        return ""

    def _keep(self, settings: Settings, template: str) -> None:
        shutil.copy(settings.data / "outreach.sqlite3", self._file(template))

    def _replace(self, settings: Settings, template: str) -> None:
        self.forget(settings)
        self._copy(settings.data, template)

    def _file(self, template: str) -> Path:
        return self._folder / f"{template}.sqlite3"

    def forget(self, settings: Settings) -> None:
        """Remove the file and what stands beside it."""
        for path in settings.data.glob("outreach.sqlite3*"):
            path.unlink()


class Postgres(Databases):
    """A database each on a server of this process."""

    name = "postgresql"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.server = PostgresServer()
        self._numbers = count(1)

    def _bare(self) -> Settings:
        (self._folder / SCHEMA).mkdir()
        url = self.server.create("bare")
        return Settings.read({"OUTREACH_DATA": str(self._folder / SCHEMA), "DATABASE_URL": url})

    def _copy(self, data: Path, template: str) -> str:  # noqa: ARG002 — a server keeps it elsewhere
        return self.server.create(f"test_{next(self._numbers)}", template=f"template_{template}")

    def _keep(self, settings: Settings, template: str) -> None:
        self.server.execute("ALTER DATABASE {} RENAME TO {}", _database(settings), f"template_{template}")

    def _replace(self, settings: Settings, template: str) -> None:
        self.server.drop(_database(settings))
        self.server.create(_database(settings), template=f"template_{template}")

    def forget(self, settings: Settings) -> None:
        """Drop it."""
        self.server.drop(_database(settings))

    def close(self) -> None:
        """Stop the server."""
        self.server.close()


def _database(settings: Settings) -> str:
    name = make_url(settings.database_url).database
    assert name
    return name
