"""What became of each letter handed to a mail server: every answer, every way to break, and what is in doubt."""

import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from threading import Thread

import pytest
from mail_servers import RealServer, ScriptedServer, certificate, knows

from campaigns.channels import Message, Result
from contacts.models import Channel
from outreach.channels import smtp_address
from outreach.channels.smtp import LONGEST_CALL, SmtpCarrier

ACCEPTED, REFUSED, RETRY, UNKNOWN = Result.ACCEPTED, Result.REFUSED, Result.RETRY, Result.UNKNOWN


@pytest.fixture
def ending():
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def server(ending):
    """Start servers that follow a rule; all end with the test."""

    def start(rule=lambda _step: None, **given):
        made = ScriptedServer(rule, **given)
        ending.callback(made.close)
        return made

    return start


@pytest.fixture
def carrier(ending, clock):
    def make(server, url="smtp://127.0.0.1:{}/?starttls=no", **given):
        made = SmtpCarrier(
            smtp_address.read(url.format(server.port)), installation="0a1b2c3d", clock=clock, **({"timeout": 5} | given)
        )
        ending.callback(made.close)
        return made

    return make


@pytest.fixture(params=["pipelining", "one at a time"])
def offers(request):
    return ("PIPELINING",) if request.param == "pipelining" else ()


def at(verb, answer, *, letter=None, to=None, session=None):
    """A rule that answers one step in its own way: of a letter of its session, of a person, of a session."""

    def rule(step):
        here = step.verb == verb and letter in {None, step.letters} and session in {None, step.session}
        person = to is None or to in step.said or to in "".join(step.to)
        return answer if here and person else None

    return rule


def said(outcomes):
    return [(outcome.result, outcome.code) for outcome in outcomes]


def taken(server):
    return sorted(letter.delivery for letter in server.letters)


OK = (ACCEPTED, "")


def test_each_person_gets_their_own_letter_over_one_session(server, carrier, mail, letter, offers):
    sink = server(offers=offers)
    outcomes = carrier(sink).send(mail, [letter(n) for n in range(5)])
    assert said(outcomes) == [OK] * 5
    assert taken(sink) == [1000, 1001, 1002, 1003, 1004]
    assert sink.count("CONNECT") == 1
    for n, got in enumerate(sink.letters):
        assert (got.sender, got.to) == ("votochilango@example.org", [f"persona{n}@example.org"])
        assert got.part("plain").strip() == f"Hola, Nombre{n}: el simulacro empieza el lunes."
        assert got.part("html").strip() == f"<p>Hola, <b>Nombre{n}</b></p>"
        assert got.mail["List-Unsubscribe"] == f"<https://votochilango.example.org/baja/{n}>"
        assert got.mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert got.mail["From"] == "Voto Chilango <votochilango@example.org>"
        assert not got.mail.defects


def test_the_outcome_names_the_letter_as_its_message_id_does(server, carrier, mail, letter):
    sink = server()
    (outcome,) = carrier(sink).send(mail, [letter(7)])
    assert outcome.provider_id == "<d.1007.0a1b2c3d@example.org>" == sink.letters[0].mail["Message-ID"]


def test_the_end_of_a_letter_and_the_envelope_of_the_next_travel_together(server, carrier, mail, letter):
    sink = server()
    carrier(sink).send(mail, [letter(n) for n in range(3)])
    assert [step.verb for step in sink.steps] == ["CONNECT", "EHLO", *["MAIL", "RCPT", "DATA", "END"] * 3]


def test_a_session_serves_the_next_call_too(server, carrier, mail, letter, offers):
    sink = server(offers=offers)
    sender = carrier(sink)
    for n in range(3):
        assert said(sender.send(mail, [letter(n)])) == [OK]
    assert sink.count("CONNECT") == 1


def test_people_who_share_a_mailbox_and_people_told_apart_by_capitals_all_get_theirs(server, carrier, mail, letter):
    sink = server()
    people = [
        letter(1, address="x@example.org"),
        letter(2, address="X@example.org"),
        letter(3, address="x@example.org"),
    ]
    assert said(carrier(sink).send(mail, people)) == [OK] * 3
    assert [got.to for got in sink.letters] == [["x@example.org"], ["X@example.org"], ["x@example.org"]]


