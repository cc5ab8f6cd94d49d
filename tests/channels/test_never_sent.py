"""Only a connection that was never made proves that nothing was sent: both carriers say so, and nothing else."""

import contextlib
import socket
from threading import Thread

import pytest

from campaigns.channels import ChannelError, Message, Result
from contacts.models import Channel
from outreach.channels.email import SendGridCarrier
from outreach.channels.whatsapp import TwilioCarrier

SID = "AC" + "0" * 32


def by_mail(url, mail, letter):
    try:
        carrier = SendGridCarrier("SG.llave", installation="0a1b2c3d", base_url=url, timeout=0.4)
        (outcome,) = carrier.send(mail, [letter(1)])
    except ChannelError as error:
        again = not error.permanent and not error.sender_at_fault
        return (Result.RETRY if again else Result.REFUSED), error.code
    return outcome.result, outcome.code


def by_whatsapp(url, _mail, letter):
    carrier = TwilioCarrier(
        SID, "llave", installation="0a1b2c3d", public_url="https://v.example.org", base_url=url, timeout=0.4
    )
    message = Message(Channel.WHATSAPP, sender="+525555550100", text="Hola")
    (outcome,) = carrier.send(message, [letter(1, address="+525555550101", values=())])
    carrier.close()
    return outcome.result, outcome.code


both = pytest.mark.parametrize("send", [by_mail, by_whatsapp])
NOTHING_SENT = (Result.RETRY, "unreachable_provider")


@both
def test_a_refused_connection_sent_nothing(send, mail, letter):
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    assert send(f"http://127.0.0.1:{port}", mail, letter) == NOTHING_SENT


@both
def test_a_name_that_nobody_knows_sent_nothing(send, mail, letter, monkeypatch):
    def unknown(*_args, **_kwargs):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert send("http://nadie.invalid", mail, letter) == NOTHING_SENT


@both
def test_a_connection_that_is_not_taken_up_in_time_sent_nothing(send, mail, letter):
    with socket.socket() as full, contextlib.ExitStack() as waiting:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for _ in range(4):  # fill its queue: the next one knocks in vain
            caller = waiting.enter_context(socket.socket())
            caller.setblocking(False)
            caller.connect_ex(full.getsockname())
        assert send(f"http://127.0.0.1:{full.getsockname()[1]}", mail, letter) == NOTHING_SENT


@both
def test_a_certificate_that_nobody_vouches_for_sent_nothing(send, mail, letter, start, self_signed):
    provider = start(lambda _request: (202, {}, ""))
    provider.wrap(self_signed)
    assert send(provider.url, mail, letter) == NOTHING_SENT
    assert provider.requests == []


@both
def test_a_server_that_does_not_shake_hands_was_sent_nothing(send, mail, letter):
    with socket.create_server(("127.0.0.1", 0)) as plain:
        port = plain.getsockname()[1]

        def answer() -> None:
            connection, _address = plain.accept()
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            connection.close()

        thread = Thread(target=answer)
        thread.start()
        assert send(f"https://127.0.0.1:{port}", mail, letter) == NOTHING_SENT
        thread.join(10)


def test_a_key_that_no_header_takes_sent_nothing(mail, letter, start):
    provider = start(lambda _request: (202, {}, ""))
    strange = SendGridCarrier("“SG.llave”", installation="0a1b2c3d", base_url=provider.url, timeout=0.4)
    with pytest.raises(ChannelError) as caught:
        strange.send(mail, [letter(1)])
    assert (caught.value.code, caught.value.permanent) == ("unreachable_provider", False)
    assert provider.requests == []


@both
def test_what_is_on_this_machine_does_not_pass_through_a_proxy(send, mail, letter, start, monkeypatch):
    provider = start(lambda _request: (503, {}, ""))
    proxy = start(lambda _request: (503, {}, ""))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, proxy.url)
    send(provider.url, mail, letter)
    assert (len(provider.requests), proxy.requests) == (1, [])
