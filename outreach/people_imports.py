"""The table of imports of people: by a page or at a terminal, under way or long done."""

import secrets
from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, BigInteger, Index
from sqlalchemy.orm import Mapped, mapped_column

from contacts.base import Base, BigId, vocabulary


class IntakeState(StrEnum):
    """How far an import is."""

    RECEIVED = "received"  # the file is kept; its first rows are being read
    MAPPING = "mapping"  # waits for a person: what is in which column, what they consented to
    CHECKING = "checking"  # every row is being read
    CHECKED = "checked"  # waits for a person: all, the good ones, or none
    BRINGING = "bringing"
    DONE = "done"
    FAILED = "failed"
    DISCARDED = "discarded"


S = IntakeState
#: What may follow what. A person moves what waits for one, the desk all else.
MOVES: dict[IntakeState, frozenset[IntakeState]] = {
    S.RECEIVED: frozenset({S.MAPPING, S.FAILED, S.DISCARDED}),
    S.MAPPING: frozenset({S.CHECKING, S.DISCARDED, S.FAILED}),
    S.CHECKING: frozenset({S.CHECKED, S.MAPPING, S.FAILED, S.DISCARDED}),
    S.CHECKED: frozenset({S.BRINGING, S.MAPPING, S.FAILED, S.DISCARDED}),
    S.BRINGING: frozenset({S.DONE, S.FAILED}),
    S.DONE: frozenset(),
    S.FAILED: frozenset(),
    S.DISCARDED: frozenset(),
}
WORKING = (S.RECEIVED, S.CHECKING, S.BRINGING)  # what the desk has to do
WAITING = (S.MAPPING, S.CHECKED)  # what a person has to do


class Intake(Base):
    """One file of people."""

    __tablename__ = "people_import"
    __table_args__ = (Index("ix_people_import_state", "state"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    key: Mapped[str] = mapped_column(unique=True, default=lambda: secrets.token_urlsafe(16))  # in addresses of pages
    filename: Mapped[str]
    sha256: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)  # bytes
    kept: Mapped[str] = mapped_column(default="")  # its name in the folder of imports; "": not, or no longer, there
    by_page: Mapped[bool]  # else at a terminal
    at: Mapped[datetime]
    who: Mapped[str]
    state: Mapped[IntakeState] = mapped_column(vocabulary(IntakeState))
    plan: Mapped[dict[str, object]] = mapped_column(JSON, default=dict)  # outreach/intake/plans.py
    rows: Mapped[int] = mapped_column(default=0)
    done_rows: Mapped[int] = mapped_column(default=0)  # of what is under way
    refused: Mapped[int] = mapped_column(default=0)  # rows
    counts: Mapped[dict[str, object]] = mapped_column(JSON, default=dict)  # what became of the people
    faults: Mapped[list[dict[str, object]]] = mapped_column(JSON, default=list)  # why it failed
    brought_by: Mapped[str] = mapped_column(default="")
    brought_at: Mapped[datetime | None]  # the moment that everything it wrote bears
    ended_at: Mapped[datetime | None]
    worker: Mapped[str] = mapped_column(default="")  # who is at it
    lease_until: Mapped[datetime | None]