def test_a_name_or_address_that_means_harm_changes_nothing(server, carrier, mail, letter):
    sink = server()
    bad = "a@example.org>\r\nRCPT TO:<otra@example.org"
    people = [letter(1, name="Ana\r\nBcc: otra@example.org\r\n\r\n."), letter(2, address=bad), letter(3)]
    outcomes = carrier(sink).send(mail, people)
    assert said(outcomes) == [OK, (REFUSED, "invalid_address"), OK]
    assert [got.to for got in sink.letters] == [["persona1@example.org"], ["persona3@example.org"]]
    assert "Bcc" not in sink.letters[0].mail


REFUSALS = [
    ("RCPT", "550 5.1.1 no such user", REFUSED, "hard_bounce"),
    ("RCPT", "550 no such user", REFUSED, "hard_bounce"),
    ("RCPT", "550 5.2.1 mailbox disabled", REFUSED, "hard_bounce"),
    ("RCPT", "550 5.1.2 no such host", REFUSED, "domain_unknown"),
    ("RCPT", "556 5.1.10 takes no mail", REFUSED, "domain_unknown"),
    ("RCPT", "501 5.1.3 bad address", REFUSED, "invalid_address"),
    ("RCPT", "552 5.2.2 mailbox full", REFUSED, "mailbox_full"),
    ("RCPT", "552 full", REFUSED, "mailbox_full"),
    ("RCPT", "550 5.7.1 not wanted here", REFUSED, "mail_blocked"),
    ("RCPT", "550 blocked by our policy", REFUSED, "mail_blocked"),
    ("RCPT", "554 no", REFUSED, "letter_refused"),
    ("RCPT", "450 4.2.0 greylisted, come back", RETRY, "letter_later"),
    ("RCPT", "451-4.7.1 greylisted\r\n451 4.7.1 come back", RETRY, "letter_later"),
    ("RCPT", "452 4.2.2 mailbox full", RETRY, "mailbox_full"),
    ("DATA", "451 4.3.0 not now", RETRY, "letter_later"),
    ("DATA", "554 5.5.1 no valid recipients", REFUSED, "mail_blocked"),
    ("END", "451 4.3.0 not now", RETRY, "letter_later"),
    ("END", "452 4.3.1 disk full", RETRY, "letter_later"),
    ("END", "550 5.7.1 looks like spam", REFUSED, "mail_blocked"),
    ("END", "554 spam", REFUSED, "mail_blocked"),
    ("END", "552 5.3.4 too big", REFUSED, "too_large"),
    ("END", "550 5.1.1 no such user", REFUSED, "hard_bounce"),
]


@pytest.mark.parametrize(("verb", "answer", "result", "code"), REFUSALS, ids=[f"{v} {a[:9]}" for v, a, *_ in REFUSALS])
def test_an_answer_about_one_person_is_theirs_alone(server, carrier, mail, letter, offers, verb, answer, result, code):
    sink = server(at(verb, answer, to="persona2@"), offers=offers)
    outcomes = carrier(sink).send(mail, [letter(n) for n in (1, 2, 3)])
    assert said(outcomes) == [OK, (result, code), OK]
    assert answer[:3] in outcomes[1].detail
    assert taken(sink) == [1001, 1003]
    assert sink.count("CONNECT") == 1


def test_a_server_that_wants_a_letter_for_a_person_it_refused_gets_an_empty_one(server, carrier, mail, letter):
    """RFC 2920 §3.1: the commands were under way together, and some servers answer DATA with yes nevertheless."""
    nobody, anyhow = at("RCPT", "550 5.1.1 nobody", to="persona1@"), at("DATA", "354 go on")
    sink = server(lambda step: nobody(step) or anyhow(step))
    assert said(carrier(sink).send(mail, [letter(1), letter(2)])) == [(REFUSED, "hard_bounce"), OK]
    assert [got.to for got in sink.letters if got.to] == [["persona2@example.org"]]


ABOUT_US = [
    ("MAIL", "550 5.7.1 you may not", "sender_refused"),
    ("MAIL", "530 5.7.0 authentication required", "smtp_login_refused"),
    ("RCPT", "554 5.7.1 <x>: Relay access denied", "smtp_relay_refused"),
    ("RCPT", "454 4.7.1 <x>: Relay access denied", "smtp_relay_refused"),
    ("RCPT", "550 relaying not permitted", "smtp_relay_refused"),
    ("RCPT", "553 5.7.1 <v@example.org>: Sender address rejected: not owned by user v", "sender_refused"),
    ("RCPT", "550 5.1.8 sender's domain not found", "sender_refused"),
    ("RCPT", "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked", "sender_refused"),
    ("END", "550 5.7.60 SMTP; Client does not have permissions to send as this sender", "sender_refused"),
    ("CONNECT", "554 5.7.1 go away", "sender_refused"),
]


