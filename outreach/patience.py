"""When the surroundings fail (the file is locked, the disk full, the server gone): say it once, wait, and go on."""

import logging
from collections.abc import Callable
from datetime import timedelta
from threading import Event, Lock
from time import monotonic
from typing import TypeVar

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError, InterfaceError

from contacts.errors import Fault
from outreach import database, oserrors, troubles, words
from outreach.clock import Clock
from outreach.i18n import gettext as _
from outreach.i18n import language, speaking

log = logging.getLogger(__name__)
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 15.0  # seconds between two tries; each is twice the one before
QUIET = 2 * LONGEST_PAUSE  # seconds without a failure of anybody, after which an outage is over
TRIES = 40  # of what must not be forgotten: some ten minutes of a database that answers nobody

Answer = TypeVar("Answer")


def pause(failures: int) -> float:
    """Return how many seconds to wait after so many failures in a row."""
    return float(min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(max(failures, 1) - 1, 10)))


def circumstance(error: BaseException, url: URL) -> Fault | None:
    """Return what of the surroundings made this error; None when it is one of ours."""
    if isinstance(error, DBAPIError):
        found = database.fault(error, url)
        if found is None and isinstance(error, InterfaceError):  # the driver's word for a connection that is gone
            return Fault("database_unreachable", "", database.name(url), details={"why": str(error.orig)})
        return found
    return oserrors.fault(error) if isinstance(error, OSError) else None


class Patience:
    """What the threads of a process share of an outage: the first one tells it, the first one back tells the end."""

    def __init__(self, url: URL) -> None:
        self._url = url
        self._lock = Lock()
        self._told: set[str] = set()
        self._failed = 0.0
        self._language = language()  # other threads do not know who reads

    def failed(self, what: str, error: BaseException, failures: int) -> float:
        """Note a failure and return how many seconds to wait: little and always the same for one of our own."""
        found = circumstance(error, self._url)
        if found is None:
            log.error("%s failed", what, exc_info=(type(error), error, error.__traceback__))
            return FIRST_PAUSE
        seconds = pause(failures)
        with self._lock:
            known = found.code in self._told
            self._told.add(found.code)
            self._failed = monotonic()
        if not known:
            with speaking(self._language):
                sentence = words.explain(found)
                troubles.say(f"{sentence} {_('Se sigue intentando; nada de lo guardado se pierde.')}")
            log.warning("%s: %s", what, sentence)
        return seconds

    def well(self) -> None:
        """Note that it goes again; told when nobody has failed for a while: on a full disk one still may read."""
        if not self._told or monotonic() - self._failed < QUIET:
            return
        with self._lock:
            told, self._told = self._told, set()
        if told:
            with speaking(self._language):
                troubles.say(_("La base de datos responde otra vez: se sigue donde se quedó."))
            log.warning("works again after %s", ", ".join(sorted(told)))


def insist(act: Callable[[], Answer], *, clock: Clock, url: URL, stopping: Event) -> Answer:
    """Do what must not be forgotten, such as writing down what a provider answered, until the database takes it.

    Raises what the last try raised: after `TRIES`, at the first failure once `stopping` is set, and at once for an
    error that waiting does not mend.
    """
    for failures in range(1, TRIES):
        try:
            return act()
        except DBAPIError as error:
            if stopping.is_set() or not (circumstance(error, url) or _collided(error)):
                raise
            log.warning("not yet written down: %s", type(error.orig).__name__)
        clock.wait(clock.now() + timedelta(seconds=pause(failures)), stopping)
    return act()


def _collided(error: DBAPIError) -> bool:
    """Whether PostgreSQL let another transaction go first: a deadlock, or two that cannot both be true."""
    return str(getattr(error.orig, "sqlstate", "") or "").startswith("40")
