"""SendGrid's side: what a call is answered, and what is refused in the vendor's own sentences."""

import base64
import gzip
import json
from datetime import timedelta
from typing import Any

import pytest
import requests

from outreach.simulator import Credentials, Simulator
from outreach.simulator.server import LARGEST


def test_a_call_is_answered_202_with_nothing_but_one_message_id(call, mail_to) -> None:
    answer = call.mail(mail_to("ana@example.org", "beto@example.org"))
    assert answer.status_code == 202
    assert answer.body == b""
    assert answer.headers.get_all("X-Message-Id") == [call.simulator.messages()[0].provider_id]


def test_each_reader_sees_the_own_tags_filled_in(call, simulator, mail_to) -> None:
    call.mail(mail_to("ana@example.org", "beto@example.org"))
    beto, ana = simulator.messages()
    assert (ana.to, ana.to_name, ana.subject) == ("ana@example.org", "Persona 1", "Aviso para Persona 1")
    assert (ana.text, ana.sender, ana.sender_name) == ("Hola, Persona 1.", "votochilango@example.org", "Voto Chilango")
    assert "<b>Persona 2</b>" in beto.html
    assert (beto.delivery, beto.installation) == ("2", "c0ffee12")
    assert simulator.counts() == {"1": 1, "2": 1}


def test_tags_are_filled_all_at_once_and_the_longest_first(call, simulator, mail_to) -> None:
    body = mail_to("ana@example.org", subject="-n- -na-")
    body["personalizations"][0]["substitutions"] = {"-n-": "-na-", "-na-": "dos"}
    call.mail(body)
    assert simulator.messages()[0].subject == "-na- dos"


def test_headers_are_not_filled_in_because_sendgrid_does_not(call, simulator, mail_to) -> None:
    body = mail_to("ana@example.org", headers={"X-Uno": "-n-"})
    body["personalizations"][0]["headers"] = {"List-Unsubscribe": "<https://votochilango.example.org/baja/1>"}
    call.mail(body)
    assert simulator.messages()[0].headers == {
        "X-Uno": "-n-",
        "List-Unsubscribe": "<https://votochilango.example.org/baja/1>",
    }


def test_a_thousand_people_fit_in_a_call_and_one_more_does_not(call, simulator, mail_to, asks_badly) -> None:
    people = [f"persona{number}@example.org" for number in range(1001)]
    assert call.refused(mail_to(*people)) == [
        (
            (
                "The personalization block is limited to 1000 personalizations per API request. You have provided 1001 "
                "personalizations. Please consider splitting this into multiple requests and resending your request."
            ),
            "personalizations",
        )
    ]
    assert simulator.counts() == {}
    assert call.mail(mail_to(*people[:1000])).status_code == 202
    assert len(simulator.counts()) == 1000


def test_a_thousand_recipients_fit_whoever_they_share_a_mail_with(call, mail_to) -> None:
    body = mail_to("ana@example.org")
    body["personalizations"][0]["bcc"] = [{"email": f"p{number}@example.org"} for number in range(999)]
    assert call.mail(body).status_code == 202
    body["personalizations"][0]["cc"] = [{"email": "una.mas@example.org"}]
    sentence = "There is a limit of 1000 total recipients (to + cc + bcc) per request."
    assert call.refused(body) == [(sentence, "personalizations")]


def test_an_address_twice_in_a_call_is_refused_capitals_or_not(call, simulator, mail_to) -> None:
    found = call.refused(mail_to("ana@example.org", "beto@example.org", "Ana@Example.org"))
    assert found == [
        (
            (
                "Each unique email address in the personalizations array should only be included once. "
                "You have included Ana@Example.org more than once."
            ),
            "personalizations.2.to.0.email",
        )
    ]
    assert simulator.counts() == {}


def test_a_bad_address_is_named_by_its_place(call, mail_to, asks_badly) -> None:
    found = call.refused(mail_to("ana@example.org", "beto.example.org", "ñandú@example.org"))
    assert found == [
        ("Does not contain a valid address.", "personalizations.1.to.0.email"),
        ("Does not contain a valid address.", "personalizations.2.to.0.email"),
    ]


def changed(body: dict[str, Any], **person: Any) -> dict[str, Any]:
    body["personalizations"][0] |= person
    return body


