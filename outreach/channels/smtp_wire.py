"""The only file that knows smtplib: it opens the door; what follows is said on its socket, several things at once.

smtplib waits for each answer and copies each letter; with PIPELINING (RFC 2920) the end of one letter and the
envelope of the next travel together, and a letter costs one way there and back instead of four.
"""

import smtplib
import socket
import ssl
from contextlib import suppress

from campaigns.channels import Result
from outreach.channels import deadlines
from outreach.channels.codes import Meaning
from outreach.channels.deadlines import Deadline
from outreach.channels.smtp_address import SmtpServer
from outreach.channels.smtp_replies import START_INPUT, Reply, of_sender
from outreach.channels.wire import clean

MOST_UNREAD = 65_536  # octets of an answer
_MORE = getattr(socket, "MSG_MORE", 0)  # Linux: keep it, what follows comes at once

LOGIN_REFUSED = Meaning("smtp_login_refused", Result.RETRY, sender_at_fault=True)
NOT_ENCRYPTED = Meaning("smtp_not_encrypted", Result.RETRY, sender_at_fault=True)


class DoorError(Exception):
    """No session was begun, so nothing was sent; `meaning` is true of every letter."""

    def __init__(self, meaning: Meaning, detail: str) -> None:
        super().__init__(f"{meaning.code}: {detail}")
        self.meaning = meaning
        self.detail = detail


class UnreadableError(ValueError):
    """What came is no answer of SMTP."""


class Connection:
    """One session with a server, ready for mail. Used by one thread at a time.

    Raises `DoorError`. Later, whatever breaks raises `OSError`, or `UnreadableError`: then `drop` it. `timeout` is
    seconds for each step as a whole, however its bytes drip: the opening, an envelope, a letter, the word on it.
    """

    def __init__(self, server: SmtpServer, *, hello: str, timeout: float) -> None:
        self.taken = 0  # letters the server has answered for
        self._timeout = timeout
        self._deadline = Deadline(timeout)
        self._smtp = _opened(server, hello, timeout)
        assert isinstance(self._smtp.sock, socket.socket)
        self._socket = self._smtp.sock
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._plain = not isinstance(self._socket, ssl.SSLSocket)
        self._pipelining = self._smtp.has_extn("pipelining")
        self._unread = bytearray()
        self._ahead = False
        self._reset = False

    def envelope(self, sender: str, address: str) -> list[Reply]:
        """Say from whom and for whom, and ask to begin; the answers so far, three when all went well.

        What was said ahead (`finish`) is not said again. Both must be `addressable`.
        """
        self._deadline = Deadline(self._timeout)
        commands = (b"RSET\r\n",) * self._reset + _commands(sender, address)
        if self._pipelining:
            if not self._ahead:
                self._send(b"".join(commands))
            replies = [self._answer() for _ in commands]
        else:
            replies = []
            for command in commands:
                self._send(command)
                replies.append(self._answer())
                if not replies[-1].positive:
                    break
        del replies[: int(self._reset)]
        begun = bool(replies) and replies[-1].code == START_INPUT
        self._reset = not begun or not all(one.positive for one in replies[:-1])
        if begun and self._reset:  # it waits for a letter though it refused the envelope: an empty one (RFC 2920 §3.1)
            self.finish()
            self._answer()
        self._ahead = False
        return replies

    @property
    def announced(self) -> bool:
        """Whether the server has heard an envelope that no letter followed yet."""
        return self._ahead

    def body(self, data: bytes) -> None:
        """Send a letter but for its end. When this raises, the server cannot have accepted it.

        No line of `data` may begin with a full stop; its last line is whole.
        """
        self._deadline = Deadline(self._timeout)
        self._send(data, _MORE if self._plain else 0)

    def finish(self, ahead: tuple[str, str] | None = None) -> None:
        """End the letter: from here on the server may accept it. `ahead`: sender and address of the next one.

        When this raises, nothing of the end was sent. Whatever else goes wrong shows in `reply`.
        """
        self._ahead = bool(ahead) and self._pipelining
        data = b".\r\n" + (b"".join(_commands(*ahead)) if ahead and self._ahead else b"")
        self._socket.settimeout(self._deadline.left())
        sent = self._socket.send(data)
        if sent < len(data):
            with suppress(OSError):
                self._send(data[sent:])

    def _send(self, data: bytes, flags: int = 0) -> None:
        deadlines.send(self._socket, data, self._deadline.left, flags)

    def reply(self) -> Reply:
        """Wait for the word on a letter."""
        self._deadline = Deadline(self._timeout)
        return self._answer()

    def _answer(self) -> Reply:
        lines: list[str] = []
        while True:
            line = self._line()
            if not (line[:3].isdigit() and b"2" <= line[:1] <= b"5" and line[3:4] in {b"", b" ", b"-"}):
                raise UnreadableError(clean(line.decode("utf-8", "replace")))
            lines.append(line[4:].decode("utf-8", "replace"))
            if line[3:4] != b"-":
                return Reply(int(line[:3]), " ".join(lines))

    def _line(self) -> bytes:
        while (end := self._unread.find(b"\n")) < 0:
            if len(self._unread) > MOST_UNREAD:
                raise UnreadableError("an answer without end")
            self._socket.settimeout(self._deadline.left())
            came = self._socket.recv(MOST_UNREAD)
            if not came:
                raise ConnectionResetError("the server closed the connection")
            self._unread += came
        line = bytes(self._unread[:end]).rstrip(b"\r")
        del self._unread[: end + 1]
        return line

    def alive(self) -> bool:
        """Whether a session that nothing is asked of is still there: a server that has left has said so, or closed."""
        self._socket.settimeout(0)
        try:
            self._socket.recv(1)
        except (BlockingIOError, ssl.SSLWantReadError):
            return not self._unread
        except OSError:
            return False
        else:
            return False
        finally:
            self._socket.settimeout(self._timeout)

    def quit(self) -> None:
        """Take leave between two letters."""
        with suppress(OSError):
            self._socket.settimeout(self._timeout)
            self._socket.sendall(b"QUIT\r\n")
        self.drop()

    def drop(self) -> None:
        """Close at once. A letter whose end was not sent is thrown away by the server (RFC 5321 §4.1.1.4)."""
        with suppress(OSError):
            self._smtp.close()


