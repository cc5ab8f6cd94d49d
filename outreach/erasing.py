"""A person is forgotten by the whole platform: tables, the log of failures, and what a database discards."""

from contextlib import closing
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, select, text, update
from sqlalchemy.orm import Session

from contacts import erasing, search_index
from contacts.erasing import Erased, Leaving
from outreach import audit, evidence, tables
from outreach.audit import AuditEntry

__all__ = ["begin", "erase", "settle", "tables"]  # every table must be known before one is looked through

#: What the log may still say of what was done with somebody: codes, and no words of theirs.
KEPT = frozenset({"channel", "purpose", "notice", "role", "kind", "folio", "format", "network", "addresses"})
BRIEFLY = 500  # milliseconds
PAGES = 500  # of the index of words that are merged in one transaction
LOG = "errores.log*"  # and what it was called before it made room


@erasing.before
def _forget_in_the_log(session: Session, leaving: Leaving) -> None:
    """Leave in the audit log that something was done with this person, and none of its words."""
    theirs = AuditEntry.subject == f"contact:{leaving.contact_id}"
    for number, details in session.execute(select(AuditEntry.id, AuditEntry.details).where(theirs)).all():
        left = {name: value for name, value in details.items() if name in KEPT}
        if left != details:
            session.execute(
                update(AuditEntry)
                .where(AuditEntry.id == number)
                .values(details=left)
                .execution_options(synchronize_session=False)
            )


def begin(session: Session) -> None:
    """Let SQLite overwrite what this transaction discards, instead of leaving it in the file until it is needed."""
    if session.get_bind().dialect.name == "sqlite":
        session.execute(text("PRAGMA secure_delete = ON"))


def erase(session: Session, contact_id: int, *, at: datetime, by: str, why: str = "") -> Erased:
    """Forget a person, and note that it was done. `why` is a reason for the log, without words of theirs.

    Refuses as `contacts.erasing.erase`. Call `settle` after the commit.
    """
    begin(session)
    done = erasing.erase(session, contact_id, at=at, why=why)
    noted(session, done, at=at, by=by, why=why)
    return done


def noted(session: Session, done: Erased, *, at: datetime, by: str, why: str) -> None:
    """Note an erasure in the audit log."""
    details: dict[str, object] = {"addresses": done.addresses}
    if why:
        details["folio"] = why
    audit.note(session, at, by, "contacts.erase", f"contact:{done.contact_id}", details)


def settle(data: Path, engine: Engine, done: Erased) -> None:
    """Finish after the commit: the papers kept as evidence, the log of failures, and SQLite's journal.

    Harmless whenever it is done. The journal has the pages of before; somebody who reads at this moment keeps a part of
    it until the hourly chore;
    on PostgreSQL old rows go with its own vacuum.
    """
    evidence.discard(data, done.files)
    for path in sorted(data.glob(LOG)):
        was = path.read_text(encoding="utf-8", errors="surrogateescape")
        now = done.traces.clean(was)
        if now != was:
            path.write_text(now, encoding="utf-8", errors="surrogateescape")
    if engine.dialect.name == "sqlite":
        tidy(engine)
    checkpoint(engine)


def tidy(engine: Engine) -> None:
    """Let the index of words forget what was taken out of it, a few pages a transaction: whoever sends goes between."""
    at_once, more = -PAGES, True
    while more:
        with engine.begin() as connection:
            more = search_index.tidy(connection, at_once)
        at_once = PAGES


def checkpoint(engine: Engine) -> None:
    """Let SQLite's journal go, without waiting long for whoever reads: the next time will do."""
    if engine.dialect.name != "sqlite":
        return
    with closing(engine.raw_connection()) as connection:
        cursor = connection.cursor()
        patience = cursor.execute("PRAGMA busy_timeout").fetchone()[0]
        cursor.execute(f"PRAGMA busy_timeout = {BRIEFLY}")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        cursor.execute(f"PRAGMA busy_timeout = {patience}")
