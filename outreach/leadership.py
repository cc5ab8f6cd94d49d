"""Who asks what is due: one scheduler at a time moves an installation, a second one waits and takes over."""

import fcntl
from io import TextIOWrapper
from pathlib import Path
from time import monotonic
from typing import Protocol

from outreach import keep, presence
from outreach.platform import Platform

LEASE = "scheduler"  # its name in `kept`
LEASE_SECONDS = 12.0  # after a kill -9 on another machine the next one waits no longer
RENEW_SECONDS = 3.0  # between two renewals
ASK_SECONDS = 2.0  # between two questions of one who waits


class Leadership(Protocol):
    """The right to move an installation, which one process at a time has."""

    def hold(self) -> bool:
        """Take the right, or make sure that it is still ours."""
        ...

    @property
    def held(self) -> bool:
        """Whether it was ours when last asked for."""
        ...

    def give_back(self) -> None:
        """Let the next one have it at once."""
        ...


class FileLock:
    """On SQLite: a lock of the operating system beside the file, which a killed process gives back at once."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "engine.lock"
        self._file: TextIOWrapper | None = None

    @property
    def held(self) -> bool:
        """Whether this process has it."""
        return self._file is not None

    def hold(self) -> bool:
        """Take it, or find that somebody else has it."""
        if self._file is None:
            file = self._path.open("w", encoding="ascii")
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                file.close()
                return False
            self._file = file
        return True

    def give_back(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()
            self._file = None


class Lease:
    """On PostgreSQL: a row that is renewed every few seconds, timed by the server's own clock.

    A holder that was suspended may act for a moment beside its successor: every act of a tick is therefore one that
    two may do at once (a run is unique, a row is taken where it stands).
    """

    def __init__(self, platform: Platform, holder: str) -> None:
        self._platform = platform
        self._holder = holder
        self._asked = float("-inf")
        self._held = False

    @property
    def held(self) -> bool:
        """Whether it was ours when last asked for."""
        return self._held

    def hold(self) -> bool:
        """Renew it when its time has come, or ask whether it is free."""
        now = monotonic()
        if now - self._asked >= (RENEW_SECONDS if self._held else ASK_SECONDS):
            self._held = False  # until the database has said so: it may not answer
            with self._platform.transaction() as session:
                before = keep.holder(session, LEASE)
                held = keep.hold(
                    session,
                    LEASE,
                    self._holder,
                    seconds=LEASE_SECONDS,
                    at=self._platform.clock.now(),
                    after=before if presence.certainly_dead(before) else "",
                )
            self._held, self._asked = held, now
        return self._held

    def give_back(self) -> None:
        """End it now; harmless when it is somebody else's."""
        self._held = False
        with self._platform.transaction() as session:
            keep.give_back(session, LEASE, self._holder)


def leadership(platform: Platform, holder: str) -> Leadership:
    """Return the kind of right that a platform's database has."""
    return Lease(platform, holder) if platform.queued else FileLock(platform.settings.data)
