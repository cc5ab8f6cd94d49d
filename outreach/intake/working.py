"""What is done with a file behind the pages: its first rows, every row, and its people brought in."""

from collections.abc import Callable
from time import monotonic

from contacts import checking, importing
from contacts.checking import Checked
from contacts.columns import Columns
from contacts.errors import Fault, Refused
from contacts.importing import Plan
from contacts.merging import Gathering
from contacts.peoplefiles import read_people
from contacts.spreadsheets import Sheet
from outreach.intake import acts, bringing, shelf
from outreach.intake.bringing import Hold
from outreach.intake.plans import Meant
from outreach.people_imports import Intake, IntakeState

S = IntakeState
TELL_SECONDS = 0.5  # between two notes of how far it is

Pause = Callable[[float], object]  # waits so many seconds; raises when the server ends


def work(intake: Intake, hold: Hold, pause: Pause) -> None:
    """Do the next thing for an import. Raises `LostError`, `Refused`, and what `pause` raises."""
    with checking.without_collector():
        {S.RECEIVED: _look, S.CHECKING: _check, S.BRINGING: _bring}[intake.state](intake, hold, pause)


def _sheet(intake: Intake, hold: Hold) -> Sheet:
    path = shelf.place(hold.platform.settings.data, intake.kept)
    try:
        return read_people(path)
    except Refused as refused:  # its name on the shelf says nothing to anybody
        raise Refused(
            Fault(f.code, f.where, f.value.replace(str(path), intake.filename), f.row, "", f.details)
            for f in refused.faults
        ) from None


def _look(intake: Intake, hold: Hold, _pause: Pause) -> None:
    sheet = _sheet(intake, hold)
    shelf.keep_head(hold.platform.settings.data, intake.kept, sheet)
    with hold.platform.transaction() as session:
        hold.tell(session, S.RECEIVED)
        acts.move(session, intake, S.MAPPING, {"rows": len(sheet.rows)})


def _checked(intake: Intake, hold: Hold, sheet: Sheet, pause: Pause) -> tuple[Plan, Columns, Checked]:
    """Read every row, and tell how far it is while a person waits for that."""
    platform = hold.platform
    plan = Meant.of(intake).plan(intake.filename, intake.brought_by or intake.who, platform.settings.zone)
    found = importing.prepare(sheet, plan, platform.clock.now())
    done, told = 0, monotonic()

    def progress(rows: int) -> None:
        nonlocal done, told
        done += rows
        pause(0)
        if monotonic() - told > TELL_SECONDS:
            told = monotonic()
            counting = {"done_rows": done} if intake.state is S.CHECKING else {}
            with platform.transaction() as session:
                hold.tell(session, intake.state, **counting)

    checked = checking.check(sheet, found, network=plan.network, file=plan.file, progress=progress)
    with platform.reading() as session:
        checking.refuse_forgotten(session, sheet, found, checked, plan.file)
    return plan, found, checked


def _check(intake: Intake, hold: Hold, pause: Pause) -> None:
    sheet = _sheet(intake, hold)
    _plan, _found, checked = _checked(intake, hold, sheet, pause)
    _keep(intake, hold, sheet, checked, checked.warnings)
    with hold.platform.reading() as session:
        people = Gathering(session, checked.people).people
    known = sum(person.existed for person in people)
    counts = {"new": len(people) - known, "known": known, "warnings": len(checked.warnings)}
    sums: dict[str, object] = {"rows": checked.rows, "done_rows": checked.rows, "refused": len(checked.refused)}
    with hold.platform.transaction() as session:
        hold.tell(session, S.CHECKING)
        acts.move(session, intake, S.CHECKED, sums | {"counts": counts})


def _bring(intake: Intake, hold: Hold, pause: Pause) -> None:
    platform = hold.platform
    sheet = _sheet(intake, hold)
    plan, found, checked = _checked(intake, hold, sheet, pause)
    at = intake.brought_at or platform.clock.now()
    before = dict(intake.counts) if intake.done_rows else None
    brought, counts = bringing.bring(hold, checked, plan, at=at, before=before, pause=pause)
    done = importing.result(checked, brought, found)
    _keep(intake, hold, sheet, checked, done.warnings)
    now = platform.clock.now()
    sums: dict[str, object] = {"rows": done.rows, "done_rows": done.accepted, "refused": len(done.refused)}
    counts["warnings"] = len(done.warnings)
    with platform.transaction() as session:
        hold.tell(session, S.BRINGING)
        acts.move(session, intake, S.DONE, sums | {"counts": counts, "ended_at": now})
        acts.finish(session, session.get_one(Intake, intake.id), sheet.headers, at=now)
    shelf.forget(platform.settings.data, intake.kept, shelf.UPLOAD)


def _keep(intake: Intake, hold: Hold, sheet: Sheet, checked: Checked, warnings: list[Fault]) -> None:
    data = hold.platform.settings.data
    shelf.keep_refused(data, intake.kept, sheet.headers, checked.refused)
    shelf.keep_warned(data, intake.kept, warnings)
