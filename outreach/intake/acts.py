"""What a person does with an import: hand a file in, say how it is meant, take it in, or leave it."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from contacts import headings
from contacts.errors import refuse
from outreach import audit
from outreach.intake.plans import Meant
from outreach.intake.shelf import Received
from outreach.people_imports import MOVES, Intake, IntakeState

S = IntakeState


def receive(session: Session, file: Received, *, filename: str, at: datetime, by: str) -> Intake:
    """Note a file that was handed in by a page; the desk reads its first rows."""
    intake = Intake(
        filename=filename,
        sha256=file.sha256,
        size=file.size,
        kept=file.kept,
        by_page=True,
        at=at,
        who=by,
        state=S.RECEIVED,
    )
    session.add(intake)
    session.flush()
    note(session, intake, "contacts.upload", at, by, bytes=file.size)
    return intake


def at_terminal(
    session: Session,
    file: Received,
    *,
    filename: str,
    rows: int,
    refused: int,
    meant: Meant,
    worker: str,
    at: datetime,
    by: str,
) -> Intake:
    """Note an import that begins at a terminal, whose file stays where it is."""
    intake = Intake(
        filename=filename,
        sha256=file.sha256,
        size=file.size,
        worker=worker,
        by_page=False,
        at=at,
        who=by,
        state=S.BRINGING,
        plan=meant.as_json(),
        rows=rows,
        refused=refused,
        brought_by=by,
        brought_at=at,
    )
    session.add(intake)
    session.flush()
    return intake


def latest(session: Session, limit: int, offset: int = 0) -> list[Intake]:
    """Return imports, the newest first."""
    return list(session.scalars(select(Intake).order_by(Intake.id.desc()).offset(offset).limit(limit)))


def count(session: Session) -> int:
    """Return how many imports there were."""
    return session.scalar(select(func.count()).select_from(Intake)) or 0


def find(session: Session, key: str) -> Intake | None:
    """Return the import of a key."""
    return session.scalar(select(Intake).where(Intake.key == key))


def move(session: Session, intake: Intake, to: IntakeState, values: Mapping[str, object] | None = None) -> None:
    """Let an import go on, whoever else presses at the same time. Refuses `intake_state`."""
    origins = [state for state, targets in MOVES.items() if to in targets]
    moved = session.execute(
        update(Intake)
        .where(Intake.id == intake.id, Intake.state.in_(origins))
        .values(state=to, worker="", lease_until=None, **(values or {}))
        .execution_options(synchronize_session=False)
    )
    if moved.rowcount != 1:  # type: ignore[attr-defined]
        raise refuse("intake_state", "", intake.filename)
    if intake in session:
        session.expire(intake)


def check(session: Session, intake: Intake, meant: Meant) -> None:
    """Say how a file is meant: every row is read now. Refuses `intake_state`."""
    move(session, intake, S.CHECKING, {"plan": meant.as_json(), "done_rows": 0, "counts": {}})


def reconsider(session: Session, intake: Intake) -> None:
    """Go back to how it is meant. Refuses `intake_state`."""
    move(session, intake, S.MAPPING)


def bring(session: Session, intake: Intake, *, at: datetime, by: str) -> None:
    """Take the good rows in. Refuses `intake_state`, `intake_none` (there is no good row)."""
    if intake.refused >= intake.rows:
        raise refuse("intake_none", "", intake.filename)
    move(session, intake, S.BRINGING, {"brought_at": at, "brought_by": by, "done_rows": 0, "counts": {}})


def discard(session: Session, intake: Intake, *, at: datetime, by: str) -> None:
    """Leave it: nothing came in. Its files are the caller's to delete. Refuses `intake_state`."""
    move(session, intake, S.DISCARDED, {"ended_at": at})
    note(session, intake, "contacts.import_discard", at, by)


def finish(session: Session, intake: Intake, headers: list[str], *, at: datetime) -> None:
    """Write down that all is in; and how its columns were read, unless `headers` is empty."""
    meant = Meant.of(intake)
    if meant.mapping and headers:
        headings.remember(session, headers, meant.mapping, at=at, by=intake.brought_by)
    counts = {name: intake.counts.get(name, 0) for name in ("created", "consents", "notice")}
    note(
        session,
        intake,
        "contacts.import",
        at,
        intake.brought_by,
        rows=intake.rows,
        accepted=intake.rows - intake.refused,
        refused=intake.refused,
        **counts,
    )


def note(session: Session, intake: Intake, action: str, at: datetime, by: str, **more: object) -> None:
    """Note an act on an import in the audit log."""
    details = {"file": intake.filename, "sha256": intake.sha256[:12], **more}
    audit.note(session, at, by, action, f"import:{intake.id}", details)
