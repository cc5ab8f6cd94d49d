"""The vendors' OpenAPI files against what the official SDKs send and what the simulator answers."""

import importlib.util
import json
import os
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import requests
import sendgrid
from sendgrid.helpers import mail as sg
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client
from vendor_specs import FILES, Vendors, absent, checker, folder

from outreach.clock import VirtualClock
from outreach.simulator import Exchange, Simulator

SENDER, ANA = "whatsapp:+525555550100", "whatsapp:+525555550101"


@pytest.fixture
def seen() -> list[Exchange]:
    return []


@pytest.fixture
def simulator(clock: VirtualClock, seen: list[Exchange]) -> Iterator[Simulator]:
    with Simulator(clock, recorder=seen.append) as one:
        yield one


@pytest.fixture
def twilio(simulator: Simulator) -> Client:
    class Here(TwilioHttpClient):
        def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
            for host in ("https://api.twilio.com", "https://content.twilio.com"):
                url = url.replace(host, simulator.url)
            return super().request(method, url, *args, **kwargs)

    return Client(simulator.twilio_sid, simulator.twilio_token, http_client=Here(timeout=10))


def full_mail() -> sg.Mail:
    """Everything that the SDK's helpers can say which an account like ours would."""
    mail = sg.Mail(from_email=("votochilango@example.org", "Voto Chilango"), subject="Aviso", plain_text_content="Hola")
    mail.add_content(sg.Content("text/html", "<p>Hola</p>"))
    for number in range(3):
        person = sg.Personalization()
        person.add_to(sg.Email(f"p{number}@example.org", f"Persona {number}"))
        person.add_custom_arg(sg.CustomArg("vc_delivery", str(number)))
        person.add_header(sg.Header("List-Unsubscribe", f"<https://votochilango.example.org/baja/{number}>"))
        person.add_substitution(sg.Substitution("-n-", f"Persona {number}"))
        mail.add_personalization(person)
    mail.reply_to = sg.ReplyTo("respuestas@example.org")
    mail.attachment = sg.Attachment("JVBERg==", "convocatoria.pdf", "application/pdf", "inline", "imagen")
    mail.category = sg.Category("difusion")
    mail.asm = sg.Asm(sg.GroupId(3), sg.GroupsToDisplay([3]))
    mail.tracking_settings = sg.TrackingSettings(open_tracking=sg.OpenTracking(enable=False))
    return mail


def test_a_full_mail_of_the_sdk_passes_in_both_directions(simulator, seen, vendors) -> None:
    api = sendgrid.SendGridAPIClient(api_key=simulator.sendgrid_api_key, host=simulator.url)
    api.client.timeout = 10
    body = {name: value for name, value in full_mail().get().items() if value}
    body["personalizations"] = [one for one in body["personalizations"] if one.get("to")]
    assert api.client.mail.send.post(request_body=body).status_code == 202
    (exchange,) = seen
    assert (exchange.status, vendors.problems(exchange)) == (202, [])


def test_the_messages_of_the_sdk_pass_in_both_directions(simulator, twilio, seen, vendors) -> None:
    sid = simulator.add_template("aviso", "Hola, {{1}}")
    made = twilio.messages.create(
        to=ANA,
        from_=SENDER,
        content_sid=sid,
        content_variables='{"1": "Ana"}',
        status_callback="https://votochilango.example.org/s?d=1",
    )
    twilio.messages(made.sid).fetch()
    twilio.messages.list(to=ANA, date_sent_after=simulator.clock.now(), limit=5)
    twilio.content.v1.content_and_approvals.list()
    twilio.content.v1.contents.list()
    twilio.content.v1.contents(sid).fetch()
    twilio.content.v1.contents(sid).approval_fetch().fetch()
    assert [exchange.status for exchange in seen] == [201, 200, 200, 200, 200, 200, 200]
    assert [problem for exchange in seen for problem in vendors.problems(exchange)] == []


def test_what_the_vendors_would_not_take_is_found(simulator, seen, vendors, asks_badly) -> None:
    url, auth = simulator.url, {"Authorization": f"Bearer {simulator.sendgrid_api_key}"}
    account = f"{url}/2010-04-01/Accounts/{simulator.twilio_sid}"
    basic = (simulator.twilio_sid, simulator.twilio_token)
    requests.post(f"{url}/v3/mail/send", json={"from": {"email": "a@example.org"}}, headers=auth, timeout=10)
    requests.post(f"{account}/Messages.json", data={"To": ANA, "From": SENDER}, auth=basic, timeout=10)
    requests.post(
        f"{account}/Messages.json", data={"To": ANA, "Cuerpo": "x", "From": SENDER, "Body": "x"}, auth=basic, timeout=10
    )
    requests.get(f"{account}/Messages.json?Desde=hoy", auth=basic, timeout=10)
    requests.get(f"{account}/Llamadas.json", auth=basic, timeout=10)
    found = ["\n".join(vendors.problems(exchange)) for exchange in seen]
    expected = [
        "'personalizations' is a required property",
        "x-twilio.conditional wants one of",
        "Cuerpo: not in the spec",
        "Desde: not in the spec",
        "no operation GET",
    ]
    assert len(found) == len(expected)
    assert all(words in problem for words, problem in zip(expected, found, strict=True)), found


