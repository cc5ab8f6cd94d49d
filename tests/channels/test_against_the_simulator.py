"""Carriers, simulator and webhooks together, over real HTTP: what was sent is what is told, one message a delivery.

Every exchange is held against the vendors' specifications besides (tests/providers/vendor_specs.py).
"""

from collections import defaultdict
from datetime import timedelta
from threading import Thread

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.serving import make_server

from campaigns.channels import Inbound, Message, Result
from campaigns.models import WebhookBatch
from contacts.models import Channel
from outreach.channels.email import SendGridCarrier
from outreach.channels.twilio_polling import TwilioDesk
from outreach.channels.whatsapp import TwilioCarrier
from outreach.simulator import Simulator
from outreach.webhooks import Secrets, blueprint, read_batch

OURS = "0a1b2c3d"
AT_ONCE = 8  # calls by WhatsApp
SENDER = "+525555550100"


@pytest.fixture
def simulator(clock):
    with Simulator(clock=clock) as simulator:
        yield simulator


@pytest.fixture
def public_url(platform, simulator):
    app = Flask("prueba")
    server = make_server("127.0.0.1", 0, app, threaded=True)
    url = f"http://127.0.0.1:{server.server_port}"
    secrets = Secrets((simulator.sendgrid_public_key,), (simulator.twilio_token,), url)
    app.register_blueprint(blueprint(platform, secrets))
    simulator.sendgrid_webhook = f"{url}/webhooks/sendgrid"
    simulator.twilio_inbound = f"{url}/webhooks/twilio/inbound"
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield url
    server.shutdown()
    server.server_close()
    thread.join(5)


@pytest.fixture
def by_mail(simulator):
    return SendGridCarrier(simulator.sendgrid_api_key, installation=OURS, base_url=simulator.url, timeout=2.0)


@pytest.fixture
def by_whatsapp(simulator, public_url):
    carrier = TwilioCarrier(
        simulator.twilio_sid,
        simulator.twilio_token,
        installation=OURS,
        public_url=public_url,
        base_url=simulator.url,
        timeout=2.0,
        concurrency=AT_ONCE,
    )
    yield carrier
    carrier.close()


@pytest.fixture
def template(simulator):
    sid = simulator.add_template("simulacro", "Hola, {{1}}. El simulacro empieza {{2}}.")
    return Message(Channel.WHATSAPP, SENDER, template_sid=sid, template_keys=("1", "2"))


def told(platform):
    """Read everything that the webhooks stored: kinds and codes by delivery, and messages from people."""
    events, people = defaultdict(list), []
    with platform.reading() as session:
        for batch in session.scalars(select(WebhookBatch).order_by(WebhookBatch.id)):
            for item in read_batch(batch, OURS):
                if isinstance(item, Inbound):
                    people.append(item)
                else:
                    events[item.delivery_id].append((item.kind.value, item.code))
    return events, people


def test_a_mail_is_what_its_reader_sees_and_its_fate_is_told(
    simulator, public_url, by_mail, letter, mail, platform, clock
):
    fates = {
        "ana@example.org": [("accepted", ""), ("delivered", "")],
        "rebota@example.org": [("accepted", ""), ("bounced", "hard_bounce")],
        "bloquea@example.org": [("accepted", ""), ("failed", "mail_blocked")],
        "descartado@example.org": [("bounced", "invalid_address")],
        "queja@example.org": [("accepted", ""), ("delivered", ""), ("complained", "complained")],
        "baja@example.org": [("accepted", ""), ("delivered", ""), ("unsubscribed", "")],
        "abre@example.org": [("accepted", ""), ("delivered", ""), ("read", "")],
        "lleno@example.org": [
            ("accepted", ""),
            ("deferred", "mail_deferred"),
            ("deferred", "mail_deferred"),
            ("bounced", "mailbox_full"),
        ],
    }
    letters = [letter(n, address=address) for n, address in enumerate(fates)]
    outcomes = by_mail.send(mail, letters)
    assert {outcome.result for outcome in outcomes} == {Result.ACCEPTED}

    (seen,) = simulator.messages(delivery="1000")
    assert (seen.to, seen.subject) == ("ana@example.org", "Aviso para Nombre0")
    assert seen.text == "Hola, Nombre0: el simulacro empieza el lunes."
    assert seen.html == "<p>Hola, <b>Nombre0</b></p>"
    assert seen.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert simulator.counts() == {str(1000 + n): 1 for n in range(len(fates))}

    clock.advance(timedelta(hours=6))
    simulator.deliver()
    events, _people = told(platform)
    assert dict(events) == {1000 + n: fate for n, fate in enumerate(fates.values())}


