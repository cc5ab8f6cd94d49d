"""The threads of one process that send, and what became of them when it ends."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Event, Lock, Thread
from time import monotonic
from typing import Protocol

from sqlalchemy.exc import DBAPIError

from outreach import keep
from outreach.engine import WORKERS, Engine
from outreach.i18n import gettext as _
from outreach.i18n import ngettext
from outreach.patience import Patience

IDLE_SECONDS = 0.5  # between two looks for work, where nobody calls
DRAIN_SECONDS = 8.0  # for what is under way when the end is asked for; what remains of ten is for the rest
BEAT_SECONDS, GONE_SECONDS = 4.0, 15.0  # how often a worker says that it lives, and when it is taken for dead


@dataclass(frozen=True, slots=True)
class Left:
    """What was not finished when a process ended."""

    calls: int  # threads that still waited for a provider
    people: int  # deliveries planned and not called, of what is being sent

    def words(self) -> list[str]:
        """Say it, in the language in force; nothing where nothing was left."""
        said = []
        if self.calls:
            said.append(_("Quedaron %(n)s llamadas sin terminar: se revisarán al volver.", n=self.calls))
        if self.people:
            said.append(
                ngettext(
                    "Queda %(n)s envío por hacer: saldrá en cuanto haya quien envíe.",
                    "Quedan %(n)s envíos por hacer: saldrán en cuanto haya quien envíe.",
                    self.people,
                )
            )
        return said


class Workers(Protocol):
    """Whoever sends in this process."""

    def start(self) -> None:
        """Begin."""
        ...

    def wake(self) -> None:
        """There may be work."""
        ...

    def stop(self, deadline: float) -> int:
        """Take nothing new and let calls under way end until a moment of `monotonic`; return how many did not."""
        ...


class AskingWorkers:
    """On SQLite: threads that ask for work, as long as this process is the one that moves the installation."""

    def __init__(self, engine: Engine, threads: int, patience: Patience, may: Callable[[], bool]) -> None:
        self._engine = engine
        self._patience = patience
        self._may = may
        self._wake = Event()
        self._threads = [Thread(target=self._work, name=f"envío-{n}", daemon=True) for n in range(threads)]

    def start(self) -> None:
        """Begin; nothing is sent before `may` says so."""
        for thread in self._threads:
            thread.start()

    def wake(self) -> None:
        """Let those who wait look again."""
        self._wake.set()

    def stop(self, deadline: float) -> int:
        """Take nothing new and let calls under way end; return how many did not in time."""
        self._engine.stopping.set()
        self._wake.set()
        return _joined(self._threads, deadline)

    def _work(self) -> None:
        failures = 0
        while not self._engine.stopping.is_set():
            if not self._may():
                self._wake.wait(IDLE_SECONDS)
                continue
            self._wake.clear()
            try:
                busy = self._engine.work()
            except Exception as error:  # noqa: BLE001 — told, and asked again: the state is in the database
                failures += 1
                self._engine.stopping.wait(self._patience.failed("a worker", error, failures))
                continue
            failures = 0
            self._patience.well()
            if not busy and not self._engine.stopping.is_set():
                self._wake.wait(IDLE_SECONDS)


class QueueWorkers:
    """On PostgreSQL: threads that do what jobs ask for, beside others on this machine and elsewhere."""

    def __init__(self, engine: Engine, threads: int, patience: Patience) -> None:
        from outreach.queue import Runner

        self._engine = engine
        self._patience = patience
        self._asked: SimpleQueue[tuple[str, asyncio.AbstractEventLoop, asyncio.Future[None]]] = SimpleQueue()
        self._busy = 0
        self._lock = Lock()
        self._hands = [Thread(target=self._serve, name=f"envío-{n}", daemon=True) for n in range(threads)]
        self._runner = Runner(engine.platform.engine.url, self._perform, threads)
        self._others = [
            Thread(target=self._run, name="cola", daemon=True),
            Thread(target=self._beat, name="pulso", daemon=True),
        ]

    def start(self) -> None:
        """Say that we live, and begin."""
        with suppress(DBAPIError):  # the next beat says it; until then nobody knows of us, nor waits for us
            self._say()
        for thread in (*self._hands, *self._others):
            thread.start()

    def wake(self) -> None:
        """Jobs wake whoever takes them."""

    def stop(self, deadline: float) -> int:
        """Take nothing new and let calls under way end; return how many did not in time."""
        self._engine.stopping.set()
        self._runner.stop()
        _joined([self._others[0]], deadline - 1)
        while self._busy and monotonic() < deadline:
            Event().wait(0.02)
        if not self._busy:
            with suppress(DBAPIError), self._engine.platform.transaction() as session:
                keep.give_back(session, WORKERS + self._engine.worker, self._engine.worker)
        return self._busy

    async def _perform(self, channel: str) -> None:
        loop = asyncio.get_running_loop()
        ended = loop.create_future()
        self._asked.put((channel, loop, ended))
        await ended

    def _serve(self) -> None:
        while True:
            channel, loop, ended = self._asked.get()
            with self._lock:
                self._busy += 1
            try:
                self._chunk(channel)
            finally:
                with self._lock:
                    self._busy -= 1
            with suppress(RuntimeError):  # the connection to the server is a new one by now, and its loop too
                loop.call_soon_threadsafe(_end, ended)

    def _chunk(self, channel: str) -> None:
        """Do what one job asks for: whatever fails is told, and put in again by the next tick."""
        if self._engine.stopping.is_set():
            return
        try:
            self._engine.chunk(channel)
        except Exception as error:  # noqa: BLE001 — told, and asked again: the state is in the database
            self._engine.stopping.wait(self._patience.failed("a worker", error, 1))
        else:
            self._patience.well()

    def _run(self) -> None:
        failures = 0

        def ready() -> None:
            nonlocal failures
            failures = 0
            self._patience.well()

        while not self._engine.stopping.is_set():
            failures += 1
            try:
                self._runner.run(ready)
                seconds = IDLE_SECONDS
            except Exception as error:  # noqa: BLE001 — told, and connected anew
                seconds = self._patience.failed("the queue", error, failures)
            self._engine.stopping.wait(seconds)

    def _beat(self) -> None:
        while not self._engine.stopping.wait(BEAT_SECONDS) or self._busy:
            with suppress(DBAPIError):
                self._say()
            if self._engine.stopping.is_set():
                Event().wait(1)

    def _say(self) -> None:
        platform, name = self._engine.platform, self._engine.worker
        with platform.transaction() as session:
            keep.hold(session, WORKERS + name, name, seconds=GONE_SECONDS, at=platform.clock.now())


def _end(ended: "asyncio.Future[None]") -> None:
    if not ended.done():
        ended.set_result(None)


def _joined(threads: list[Thread], deadline: float) -> int:
    for thread in threads:
        if thread.ident is not None:  # the end may come while we begin
            thread.join(max(0.0, deadline - monotonic()))
    return sum(thread.is_alive() for thread in threads)
