"""Twilio's carrier: what reaches the provider, and what each of its answers means for each letter."""

import base64
import json
import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import pytest

from campaigns.channels import Message, Result
from contacts.models import Channel
from outreach.channels.twilio_wire import TwilioWire, UnmappedHostError
from outreach.channels.whatsapp import TwilioCarrier
from outreach.clock import VirtualClock

SID = "AC" + "0" * 32
TOKEN = "una-ficha-de-mentira-0123456789"
TEMPLATE = "HX" + "a" * 32
NOON = datetime(2025, 6, 20, 12, tzinfo=UTC)
MESSAGES = f"/2010-04-01/Accounts/{SID}/Messages.json"


def created(sid="SM" + "1" * 32):
    return 201, {"Content-Type": "application/json"}, json.dumps({"sid": sid, "status": "queued"})


def denied(status, code, message="no"):
    return (
        status,
        {"Content-Type": "application/json"},
        json.dumps({"code": code, "message": message, "status": status}),
    )


@pytest.fixture
def carrier():
    made = []

    def make(url, **over):
        given = {
            "installation": "0a1b2c3d",
            "public_url": "https://votochilango.example.org/",
            "base_url": url,
            "timeout": 0.4,
            "clock": VirtualClock(NOON),
        }
        made.append(TwilioCarrier(SID, TOKEN, **(given | over)))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def template():
    return Message(Channel.WHATSAPP, sender="+525555550100", template_sid=TEMPLATE, template_keys=("1", "2"))


def person(letter, n, **over):
    return letter(n, **({"address": f"+52555555{n:04d}", "values": (f"Nombre{n}", "lunes")} | over))


def test_a_template_goes_with_its_values_and_the_way_back(start, letter, template, carrier):
    provider = start(lambda _request: created())
    (outcome,) = carrier(provider.url).send(template, [person(letter, 1, values=("Ana\n\tO'Farrill     Ñ", "lunes"))])

    (request,) = provider.requests
    assert (request.method, request.path) == ("POST", MESSAGES)
    assert request.headers["authorization"] == "Basic " + base64.b64encode(f"{SID}:{TOKEN}".encode()).decode()
    values = request.form.pop("ContentVariables")
    assert {name: value for name, value in request.form.items() if name != "ContentVariables"} == {
        "To": "whatsapp:+525555550001",
        "From": "whatsapp:+525555550100",
        "ContentSid": TEMPLATE,
        "StatusCallback": "https://votochilango.example.org/webhooks/twilio/status?d=1001&i=0a1b2c3d",
    }
    assert json.loads(values) == {"1": "Ana O'Farrill Ñ", "2": "lunes"}
    assert "'" not in values
    assert (outcome.delivery_id, outcome.result, outcome.provider_id) == (1001, Result.ACCEPTED, "SM" + "1" * 32)


def test_a_template_without_variables_names_none(start, letter, carrier):
    provider = start(lambda _request: created())
    message = Message(Channel.WHATSAPP, sender="+525555550100", template_sid=TEMPLATE)
    carrier(provider.url).send(message, [person(letter, 1, values=())])
    assert "ContentVariables" not in provider.requests[0].form
    assert "Body" not in provider.requests[0].form


def test_a_free_text_is_written_out_for_whom_it_is(start, letter, carrier):
    provider = start(lambda _request: created())
    message = Message(Channel.WHATSAPP, sender="+525555550100", text="Hola, -t0-: -t1-.", tags=("-t0-", "-t1-"))
    carrier(provider.url).send(message, [person(letter, 1, address="US.13491208655302741918", values=("-t1-", "sí"))])
    form = provider.requests[0].form
    assert (form["To"], form["Body"]) == ("whatsapp:US.13491208655302741918", "Hola, -t1-: sí.")
    assert "ContentSid" not in form


