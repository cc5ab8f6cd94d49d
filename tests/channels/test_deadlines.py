"""A provider that lets its answer drip: the whole of it has one time limit, and what follows is not cut short."""

import socket
import ssl
import threading
from collections.abc import Sequence
from contextlib import suppress

import pytest

from campaigns.channels import ChannelError, Message, Result
from contacts.models import Channel
from outreach.channels import deadlines
from outreach.channels.email import SendGridCarrier
from outreach.channels.smtp import SmtpCarrier
from outreach.channels.smtp_address import SmtpServer
from outreach.channels.whatsapp import TwilioCarrier

SID = "AC" + "0" * 32
LIMIT = 1.0  # seconds
HEAD = b"HTTP/1.1 202 Accepted\r\n"
DRIPPING = {
    "in the status line": b"",
    "in the headers": HEAD + b"X-A: a",
    "before the answer": b"HTTP/1.1 100 Continue\r\n\r\n" + HEAD,
    "in the body": HEAD + b"Content-Length: 100000\r\n\r\n",
    "in the body of a refusal": b"HTTP/1.1 400 Bad Request\r\nContent-Length: 100000\r\n\r\n",
    "in a body of pieces": HEAD + b"Transfer-Encoding: chunked\r\n\r\nfffff\r\n",
}


class Dripping:
    """Reads what comes, answers what it is told to, then a byte now and then until the other side has left."""

    def __init__(
        self,
        said: bytes,
        context: ssl.SSLContext | None = None,
        *,
        before: Sequence[bytes] = (),
        end: bytes = b"",
    ) -> None:
        self._said = said
        self._before = before  # said in full: the first at once, each further one when a line has come
        self._end = end  # of what it hears before it lets its answer drip
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.left = threading.Event()  # whoever was listening hung up
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while not self._ended.is_set():
            try:
                connection, _peer = self._listener.accept()
            except OSError:
                return
            connection.settimeout(10)
            with suppress(OSError), connection:
                if self._context:
                    with self._context.wrap_socket(connection, server_side=True) as secure:
                        self._drip(secure)
                else:
                    self._drip(connection)
            self.left.set()

    def _drip(self, connection: socket.socket) -> None:
        for number, line in enumerate(self._before):
            if number:
                self._hear(connection, b"\r\n")
            connection.sendall(line)
        if self._end or not self._said.startswith(b"220"):
            self._hear(connection, self._end)
        connection.sendall(self._said)
        connection.settimeout(0.1)  # between two bytes
        while not self._ended.is_set():
            connection.sendall(b"1")
            with suppress(TimeoutError):
                if not connection.recv(65536):
                    return

    def _hear(self, connection: socket.socket, end: bytes) -> None:
        heard = b""
        while not heard or not heard.endswith(end):
            came = connection.recv(65536)
            if not came:
                raise ConnectionResetError
            heard += came

    def close(self) -> None:
        self._ended.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(10)


@pytest.fixture
def dripping():
    """Start servers that drip; all end with the test."""
    started = []

    def start(said, context=None, **more):
        started.append(Dripping(said, context, **more))
        return started[-1]

    yield start
    for server in started:
        server.close()


def by_mail(url, mail, letter):
    carrier = SendGridCarrier("SG.llave", installation="0a1b2c3d", base_url=url, timeout=LIMIT)
    (outcome,) = carrier.send(mail, [letter(1)])
    return outcome


def by_whatsapp(url, _mail, letter):
    carrier = TwilioCarrier(
        SID, "llave", installation="0a1b2c3d", public_url="https://v.example.org", base_url=url, timeout=LIMIT
    )
    message = Message(Channel.WHATSAPP, sender="+525555550100", text="Hola")
    (outcome,) = carrier.send(message, [letter(1, address="+525555550101", values=())])
    carrier.close()
    return outcome


both = pytest.mark.parametrize("send", [by_mail, by_whatsapp])


@both
@pytest.mark.parametrize("where", DRIPPING)
def test_an_answer_that_drips_is_lost_when_its_time_is_over(send, where, dripping, mail, letter):
    server = dripping(DRIPPING[where])
    said = send(f"http://127.0.0.1:{server.port}", mail, letter)
    assert (said.result, said.code) == (Result.UNKNOWN, "no_answer")
    assert server.left.wait(10), "its socket is still open"


@both
def test_an_answer_that_drips_by_tls_is_lost_too(send, dripping, mail, letter, self_signed, tmp_path, monkeypatch):
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"):
        monkeypatch.setenv(name, str(tmp_path / "servidor.pem"))
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setattr("outreach.channels.twilio_wire.loopback", lambda _url: False)  # so that it trusts the file
    server = dripping(DRIPPING["in the headers"], self_signed)
    said = send(f"https://127.0.0.1:{server.port}", mail, letter)
    assert (said.result, said.code) == (Result.UNKNOWN, "no_answer")
    assert server.left.wait(10), "its socket is still open"


