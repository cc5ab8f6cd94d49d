"""SendGrid's carrier: what reaches the provider, and what each of its answers means for each letter."""

import json
import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from campaigns.channels import ChannelError, Result
from outreach.channels.email import SendGridCarrier
from outreach.clock import VirtualClock

KEY = "SG.una-llave-de-mentira.0123456789"
NOON = datetime(2025, 6, 20, 12, tzinfo=UTC)
TAKEN = (202, {"X-Message-Id": "llamada1"}, "")


def carrier(url, **over):
    given = {"installation": "0a1b2c3d", "base_url": url, "timeout": 0.4, "clock": VirtualClock(NOON)}
    return SendGridCarrier(KEY, **(given | over))


def errors(*pairs):
    return json.dumps({"errors": [{"field": field, "message": message, "help": None} for field, message in pairs]})


def test_many_people_go_in_one_call_each_with_our_delivery_id(start, letter, mail):
    provider = start(lambda _request: TAKEN)
    outcomes = carrier(provider.url).send(mail, [letter(1), letter(2, name="Núñez; Ana, Dra.", unsubscribe_url="")])

    (request,) = provider.requests
    assert (request.method, request.target) == ("POST", "/v3/mail/send")
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.json == {
        "personalizations": [
            {
                "to": [{"email": "persona1@example.org", "name": "Persona 1"}],
                "custom_args": {"vc_delivery": "1001", "vc_installation": "0a1b2c3d"},
                "substitutions": {"-t0-": "Nombre1", "-h0-": "<b>Nombre1</b>"},
                "headers": {
                    "List-Unsubscribe": "<https://votochilango.example.org/baja/1>",
                    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
                },
            },
            {
                "to": [{"email": "persona2@example.org", "name": "Núñez Ana Dra."}],
                "custom_args": {"vc_delivery": "1002", "vc_installation": "0a1b2c3d"},
                "substitutions": {"-t0-": "Nombre2", "-h0-": "<b>Nombre2</b>"},
            },
        ],
        "from": {"email": "votochilango@example.org", "name": "Voto Chilango"},
        "subject": "Aviso para -t0-",
        "content": [
            {"type": "text/plain", "value": "Hola, -t0-: el simulacro empieza el lunes."},
            {"type": "text/html", "value": "<p>Hola, -h0-</p>"},
        ],
        "tracking_settings": {
            "click_tracking": {"enable": False, "enable_text": False},
            "open_tracking": {"enable": False},
            "subscription_tracking": {"enable": False},
        },
    }
    assert [(o.delivery_id, o.result, o.provider_id) for o in outcomes] == [
        (1001, Result.ACCEPTED, "llamada1"),
        (1002, Result.ACCEPTED, "llamada1"),
    ]


def test_a_mail_without_html_carries_its_text_alone(start, letter, mail):
    provider = start(lambda _request: TAKEN)
    carrier(provider.url).send(replace(mail, html="", text="Hola", tags=()), [letter(1, values=())])
    assert provider.requests[0].json["content"] == [{"type": "text/plain", "value": "Hola"}]
    assert "substitutions" not in provider.requests[0].json["personalizations"][0]


@pytest.mark.parametrize(
    ("values", "text"),
    [
        (("-h0-", "x"), "Hola, -h0-: el simulacro empieza el lunes."),
        (("ñ" * 5000, "x"), f"Hola, {'ñ' * 5000}: el simulacro empieza el lunes."),
    ],
    ids=["a value that is a tag", "values over 10,000 bytes"],
)
def test_a_letter_that_sendgrid_would_garble_goes_alone_and_written_out(start, letter, mail, values, text):
    provider = start(lambda request: (202, {"X-Message-Id": f"m{len(request.json['personalizations'])}"}, ""))
    outcomes = carrier(provider.url).send(mail, [letter(1), letter(2, values=values), letter(3)])

    together, alone = (request.json for request in provider.requests)
    assert [p["custom_args"]["vc_delivery"] for p in together["personalizations"]] == ["1001", "1003"]
    assert [p["custom_args"]["vc_delivery"] for p in alone["personalizations"]] == ["1002"]
    assert "substitutions" not in alone["personalizations"][0]
    assert alone["content"][0]["value"] == text
    assert alone["content"][1]["value"] == "<p>Hola, x</p>"
    assert alone["subject"] == f"Aviso para {values[0]}"
    assert [(o.delivery_id, o.provider_id) for o in outcomes] == [(1001, "m2"), (1002, "m1"), (1003, "m2")]


def test_of_many_that_go_alone_a_few_go_and_the_rest_asks_anew_at_once(start, letter, mail):
    provider = start(lambda _request: TAKEN)
    outcomes = carrier(provider.url).send(mail, [letter(n, values=("-h0-", "x")) for n in range(20)])
    taken = [outcome for outcome in outcomes if outcome.result == Result.ACCEPTED]
    assert len(provider.requests) == len(taken) < 10
    held = outcomes[len(taken) :]
    assert {(one.result, one.code, one.retry_after) for one in held} == {(Result.RETRY, "held_back", 0.0)}


