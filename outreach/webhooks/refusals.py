"""How many webhooks were turned away, by kind and reason, hour by hour: for whoever looks after the installation.

Counted in memory and written down at most once a minute: an unsigned request must not make us write. Each process
adds what it counted to the same rows.
"""

import logging
from collections import Counter
from datetime import datetime, timedelta
from threading import Lock

from sqlalchemy import insert, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from campaigns.models import WebhookRefusal
from contacts.base import table_of
from outreach.webhooks.home import Home

EVERY = timedelta(minutes=1)
EXTENSION = "webhook_refusals"  # where an application keeps its count, so that a page can have it written down

_log = logging.getLogger(__name__)
_Key = tuple[str, str, datetime]


class Refusals:
    """The count of one process, to which several threads add."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._counts: Counter[_Key] = Counter()
        self._kept_at: datetime | None = None
        self._lock = Lock()

    def add(self, kind: str, reason: str, at: datetime) -> None:
        """Count one."""
        with self._lock:
            self._counts[kind, reason, at.replace(minute=0, second=0, microsecond=0)] += 1

    def keep_in_time(self, at: datetime) -> None:
        """Write down what was counted, unless that was done within the minute. A request calls it, so it never fails.

        A clock that was set back does not make us wait for it.
        """
        if self._counts and (self._kept_at is None or abs(at - self._kept_at) >= EVERY):
            try:
                self.keep(at)
            except DBAPIError:
                _log.warning("the count of refused webhooks could not be written down", exc_info=True)

    def keep(self, at: datetime) -> None:
        """Write down what was counted since the last time."""
        with self._lock:
            counts, self._counts, self._kept_at = self._counts, Counter(), at
        if not counts:
            return
        try:
            with self._home.transaction() as session:
                for key, count in sorted(counts.items()):
                    _add(session, key, count)
        except BaseException:
            with self._lock:
                self._counts += counts
            raise


def _add(session: Session, key: _Key, count: int) -> None:
    table = table_of(WebhookRefusal)
    here = dict(zip(("kind", "reason", "hour"), key, strict=True))
    more = (
        update(table)
        .where(*[table.c[name] == value for name, value in here.items()])
        .values(count=table.c.count + count)
        .returning(table.c.count)
    )
    if session.execute(more).first() is None:
        try:
            with session.begin_nested():
                session.execute(insert(table).values(**here, count=count))
        except IntegrityError:  # another process was quicker
            session.execute(more)
