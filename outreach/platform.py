"""The composition root: settings in, a working platform out."""

import fcntl
import os
import secrets
from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from tempfile import mkstemp

from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

import campaigns.unified  # noqa: F401 — says what of a person is of campaigns, for when two are made one
from campaigns import due, segment_fields
from campaigns.lines import Senders
from contacts import consent, suppression, terms
from contacts.errors import Fault, Refused, refuse
from contacts.models import Channel
from outreach import database, faultpoints, keep, oserrors, queue_schema
from outreach.clock import Clock, SystemClock
from outreach.config import Settings

WHATSAPP_CHUNK = 64  # people of one job: they go one by one, at the sender's pace

segment_fields.install()  # what campaigns know of a person may be asked by a segment, in every process

IN_USE = "in-use.lock"  # of the data folder: held by everybody who has it open, alone by whoever replaces it


class Platform:
    """What every edge (web, API, CLI, scheduler, tests) is given. Makes the data folder and the schema.

    Refuses `data_folder` with what is wrong with it, `secret_broken`, and a database that `database.upgrade` refuses.
    """

    def __init__(self, settings: Settings, clock: Clock | None = None) -> None:
        self.settings = settings
        self.clock: Clock = clock or SystemClock()
        with _usable(settings.data):
            settings.data.mkdir(parents=True, exist_ok=True)
            self.secret = settings.secret_key or _kept_secret(settings.data / "secret")
        self.engine: Engine = database.connect(settings.database)
        self.sessions = database.sessions(self.engine)
        self.sessions.configure(
            info={suppression.SECRET: self.secret, consent.CLOCK: self.clock.now, terms.TERMS: settings.consent_terms}
        )
        self.queued = self.engine.dialect.name == "postgresql"  # workers take jobs; on SQLite threads ask for work
        with database.answering(self.engine):
            database.upgrade(self.engine)
            if self.queued:
                queue_schema.upgrade(self.engine)
                event.listen(self.sessions, "before_commit", self._enqueue)
            self._name()

    def _name(self) -> None:
        """Give the installation its id the first time, so that whoever only reads finds it."""
        with self.reading() as session:
            known = session.get(keep.Kept, keep.INSTALLATION)
        if known is None:
            with self.transaction() as session:
                keep.installation_id(session)

    def _enqueue(self, session: Session) -> None:
        """Put in the jobs for what a transaction gave work to, in that same transaction."""
        if not session.in_nested_transaction() and (runs := due.announced(session)):
            self.put_in(session, runs)

    @property
    def chunks(self) -> dict[Channel, int]:
        """How many people of each channel one job stands for."""
        return {Channel.EMAIL: self.settings.email_batch, Channel.WHATSAPP: WHATSAPP_CHUNK}

    def put_in(self, session: Session, runs: Collection[int] | None = None) -> None:
        """Put in jobs for what may be sent now and has none: of some runs, or of all. Nothing to do on SQLite."""
        if self.queued:
            from outreach import queue

            senders = Senders(self.settings.email_sender, self.settings.whatsapp_sender)
            queue.put_in(session, senders, at=self.clock.now(), sizes=self.chunks, runs=runs)

    @contextmanager
    def transaction(self, step: str = "") -> Iterator[Session]:
        """One unit of work that may write. `step` names one of the sending path (`faultpoints.STEPS`)."""
        with database.transaction(self.sessions) as session:
            yield session
            if step:
                session.flush()
                faultpoints.reach(f"{step}.uncommitted")
        if step:
            faultpoints.reach(f"{step}.committed")

    def reading(self) -> AbstractContextManager[Session]:
        """One consistent read."""
        return database.reading(self.sessions)

    def close(self) -> None:
        """Give back the connections."""
        self.engine.dispose()


@contextmanager
def opened(
    settings: Settings | None = None, clock: Clock | None = None, *, moved_too: bool = False
) -> Iterator[Platform]:
    """Open the platform for a block: what a command does. Settings default to the environment's.

    Refuses `installation_closed` while it is being restored or copied, and `installation_moved` after it was copied
    elsewhere, unless `moved_too`: what is left behind may be looked at.
    """
    settings = settings or Settings.read()
    with _in_use(settings.data):
        platform = Platform(settings, clock)
        try:
            with platform.reading() as session:
                moved = keep.moved_to(session)
            if moved and not moved_too:
                raise refuse("installation_moved", "", database.name(platform.engine.url), place=moved)
            yield platform
        finally:
            platform.close()


@contextmanager
def _in_use(folder: Path) -> Iterator[None]:
    """Say for a block that somebody is at work here. The lock is the operating system's: a killed process ends it."""
    with _usable(folder):
        handle = use_file(folder)
    with os.fdopen(handle) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError as error:
            raise refuse("installation_closed", "", folder) from error
        yield


def use_file(folder: Path) -> int:
    """Open the file that says who is at work in a data folder; whoever made it, others can open it too."""
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder / IN_USE, os.O_RDONLY | os.O_CREAT, 0o644)
    with suppress(OSError):  # another user's, made readable by them
        os.fchmod(handle, 0o644)
    return handle


@contextmanager
def _usable(folder: Path) -> Iterator[None]:
    """Turn what the operating system says about the data folder into a refusal."""
    try:
        yield
    except OSError as error:
        taken = isinstance(error, FileExistsError)
        found = Fault("path_no_folder", "", str(folder)) if taken else oserrors.fault(error)
        if found is None:
            raise
        raise Refused([Fault("data_folder", "OUTREACH_DATA", str(folder)), found]) from error


def _kept_secret(path: Path) -> str:
    """Return the secret kept in the data folder, making it the first time (readable by its owner alone).

    Nobody sees it half written: it is written beside and takes its name whole, unless another process was quicker.
    """
    if not path.exists():
        handle, beside = mkstemp(dir=path.parent, prefix=".secret-")  # 0600
        try:
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(secrets.token_urlsafe(48))
                file.flush()
                os.fsync(handle)
            _take_name(beside, path)
        finally:
            Path(beside).unlink(missing_ok=True)
    try:
        secret = path.read_text(encoding="utf-8").strip()  # a backup brings what a setting said
    except UnicodeDecodeError:
        secret = ""
    if not secret:
        raise refuse("secret_broken", "", path)
    return secret


def _take_name(beside: str, path: Path) -> None:
    """Give a file its name unless it is taken; on a disk without hard links, without looking."""
    try:
        os.link(beside, path)
    except FileExistsError:
        pass
    except OSError:
        Path(beside).replace(path)
