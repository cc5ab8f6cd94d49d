"""Who does the work behind the pages of imports: a thread of the server that keeps the files.

It asks the table what is to be done, so a browser that is closed, or a server that is killed, changes nothing: whoever
serves next goes on. Only a server that has the file can; on many machines that is the one that took it.
"""

import logging
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from random import Random
from threading import Condition, Event, Thread
from time import monotonic

from sqlalchemy import or_, select, update
from sqlalchemy.exc import DBAPIError

from contacts.errors import Fault, Refused
from outreach import presence
from outreach.intake import acts, shelf, working
from outreach.intake.bringing import LEASE, Hold, LostError
from outreach.notebook import folio
from outreach.people_imports import WAITING, WORKING, Intake, IntakeState
from outreach.platform import Platform

log = logging.getLogger(__name__)
S = IntakeState
LOOK_SECONDS = 5.0  # between two looks that nobody asked for: others may have left something
SWEEP_SECONDS = 600.0
_MOST_FAULTS = 200  # that are kept of a file that cannot be read
SETTLE_SECONDS = 1.5  # that a page waits for a small file, instead of showing «a moment»


class StoppedError(Exception):
    """The server ends; the next one goes on."""


class Desk:
    """Reads, checks and brings in what was handed in, one file at a time."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self.name = presence.myself(Random())  # noqa: S311 — tells processes apart, keeps no secret
        self._stopping = Event()
        self._changed = Condition()
        self._woken = Event()
        self._thread: Thread | None = None
        self._rounds = 0
        self._swept = float("-inf")

    # ------------------------------------------------------------------ the thread

    def start(self) -> None:
        """Begin to look for work."""
        self._thread = Thread(target=self._run, name="importaciones", daemon=True)
        self._thread.start()

    def begin_to_end(self) -> None:
        """Let nothing new begin; `stop` has to follow."""
        self._stopping.set()
        self._woken.set()

    def stop(self, deadline: float) -> None:
        """End between two steps, before a moment of `monotonic`; what is under way is gone on with by the next."""
        self.begin_to_end()
        if self._thread is not None:
            self._thread.join(max(0.0, deadline - monotonic()))

    def wake(self) -> None:
        """Look now, and wait a little for it to be done: most files are small."""
        with self._changed:
            seen = self._rounds
            self._woken.set()
            if self._thread is not None:
                self._changed.wait_for(lambda: self._rounds > seen, SETTLE_SECONDS)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._woken.clear()
            try:
                if monotonic() - self._swept > SWEEP_SECONDS:
                    self.sweep()
                    self._swept = monotonic()
                self.drain()
            except DBAPIError as error:  # told by whoever ticks; what was under way is taken up again
                log.debug("imports wait for the database", exc_info=error)
            with self._changed:
                self._rounds += 1
                self._changed.notify_all()
            self._woken.wait(LOOK_SECONDS)

    def drain(self) -> None:
        """Work until nothing is left to do."""
        while not self._stopping.is_set() and self.work():
            pass

    # ------------------------------------------------------------------ the work

    def work(self) -> bool:
        """Do the next thing for one import; False when there is nothing."""
        found = self._claim()
        if found is None:
            return False
        hold = Hold(self._platform, found.id, self.name)
        try:
            working.work(found, hold, self._pause)
        except LostError:
            pass
        except StoppedError:
            self._let_go(found)
        except Refused as refused:
            self._fail(found, refused.faults)
        except DBAPIError:
            with suppress(DBAPIError):
                self._let_go(found)
            raise
        except Exception as error:  # a fault of ours must not come back every five seconds
            number = folio()
            log.error("%s import %s", number, found.id, exc_info=error, extra={"folio": number})  # noqa: TRY400
            self._fail(found, [Fault("intake_broken", value=number)])
        return True

    def _claim(self) -> Intake | None:
        platform = self._platform
        with platform.reading() as session:
            waiting = session.scalars(
                select(Intake).where(Intake.state.in_(WORKING), Intake.kept != "").order_by(Intake.id)
            ).all()
        for each in waiting:
            now = platform.clock.now()
            free = not each.worker or presence.certainly_dead(each.worker)
            if (free or (each.lease_until or now) <= now) and self._has(each):
                with platform.transaction() as session:
                    claimed = session.execute(
                        update(Intake)
                        .where(
                            Intake.id == each.id,
                            Intake.state == each.state,
                            or_(Intake.worker == each.worker, Intake.lease_until <= now),
                        )
                        .values(worker=self.name, lease_until=now + LEASE)
                        .execution_options(synchronize_session=False)
                    )
                    if claimed.rowcount == 1:  # type: ignore[attr-defined]
                        return session.get_one(Intake, each.id)
        return None

    def _has(self, intake: Intake) -> bool:
        return shelf.place(self._platform.settings.data, intake.kept).exists()

    def _let_go(self, intake: Intake) -> None:
        with self._platform.transaction() as session:
            session.execute(
                update(Intake)
                .where(Intake.id == intake.id, Intake.worker == self.name)
                .values(worker="", lease_until=None)
                .execution_options(synchronize_session=False)
            )

    def _fail(self, intake: Intake, faults: Sequence[Fault]) -> None:
        """Write down why it ends; what came in before stays in, and is told."""
        told = [shelf.as_json(fault) for fault in faults[:_MOST_FAULTS]]
        with suppress(Refused), self._platform.transaction() as session:
            acts.move(session, intake, S.FAILED, values={"faults": told, "ended_at": self._platform.clock.now()})
        shelf.forget(self._platform.settings.data, intake.kept)

    def _pause(self, seconds: float) -> None:
        if self._stopping.wait(seconds):
            raise StoppedError

    # ------------------------------------------------------------------ the age limit

    def sweep(self) -> None:
        """Delete files that are too old, and leave the imports that nobody went on with."""
        platform = self._platform
        now = platform.clock.now()
        limit = now - timedelta(days=platform.settings.import_days)
        shelf.sweep(platform.settings.data, limit)
        aged = [shelf.as_json(Fault("intake_aged", details={"days": platform.settings.import_days}))]
        with platform.transaction() as session:
            old = select(Intake).where(Intake.state.in_((*WAITING, S.RECEIVED, S.CHECKING)), Intake.at < limit)
            for each in session.scalars(old).all():
                acts.move(session, each, S.DISCARDED, values={"ended_at": now, "faults": aged})
                shelf.forget(platform.settings.data, each.kept)