def test_an_answer_that_the_vendors_would_not_give_is_found(simulator, twilio, seen, vendors) -> None:
    twilio.messages.create(to=ANA, from_=SENDER, body="Hola")
    (exchange,) = seen
    answer = json.loads(exchange.answer)
    for change in ({"status": "encolado"}, {"error_code": "63016"}, {"sid": "XX1"}, {"num_segments": 1}):
        wrong = replace(exchange, answer=json.dumps(answer | change).encode())
        assert vendors.problems(wrong), change
    assert vendors.problems(replace(exchange, status=200))
    assert vendors.problems(replace(exchange, status=400, answer=b'{"message": "no"}'))
    assert vendors.problems(
        replace(exchange, status=503, answer=b"<html>", answer_headers={"Content-Type": "text/html"})
    )
    mail = replace(exchange, target="/v3/mail/send", status=400, answer=b'{"errors": [{"message": 5}]}')
    assert vendors.problems(mail, asked_badly=True)


@pytest.mark.parametrize(("status", "accept"), [(429, False), (500, True), (503, False), (413, False)])
def test_ordered_faults_are_answered_in_the_vendors_shapes(simulator, seen, vendors, status: int, accept: bool) -> None:
    simulator.fault("status", status=status, accept=accept)
    body = {
        "personalizations": [{"to": [{"email": "ana@example.org"}]}],
        "from": {"email": "votochilango@example.org"},
        "subject": "Aviso",
        "content": [{"type": "text/plain", "value": "Hola"}],
    }
    headers = {"Authorization": f"Bearer {simulator.sendgrid_api_key}"}
    assert requests.post(f"{simulator.url}/v3/mail/send", json=body, headers=headers, timeout=10).status_code == status
    (exchange,) = seen
    assert exchange.fault
    assert vendors.problems(exchange) == []


@pytest.mark.parametrize(("file", "patch"), [(file, patch) for file, patches in FILES.items() for patch in patches])
def test_every_correction_of_a_vendors_file_is_still_needed(vendors, file: str, patch: str) -> None:
    document = json.loads((folder() / "specs" / file).read_text())
    corrected = json.loads(json.dumps(document))
    getattr(checker(), patch)(corrected)
    assert corrected != document


def test_where_the_files_are_absent_it_is_said_why(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("OUTREACH_PROVIDER_SPECS", str(tmp_path))
    assert "the vendors' OpenAPI files are not here" in absent()
    assert str(tmp_path) in absent()


def test_a_bad_request_fails_the_test_that_made_it(tmp_path, vendors) -> None:
    """The check that stands around every test, tried on a session of its own."""
    import subprocess
    import sys
    from pathlib import Path

    support = Path(importlib.util.find_spec("vendor_specs").origin)  # type: ignore[union-attr, arg-type]
    (tmp_path / "conftest.py").write_text(
        "from vendor_specs import asks_badly, held_to_the_vendors, vendors\n"
        "__all__ = ['asks_badly', 'held_to_the_vendors', 'vendors']\n"
    )
    (tmp_path / "test_one.py").write_text(
        "import requests\n"
        "from outreach.simulator import Simulator\n"
        "def ask():\n"
        "    with Simulator() as simulator:\n"
        "        headers = {'Authorization': 'Bearer SG.x'}\n"
        "        requests.post(simulator.url + '/v3/mail/send', json={'from': 3}, headers=headers, timeout=10)\n"
        "def test_careless():\n    ask()\n"
        "def test_on_purpose(asks_badly):\n    ask()\n"
    )
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-o",
        f"pythonpath={support.parent}",
        tmp_path,
    ]
    environment = os.environ | {"OUTREACH_PROVIDER_SPECS": str(folder())}
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=100, check=False, cwd=tmp_path, env=environment
    )
    assert "2 passed, 1 error" in done.stdout, done.stdout
    assert "the vendor's OpenAPI file says: POST /v3/mail/send" in done.stdout


def test_the_check_reads_every_file(vendors: Vendors) -> None:
    assert len(vendors.specs) == len(FILES)
