"""A file of communications → entries: every row or none, each communication once, and all of it undone if need be."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from contacts.errors import Fault, Refused, refuse
from contacts.filereading import content_of
from contacts.spreadsheets import Sheet, SheetRow, read_sheet
from outreach import audit
from outreach.keep import one_at_a_time
from outreach.register import fields
from outreach.register.communication import OWN
from outreach.register.entries import stored
from outreach.register.identity import Ledger
from outreach.register.models import Entry, Import

#: Columns that the file of refused rows has besides: left out when it comes back mended.
REFUSAL = ("renglon_rechazado", "motivo_del_rechazo")


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that cannot be imported, as it stood, with everything that is wrong in it."""

    row: SheetRow
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class RegisterFile:
    """What a file holds: its good lines by row number, and the rows that are refused."""

    name: str
    sha256: str
    headers: tuple[str, ...]
    columns: tuple[str, ...]  # the further ones
    lines: tuple[tuple[int, fields.Line], ...]
    refused: tuple[RefusedRow, ...]

    @property
    def faults(self) -> list[Fault]:
        """Everything that is wrong, in the order of the rows."""
        return [fault for row in self.refused for fault in row.faults]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an import did. `import_id` is None when every row was known already."""

    import_id: int | None
    added: int
    known: int
    refused: int
    differing: tuple[int, ...]  # rows skipped for their folio although the entry says something else


def read(path: Path, watch: Callable[[Sequence[SheetRow]], Iterable[SheetRow]] = iter) -> RegisterFile:
    """Read a CSV or XLSX; nothing is written. `watch` is given the rows and may show how far it got.

    Refuses a file without its columns (`register_column_missing`, `register_column_twice`) or that is none (see
    `contacts.spreadsheets.read_sheet`). Rows that are wrong do not refuse the file: they stand in `refused`.
    """
    sheet = read_sheet(path)
    names = _names(sheet, path.name)
    lines: list[tuple[int, fields.Line]] = []
    refused: list[RefusedRow] = []
    first: dict[str, tuple[int, fields.Line]] = {}
    for row in watch(sheet.rows):
        line, faults = fields.read({names[header]: cell for header, cell in row.cells.items() if header in names})
        if row.surplus:
            faults.append(Fault("register_surplus", "", ", ".join(row.surplus)[:60]))
        if line is not None and line.folio:
            earlier, same = first.setdefault(line.folio, (row.number, line))
            if same.content != line.content:
                faults.append(Fault("register_folio_twice", "folio", line.folio, details={"first": earlier}))
        if line is None or faults:
            refused.append(RefusedRow(row, tuple(replace(fault, row=row.number, file=path.name) for fault in faults)))
        else:
            lines.append((row.number, line))
    return RegisterFile(
        name=path.name,
        sha256=hashlib.sha256(content_of(path)).hexdigest(),
        headers=tuple(sheet.headers),
        columns=tuple(name for name in names.values() if name not in OWN),
        lines=tuple(lines),
        refused=tuple(refused),
    )


def bring(session: Session, file: RegisterFile, *, who: str, at: datetime, skip_bad: bool = False) -> Outcome:
    """Write the lines that the register does not know. With rows refused, nothing — or, with `skip_bad`, the rest.

    Raises `Refused` with every fault of every row (codes of `fields.read`, `register_surplus`,
    `register_folio_twice`).
    """
    if file.refused and not skip_bad:
        raise Refused(file.faults)
    one_at_a_time(session)
    lines = [line for _, line in file.lines]
    ledger = Ledger(session)
    new = ledger.unknown(session, lines)
    differing = tuple(number for number, line in file.lines if line.folio and ledger.differs(line))
    if not new:
        return Outcome(None, 0, len(lines), len(file.refused), differing)
    brought = Import(filename=file.name, sha256=file.sha256, columns=list(file.columns), at=at, who=who)
    session.add(brought)
    session.flush()
    session.execute(
        insert(Entry),
        [_row(lines[i], brought, lines[i].folio or ledger.number(lines[i].content.fingerprint)) for i in new],
    )
    audit.note(
        session, at, who, "register.import", f"register_import:{brought.id}", {"file": file.name, "added": len(new)}
    )
    return Outcome(brought.id, len(new), len(lines) - len(new), len(file.refused), differing)


def undo(session: Session, import_id: int, *, reason: str, who: str, at: datetime) -> Import:
    """Take a whole import out of the register, corrections included; it is kept as undone and may come again.

    Refuses `import_unknown`, `import_undone` and `reason_missing`.
    """
    one_at_a_time(session)
    brought = session.get(Import, import_id, populate_existing=True)
    if brought is None:
        raise refuse("import_unknown", "importación", import_id)
    if brought.undone_at is not None:
        raise refuse("import_undone", "importación", import_id, reason=brought.undone_reason)
    if not reason.strip():
        raise refuse("reason_missing", "motivo")
    brought.undone_at, brought.undone_by, brought.undone_reason = at, who, reason.strip()
    audit.note(session, at, who, "register.undo_import", f"register_import:{import_id}", {"reason": reason.strip()})
    return brought


def imports(session: Session) -> Sequence[Import]:
    """Return every import, oldest first, undone ones too."""
    return session.scalars(select(Import).order_by(Import.id)).all()


def sizes(session: Session) -> dict[int, int]:
    """Return how many communications each import brought, by its id."""
    brought = select(Entry.import_id, func.count(Entry.folio.distinct())).where(Entry.import_id.is_not(None))
    return {number: count for number, count in session.execute(brought.group_by(Entry.import_id)) if number is not None}


def _names(sheet: Sheet, file: str) -> dict[str, str]:
    """Give each header its canonical name; refuse a file that lacks one, or has one of ours twice."""
    names = {header: fields.own_name(header) for header in sheet.headers if header not in REFUSAL}
    found = list(names.values())
    faults = [
        Fault("register_column_missing", name, file=file, details={"found": ", ".join(sheet.headers)})
        for name in fields.REQUIRED
        if name not in found
    ]
    faults += [Fault("register_column_twice", name, file=file) for name in OWN if found.count(name) > 1]
    faults += [replace(fault, file=file) for name in found if (fault := fields.check_name(name))]
    if faults:
        raise Refused(faults)
    return names


def _row(line: fields.Line, brought: Import, folio: str) -> dict[str, object]:
    annulment = line.annulment
    if annulment is not None and annulment.at is None:
        annulment = replace(annulment, at=brought.at, who=annulment.who or brought.who)
    return stored(line.content, annulment) | {
        "folio": folio,
        "counts": dict(line.counts),
        "import_id": brought.id,
        "created_at": brought.at,
        "created_by": brought.who,
    }
