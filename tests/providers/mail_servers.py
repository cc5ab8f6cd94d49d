"""Mail servers of a test: one that says what it is told to, at every step, and the real one of aiosmtpd."""

import ipaddress
import socket
import ssl
import struct
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cached_property
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass
class Taken:
    """One letter that a server took."""

    sender: str
    to: list[str]
    raw: bytes
    user: str = ""

    @cached_property
    def mail(self) -> EmailMessage:
        found = message_from_bytes(self.raw, policy=policy.default)
        assert isinstance(found, EmailMessage)
        return found

    @property
    def delivery(self) -> int:
        """Our delivery id, as the Message-ID carries it."""
        return int(self.mail["Message-ID"].split(".")[1])

    def part(self, kind: str) -> str:
        """The plain or html part, as a reader sees it."""
        found = self.mail.get_body((kind,))
        assert found is not None
        return found.get_content().replace("\r\n", "\n")


@dataclass
class Step:
    """What a client has just done: CONNECT, a command, or END (the line that ends a letter)."""

    verb: str
    said: str  # the whole command
    session: int  # the first is 0
    letters: int  # taken on this session before
    to: list[str] = field(default_factory=list)


#: What to answer to a step. None: as always. "close", "reset", "silence": that, instead of an answer.
Rule = Callable[[Step], str | None]
USUAL = {"CONNECT": "220 hola", "DATA": "354 go on", "END": "250 2.0.0 taken", "QUIT": "221 bye"}


class ScriptedServer:
    """A mail server that asks its rule at every step. It takes a letter when it answers its end with 2xx."""

    def __init__(self, rule: Rule = lambda _step: None, *, offers: tuple[str, ...] = ("PIPELINING",)) -> None:
        self.rule = rule
        self.offers = offers
        self.letters: list[Taken] = []
        self.steps: list[Step] = []
        self.ended = threading.Event()
        self._lock = threading.Lock()
        self._sessions = 0
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = int(self._listener.getsockname()[1])
        self._open: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def count(self, verb: str) -> int:
        """How often that was done."""
        return sum(step.verb == verb for step in self.steps)

    def counts(self) -> dict[str, int]:
        """Letters taken, by our delivery id."""
        with self._lock:
            return dict(Counter(str(letter.delivery) for letter in self.letters))

    def _accept(self) -> None:
        while True:
            try:
                connection, _peer = self._listener.accept()
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            except OSError:
                return
            with self._lock:
                number, self._sessions = self._sessions, self._sessions + 1
                self._open.append(connection)
                self._threads.append(threading.Thread(target=self._serve, args=(connection, number), daemon=True))
            self._threads[-1].start()

    def _serve(self, connection: socket.socket, number: int) -> None:
        try:
            with connection, connection.makefile("rb") as lines:
                self._talk(connection, lines, number)
        except OSError:
            pass

    def _talk(self, connection: socket.socket, lines: Any, number: int) -> None:
        step, sender, to = Step("CONNECT", "", number, 0), "", list[str]()
        letters = 0
        while True:
            data = _letter(lines) if step.verb == "END" else b""
            if data is None:
                return
            with self._lock:
                self.steps.append(step)
            answer = self.rule(step) or self._usual(step.verb, sender, to)
            if answer in {"close", "reset", "silence"}:
                self._go(connection, answer)
                return
            taken = answer.startswith("2")
            if step.verb == "MAIL":
                sender, to = step.said[11:-1] if taken else "", []
            elif step.verb == "RCPT" and taken:
                to.append(step.said[9:-1])
            elif step.verb == "END" and taken:
                letters += 1
                with self._lock:
                    self.letters.append(Taken(sender, to, data))
            connection.sendall(f"{answer}\r\n".encode())
            said = "END" if answer.startswith("354") else lines.readline().decode().rstrip("\r\n")
            if not said or answer.startswith(("421", "221")):
                return
            step = Step(said.split(" ", maxsplit=1)[0].upper(), said, number, letters, [*to])

    def _usual(self, verb: str, sender: str, to: list[str]) -> str:
        if (verb == "RCPT" and not sender) or (verb == "DATA" and not to):
            return "503 5.5.1 bad sequence"
        if verb == "EHLO":
            return "\r\n".join([*(f"250-{offer}" for offer in ("sink", *self.offers)), "250 HELP"])
        return USUAL.get(verb, "250 2.1.0 ok")

    def _go(self, connection: socket.socket, how: str) -> None:
        if how == "silence":
            self.ended.wait(20)
        if how == "reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        else:
            connection.shutdown(socket.SHUT_RDWR)

    def hang_up(self) -> None:
        """Close every session, as a server does with one that is idle."""
        with self._lock:
            for connection in self._open:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue

    def close(self) -> None:
        """End everything; a second time does nothing."""
        if self.ended.is_set():
            return
        self.ended.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.hang_up()
        for thread in self._threads:
            thread.join(5)


def _letter(lines: Any) -> bytes | None:
    """Read a letter up to the line that ends it; None when the client left before."""
    data = b""
    while (line := lines.readline()) != b".\r\n":
        if not line:
            return None
        data += line.removeprefix(b".")
    return data


class RealServer:
    """aiosmtpd on a port of its own, which keeps what it takes."""

    def __init__(self, **given: Any) -> None:
        self.letters: list[Taken] = []
        self.logins: list[str] = []
        self._controller = _OwnPort(self, hostname="127.0.0.1", port=0, **given)
        self._controller.start()
        self.port = self._controller.port

    async def handle_DATA(self, _server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 — aiosmtpd's name
        user = session.auth_data.decode() if session.auth_data else ""
        self.letters.append(Taken(envelope.mail_from, list(envelope.rcpt_tos), envelope.original_content, user))
        return "250 2.0.0 taken"

    def close(self) -> None:
        self._controller.stop()


class _OwnPort(Controller):
    def _trigger_server(self) -> None:
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


def knows(user: str, password: str) -> Callable[..., AuthResult]:
    """Return an authenticator of aiosmtpd for one account."""

    def ask(_server: Any, _session: Any, _envelope: Any, _mechanism: str, given: LoginPassword) -> AuthResult:
        right = (given.login, given.password) == (user.encode(), password.encode())
        return AuthResult(success=right, handled=False, auth_data=given.login if right else None)

    return ask


def certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """Return a server's side of TLS for 127.0.0.1 and the file that vouches for it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    moment = datetime(2020, 1, 1, tzinfo=UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(moment)
        .not_valid_after(moment.replace(year=2120))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    vouches, both = folder / "ca.pem", folder / "server.pem"
    vouches.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    both.write_bytes(private + vouches.read_bytes())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    return context, vouches
