"""How many: counted while somebody waits for it, or told of a fixed sample where counting takes longer than that."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import sqrt
from random import Random
from time import monotonic
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from contacts import pointers
from contacts.idsets import among
from contacts.models import Contact

PATIENCE = 0.18  # seconds that a page lets people be counted
SAMPLE = 6000  # people
_SURE = 1.96  # standard deviations about an estimate in which the truth lies 19 times of 20
_DIGITS = 3  # of an estimate that are worth saying
_STEPS = 20_000  # of SQLite's machine between two looks at the clock: some milliseconds


@dataclass(frozen=True, slots=True)
class Count:
    """How many people: exactly `number`, or `more` than it, or `about` it, between `least` and `most`."""

    number: int
    more: bool = False
    about: bool = False
    least: int = 0
    most: int = 0

    @property
    def exact(self) -> bool:
        """Tell whether there are so many and no others."""
        return not (self.more or self.about)


def people(session: Session, *conditions: ColumnElement[bool], seconds: float | None = PATIENCE) -> Count:
    """Return how many people there are with these conditions: exactly within so many seconds (None: however long)."""
    asked = select(func.count()).select_from(Contact).where(pointers.present(), *conditions)
    found = within(session, asked, seconds)
    return Count(found) if found is not None else estimate(session, *conditions)


def estimate(session: Session, *conditions: ColumnElement[bool]) -> Count:
    """Tell from a fixed sample about how many people there are with these conditions.

    The same numbers are looked at each time, so that two looks at the same people tell the same. A number that is
    nobody's counts as somebody who does not match.
    """
    first = session.scalar(select(func.min(Contact.id))) or 1
    last = session.scalar(select(func.max(Contact.id))) or 0
    every = range(first, last + 1)
    chosen = sorted(Random(len(every).bit_length()).sample(every, min(SAMPLE, len(every))))  # noqa: S311 — no secret
    asked = select(func.count()).select_from(Contact)
    hits = session.scalar(asked.where(among(Contact.id, chosen), pointers.present(), *conditions)) or 0
    if len(chosen) == len(every):
        return Count(hits)
    share = hits / len(chosen)
    # Of a share that was not seen at all, or always, three of so many may have been missed (the rule of three).
    off = max(_SURE * sqrt(share * (1 - share) / len(chosen)), 3 / len(chosen) if hits in {0, len(chosen)} else 0)
    least, most = (round(min(max(edge, 0.0), 1.0) * len(every)) for edge in (share - off, share + off))
    return Count(_plain(share * len(every)), about=True, least=_plain(least), most=_plain(most))


def within(session: Session, asked: Select[Any], seconds: float | None) -> int | None:
    """Return what a select of one number gives; None when the database needs longer than so many seconds."""
    if seconds is None:
        return session.scalar(asked) or 0
    bound = _bounded_file if session.get_bind().dialect.name == "sqlite" else _bounded_server
    try:
        with bound(session, seconds):
            return session.scalar(asked) or 0
    except DBAPIError as error:
        if _ran_out(error):
            return None
        raise


def _plain(number: float) -> int:
    """Return a number of so few digits that nobody takes it for counted."""
    whole = round(number)
    return round(whole, min(0, _DIGITS - len(str(whole))))


def _ran_out(error: DBAPIError) -> bool:
    return getattr(error.orig, "sqlstate", None) == "57014" or "interrupted" in str(error.orig)


@contextmanager
def _bounded_file(session: Session, seconds: float) -> Iterator[None]:
    driver: Any = session.connection().connection.driver_connection
    until = monotonic() + seconds
    driver.set_progress_handler(lambda: monotonic() > until, _STEPS)
    try:
        yield
    finally:
        driver.set_progress_handler(None, 0)


@contextmanager
def _bounded_server(session: Session, seconds: float) -> Iterator[None]:
    """Bound what is asked inside, and leave the transaction as it was, whatever comes of it."""
    inside = session.begin_nested()
    try:
        session.execute(text(f"SET LOCAL statement_timeout = {max(1, round(seconds * 1000))}"))
        yield
    finally:
        inside.rollback()
