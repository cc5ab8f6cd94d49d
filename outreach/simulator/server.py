"""HTTP over sockets that we hold ourselves, because a provider may be slow, fall silent, or cut the line."""

import json
import logging
import os
import select
import socket
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer, ThreadingMixIn
from threading import Event, Lock, Thread
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

LARGEST = 30 * 1024 * 1024  # bytes of a body; SendGrid's limit of a whole call
DRAINED = 128 * 1024 * 1024  # read and thrown away, so that the sender hears the 413 and not a broken pipe
TOO_LARGE = (
    b"<html>\r\n<head><title>413 Request Entity Too Large</title></head>\r\n<body>\r\n"
    b"<center><h1>413 Request Entity Too Large</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
)
log = logging.getLogger(__name__)


@dataclass
class Request:
    """One request as it came. Header names are in lower case."""

    method: str
    target: str  # path and query as on the wire
    headers: Mapping[str, str]
    body: bytes

    @cached_property
    def path(self) -> str:
        """The path without its query."""
        return urlsplit(self.target).path

    @cached_property
    def query(self) -> dict[str, str]:
        """The query, first value of each name."""
        return {k: v[0] for k, v in parse_qs(urlsplit(self.target).query, keep_blank_values=True).items()}

    @cached_property
    def fields(self) -> list[tuple[str, str]]:
        """The fields of a form, in order, repeated ones too. Raises `UnicodeDecodeError` where it is not UTF-8."""
        return parse_qsl(self.body.decode(), keep_blank_values=True)

    @cached_property
    def json(self) -> Any:
        """The body as JSON. Raises `ValueError`."""
        return json.loads(self.body)


@dataclass
class Response:
    """One answer."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, value: object, status: int = 200, **headers: str) -> "Response":
        """Return a JSON answer; header names are given with underscores."""
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        body = json.dumps(value, ensure_ascii=False).encode()
        return cls(status, body, {"Content-Type": "application/json; charset=utf-8"} | named)


class Wire:
    """What may be done with the line before, or instead of, an answer."""

    def __init__(self, connection: socket.socket, stopping: Event) -> None:
        self._connection = connection
        self._stopping = stopping

    def wait(self, seconds: float) -> None:
        """Let real time pass; a stop of the simulator ends it."""
        self._stopping.wait(seconds)

    def hush(self) -> None:
        """Say nothing until the other side hangs up or the simulator stops."""
        while not self._stopping.is_set():
            ready, _, _ = select.select([self._connection], [], [], 0.1)
            if ready and not self._connection.recv(1, socket.MSG_PEEK):
                return
            if ready:
                self._stopping.wait(0.1)  # it sends more: a pipelined request, which nobody will read

    def reset(self) -> None:
        """Cut the line with a TCP reset."""
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.close(self._connection.detach())


Application = Callable[[Request, Wire], Response | None]  # None: no answer, and the line is closed


class _Handler(BaseHTTPRequestHandler):
    server: "Server"
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def _serve(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not length.isdecimal():
            self._write(Response(HTTPStatus.LENGTH_REQUIRED), closing=True)
            return
        if int(length) > LARGEST:
            left = min(int(length), DRAINED)
            while left > 0 and (piece := self.rfile.read(min(left, 1 << 20))):
                left -= len(piece)
            self._write(Response(413, TOO_LARGE, {"Content-Type": "text/html"}), closing=True)
            return
        body = self.rfile.read(int(length))
        if len(body) < int(length):  # the other side went away in the middle of its request
            self.close_connection = True
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, self.path, headers, body)
        try:
            response = self.server.application(request, Wire(self.connection, self.server.stopping))
        except (ConnectionError, OSError):
            raise
        except Exception:
            log.exception("%s %s", self.command, self.path)
            response = Response.of({"errors": [{"message": "internal server error"}]}, 500)
        if response is None:
            self.close_connection = True
        else:
            self._write(response)

    def _write(self, response: Response, *, closing: bool = False) -> None:
        self.close_connection = closing or self.close_connection
        headers = {"Server": "nginx", **response.headers, "Content-Length": str(len(response.body))}
        if self.close_connection:
            headers["Connection"] = "close"
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        head = f"HTTP/1.1 {response.status} {_reason(response.status)}\r\n{lines}\r\n".encode("latin-1")
        self.wfile.write(head if self.command == "HEAD" else head + response.body)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _serve  # noqa: N815 — http.server's names

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 — the parent's name for it
        """Stay quiet: what came in is kept and can be looked at."""


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


class Server(ThreadingMixIn, TCPServer):
    """Listens from the start; answers in one thread a connection, once started."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 256

    def __init__(self, host: str, port: int, application: Application) -> None:
        self.application = application
        self.stopping = Event()
        self._live: set[socket.socket] = set()
        self._lock = Lock()
        self._thread: Thread | None = None
        super().__init__((host, port), _Handler)

    def start(self) -> None:
        """Answer from now on."""
        self._thread = Thread(target=self.serve_forever, args=(0.05,), name="simulator", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Close every line and listen no more; waits for the answers under way."""
        self.stopping.set()
        if self._thread:
            self.shutdown()
            self._thread.join()
        self.server_close()
        for _ in range(1000):
            if not self._hang_up():
                break
            Event().wait(0.005)

    def _hang_up(self) -> bool:
        """Shut every open line; whether there still are any."""
        with self._lock:
            for connection in self._live:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue
            return bool(self._live)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Remember the line while it is open."""
        with self._lock:
            self._live.add(request)
        try:
            super().process_request_thread(request, client_address)
        finally:
            with self._lock:
                self._live.discard(request)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002
        """Take no offence at a line that broke: that is the other side's choice."""
        log.debug("line broken", exc_info=True)  # noqa: LOG014 — called from an exception handler