@pytest.mark.parametrize(
    ("over", "person", "message", "field"),
    [
        ({"personalizations": []}, {}, "You must have at least one personalization.", "personalizations"),
        ({"personalizations": None}, {}, "The personalizations field is required and must be an array.", None),
        ({"from": None}, {}, "The from object must be provided for every email send.", "from.email"),
        ({"from": {"email": "nadie"}}, {}, "The from email does not contain a valid address.", "from.email"),
        ({"subject": ""}, {}, "The subject is required.", "subject"),
        ({}, {"subject": ""}, "The subject of your email must be a string", "personalizations.0.subject"),
        ({"content": []}, {}, "Unless a valid template_id is provided, the content parameter is required.", "content"),
        (
            {"content": [{"type": "text/plain", "value": ""}]},
            {},
            "The content value must be a string at least one character in length.",
            "content.0.value",
        ),
        (
            {"content": [{"type": "text/html", "value": "b"}, {"type": "text/plain", "value": "a"}]},
            {},
            "If present, text/plain and text/html may only be provided once, and text/plain must be first.",
            "content",
        ),
        ({}, {"to": []}, "Does not contain a valid address.", "personalizations.0.to"),
        (
            {},
            {"to": [{"email": "ana@example.org", "name": "Luna, Ana"}]},
            "Does not contain a valid address.",
            "personalizations.0.to.0.email",
        ),
        ({}, {"custom_args": {"vc_delivery": 7}}, "Bad Request", None),
        ({}, {"custom_args": {}}, "custom_args cannot be empty.", "personalizations.0.custom_args"),
        (
            {"custom_args": {"a": "x" * 5000}},
            {"custom_args": {"b": "ñ" * 2600}},
            "The combined size of both global and personalization custom arguments may not exceed 10,000 bytes",
            "personalizations.0.custom_args",
        ),
        (
            {},
            {"substitutions": {"-n-": "á" * 5000}},
            "Substitutions are limited to 10,000 bytes per personalization.",
            "personalizations.0.substitutions",
        ),
        ({}, {"substitutions": {"-n-": 3}}, "The substitution values must be an object of key/value pairs", None),
        ({"headers": {"Reply-To": "a@example.org"}}, {}, "Header cannot be one of the reserved keys.", None),
        ({}, {"headers": {"BCC": "a@example.org"}}, "Header cannot be one of the reserved keys.", None),
        ({"headers": {"X Uno": "a"}}, {}, "Header keys cannot contain non-ASCII characters or empty spaces.", None),
        ({"headers": {"X-Uno": 1}}, {}, "All values of the headers object must be strings.", "headers"),
        ({"send_at": "mañana"}, {}, "The send_at parameter is expecting a Unix timestamp as an integer.", "send_at"),
        ({"send_at": 1750441320 + 73 * 3600}, {}, "Scheduling more than 72 hours in advance is forbidden.", "send_at"),
        (
            {"attachments": [{"content": "?", "filename": "a.pdf"}]},
            {},
            "The attachment content must be base64 encoded.",
            None,
        ),
        ({"categories": ["a"] * 11}, {}, "You cannot have more than 10 categories per request.", "categories"),
        ({"categories": ["a" * 256]}, {}, "You may not have more than 255 characters per category.", "categories"),
        ({"asm": {}}, {}, "The ASM group ID must be an integer.", "asm.group_id"),
        ({"batch_id": "inventado"}, {}, "invalid batch id", "batch_id"),
        ({"template_id": "d-123"}, {}, "The template_id must be a valid template ID on your account.", "template_id"),
        ({"asunto": "x"}, {}, "Additional property asunto is not allowed", "asunto"),
        ({}, {"nombre": "x"}, "Additional property nombre is not allowed", "personalizations.0.nombre"),
    ],
)
def test_what_sendgrid_refuses_is_refused_in_its_own_sentence(
    call, simulator, mail_to, asks_badly, over: dict[str, Any], person: dict[str, Any], message: str, field: str | None
) -> None:
    body = changed(mail_to("ana@example.org"), **person) | over
    found = call.refused(body)
    assert any(text.startswith(message) and field in {None, place} for text, place in found), found
    assert simulator.counts() == {}


