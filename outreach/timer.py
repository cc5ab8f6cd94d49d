"""The timer and the worker threads of one process: APScheduler only asks «what is due?», threads send."""

import fcntl
import logging
from collections.abc import Callable, Sequence
from datetime import timedelta
from io import TextIOWrapper
from pathlib import Path
from threading import Event, Lock, Thread

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from outreach.clock import SystemClock
from outreach.engine import Engine

log = logging.getLogger(__name__)
TICK_SECONDS = 0.5
IDLE_SECONDS = 0.5
DRAIN_SECONDS = 10
Chore = tuple[Callable[[], object], float]  # what is done again and again by whoever ticks, and every how many seconds


class Timer:
    """Ticks an engine and runs its workers until it is stopped. One at a time an installation on this machine.

    A second one started by mistake waits for the first to end and then takes over: the lock is the operating
    system's, so a killed process gives it back.
    """

    def __init__(self, engine: Engine, *, threads: int, chores: Sequence[Chore] = ()) -> None:
        self._engine = engine
        self._chores = tuple(chores)
        self._threads = [Thread(target=self._work, name=f"envío-{n}", daemon=True) for n in range(max(1, threads))]
        self._scheduler = BackgroundScheduler(
            timezone="UTC", executors={"default": ThreadPoolExecutor(4)}, logger=logging.getLogger("apscheduler")
        )
        self._stopping = Event()
        self._wake = Event()
        self._lock_file: TextIOWrapper | None = None
        self._lock_path = Path(engine.platform.settings.data) / "engine.lock"
        self._ticking = Lock()

    def start(self) -> None:
        """Begin: the first tick comes at once."""
        self._scheduler.add_job(self._tick, "interval", seconds=TICK_SECONDS, max_instances=1, coalesce=True)
        soon = SystemClock().now() + timedelta(seconds=5)  # once the first tick has found out who owns the installation
        for chore, seconds in self._chores:
            self._scheduler.add_job(
                self._chore, "interval", [chore], seconds=seconds, next_run_time=soon, max_instances=1, coalesce=True
            )
        self._scheduler.start()
        for thread in self._threads:
            thread.start()

    def stop(self) -> int:
        """Take nothing new, let calls under way end (10 s at most); return how many threads were still busy."""
        self._stopping.set()
        self._wake.set()
        self._scheduler.shutdown(wait=False)
        for thread in self._threads:
            thread.join(DRAIN_SECONDS / len(self._threads))
        with self._ticking:
            if self._lock_file is not None:
                self._lock_file.close()
                self._lock_file = None
        return sum(thread.is_alive() for thread in self._threads)

    @property
    def owner(self) -> bool:
        """Whether this timer, and no other, moves the installation."""
        return self._lock_file is not None

    def _own(self) -> bool:
        if self._lock_file is not None:
            return True
        file = self._lock_path.open("w", encoding="ascii")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            return False
        self._lock_file = file
        left = self._engine.recover()  # whoever held these rows held the lock too, and is gone
        if left:
            log.warning("%s deliveries were under way when the last process ended", left)
        return True

    def _tick(self) -> None:
        with self._ticking:
            if self._stopping.is_set() or not self._own():
                return
            try:
                self._engine.tick()
            except Exception:  # the next tick asks again: the state is in the database
                log.exception("a tick failed")
        self._wake.set()

    def _chore(self, chore: Callable[[], object]) -> None:
        if not self.owner:
            return
        try:
            chore()
        except Exception:  # asked again when its time comes
            log.exception("a chore failed")

    def _work(self) -> None:
        while not self._stopping.is_set():
            if not self.owner:
                self._wake.wait(IDLE_SECONDS)
                continue
            self._wake.clear()
            try:
                busy = self._engine.work()
            except Exception:  # a locked database or a full disk: wait and ask again
                log.exception("a worker failed")
                busy = False
            if not busy and not self._stopping.is_set():
                self._wake.wait(IDLE_SECONDS)