@both
def test_a_refusal_and_an_answer_that_come_in_time_are_heard(send, start, mail, letter):
    provider = start(
        lambda request: (201 if "Messages" in request.path else 202, {}, '{"sid": "SM1", "status": "queued"}')
    )
    assert send(provider.url, mail, letter).result == Result.ACCEPTED


def test_a_connection_that_is_kept_has_its_whole_time_for_the_next_call(start, letter):
    """What was left of the last call's time is not what the next one has."""

    def slow(_request):
        provider.silence.wait(0.8)
        return 201, {}, '{"sid": "SM1", "status": "queued"}'

    provider = start(slow)
    carrier = TwilioCarrier(
        SID, "llave", installation="0a1b2c3d", public_url="https://v.example.org", base_url=provider.url, timeout=2.0
    )
    message = Message(Channel.WHATSAPP, sender="+525555550100", text="Hola")
    for number in range(3):  # in one thread after the other, on one connection
        (said,) = carrier.send(message, [letter(number, address=f"+5255555501{number:02}", values=())])
        assert said.result == Result.ACCEPTED
    carrier.close()


def test_calls_in_a_row_that_are_slow_together_leave_the_rest_for_later(start, mail, letter):
    """Letters that cannot share a call: each is answered in time, all of them together would outlast the lease."""

    def slow(_request):
        provider.silence.wait(0.4)
        return 202, {}, ""

    provider = start(slow)
    carrier = SendGridCarrier("SG.llave", installation="0a1b2c3d", base_url=provider.url, timeout=LIMIT)
    said = carrier.send(
        mail, [letter(number, address="A" * number + "a@example.org", values=("-t0-", "")) for number in range(9)]
    )
    codes = [outcome.code for outcome in said]
    assert [outcome.result for outcome in said if not outcome.code] == [Result.ACCEPTED] * len(provider.requests)
    assert len(provider.requests) < len(said)
    assert codes == [""] * len(provider.requests) + ["held_back"] * (len(said) - len(provider.requests))


SMTP = {
    "in its greeting": ((), b"220 correo.example.org "),
    "in a greeting without end": ((), b"220-correo.example.org\r\n220-"),
    "in its answer to ours": ((b"220 correo.example.org\r\n",), b"250-PIPE"),
    "in its answer to the sender": ((b"220 a\r\n", b"250 b\r\n"), b"250 yes"),
}


@pytest.mark.parametrize("where", SMTP)
def test_a_mail_server_that_drips_before_any_letter_sent_nothing(where, dripping, mail, letter):
    before, said = SMTP[where]
    server = dripping(said, before=before)
    carrier = SmtpCarrier(SmtpServer("127.0.0.1", server.port, encrypted="no"), installation="0a1b2c3d", timeout=LIMIT)
    (outcome,) = carrier.send(mail, [letter(1)])
    cut = "unreachable_provider" if where != "in its answer to the sender" else "session_cut"
    assert (outcome.result, outcome.code) == (Result.RETRY, cut)
    assert server.left.wait(10), "its socket is still open"
    carrier.close()


def test_a_mail_server_that_drips_its_word_on_a_letter_leaves_it_in_doubt(dripping, mail, letter):
    before = (b"220 a\r\n", b"250 b\r\n", b"250 c\r\n", b"250 d\r\n", b"354 e\r\n")
    server = dripping(b"250 taken, as ", before=before, end=b"\r\n.\r\n")
    carrier = SmtpCarrier(SmtpServer("127.0.0.1", server.port, encrypted="no"), installation="0a1b2c3d", timeout=LIMIT)
    (outcome,) = carrier.send(mail, [letter(1)])
    assert (outcome.result, outcome.code) == (Result.UNKNOWN, "no_answer")
    assert server.left.wait(10), "its socket is still open"
    carrier.close()


@pytest.mark.parametrize("channel", [Channel.EMAIL, Channel.WHATSAPP])
def test_a_connection_that_was_made_while_the_machine_slept_is_not_used(start, letter, mail, monkeypatch, channel):
    """Suspended while connecting: others may have taken this process for dead and sent what it was about to say."""
    heard = []
    provider = start(lambda received: heard.append(received) or (202, {}, b""))
    moments = iter([0.0, 300.0])
    monkeypatch.setattr(deadlines, "uptime", lambda: next(moments))
    if channel == Channel.EMAIL:
        carrier = SendGridCarrier("SG.x", installation="abcd1234", base_url=provider.url)
        with pytest.raises(ChannelError) as caught:
            carrier.send(mail, [letter(1)])
        assert (caught.value.code, caught.value.permanent) == ("unreachable_provider", False)
    else:
        carrier = TwilioCarrier(
            SID, "ficha", installation="abcd1234", public_url="https://v.example.org", base_url=provider.url
        )
        message = Message(Channel.WHATSAPP, "+525555550100", template_sid="HX" + "0" * 32)
        (answer,) = carrier.send(message, [letter(1, address="+12125550120", values=())])
        assert (answer.result, answer.code) == (Result.RETRY, "unreachable_provider")
        carrier.close()
    assert heard == []