@pytest.mark.parametrize(("verb", "answer", "code"), ABOUT_US, ids=[f"{v} {a[:12]}" for v, a, _ in ABOUT_US])
def test_what_is_wrong_with_us_stops_the_campaign_and_burns_nobody(
    server, carrier, mail, letter, offers, verb, answer, code
):
    sink = server(at(verb, answer), offers=offers)
    outcomes = carrier(sink).send(mail, [letter(n) for n in range(4)])
    assert said(outcomes) == [(RETRY, code)] * 4
    assert all(outcome.sender_at_fault for outcome in outcomes)
    assert not [got for got in sink.letters if got.to]
    assert sink.count("MAIL") <= 2  # one more may have been under way


@pytest.mark.parametrize(("verb", "answer"), [("MAIL", "451 4.3.2 busy"), ("CONNECT", "421 4.3.2 busy")])
def test_a_server_that_asks_everybody_to_wait_is_not_asked_for_each(
    server, carrier, mail, letter, offers, verb, answer
):
    sink = server(at(verb, answer), offers=offers)
    outcomes = carrier(sink).send(mail, [letter(n) for n in range(4)])
    assert said(outcomes) == [(RETRY, "smtp_later")] * 4
    assert not any(outcome.sender_at_fault for outcome in outcomes)
    assert sink.count(verb) == 1


def test_without_a_server_nothing_was_sent(carrier, server, mail, letter):
    gone = server()
    gone.close()
    assert said(carrier(gone).send(mail, [letter(1)])) == [(RETRY, "unreachable_provider")]


def test_a_name_that_nobody_knows_sent_nothing(carrier, server, mail, letter, monkeypatch):
    def unknown(*_args, **_kwargs):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    sender = carrier(server(), url="smtp://nadie.invalid:{}")
    assert said(sender.send(mail, [letter(1)])) == [(RETRY, "unreachable_provider")]