@pytest.mark.parametrize("body", [b"{", b"[]", b"null", b'{"personalizations": "a", "from": 3}'])
def test_a_body_that_is_no_call_is_refused_and_breaks_nothing(call, simulator, asks_badly, body: bytes) -> None:
    answer = call.post("/v3/mail/send", data=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert simulator.messages() == []


def test_every_fault_of_a_call_is_listed(call, mail_to, asks_badly) -> None:
    body = mail_to("ana", "beto", subject="")
    assert [place for _, place in call.refused(body)] == [
        "personalizations.0.to.0.email",
        "personalizations.1.to.0.email",
        "subject",
    ]


@pytest.mark.parametrize("authorization", ["Bearer otra-llave", "Basic U0cueDp5", "SG.sin-bearer", "Bearer "])
def test_a_wrong_key_is_answered_401(simulator, mail_to, authorization: str) -> None:
    headers = {"Authorization": authorization}
    answer = requests.post(f"{simulator.url}/v3/mail/send", json=mail_to("a@example.org"), headers=headers, timeout=10)
    assert answer.status_code == 401
    assert answer.json()["errors"][0]["message"] == "The provided authorization grant is invalid, expired, or revoked"
    assert simulator.counts() == {}


def test_no_key_is_answered_401(simulator, mail_to, asks_badly) -> None:
    answer = requests.post(f"{simulator.url}/v3/mail/send", json=mail_to("ana@example.org"), timeout=10)
    assert (answer.status_code, answer.json()) == (401, {"errors": [{"message": "authorization required"}]})


def test_where_a_key_was_given_no_other_is_taken(clock, caller, mail_to) -> None:
    with Simulator(clock, credentials=Credentials(sendgrid_api_key="SG.la-buena")) as simulator:
        call = caller(simulator)
        assert call.mail(mail_to("ana@example.org")).status_code == 202
        other = {"Authorization": "Bearer SG.otra"}
        assert call.post("/v3/mail/send", json=mail_to("ana@example.org"), headers=other).status_code == 401


def test_a_call_over_thirty_megabytes_is_answered_by_nginx_in_html(call, simulator, asks_badly) -> None:
    answer = call.post("/v3/mail/send", data=b" " * (LARGEST + 1), headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.headers["Content-Type"]) == (413, "text/html")
    assert "<center>nginx</center>" in answer.text


def test_a_packed_call_is_unpacked_and_one_that_unpacks_to_too_much_is_not(
    call, simulator, mail_to, asks_badly
) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    packed = gzip.compress(json.dumps(mail_to("ana@example.org")).encode())
    assert call.post("/v3/mail/send", data=packed, headers=headers).status_code == 202
    assert call.post("/v3/mail/send", data=packed[:-4], headers=headers).status_code == 400
    assert call.post("/v3/mail/send", data=b"no es gzip", headers=headers).status_code == 400
    assert call.post("/v3/mail/send", data=gzip.compress(b" " * (LARGEST + 1)), headers=headers).status_code == 413
    assert simulator.counts() == {"1": 1}


def test_another_content_type_is_answered_415(call, mail_to, asks_badly) -> None:
    answer = call.post(
        "/v3/mail/send", data=json.dumps(mail_to("a@example.org")), headers={"Content-Type": "text/plain"}
    )
    assert answer.status_code == 415


def test_sandbox_mode_answers_200_and_sends_nothing(call, simulator, mail_to) -> None:
    answer = call.mail(mail_to("ana@example.org", mail_settings={"sandbox_mode": {"enable": True}}))
    assert answer.status_code == 200
    assert (simulator.messages(), simulator.due()) == ([], None)


def test_a_batch_id_is_made_checked_and_used(call, simulator, mail_to) -> None:
    batch = call.post("/v3/mail/batch").json()["batch_id"]
    headers = {"Authorization": f"Bearer {simulator.sendgrid_api_key}"}
    known = requests.get(f"{simulator.url}/v3/mail/batch/{batch}", headers=headers, timeout=10)
    unknown = requests.get(f"{simulator.url}/v3/mail/batch/otro", headers=headers, timeout=10)
    assert (known.json(), unknown.status_code) == ({"batch_id": batch}, 400)
    assert call.mail(mail_to("ana@example.org", batch_id=batch)).status_code == 202


def test_email_activity_is_an_add_on_that_the_account_lacks(call, simulator) -> None:
    headers = {"Authorization": f"Bearer {simulator.sendgrid_api_key}"}
    asked = requests.get(f"{simulator.url}/v3/messages?query=x&limit=10", headers=headers, timeout=10)
    assert asked.status_code == 403


def test_other_paths_and_methods_are_answered_as_such(call, asks_badly) -> None:
    assert call.post("/v3/otra").status_code == 404
    assert requests.get(
        f"{call.simulator.url}/v3/mail/send",
        headers={"Authorization": "Bearer SG.x"},
        timeout=10,
    ).status_code == 405  # fmt: skip


def test_what_is_sent_later_is_told_later(call, simulator, clock, mail_to) -> None:
    later = int((clock.now() + timedelta(hours=10)).timestamp())
    call.mail(mail_to("ana@example.org", send_at=later))
    assert simulator.due() == clock.now() + timedelta(hours=10, seconds=1)


def test_an_attachment_and_the_other_fields_of_a_full_call_are_taken(call, simulator, mail_to) -> None:
    body = mail_to(
        "ana@example.org",
        reply_to={"email": "respuestas@example.org"},
        attachments=[
            {
                "content": base64.b64encode(b"%PDF").decode(),
                "type": "application/pdf",
                "filename": "convocatoria.pdf",
                "disposition": "attachment",
            }
        ],
        categories=["difusion"],
        asm={"group_id": 3},
        tracking_settings={"click_tracking": {"enable": False}, "open_tracking": {"enable": False}},
    )
    assert call.mail(body).status_code == 202
    assert simulator.messages()[0].headers["Reply-To"] == "respuestas@example.org"
