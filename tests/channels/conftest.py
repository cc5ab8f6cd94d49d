"""A provider of a test: a small HTTP server that keeps what it was sent and answers what it is told to."""

import ipaddress
import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from campaigns.channels import Letter, Message
from contacts.models import Channel


@dataclass
class Received:
    """One request as it arrived."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))


# What a provider answers: status, headers, body. Or what it does instead: "silence", "reset", "garbage".
Reply = tuple[int, dict[str, str], str] | str


class Provider:
    """Keeps every request; answers each with what `rule` returns for it."""

    def __init__(self, rule: Callable[[Received], Reply]) -> None:
        self.rule = rule
        self.requests: list[Received] = []
        self.silence = threading.Event()
        self._lock = threading.Lock()
        provider = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _handle(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                headers = {name.lower(): value for name, value in self.headers.items()}
                request = Received(self.command, self.path, headers, self.rfile.read(length))
                with provider._lock:
                    provider.requests.append(request)
                self._reply(provider.rule(request))

            do_GET = do_POST = _handle  # noqa: N815 — the names are http.server's

            def _reply(self, reply: Any) -> None:
                self.close_connection = isinstance(reply, str)
                if reply == "silence":
                    provider.silence.wait(20)
                elif reply == "reset":
                    self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    self.connection.close()
                elif reply == "garbage":
                    self.wfile.write(b"\x00\x01 nothing of HTTP\r\n\r\n")
                else:
                    status, headers, body = reply
                    payload = str(body).encode()
                    self.send_response(int(status))
                    for name, value in dict(headers).items():
                        self.send_header(name, value)
                    self.send_header("Content-Length", str(len(payload)))
                    self.end_headers()
                    self.wfile.write(payload)

            def log_message(self, *_args: object) -> None:
                """Say nothing."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            block_on_close = False
            request_queue_size = 128

            def handle_error(self, *_args: object) -> None:
                """Expect broken connections: they are the subject."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def wrap(self, context: Any) -> None:
        """Speak TLS from now on."""
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.url = self.url.replace("http:", "https:")

    def close(self) -> None:
        self.silence.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


Starter = Callable[[Callable[[Received], Reply]], Provider]


@pytest.fixture
def start() -> Iterator[Starter]:
    """Start providers, each with its rule; all end with the test."""
    started: list[Provider] = []

    def begin(rule: Callable[[Received], Reply]) -> Provider:
        started.append(Provider(rule))
        return started[-1]

    yield begin
    for provider in started:
        provider.close()


@pytest.fixture
def letter() -> Callable[..., Letter]:
    """Make the letter of the n-th person of a small cast."""

    def make(n: int, **over: Any) -> Letter:
        given: dict[str, Any] = {
            "delivery_id": 1000 + n,
            "address": f"persona{n}@example.org",
            "name": f"Persona {n}",
            "values": (f"Nombre{n}", f"<b>Nombre{n}</b>"),
            "unsubscribe_url": f"https://votochilango.example.org/baja/{n}",
        }
        return Letter(**(given | over))

    return make


@pytest.fixture
def mail() -> Message:
    """A mail with one slot in its text and one in its HTML."""
    return Message(
        Channel.EMAIL,
        sender="votochilango@example.org",
        sender_name="Voto Chilango",
        subject="Aviso para -t0-",
        text="Hola, -t0-: el simulacro empieza el lunes.",
        html="<p>Hola, -h0-</p>",
        tags=("-t0-", "-h0-"),
    )


@pytest.fixture
def self_signed(tmp_path: Path) -> ssl.SSLContext:
    """The TLS of a server on loopback whose certificate nobody vouches for: `servidor.pem` in the test's folder."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    moment = datetime(2020, 1, 1, tzinfo=UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(moment)
        .not_valid_after(moment.replace(year=2120))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "servidor.pem"
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context
