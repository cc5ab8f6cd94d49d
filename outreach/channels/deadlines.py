"""A provider's answer has one time limit as a whole, however many bytes of it come in meanwhile.

A socket's own limit begins anew with every byte: a provider that drips its answer would hold a thread for ever. Here
each wait is given only what is left of the whole, so it costs no thread and no watch over sockets.
"""

import io
from collections.abc import Callable
from http.client import HTTPConnection, HTTPResponse
from socket import SocketIO, socket
from threading import local
from time import CLOCK_BOOTTIME, clock_gettime, monotonic
from typing import IO, Any

from outreach.channels.wire import NeverSentError

MOST_AT_ONCE = 262_144  # octets given to a socket in one step: one of TLS has a time limit for each, not for all

MADE_WITHIN = 45.0  # seconds: a connection that took longer is not used

Left = Callable[[], float]  # seconds that are left; raises `TimeoutError` when none are


_spoken = local()  # whether this thread has written anything since it was asked to keep an eye on that


def listen() -> None:
    """Begin to notice whether this thread writes anything on a connection: see `silent`."""
    _spoken.anything = False


def silent() -> bool:
    """Whether not a byte was handed to a connection since `listen`: whatever broke, nothing was sent."""
    return not getattr(_spoken, "anything", True)


def uptime() -> float:
    """Return the seconds since the machine began, those in which it was suspended included."""
    return clock_gettime(CLOCK_BOOTTIME)


class Deadline:
    """A moment by which something must have ended; it runs on a clock that nobody sets."""

    def __init__(self, seconds: float) -> None:
        self._until = monotonic() + seconds

    def left(self) -> float:
        """Return the seconds that are left. Raises `TimeoutError` when none are."""
        seconds = self._until - monotonic()
        if seconds <= 0:
            raise TimeoutError("timed out")
        return seconds


class _Timed(io.RawIOBase):
    """What comes in on a socket, each read with no more time than is left of the whole."""

    def __init__(self, connection: socket, left: Left) -> None:
        self._connection = connection
        self._raw: SocketIO = connection.makefile("rb", buffering=0)  # keeps the socket open, as its reader expects
        self._left = left

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        try:
            self._connection.settimeout(self._left())
            return self._raw.readinto(buffer)
        except TimeoutError:
            self._raw.close()  # hang up now: whoever reads may leave that to the collector of garbage
            raise

    def close(self) -> None:
        self._raw.close()
        super().close()


def reader(connection: socket, left: Left) -> io.BufferedReader:
    """Return a file of what comes in on a socket; whoever reads it beyond what is `left` gets `TimeoutError`."""
    return io.BufferedReader(_Timed(connection, left))


def send(connection: socket, data: bytes, left: Left, flags: int = 0) -> None:
    """Send all of it in the time that is left, on TLS as well, where flags have no meaning and must be 0."""
    rest = memoryview(data)
    while rest:
        connection.settimeout(left())
        rest = rest[connection.send(rest[:MOST_AT_ONCE], flags) :]


class Punctual(HTTPConnection):
    """A connection whose request and answer must be through within `timeout` seconds, once it has been made.

    For `http.client` and those who build on it: name it before their own class. Making it has that time for itself.
    """

    _deadline: Deadline | None = None  # None between two requests

    def connect(self) -> None:
        """Connect; what a proxy answers to that has a time limit as well.

        Raises `NeverSentError` when it took so long that this process must have been suspended: the system makes the
        connection meanwhile, and what is to be said on it may have been said by another who thought us dead.
        """
        self._deadline, began = self._fresh(), uptime()
        super().connect()
        self._deadline = None
        if (seconds := uptime() - began) > MADE_WITHIN:
            self.close()
            raise NeverSentError(f"connected after {seconds:.0f} s")

    def putrequest(self, *given: Any, **named: Any) -> None:
        """Begin a request; its time begins when there is a connection to send it on."""
        self._deadline = None
        super().putrequest(*given, **named)

    def send(self, data: Any) -> None:
        """Send bytes; connect before when nobody has."""
        if self.sock is None:
            self.connect()
        _spoken.anything = True
        send(self.sock, data, self._left)

    def response_class(self, connection: socket, *given: Any, **named: Any) -> HTTPResponse:  # type: ignore[override]
        """Return the answer that will come in on a socket, in the time that is left."""
        return HTTPResponse(_Source(connection, self._left), *given, **named)  # type: ignore[arg-type] # all it asks for

    def _left(self) -> float:
        if self._deadline is None:
            self._deadline = self._fresh()
        return self._deadline.left()

    def _fresh(self) -> Deadline:
        assert isinstance(self.timeout, int | float)
        return Deadline(self.timeout)


class _Source:
    """What `HTTPResponse` asks of a socket: a file to read from."""

    def __init__(self, connection: socket, left: Left) -> None:
        self._connection = connection
        self._left = left

    def makefile(self, _mode: str) -> IO[bytes]:
        return reader(self._connection, self._left)