def test_an_address_that_differs_by_capitals_goes_in_a_call_of_its_own(start, letter, mail):
    provider = start(lambda _request: TAKEN)
    carrier(provider.url).send(mail, [letter(1, address="Ana@example.org"), letter(2, address="ana@example.org")])
    people = [[p["to"][0]["email"] for p in request.json["personalizations"]] for request in provider.requests]
    assert people == [["Ana@example.org"], ["ana@example.org"]]


def test_of_a_call_refused_for_one_address_the_others_may_go_again_at_once(start, letter, mail):
    said = errors(("personalizations.1.to.0.email", "Does not contain a valid address."))
    provider = start(lambda _request: (400, {"Content-Type": "application/json"}, said))
    outcomes = carrier(provider.url).send(mail, [letter(1), letter(2), letter(3)])
    assert [(o.delivery_id, o.result, o.code, o.retry_after) for o in outcomes] == [
        (1001, Result.RETRY, "call_refused", 0.0),
        (1002, Result.REFUSED, "invalid_address", None),
        (1003, Result.RETRY, "call_refused", 0.0),
    ]
    assert outcomes[1].detail == "Does not contain a valid address."


def test_a_refused_header_of_one_letter_refuses_that_letter(start, letter, mail):
    provider = start(lambda _request: (400, {}, errors(("personalizations.0.headers", "reserved"))))
    outcomes = carrier(provider.url).send(mail, [letter(1), letter(2)])
    assert [(o.result, o.code) for o in outcomes] == [
        (Result.REFUSED, "letter_refused"),
        (Result.RETRY, "call_refused"),
    ]


UNNAMED = errors((None, "Bad Request"))
ELSEWHERE = errors(("personalizations.7.to", "who?"))


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (400, UNNAMED, "call_refused"),
        (400, ELSEWHERE, "call_refused"),
        (413, "<html><center><h1>413 Request Entity Too Large</h1></center></html>", "too_large"),
    ],
)
def test_a_refusal_that_names_nobody_asks_for_smaller_calls_until_one_letter_is_left(
    start, letter, mail, status, body, code
):
    provider = start(lambda _request: (status, {}, body))
    with pytest.raises(ChannelError) as caught:
        carrier(provider.url).send(mail, [letter(1), letter(2)])
    error = caught.value
    assert (error.code, error.too_large, error.permanent, error.sender_at_fault) == (code, True, False, False)

    (outcome,) = carrier(provider.url).send(mail, [letter(1)])
    assert (outcome.result, outcome.code) == (
        Result.REFUSED,
        "letter_refused" if code == "call_refused" else code,
    )


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (401, errors((None, "The provided authorization grant is invalid, expired, or revoked")), "key_refused"),
        (403, errors((None, "access forbidden")), "key_refused"),
        (403, errors(("from", "The from address does not match a verified Sender Identity.")), "sender_refused"),
        (400, errors(("from.email", "is required")), "sender_refused"),
        (400, errors(("content.0.value", "is required")), "call_refused"),
        (400, errors(("subject", "is required")), "call_refused"),
        (404, "", "call_refused"),
        (405, errors((None, "method not allowed")), "call_refused"),
    ],
)
def test_what_is_the_senders_fault_stops_the_run_instead_of_refusing_people(start, letter, mail, status, body, code):
    provider = start(lambda _request: (status, {}, body))
    with pytest.raises(ChannelError) as caught:
        carrier(provider.url).send(mail, [letter(1), letter(2)])
    assert (caught.value.code, caught.value.permanent, caught.value.sender_at_fault) == (code, True, True)


