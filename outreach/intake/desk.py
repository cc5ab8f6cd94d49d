"""Who does the work behind the pages of imports: a thread of the server that keeps the files.

It asks the table what is to be done, so a browser that is closed, or a server that is killed, changes nothing: whoever
serves next goes on. Only a server that has the file can; on many machines that is the one that took it.
"""

import logging
from contextlib import suppress
from datetime import timedelta
from random import Random
from threading import Condition, Event, Thread
from time import monotonic

from sqlalchemy import or_, select, update
from sqlalchemy.exc import DBAPIError

from contacts import checking, importing
from contacts.columns import Columns
from contacts.errors import Fault, Refused
from contacts.importing import Plan
from contacts.merging import Gathering
from contacts.peoplefiles import read_people
from contacts.spreadsheets import Sheet
from outreach import presence
from outreach.intake import acts, bringing, shelf
from outreach.intake.bringing import LEASE, Hold, LostError
from outreach.people_imports import WAITING, WORKING, Intake, IntakeState
from outreach.intake.plans import Meant
from outreach.notebook import folio
from outreach.platform import Platform

log = logging.getLogger(__name__)
S = IntakeState
LOOK_SECONDS = 5.0  # between two looks that nobody asked for: others may have left something
SWEEP_SECONDS = 600.0
TELL_SECONDS = 0.5  # between two notes of how far it is
SETTLE_SECONDS = 1.5  # that a page waits for a small file, instead of showing «a moment»


class StoppedError(Exception):
    """The server ends; the next one goes on."""


class Desk:
    """Reads, checks and brings in what was handed in, one file at a time."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._name = presence.myself(Random())  # noqa: S311 — tells processes apart, keeps no secret
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
        hold = Hold(self._platform, found.id, self._name)
        try:
            with checking.without_collector():
                _DO[found.state](self, found, hold)
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
                        .values(worker=self._name, lease_until=now + LEASE)
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
                .where(Intake.id == intake.id, Intake.worker == self._name)
                .values(worker="", lease_until=None)
                .execution_options(synchronize_session=False)
            )

    def _fail(self, intake: Intake, faults: "tuple[Fault, ...] | list[Fault]") -> None:
        """Write down why it ends; what came in before stays in, and is told."""
        told = [shelf.as_json(fault) for fault in faults[:_MOST_FAULTS]]
        with suppress(Refused), self._platform.transaction() as session:
            acts.move(session, intake, S.FAILED, faults=told, ended_at=self._platform.clock.now())
        shelf.forget(self._platform.settings.data, intake.kept)

    # ------------------------------------------------------------------ what is done in each state

    def _sheet(self, intake: Intake) -> Sheet:
        path = shelf.place(self._platform.settings.data, intake.kept)
        try:
            return read_people(path)
        except Refused as refused:  # its name on the shelf says nothing to anybody
            raise Refused(
                Fault(f.code, f.where, f.value.replace(str(path), intake.filename), f.row, "", f.details)
                for f in refused.faults
            ) from None

    def _look(self, intake: Intake, hold: Hold) -> None:
        sheet = self._sheet(intake)
        shelf.keep_head(self._platform.settings.data, intake.kept, sheet)
        with self._platform.transaction() as session:
            hold.tell(session, S.RECEIVED)
            acts.move(session, intake, S.MAPPING, rows=len(sheet.rows))

    def _checked(self, intake: Intake, hold: Hold, sheet: Sheet) -> tuple[Plan, Columns, checking.Checked]:
        """Read every row, and tell how far it is while a person waits for that."""
        platform = self._platform
        plan = Meant.of(intake).plan(intake.filename, intake.brought_by or intake.who, platform.settings.zone)
        found = importing.prepare(sheet, plan, platform.clock.now())
        done, told = 0, monotonic()

        def progress(rows: int) -> None:
            nonlocal done, told
            done += rows
            self._go_on()
            if monotonic() - told > TELL_SECONDS:
                told = monotonic()
                counting = {"done_rows": done} if intake.state is S.CHECKING else {}
                with platform.transaction() as session:
                    hold.tell(session, intake.state, **counting)

        checked = checking.check(sheet, found, network=plan.network, file=plan.file, progress=progress)
        with platform.reading() as session:
            checking.refuse_forgotten(session, sheet, found, checked, plan.file)
        return plan, found, checked

    def _check(self, intake: Intake, hold: Hold) -> None:
        sheet = self._sheet(intake)
        _plan, _found, checked = self._checked(intake, hold, sheet)
        self._keep(intake, sheet, checked, checked.warnings)
        with self._platform.reading() as session:
            people = Gathering(session, checked.people).people
        known = sum(person.existed for person in people)
        counts = {"new": len(people) - known, "known": known, "warnings": len(checked.warnings)}
        with self._platform.transaction() as session:
            hold.tell(session, S.CHECKING)
            sums = {"rows": checked.rows, "done_rows": checked.rows, "refused": len(checked.refused)}
            acts.move(session, intake, S.CHECKED, counts=counts, **sums)

    def _bring(self, intake: Intake, hold: Hold) -> None:
        platform = self._platform
        sheet = self._sheet(intake)
        plan, found, checked = self._checked(intake, hold, sheet)
        at = intake.brought_at or platform.clock.now()
        before = dict(intake.counts) if intake.done_rows else None
        brought, counts = bringing.bring(hold, checked, plan, at=at, before=before, pause=self._pause)
        done = importing.result(checked, brought, found)
        self._keep(intake, sheet, checked, done.warnings)
        counts["warnings"] = len(done.warnings)
        with platform.transaction() as session:
            now = platform.clock.now()
            hold.tell(session, S.BRINGING)
            sums = {"rows": done.rows, "done_rows": done.accepted, "refused": len(done.refused)}
            acts.move(session, intake, S.DONE, counts=counts, ended_at=now, **sums)
            acts.finish(session, session.get_one(Intake, intake.id), sheet.headers, at=now)
        shelf.forget(platform.settings.data, intake.kept, shelf.UPLOAD)

    def _keep(self, intake: Intake, sheet: Sheet, checked: checking.Checked, warnings: list[Fault]) -> None:
        data = self._platform.settings.data
        shelf.keep_refused(data, intake.kept, sheet.headers, checked.refused)
        shelf.keep_warned(data, intake.kept, warnings)

    def _go_on(self) -> None:
        if self._stopping.is_set():
            raise StoppedError

    def _pause(self, seconds: float) -> None:
        self._stopping.wait(seconds)
        self._go_on()

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
                acts.move(session, each, S.DISCARDED, ended_at=now, faults=aged)
                shelf.forget(platform.settings.data, each.kept)


_MOST_FAULTS = 200
_DO = {S.RECEIVED: Desk._look, S.CHECKING: Desk._check, S.BRINGING: Desk._bring}
