"""One kept-alive HTTP connection, over which the simulator tells the platform what happened."""

import select
from contextlib import suppress
from http.client import HTTPConnection, HTTPSConnection
from socket import SHUT_RDWR
from threading import Lock
from urllib.parse import urlsplit

PATIENCE = 15.0  # seconds that the platform has to answer: Twilio's


class Line:
    """One kept-alive connection to whoever hears us."""

    def __init__(self) -> None:
        self._key = ("", "")
        self._connection: HTTPConnection | None = None
        self._lock = Lock()

    def post(self, url: str, body: bytes, headers: dict[str, str]) -> int:
        """Post and return the status. Raises `OSError` or `HTTPException` where there is no answer."""
        parts = urlsplit(url)
        with self._lock:
            if self._key != (parts.scheme, parts.netloc) or self._is_stale():
                self._open(parts.scheme, parts.netloc)
            try:
                return self._once(parts.path or "/", parts.query, body, headers)
            except BaseException:
                self._close()
                raise

    def _is_stale(self) -> bool:
        """Whether the other side has closed the idle line. A post that was begun is never made again here."""
        if self._connection is None or self._connection.sock is None:
            return True
        ready, _, _ = select.select([self._connection.sock], [], [], 0)
        return bool(ready)

    def _once(self, path: str, query: str, body: bytes, headers: dict[str, str]) -> int:
        assert self._connection is not None
        self._connection.request("POST", f"{path}?{query}" if query else path, body, headers)
        answer = self._connection.getresponse()
        answer.read()
        if answer.will_close:
            self._close()
        return answer.status

    def _open(self, scheme: str, netloc: str) -> None:
        self._close()
        kind = HTTPSConnection if scheme == "https" else HTTPConnection
        self._connection, self._key = kind(netloc, timeout=PATIENCE), (scheme, netloc)

    def _close(self) -> None:
        if self._connection:
            self._connection.close()
            self._connection = None

    def cut(self) -> None:
        """Break the connection off although somebody may be waiting for an answer on it."""
        connection = self._connection
        if connection and connection.sock:
            with suppress(OSError):
                connection.sock.shutdown(SHUT_RDWR)

    def close(self) -> None:
        """Close the connection once nobody is posting."""
        with self._lock:
            self._close()