def test_an_id_of_the_provider_is_one_that_a_database_takes(start, letter, mail):
    provider = start(lambda _request: (202, {"X-Message-Id": "a\0b" + "c" * 400}, ""))
    (outcome,) = carrier(provider.url).send(mail, [letter(1)])
    assert outcome.result == Result.ACCEPTED
    assert outcome.provider_id == "ab" + "c" * 298


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"Retry-After": "0.5"}, None),  # by its own back-off, not again and again
        ({"Retry-After": "0"}, None),
        ({"Retry-After": "Fri, 20 Jun 2025 11:00:30 GMT"}, None),
        ({"Retry-After": "Fri, 20 Jun 2025 12:00:30 GMT"}, 30.0),
        ({"Retry-After": "mañana".encode().decode("latin-1")}, None),
        ({"X-RateLimit-Reset": str(int(NOON.timestamp()) + 45)}, 45.0),
        ({"X-RateLimit-Reset": "1"}, None),
        ({"Retry-After": "9999999"}, 86_400.0),
        ({}, None),
    ],
)
def test_a_provider_that_asks_to_slow_down_is_obeyed(start, letter, mail, headers, seconds):
    provider = start(lambda _request: (429, headers, errors((None, "too many requests"))))
    with pytest.raises(ChannelError) as caught:
        carrier(provider.url).send(mail, [letter(1)])
    error = caught.value
    assert (error.code, error.permanent, error.sender_at_fault, error.retry_after) == (
        "rate_limited",
        False,
        False,
        seconds,
    )


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        ("silence", "no_answer"),
        ("reset", "connection_lost"),
        ("garbage", "answer_unreadable"),
        ((500, {}, errors((None, "internal server error"))), "provider_failure"),
        ((502, {}, "<html>bad gateway</html>"), "provider_failure"),
        ((503, {}, ""), "provider_failure"),
        ((408, {}, ""), "provider_failure"),
        ((200, {}, "<html>Wi-Fi de invitados</html>"), "answer_unreadable"),
    ],
)
def test_an_outcome_that_nobody_knows_is_unknown_for_every_letter_and_tried_once(start, letter, mail, reply, code):
    provider = start(lambda _request: reply)
    outcomes = carrier(provider.url).send(mail, [letter(1), letter(2)])
    assert [(o.delivery_id, o.result, o.code) for o in outcomes] == [
        (1001, Result.UNKNOWN, code),
        (1002, Result.UNKNOWN, code),
    ]
    assert len(provider.requests) == 1


def test_after_a_doubt_the_rest_of_a_sending_is_not_called(start, letter, mail):
    provider = start(lambda _request: "silence")
    outcomes = carrier(provider.url).send(mail, [letter(1), letter(2, values=("-h0-", ""))])
    assert [(o.result, o.code) for o in outcomes] == [(Result.UNKNOWN, "no_answer"), (Result.RETRY, "held_back")]
    assert len(provider.requests) == 1


def test_a_failure_after_something_was_accepted_raises_nothing(start, letter, mail):
    replies = [TAKEN, (401, {}, errors((None, "revoked")))]
    provider = start(lambda _request: replies.pop(0))
    outcomes = carrier(provider.url).send(mail, [letter(1, values=("-h0-", "")), letter(2), letter(3)])
    assert [(o.delivery_id, o.result, o.code, o.sender_at_fault) for o in outcomes] == [
        (1001, Result.RETRY, "key_refused", True),
        (1002, Result.ACCEPTED, "", False),
        (1003, Result.ACCEPTED, "", False),
    ]


def test_a_redirect_is_not_followed_and_the_key_does_not_travel(start, letter, mail):
    elsewhere = start(lambda _request: TAKEN)
    provider = start(lambda _request: (302, {"Location": f"{elsewhere.url}/v3/mail/send"}, ""))
    with pytest.raises(ChannelError) as caught:
        carrier(provider.url).send(mail, [letter(1)])
    assert (caught.value.code, caught.value.sender_at_fault) == ("provider_redirects", True)
    assert (len(provider.requests), elsewhere.requests) == (1, [])


def test_neither_the_key_nor_a_person_is_written_to_the_log(start, letter, mail, caplog):
    replies = [TAKEN, (401, {}, errors((None, "revoked")))]
    provider = start(lambda _request: replies.pop(0))
    sender = carrier(provider.url)
    with caplog.at_level(logging.DEBUG):
        sender.send(mail, [letter(1)])
        with pytest.raises(ChannelError) as caught:
            sender.send(mail, [letter(1)])
    for secret in (KEY, "persona1@example.org", "Nombre1"):
        assert secret not in caplog.text
    assert KEY not in f"{caught.value!r} {caught.value.__cause__!r} {sender!r} {vars(sender)!r}"


def test_sixteen_threads_get_each_the_outcome_of_their_own_letters(start, letter, mail):
    def answer(request):
        first = request.json["personalizations"][0]["custom_args"]["vc_delivery"]
        return 202, {"X-Message-Id": f"llamada-{first}"}, ""

    provider = start(answer)
    sender = carrier(provider.url, timeout=10.0)

    def send(n):
        return [sender.send(mail, [letter(100 * n + k), letter(100 * n + k + 50)]) for k in range(20)]

    with ThreadPoolExecutor(16) as pool:
        for n, calls in enumerate(pool.map(send, range(16))):
            for k, outcomes in enumerate(calls):
                told = f"llamada-{1000 + 100 * n + k}"
                assert [o.provider_id for o in outcomes] == [told, told]
    assert len(provider.requests) == 16 * 20
    assert {request.headers["authorization"] for request in provider.requests} == {f"Bearer {KEY}"}


def test_a_call_of_more_than_a_thousand_is_refused_before_it_is_made(start, letter, mail):
    provider = start(lambda _request: TAKEN)
    with pytest.raises(ValueError, match="1000"):
        carrier(provider.url).send(mail, [letter(n) for n in range(1001)])
    with pytest.raises(ValueError, match="1000"):
        carrier(provider.url, batch_size=1001)
    assert provider.requests == []
