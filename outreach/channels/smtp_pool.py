"""Sessions with the mail server that are kept for the next letters: as many as there are threads sending."""

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock

from outreach.channels.smtp_wire import Connection
from outreach.clock import Clock

LONGEST_IDLE = timedelta(seconds=60)  # a way through a firewall may be forgotten after that, without a word
MOST_LETTERS = 500  # a session; some servers close theirs after so many, and a new one costs little beside them


class Pool:
    """Lends each session to one thread at a time; makes a new one when none is left."""

    def __init__(self, connect: Callable[[], Connection], clock: Clock) -> None:
        self._connect = connect
        self._clock = clock
        self._lock = Lock()
        self._idle: list[tuple[datetime, Connection]] = []

    def take(self) -> Connection:
        """Return a session that is alive. Raises `DoorError`."""
        while True:
            with self._lock:
                if not self._idle:
                    break
                since, connection = self._idle.pop()  # the last one back: the others may grow old
            if self._clock.now() - since < LONGEST_IDLE and connection.alive():
                return connection
            connection.drop()
        return self._connect()

    def give_back(self, connection: Connection) -> None:
        """Keep a session for whoever comes next. It must stand between two letters."""
        if connection.taken >= MOST_LETTERS:
            connection.quit()
            return
        with self._lock:
            self._idle.append((self._clock.now(), connection))

    def close(self) -> None:
        """Take leave of the server."""
        with self._lock:
            idle, self._idle = self._idle, []
        for _since, connection in idle:
            connection.quit()