@pytest.mark.parametrize(
    ("reply", "result", "code", "sender_at_fault", "retry_after"),
    [
        (denied(400, 63016), Result.REFUSED, "outside_window", False, None),
        (denied(400, 63003), Result.REFUSED, "no_whatsapp", False, None),
        (denied(400, 63024), Result.REFUSED, "unreachable", False, None),
        (denied(400, 63014), Result.REFUSED, "blocked_by_person", False, None),
        (denied(400, 63032), Result.REFUSED, "meta_experiment", False, None),
        (denied(400, 63049), Result.REFUSED, "marketing_withheld", False, None),
        (denied(400, 21211), Result.REFUSED, "invalid_address", False, None),
        (denied(400, 21610), Result.REFUSED, "opted_out_at_provider", False, None),
        (denied(400, 21656), Result.REFUSED, "template_values_refused", False, None),
        (denied(400, 98765), Result.REFUSED, "98765", False, None),
        ((400, {}, ""), Result.REFUSED, "letter_refused", False, None),
        ((400, {}, '["a list"]'), Result.REFUSED, "letter_refused", False, None),
        (denied(400, 63018), Result.RETRY, "channel_limit", False, 3600.0),
        (denied(400, 21611), Result.RETRY, "queue_full", False, 60.0),
        (denied(429, 20429), Result.RETRY, "rate_limited", False, None),
        (denied(429, 63016), Result.RETRY, "rate_limited", False, None),
        (denied(429, 63018), Result.RETRY, "channel_limit", False, 3600.0),
        ((429, {"Retry-After": "3"}, ""), Result.RETRY, "rate_limited", False, 3.0),
        ((429, {"Retry-After": "0"}, json.dumps({"code": 63018})), Result.RETRY, "channel_limit", False, 3600.0),
        (denied(401, 20003), Result.RETRY, "key_refused", True, None),
        ((401, {}, ""), Result.RETRY, "key_refused", True, None),
        ((403, {}, "<html>"), Result.RETRY, "key_refused", True, None),
        (denied(404, 20404), Result.RETRY, "call_refused", True, None),
        (denied(400, 63007), Result.RETRY, "sender_refused", True, None),
        (denied(400, 63020), Result.RETRY, "sender_refused", True, None),
        (denied(400, 63062), Result.RETRY, "terms_pending", True, None),
        (denied(400, 21609), Result.RETRY, "callback_refused", True, None),
        (denied(500, 20500), Result.UNKNOWN, "provider_failure", False, None),
        ((503, {}, "<html>"), Result.UNKNOWN, "provider_failure", False, None),
        ((408, {}, ""), Result.UNKNOWN, "provider_failure", False, None),
        ((201, {}, "{"), Result.UNKNOWN, "answer_unreadable", False, None),
        ((201, {}, "{}"), Result.UNKNOWN, "answer_unreadable", False, None),
        ((200, {}, "<html>Wi-Fi de invitados</html>"), Result.UNKNOWN, "answer_unreadable", False, None),
        ("silence", Result.UNKNOWN, "no_answer", False, None),
        ("reset", Result.UNKNOWN, "connection_lost", False, None),
        ("garbage", Result.UNKNOWN, "answer_unreadable", False, None),
    ],
)
def test_each_answer_means_one_thing_and_is_asked_for_once(
    start, letter, template, carrier, reply, result, code, sender_at_fault, retry_after
):
    provider = start(lambda _request: reply)
    (outcome,) = carrier(provider.url).send(template, [person(letter, 1)])
    assert (outcome.result, outcome.code, outcome.sender_at_fault, outcome.retry_after) == (
        result,
        code,
        sender_at_fault,
        retry_after,
    )
    assert len(provider.requests) == 1


def test_a_redirect_is_not_followed_and_the_key_does_not_travel(start, letter, template, carrier):
    elsewhere = start(lambda _request: created())
    for status in (301, 302, 307, 308):
        provider = start(lambda _request, status=status: (status, {"Location": f"{elsewhere.url}{MESSAGES}"}, ""))
        (outcome,) = carrier(provider.url).send(template, [person(letter, 1)])
        assert (outcome.result, outcome.code, outcome.sender_at_fault) == (Result.RETRY, "provider_redirects", True)
    assert elsewhere.requests == []


def test_sixteen_threads_get_each_the_outcome_of_their_own_letters(start, letter, template, carrier):
    provider = start(lambda request: created("SM" + request.form["To"].removeprefix("whatsapp:+").zfill(32)))
    sender = carrier(provider.url, timeout=10.0)

    def send(n):
        return sender.send(template, [person(letter, 20 * n + k) for k in range(20)])

    with ThreadPoolExecutor(16) as pool:
        for n, outcomes in enumerate(pool.map(send, range(16))):
            for k, outcome in enumerate(outcomes):
                number = 20 * n + k
                assert (outcome.delivery_id, outcome.result) == (1000 + number, Result.ACCEPTED)
                assert outcome.provider_id == "SM" + f"52555555{number:04d}".zfill(32)
    assert len(provider.requests) == 320
    for request in provider.requests:  # each call names its own person, values and way back
        number = int(request.form["To"][-4:])
        assert json.loads(request.form["ContentVariables"])["1"] == f"Nombre{number}"
        assert f"?d={1000 + number}&" in request.form["StatusCallback"]


def test_several_calls_of_one_sending_are_in_flight_at_once(start, letter, template, carrier):
    together = Barrier(8)

    def answer(_request):
        together.wait(10)  # breaks unless eight arrive before any is answered
        return created()

    provider = start(answer)
    outcomes = carrier(provider.url, concurrency=8, timeout=15.0).send(template, [person(letter, n) for n in range(8)])
    assert {outcome.result for outcome in outcomes} == {Result.ACCEPTED}