@pytest.mark.parametrize("how", ["close", "reset", "silence"])
@pytest.mark.parametrize("verb", ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA"])
def test_a_session_that_breaks_before_the_end_of_a_letter_sent_nothing(
    server, carrier, mail, letter, offers, verb, how
):
    sink = server(at(verb, how, session=0), offers=offers)
    outcomes = carrier(sink, timeout=0.3).send(mail, [letter(1), letter(2), letter(3)])
    if verb in {"CONNECT", "EHLO"}:  # there was no session at all
        assert said(outcomes) == [(RETRY, "unreachable_provider")] * 3
        assert sink.letters == []
    else:  # the first letter may be what the server cannot take; the others go over another session
        assert said(outcomes) == [(RETRY, "session_cut"), OK, OK]
        assert taken(sink) == [1002, 1003]


@pytest.mark.parametrize(
    ("how", "code"), [("close", "connection_lost"), ("reset", "connection_lost"), ("silence", "no_answer")]
)
def test_a_session_that_breaks_after_the_end_of_a_letter_leaves_that_one_in_doubt(
    server, carrier, mail, letter, offers, how, code
):
    sink = server(at("END", how, letter=1), offers=offers)
    outcomes = carrier(sink, timeout=0.3).send(mail, [letter(n) for n in range(4)])
    assert said(outcomes) == [OK, (UNKNOWN, code), (RETRY, "held_back"), (RETRY, "held_back")]
    assert taken(sink) == [1000]


@pytest.mark.parametrize("answer", ["354 what", "hola", "999 9.9.9", "25"])
def test_an_end_answered_with_nonsense_leaves_the_letter_in_doubt(server, carrier, mail, letter, offers, answer):
    sink = server(at("END", answer), offers=offers)
    outcomes = carrier(sink, timeout=0.5).send(mail, [letter(1), letter(2)])
    assert said(outcomes) == [(UNKNOWN, "answer_unreadable"), (RETRY, "held_back")]


def test_a_letter_cut_off_on_its_way_goes_again(ending, carrier, mail, letter):
    """The server leaves while it is still being told the letter: its end was never sent."""
    hasty = ending.enter_context(Hasty())
    big = Message(Channel.EMAIL, sender=mail.sender, subject="Aviso", text="Hola. " * 5_000_000)
    (outcome,) = carrier(hasty).send(big, [letter(1, values=())])
    assert (outcome.result, outcome.code) == (RETRY, "session_cut")


class Hasty:
    """A server that reads a thousand octets of a letter and leaves."""

    def __enter__(self):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._thread = Thread(target=self._serve)
        self._thread.start()
        return self

    def __exit__(self, *_why):
        self._thread.join(5)
        self._listener.close()

    def _serve(self):
        connection, _peer = self._listener.accept()
        with connection, connection.makefile("rb") as lines:
            connection.sendall(b"220 hola\r\n")
            for answer in (b"250 sink\r\n", b"250 ok\r\n", b"250 ok\r\n", b"354 go on\r\n"):
                lines.readline()
                connection.sendall(answer)
            lines.read(1000)


def test_a_server_that_closed_an_idle_session_is_noticed_before_a_letter(server, carrier, mail, letter, offers):
    sink = server(offers=offers)
    sender = carrier(sink)
    sender.send(mail, [letter(1)])
    sink.hang_up()
    assert said(sender.send(mail, [letter(2), letter(3)])) == [OK, OK]
    assert taken(sink) == [1001, 1002, 1003]
    assert sink.count("CONNECT") == 2


def test_an_old_session_is_not_trusted(server, carrier, mail, letter, clock):
    sink = server()
    sender = carrier(sink)
    sender.send(mail, [letter(1)])
    clock.advance(timedelta(minutes=2))
    sender.send(mail, [letter(2)])
    assert sink.count("CONNECT") == 2


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA", "END"])
def test_a_server_that_takes_so_many_letters_a_session_is_given_another_session(
    server, carrier, mail, letter, offers, verb
):
    sink = server(at(verb, "421 4.7.0 enough for this session", letter=2), offers=offers)
    outcomes = carrier(sink).send(mail, [letter(n) for n in range(5)])
    again = [outcome for outcome in outcomes if outcome.result == RETRY]
    assert len(again) == (1 if verb == "END" else 0)  # it had been told that letter, and said «later»
    assert len(taken(sink)) == 5 - len(again)
    assert sink.count("CONNECT") >= 2


def test_a_server_that_breaks_every_session_is_left_alone(server, carrier, mail, letter, offers):
    sink = server(at("RCPT", "close"), offers=offers)
    outcomes = carrier(sink).send(mail, [letter(n) for n in range(20)])
    assert said(outcomes) == [(RETRY, "session_cut")] * 2 + [(RETRY, "unreachable_provider")] * 18
    assert sink.count("CONNECT") == 2


def test_a_call_ends_soon_whatever_the_server_takes_its_time_for(server, carrier, mail, letter, clock, offers):
    def slow(step):
        if step.verb == "END":
            clock.advance(LONGEST_CALL / 2.5)

    sink = server(slow, offers=offers)
    outcomes = carrier(sink).send(mail, [letter(n) for n in range(6)])
    assert said(outcomes) == [OK] * 4 + [(RETRY, "held_back")] * 2  # the fourth was announced in time
    assert outcomes[-1].retry_after == 0.0
    assert taken(sink) == [1000, 1001, 1002, 1003]


def test_many_threads_have_a_session_each_and_every_letter_arrives_once(server, carrier, mail, letter):
    sink = server()
    sender = carrier(sink)
    calls = [[letter(n) for n in range(start, start + 10)] for start in range(0, 200, 10)]
    with ThreadPoolExecutor(4) as pool:
        outcomes = [outcome for answers in pool.map(lambda call: sender.send(mail, call), calls) for outcome in answers]
    assert said(outcomes) == [OK] * 200
    assert taken(sink) == list(range(1000, 1200))
    assert sink.count("CONNECT") <= 4


# ---------------------------------------------------------------- the real server: TLS and accounts

ACCOUNT = knows("vocero@example.org", "a:b/c")
URL = "smtp://vocero%40example.org:a%3Ab%2Fc@127.0.0.1:{}"


@pytest.fixture
def secure(tmp_path, ending, monkeypatch):
    """A real server that wants TLS and an account, whose certificate this machine vouches for."""

    def start(*, vouched=True, **given):
        context, vouches = certificate(tmp_path)
        if vouched:
            monkeypatch.setenv("SSL_CERT_FILE", str(vouches))
        given = {
            "tls_context": context,
            "require_starttls": True,
            "auth_required": True,
            "authenticator": ACCOUNT,
        } | given
        made = RealServer(**given)
        ending.callback(made.close)
        return made

    return start


def test_mail_leaves_encrypted_and_by_an_account(secure, carrier, mail, letter):
    sink = secure()
    assert said(carrier(sink, url=URL).send(mail, [letter(1), letter(2)])) == [OK, OK]
    assert [(got.user, got.delivery) for got in sink.letters] == [
        ("vocero@example.org", 1001),
        ("vocero@example.org", 1002),
    ]


def test_a_certificate_that_nobody_vouches_for_is_told_nothing(secure, carrier, mail, letter):
    sink = secure(vouched=False)
    assert said(carrier(sink, url=URL).send(mail, [letter(1)])) == [(RETRY, "smtp_untrusted")]
    assert sink.letters == []


def test_a_wrong_password_stops_the_campaign(secure, carrier, mail, letter):
    outcomes = carrier(secure(), url=URL.replace("a%3Ab", "otra")).send(mail, [letter(1), letter(2)])
    assert said(outcomes) == [(RETRY, "smtp_login_refused")] * 2
    assert outcomes[0].sender_at_fault
    assert outcomes[0].detail.startswith("535")


def test_a_server_without_encryption_is_told_nothing(carrier, server, mail, letter):
    sink = server(offers=("AUTH PLAIN",))
    outcomes = carrier(sink, url=URL).send(mail, [letter(1)])
    assert said(outcomes) == [(RETRY, "smtp_not_encrypted")]
    assert outcomes[0].sender_at_fault
    assert {step.verb for step in sink.steps} <= {"CONNECT", "EHLO", "QUIT"}


def test_a_server_that_asks_for_no_account_although_there_is_one_stops_the_campaign(carrier, server, mail, letter):
    outcomes = carrier(server(), url="smtp://u:p@127.0.0.1:{}/?starttls=no").send(mail, [letter(1)])
    assert said(outcomes) == [(RETRY, "smtp_login_refused")]
    assert outcomes[0].sender_at_fault


# ---------------------------------------------------------------- its address in the settings


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("smtp://u:secreto@mail.example.org", ("mail.example.org", 587, "u", "secreto", "start")),
        ("smtp://mail.example.org:25/", ("mail.example.org", 25, "", "", "start")),
        (
            "smtps://u%40example.org:a%3Ab%2Fc@mail.example.org",
            ("mail.example.org", 465, "u@example.org", "a:b/c", "whole"),
        ),
        ("smtp://localhost:2525?starttls=no", ("localhost", 2525, "", "", "no")),
        ("smtp://[::1]:2525/?starttls=no", ("::1", 2525, "", "", "no")),
    ],
)
def test_the_address_of_a_server_is_read(url, found):
    server = smtp_address.read(url)
    assert (server.host, server.port, server.user, server.password, server.encrypted) == found
    assert not server.password or server.password not in repr(server)


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("mail.example.org", "setting_smtp"),
        ("http://mail.example.org", "setting_smtp"),
        ("smtp://", "setting_smtp"),
        ("smtp://u@mail.example.org", "setting_smtp"),
        ("smtp://u:p@mail.example.org:0", "setting_smtp"),
        ("smtp://u:p@mail.example.org:noventa", "setting_smtp"),
        ("smtp://u:p@mail.example.org/carpeta", "setting_smtp"),
        ("smtp://u:p@mail.example.org?tls=no", "setting_smtp"),
        ("smtps://u:p@127.0.0.1?starttls=no", "setting_smtp"),
        ("smtp://u:contraseña@mail.example.org", "setting_smtp"),
        ("smtp://u:p%0D%0AQUIT@mail.example.org", "setting_smtp"),
        ("smtp://u:p@mail.example.org?starttls=no", "setting_smtp_plain"),
    ],
)
def test_an_address_that_is_none_or_would_send_openly_is_refused(url, code):
    with pytest.raises(ValueError, match=f"^{code}$"):
        smtp_address.read(url)