def test_a_whatsapp_is_what_its_reader_sees_and_its_fate_is_told(
    simulator, by_whatsapp, letter, template, platform, clock
):
    fates = {
        "+525555550121": [("accepted", ""), ("delivered", ""), ("read", "")],
        "+525555550126": [("accepted", ""), ("delivered", "")],
        "+525555550103": [("accepted", ""), ("failed", "no_whatsapp")],
        "+525555550114": [("failed", "blocked_by_person")],
        "+525555550132": [("failed", "meta_experiment")],
    }
    letters = [letter(n, address=address, values=(f"Nombre{n}", "lunes")) for n, address in enumerate(fates)]
    outcomes = by_whatsapp.send(template, letters)
    assert [(o.result, o.provider_id[:2]) for o in outcomes] == [(Result.ACCEPTED, "SM")] * len(fates)

    (seen,) = simulator.messages(delivery="1000")
    assert seen.to.removeprefix("whatsapp:") == "+525555550121"
    assert seen.text == "Hola, Nombre0. El simulacro empieza lunes."
    assert simulator.counts() == {str(1000 + n): 1 for n in range(len(fates))}

    clock.advance(timedelta(hours=1))
    simulator.deliver()
    events, _people = told(platform)
    assert dict(events) == {1000 + n: fate for n, fate in enumerate(fates.values())}


def test_what_a_person_writes_arrives_under_the_old_mexican_number(simulator, public_url, platform):
    assert simulator.inbound("+525555550121", "BAJA por favor", to=SENDER) == 200
    _events, (message,) = told(platform)
    assert (message.sender, message.body) == ("+5215555550121", "BAJA por favor")


def test_a_mail_accepted_in_silence_is_in_doubt_and_its_events_still_find_it(
    simulator, public_url, letter, mail, platform, clock
):
    impatient = SendGridCarrier(simulator.sendgrid_api_key, installation=OURS, base_url=simulator.url, timeout=0.3)
    simulator.fault("silence", accept=True, path="/v3/mail/send")
    outcomes = impatient.send(mail, [letter(1), letter(2)])
    assert [(o.result, o.code) for o in outcomes] == [(Result.UNKNOWN, "no_answer")] * 2
    assert simulator.counts() == {"1001": 1, "1002": 1}

    clock.advance(timedelta(minutes=1))
    simulator.deliver()
    events, _people = told(platform)
    assert {number: kinds[-1][0] for number, kinds in events.items()} == {1001: "delivered", 1002: "delivered"}


def test_a_whatsapp_accepted_in_silence_is_found_by_asking(simulator, by_whatsapp, letter, template, clock):
    simulator.fault("reset", accept=True, path="*/Messages.json", method="POST")
    (outcome,) = by_whatsapp.send(template, [letter(1, address="+525555550126", values=("Ana", "lunes"))])
    assert (outcome.result, outcome.code) == (Result.UNKNOWN, "connection_lost")
    simulator.clear_faults()

    desk = TwilioDesk(simulator.twilio_sid, simulator.twilio_token, base_url=simulator.url, clock=clock)
    (found,) = desk.messages_to("+525555550126").messages
    assert (found.text, found.made) == ("Hola, Ana. El simulacro empieza lunes.", clock.now().replace(microsecond=0))
    clock.advance(timedelta(minutes=1))
    assert desk.fetch(found.event.provider_id).kind == "delivered"
    assert desk.messages_to("+525555550127").messages == ()


def test_the_templates_of_the_account_are_told(simulator, template):
    desk = TwilioDesk(simulator.twilio_sid, simulator.twilio_token, base_url=simulator.url)
    (found,) = [one for one in desk.templates() if one.sid == template.template_sid]
    assert (found.name, found.category, found.status) == ("simulacro", "UTILITY", "approved")
    assert found.body == "Hola, {{1}}. El simulacro empieza {{2}}."


@pytest.mark.parametrize(
    ("status", "accept", "results"),
    [(429, False, {"retry"}), (503, True, {"unknown", "retry"}), (503, False, {"unknown", "retry"})],
)
def test_a_troubled_twilio_is_never_sent_more_than_once(
    simulator, by_whatsapp, letter, template, status, accept, results
):
    simulator.fault("status", status=status, accept=accept, retry_after=2, path="*/Messages.json")
    people = [letter(n, address=f"+5255555502{n:02d}", values=("Ana", "lunes")) for n in range(40)]
    outcomes = by_whatsapp.send(template, people)
    assert {outcome.result.value for outcome in outcomes} <= results
    counts = simulator.counts()
    accepted = {int(number) for number in counts}
    assert all(times == 1 for times in counts.values())
    in_doubt = {outcome.delivery_id for outcome in outcomes if outcome.result == Result.UNKNOWN}
    assert accepted <= in_doubt  # what may go again was certainly not taken
    assert len(in_doubt) <= AT_ONCE  # each thread looks again before its next call
