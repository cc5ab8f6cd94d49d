"""A receiver that shares nothing with ours: a few lines over http.server that write down each POST and count.

What it knows of SendGrid and Twilio is the least that their SDKs accept as an answer. It tells nothing back, and it
stands below a path of its own, as something behind a gateway would.
"""

import json
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from threading import Lock, Thread
from typing import Any, Self
from urllib.parse import parse_qs, parse_qsl, urlsplit


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_: Any) -> None:
        """Say nothing: whoever called was killed."""


class Standin:
    """Serves on a free port for a block."""

    def __init__(self) -> None:
        self.posts: list[tuple[str, bytes]] = []
        self.by_delivery: Counter[str] = Counter()
        self.by_address: Counter[str] = Counter()
        self.strange: list[str] = []  # requests that are none of the two
        self._lock = Lock()
        self._serial = count(1)
        self._server = _Server(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,))

    @property
    def url(self) -> str:
        """Where it listens, without a path."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def counts(self) -> Counter[str]:
        """Messages by our delivery id."""
        with self._lock:
            return Counter(self.by_delivery)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    # ------------------------------------------------------------------ what it takes

    def took(self, path: str, body: bytes) -> tuple[int, dict[str, str], bytes]:
        """Write a POST down; return status, headers and body of the answer."""
        with self._lock:
            self.posts.append((path, body))
            if path == "/mail/v3/mail/send":
                for person in json.loads(body)["personalizations"]:
                    self.by_delivery[person["custom_args"]["vc_delivery"]] += 1
                    self.by_address.update(one["email"] for one in person["to"])
                return 202, {"X-Message-Id": f"standin-{next(self._serial)}"}, b""
            if path.startswith("/phone/2010-04-01/Accounts/") and path.endswith("/Messages.json"):
                form = dict(parse_qsl(body.decode()))
                self.by_delivery[parse_qs(urlsplit(form["StatusCallback"]).query)["d"][0]] += 1
                self.by_address[form["To"]] += 1
                message = {"sid": f"SM{next(self._serial):032x}", "status": "queued", "to": form["To"]}
                return 201, {"Content-Type": "application/json"}, json.dumps(message).encode()
            self.strange.append(f"POST {path}")
            return 404, {}, b""

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        standin = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                self._answer(*standin.took(urlsplit(self.path).path, body))

            def do_GET(self) -> None:
                """It keeps no list to look into."""
                self._answer(404, {}, b"")

            def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        return Handler
