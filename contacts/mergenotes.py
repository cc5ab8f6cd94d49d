"""What a merge notes down while it moves things, and how that is read backwards.

The note of a merge (`PersonMerge.details`) holds numbers of rows, and the old values of what it changed:

    people   the people who were merged away
    ledger   where the ledger of consent ended
    steps    in order: ["move", table, column, whose it was, [numbers of rows]]
             or ["change", table, number, {column: [before, after]}]
    written  of the lines that the merge itself wrote into the ledger: number, and whose withdrawal it says
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Table, select, update
from sqlalchemy.orm import Session

from contacts.base import Base, UtcDateTime
from contacts.idsets import among

Step = list[Any]
Changed = tuple[str, int, str]  # table, number, column


@dataclass(slots=True)
class Note:
    """The note of one merge, as it grows."""

    session: Session
    people: list[int]
    ledger: int = 0
    steps: list[Step] = field(default_factory=list)
    written: list[tuple[int, int]] = field(default_factory=list)

    def move(self, table: Table, column: str, origin: int, target: int, ids: Iterable[int] | None = None) -> None:
        """Give rows of one person to another: those with these numbers, or all."""
        its = table.c[column]
        if ids is None:
            ids = self.session.scalars(select(table.c.id).where(its == origin).order_by(table.c.id)).all()
        rows = list(ids)
        if rows:
            self.session.execute(update(table).where(among(table.c.id, rows)).values({column: target}))
            self.steps.append(["move", table.name, column, origin, rows])

    def change(self, table: Table, number: int, values: Mapping[str, tuple[Any, Any]]) -> None:
        """Write other values into a row: column → before and after. What does not differ is left out."""
        differing = {name: pair for name, pair in values.items() if pair[0] != pair[1]}
        if differing:
            news = {name: after for name, (_before, after) in differing.items()}
            self.session.execute(update(table).where(table.c.id == number).values(news))
            plain = {name: [_plain(each) for each in pair] for name, pair in differing.items()}
            self.steps.append(["change", table.name, number, plain])

    def as_json(self) -> dict[str, object]:
        """Return it as it is kept."""
        return {"people": self.people, "ledger": self.ledger, "steps": self.steps, "written": self.written}


def read(session: Session, details: Mapping[str, Any]) -> Note:
    """Return a note as it was kept."""
    return Note(session, details["people"], details["ledger"], details["steps"], details["written"])


def undo(note: Note, survivor_id: int) -> list[Changed]:
    """Take every step back, the last first; return what was changed since and stays as it is."""
    kept: list[Changed] = []
    for kind, name, *rest in reversed(note.steps):
        table = Base.metadata.tables[name]
        if kind == "move":
            column, origin, ids = rest
            back = update(table).where(among(table.c.id, ids), table.c[column] == survivor_id)
            note.session.execute(back.values({column: origin}))
        else:
            number, values = rest
            kept += _change_back(note.session, table, number, values)
    return kept


def _change_back(session: Session, table: Table, number: int, values: Mapping[str, list[Any]]) -> list[Changed]:
    """Write the old values of a row where the new ones still stand; return the others."""
    columns = [table.c[name] for name in values]
    row = session.execute(select(*columns).where(table.c.id == number)).mappings().one_or_none()
    if row is None:
        return []
    back = {name: _value(table, name, was) for name, (was, now) in values.items() if _plain(row[name]) == now}
    if back:
        session.execute(update(table).where(table.c.id == number).values(back))
    return [(table.name, number, name) for name in values if name not in back]


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _value(table: Table, column: str, value: Any) -> Any:
    moment = isinstance(table.c[column].type, UtcDateTime)
    return datetime.fromisoformat(value) if moment and value is not None else value