def test_an_id_of_the_provider_is_one_that_a_database_takes(start, letter, template, carrier) -> None:
    provider = start(lambda _request: (201, {}, '{"sid": "SM\\ud800\\u0000x"}'))
    (outcome,) = carrier(provider.url).send(template, [person(letter, 1)])
    assert outcome.result == Result.ACCEPTED
    assert outcome.provider_id == "SM?x"


def test_what_a_thread_needs_for_its_first_call_is_ready_before_its_moment(start, letter, template, carrier) -> None:
    sender = carrier(start(lambda _request: created()).url)
    ready: list[bool] = []

    def released() -> bool:
        ready.append(hasattr(sender._wire._own, "client"))
        return True

    sender.room.acquire()
    outcome = sender.submit(template, person(letter, 1), released)
    assert outcome.result(10).result == Result.ACCEPTED
    assert ready == [True]


@pytest.mark.parametrize(
    ("reply", "held"),
    [
        (denied(429, 20429), (Result.RETRY, "rate_limited", False)),
        (denied(401, 20003), (Result.RETRY, "key_refused", True)),
        ("silence", (Result.RETRY, "held_back", False)),
    ],
)
def test_once_the_sender_must_wait_the_rest_of_a_sending_is_not_called(start, letter, template, carrier, reply, held):
    provider = start(lambda _request: reply)
    outcomes = carrier(provider.url, concurrency=1).send(template, [person(letter, n) for n in range(5)])
    assert len(provider.requests) == 1
    assert [outcome.delivery_id for outcome in outcomes] == [1000, 1001, 1002, 1003, 1004]
    assert {(o.result, o.code, o.sender_at_fault) for o in outcomes[1:]} == {held}


def test_one_persons_refusal_does_not_hold_up_the_others(start, letter, template, carrier):
    provider = start(lambda r: denied(400, 63003) if r.form["To"].endswith("0001") else created())
    outcomes = carrier(provider.url, concurrency=1).send(template, [person(letter, n) for n in range(4)])
    assert [outcome.result.value for outcome in outcomes] == ["accepted", "refused", "accepted", "accepted"]


def test_neither_the_token_nor_a_person_is_written_to_the_log(start, letter, template, carrier, caplog):
    replies = [created(), denied(400, 21211, "The 'To' number is not a valid phone number."), "reset"]
    provider = start(lambda _request: replies.pop(0))
    sender = carrier(provider.url)
    with caplog.at_level(logging.DEBUG):
        outcomes = [sender.send(template, [person(letter, 1)])[0] for _ in range(3)]
    assert [outcome.result.value for outcome in outcomes] == ["accepted", "refused", "unknown"]
    for secret in (TOKEN, base64.b64encode(f"{SID}:{TOKEN}".encode()).decode(), "+525555550001", "Nombre1"):
        assert secret not in caplog.text
    assert TOKEN not in repr(outcomes)


def test_the_environment_does_not_move_the_calls_elsewhere(start, letter, template, carrier, monkeypatch):
    monkeypatch.setenv("TWILIO_EDGE", "sydney")
    monkeypatch.setenv("TWILIO_REGION", "au1")
    provider = start(lambda _request: created())
    (outcome,) = carrier(provider.url).send(template, [person(letter, 1)])
    assert outcome.result == Result.ACCEPTED
    assert len(provider.requests) == 1


def test_a_host_that_the_settings_do_not_name_is_not_called(start):
    provider = start(lambda _request: created())
    _client, http = TwilioWire(SID, TOKEN, provider.url, 0.4)._client()
    with pytest.raises(UnmappedHostError):
        http.request("GET", "https://lookups.twilio.com/v1/PhoneNumbers/x")
    assert provider.requests == []


@pytest.mark.parametrize(
    ("base", "api", "content"),
    [
        ("https://api.twilio.com", "https://api.twilio.com/x", "https://content.twilio.com/x"),
        (
            "https://api.dublin.ie1.twilio.com",
            "https://api.dublin.ie1.twilio.com/x",
            "https://content.dublin.ie1.twilio.com/x",
        ),
        ("http://127.0.0.1:4010", "http://127.0.0.1:4010/x", "http://127.0.0.1:4010/x"),
    ],
)
def test_both_hosts_of_the_sdk_are_mapped_to_the_configured_one(base, api, content):
    _client, http = TwilioWire(SID, TOKEN, base, 0.4)._client()
    assert (http._here("https://api.twilio.com/x"), http._here("https://content.twilio.com/x")) == (api, content)
