"""The verbs on single entries: write down, correct, annul, look back. What runs sent is not touched here."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts.errors import Fault, Refused, refuse
from outreach import audit
from outreach.keep import one_at_a_time
from outreach.register import fields
from outreach.register.columns import further
from outreach.register.communication import COLUMNS, OWN, Annulment
from outreach.register.identity import Ledger, runs_named
from outreach.register.models import Entry, Import
from outreach.register.reading import live, shown


def add(session: Session, values: Mapping[str, str], *, who: str, at: datetime) -> Entry:
    """Write down a communication: texts by column, further columns included, spelled as in a file.

    Refuses what `fields.read` lists, and `register_reserved` for a column that only the register
    itself fills, `register_nameless` and `register_column_twice`.
    """
    content = _content(values)
    one_at_a_time(session)
    entry = Entry(
        **stored(content),
        folio=Ledger(session).number(content.fingerprint),
        created_at=at,
        created_by=who,
    )
    session.add(entry)
    session.flush()
    audit.note(session, at, who, "register.add", f"register:{entry.folio}")
    return entry


def correct(session: Session, folio: str, changes: Mapping[str, str], *, reason: str, who: str, at: datetime) -> Entry:
    """Replace an entry by a corrected one of the same number; the old one is kept. `""` empties a column.

    Refuses `reason_missing`, `entry_unknown`, `entry_of_run`, `entry_annulled`, `entry_unchanged`, and what `add` does.
    """
    one_at_a_time(session)
    old = in_force(session, folio)
    if old.annulled_at is not None:
        raise refuse("entry_annulled", "folio", folio, reason=old.reason)
    spellings = further(session)
    before = shown(old, spellings)
    values = {name: before.field(name) for name in COLUMNS} | dict(before.extra)
    values |= {spellings.get(name.casefold(), name): text for name, text in named(changes).items()}
    content = _content(values, *_no_reason(reason))
    if content.fingerprint == old.fingerprint:
        raise refuse("entry_unchanged", "folio", folio)
    entry = Entry(
        **stored(content),
        folio=folio,
        counts=old.counts,
        import_id=old.import_id,  # undoing the import takes its corrections along
        created_at=at,
        created_by=who,
    )
    session.add(entry)
    session.flush()
    old.replaced_by_id, old.reason = entry.id, reason.strip()
    _remember_columns(session, entry)
    audit.note(session, at, who, "register.correct", f"register:{folio}", {"reason": old.reason})
    return entry


def annul(session: Session, folio: str, *, reason: str, who: str, at: datetime) -> Entry:
    """Make an entry count no longer; it is kept and shown. Refuses as `correct` does."""
    one_at_a_time(session)
    entry = in_force(session, folio)
    if entry.annulled_at is not None:
        raise refuse("entry_annulled", "folio", folio, reason=entry.reason)
    if faults := _no_reason(reason):
        raise Refused(faults)
    entry.annulled_at, entry.annulled_by, entry.reason = at, who, reason.strip()
    audit.note(session, at, who, "register.annul", f"register:{folio}", {"reason": entry.reason})
    return entry


def in_force(session: Session, folio: str) -> Entry:
    """Return the newest version of an entry, annulled or not. Refuses `entry_unknown` and `entry_of_run`."""
    rows = live().add_columns(Entry).where(Entry.folio == folio, Entry.replaced_by_id.is_(None))
    entry: Entry | None = session.scalar(rows)
    if entry is not None:
        return entry
    run = runs_named(session, [folio]).get(folio)
    if run is not None:
        raise refuse("entry_of_run", "folio", folio, run=run)
    raise refuse("entry_unknown", "folio", folio)


def history(session: Session, folio: str) -> Sequence[Entry]:
    """Return every version of an entry, oldest first, also those of imports that were undone.

    Refuses `entry_unknown`, and `entry_of_run` for what a run sent: that has no versions.
    """
    versions = session.scalars(select(Entry).where(Entry.folio == folio).order_by(Entry.id)).all()
    return versions or [in_force(session, folio)]


def stored(content: fields.Content, annulment: Annulment | None = None) -> dict[str, Any]:
    """Return the columns of the table that a content fills."""
    return {
        "day": content.day,
        "month_only": content.month_only,
        "hour": content.hour,
        "channel": content.channel,
        "account": content.account,
        "networks": list(content.networks),
        "kind": content.kind,
        "topic": content.topic,
        "information": content.information,
        "recipients": content.recipients,
        "extra": dict(content.extra),
        "fingerprint": content.fingerprint,
        "annulled_at": annulment and annulment.at,
        "annulled_by": annulment.who if annulment else "",
        "reason": annulment.reason if annulment else "",
    }


def _content(values: Mapping[str, str], *faults: Fault) -> fields.Content:
    """Check the texts that a person gave by column; refuse them together with other faults."""
    line, wrong = fields.read(named(values))
    if line is None or faults:
        raise Refused([*faults, *wrong])
    return line.content


def named(values: Mapping[str, str]) -> dict[str, str]:
    """Give columns their own names. Refuses those that are nameless, twice, or not a person's to fill."""
    found: dict[str, str] = {}
    faults: list[Fault] = []
    seen: set[str] = set()
    for header, text in values.items():
        name = fields.own_name(header)
        if not name:
            faults.append(Fault("register_nameless", "", text))
        elif name.casefold() in seen:
            faults.append(Fault("register_column_twice", name, text))
        elif name in OWN and name not in COLUMNS:
            faults.append(Fault("register_reserved", name, text))
        faults += [fault for fault in [fields.check_name(name)] if fault]
        seen.add(name.casefold())
        found[name] = text
    if faults:
        raise Refused(faults)
    return found


def _no_reason(reason: str) -> list[Fault]:
    return [] if reason.strip() else [Fault("reason_missing", "motivo")]


def _remember_columns(session: Session, entry: Entry) -> None:
    """Note a column that a correction gave to an imported entry: it is a column of the register too."""
    brought = session.get(Import, entry.import_id) if entry.import_id is not None else None
    if brought is not None:
        known = {name.casefold() for name in brought.columns}
        new = [name for name in entry.extra if name.casefold() not in known]
        brought.columns = [*brought.columns, *new]
