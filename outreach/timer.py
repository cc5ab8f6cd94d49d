"""The timer of one process: APScheduler only asks «what is due?», threads of ours do what it asks for."""

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from threading import Event, Lock, Thread
from time import monotonic

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy.exc import DBAPIError

from outreach.clock import SystemClock
from outreach.engine import Engine
from outreach.leadership import leadership
from outreach.patience import Patience
from outreach.workers import DRAIN_SECONDS, AskingWorkers, Left, QueueWorkers, Workers

log = logging.getLogger(__name__)
TICK_SECONDS = 0.5
FIRST_CHORE_SECONDS = 5  # once the first tick has found out who moves the installation
Chore = tuple[Callable[[], object], float]  # what is done again and again by whoever ticks, and every how many seconds


class Routine:
    """Something that one thread does whenever it is woken; woken meanwhile, once more.

    It wakes by itself when nobody has woken it for twice its time. APScheduler reckons with the clock on the wall: when
    that is set back by an hour, it wakes nobody for an hour.
    """

    def __init__(self, name: str, act: Callable[[], float], stopping: Event, every: float) -> None:
        self._act = act  # returns how many seconds it shall be left alone, because the surroundings fail
        self._stopping = stopping
        self._patience = 2 * every
        self._woken = Event()
        self._thread = Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def wake(self) -> None:
        """Let it be done, now or after what it is doing."""
        self._woken.set()

    def join(self, deadline: float) -> None:
        """Wait for its end until a moment of `monotonic`; it must have been told to stop."""
        self._woken.set()
        if self._thread.ident is not None:  # the end may come while we begin
            self._thread.join(max(0.0, deadline - monotonic()))

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._woken.wait(self._patience)
            self._woken.clear()
            if not self._stopping.is_set() and (seconds := self._act()):
                self._stopping.wait(seconds)


class Timer:
    """Ticks an engine and runs its workers until it is stopped. One at a time ticks an installation.

    A second one started by mistake waits for the first to end and then takes over (`outreach.leadership`). On SQLite
    its workers wait as well; on PostgreSQL they send beside the others.
    """

    def __init__(self, engine: Engine, *, threads: int, chores: Sequence[Chore] = ()) -> None:
        self._engine = engine
        self._patience = Patience(engine.platform.engine.url)
        self._leadership = leadership(engine.platform, engine.worker)
        self._workers: Workers = (
            QueueWorkers(engine, threads, self._patience)
            if engine.platform.queued
            else AskingWorkers(engine, threads, self._patience, lambda: self.owner)
        )
        self._recovered = engine.platform.queued  # there, only what the dead have left is taken back, by the tick
        self._ticking = Lock()
        self._failures = 0
        self._tick = Routine("reloj", self._ticked, engine.stopping, TICK_SECONDS)
        self._chores = [
            (Routine(f"tarea-{number}", self._minded(act), engine.stopping, seconds), seconds)
            for number, (act, seconds) in enumerate(chores)
        ]
        quiet = logging.getLogger("apscheduler")
        quiet.setLevel(logging.ERROR)  # that a tick comes late on a busy machine is no news
        self._scheduler = BackgroundScheduler(
            timezone="UTC", executors={"default": ThreadPoolExecutor(1)}, logger=quiet
        )

    def start(self) -> None:
        """Begin: the first tick comes at once."""
        now = SystemClock().now()
        soon = now + timedelta(seconds=FIRST_CHORE_SECONDS)
        for routine, seconds, first in [
            (self._tick, TICK_SECONDS, now),
            *((routine, seconds, soon) for routine, seconds in self._chores),
        ]:
            routine.start()
            self._scheduler.add_job(
                routine.wake, "interval", seconds=seconds, next_run_time=first, max_instances=1, coalesce=True
            )
        self._scheduler.start()
        self._tick.wake()
        self._workers.start()

    def begin_to_end(self) -> None:
        """Let nothing new begin; `stop` has to follow."""
        self._engine.stopping.set()

    def stop(self, deadline: float | None = None) -> Left:
        """Take nothing new, let what is under way end until a moment of `monotonic`, and return what was left."""
        deadline = monotonic() + DRAIN_SECONDS if deadline is None else deadline
        self._engine.stopping.set()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        calls = self._workers.stop(deadline)
        for routine in (self._tick, *(routine for routine, _seconds in self._chores)):
            routine.join(deadline)
        if self._ticking.acquire(timeout=max(0.0, deadline - monotonic())):
            with suppress(DBAPIError):  # it runs out by itself
                self._leadership.give_back()
            self._ticking.release()
        return Left(calls, self._engine.left())

    @property
    def owner(self) -> bool:
        """Whether this timer, and no other, moves the installation."""
        return self._recovered and self._leadership.held

    def _own(self) -> bool:
        if not self._leadership.hold():
            return False
        if not self._recovered:  # whoever held these rows held the lock too, and is gone
            if left := self._engine.recover():
                log.warning("%s deliveries were under way when the last process ended", left)
            self._recovered = True
        return True

    def _ticked(self) -> float:
        with self._ticking:
            try:
                if self._own():
                    self._engine.tick()
            except Exception as error:  # noqa: BLE001 — told, and asked again: the state is in the database
                self._failures += 1
                return self._patience.failed("a tick", error, self._failures)
            self._failures = 0
            self._patience.well()
        if self.owner:
            self._workers.wake()
        return 0.0

    def _minded(self, act: Callable[[], object]) -> Callable[[], float]:
        """Do a chore where this timer ticks; what goes wrong is told, and it is done again when its time comes."""

        def once() -> float:
            if self.owner:
                try:
                    act()
                except Exception as error:  # noqa: BLE001 — told, and asked again when its time comes
                    self._patience.failed("a chore", error, 1)
            return 0.0

        return once