def _commands(sender: str, address: str) -> tuple[bytes, bytes, bytes]:
    return f"MAIL FROM:<{sender}>\r\n".encode("ascii"), f"RCPT TO:<{address}>\r\n".encode("ascii"), b"DATA\r\n"


class _Punctual(smtplib.SMTP):
    """Opens a session with one time limit for all that is said until mail may come."""

    _deadline: Deadline | None = None

    def getreply(self) -> tuple[int, bytes]:
        """Wait for one answer, with no more time than is left of the whole."""
        if self.file is None:
            assert self.sock is not None
            self.file = deadlines.reader(self.sock, self._left)
        return super().getreply()

    def _left(self) -> float:
        if self._deadline is None:
            self._deadline = Deadline(self.timeout)
        return self._deadline.left()


class _SecurePunctual(_Punctual, smtplib.SMTP_SSL):
    """The same by TLS from the first byte."""


def _opened(server: SmtpServer, hello: str, timeout: float) -> smtplib.SMTP:
    """Connect, greet, encrypt and log in; `DoorError` says what did not work."""
    try:
        if server.encrypted == "whole":
            trust = ssl.create_default_context()
            smtp: smtplib.SMTP = _SecurePunctual(
                server.host, server.port, local_hostname=hello, timeout=timeout, context=trust
            )
        else:
            smtp = _Punctual(server.host, server.port, local_hostname=hello, timeout=timeout)
    except (OSError, smtplib.SMTPException, ValueError) as error:  # ValueError: a name that IDNA cannot write
        raise _door(error) from error
    try:
        smtp.ehlo_or_helo_if_needed()
        if server.encrypted == "start":
            smtp.starttls(context=ssl.create_default_context())
            smtp.ehlo_or_helo_if_needed()
        if server.user:
            smtp.login(server.user, server.password)
    except (OSError, smtplib.SMTPException) as error:
        smtp.close()
        raise _door(error) from error
    return smtp


def _door(error: Exception) -> DoorError:
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error.decode("utf-8", "replace") if isinstance(error.smtp_error, bytes) else error.smtp_error
        reply = Reply(error.smtp_code, clean(" ".join(said.split())))
        if isinstance(error, smtplib.SMTPAuthenticationError) and not reply.later:
            return DoorError(LOGIN_REFUSED, f"{reply.code} {reply.text}")
        return DoorError(of_sender(reply), f"{reply.code} {reply.text}")
    detail = clean(f"{type(error).__name__}: {error}")
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return DoorError(NOT_ENCRYPTED if "STARTTLS" in str(error) else LOGIN_REFUSED, detail)
    if isinstance(error, ssl.SSLError):
        return DoorError(Meaning("smtp_untrusted", Result.RETRY), detail)
    if isinstance(error, smtplib.SMTPException) and not isinstance(error, smtplib.SMTPServerDisconnected):
        return DoorError(LOGIN_REFUSED, detail)  # by no way we know
    return DoorError(Meaning("unreachable_provider", Result.RETRY), detail)
