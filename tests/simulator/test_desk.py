"""The simulator's own counter: JSON for programs."""

from datetime import timedelta

import pytest
import requests

ANA = "+525555550101"


def test_messages_come_as_json_newest_first_and_in_slices(call, simulator, clock, mail_to) -> None:
    call.mail(mail_to(*(f"p{number}@example.org" for number in range(5))))
    made = call.text(ANA, status_callback="https://votochilango.example.org/s?d=31")
    clock.advance(timedelta(seconds=5))
    newest = call.get("/_messages?limit=2").json()["messages"]
    assert [one["to"] for one in newest] == [ANA, "p4@example.org"]
    assert [one["to"] for one in call.get("/_messages?limit=2&offset=4").json()["messages"]] == [
        "p1@example.org",
        "p0@example.org",
    ]
    assert [one["to"] for one in call.get("/_messages?channel=whatsapp").json()["messages"]] == [ANA]
    assert [one["to"] for one in call.get("/_messages?delivery=3").json()["messages"]] == ["p2@example.org"]
    one = call.get(f"/_messages/{made.sid}").json()
    assert (one["text"], one["delivery"], one["state"]) == ("Hola, Ana. Hay un aviso.", "31", "delivered")
    assert [told["event"] for told in one["told"]] == ["sent", "delivered"]
    mail = call.get(f"/_messages/{newest[1]['id']}").json()
    assert (mail["subject"], mail["text"]) == ("Aviso para Persona 5", "Hola, Persona 5.")
    assert call.get("/_messages/SMnada").status_code == 404


def test_counts_tell_what_came_twice(call, mail_to) -> None:
    call.mail(mail_to("ana@example.org", "beto@example.org"))
    call.mail(mail_to("ana@example.org"))
    call.text(ANA, status_callback="https://votochilango.example.org/s?d=31")
    assert call.get("/_counts").json() == {
        "deliveries": {"1": 2, "2": 1, "31": 1},
        "messages": {"correo": 3, "whatsapp": 1},
        "twice": {"1": 2},
    }


def test_events_tell_how_the_platform_answered(call, simulator, listener, clock, mail_to) -> None:
    listener.statuses = [500]
    call.mail(mail_to("callado@example.org"))
    clock.advance(timedelta(seconds=1))
    simulator.deliver()
    (event,) = call.get("/_events").json()["events"]
    assert (event["provider"], event["event"], event["to"], event["status"]) == (
        "sendgrid", "processed", "callado@example.org", 500,
    )  # fmt: skip


def test_somebody_is_let_write_over_http(simulator, listener) -> None:
    url = f"{simulator.url}/_inbound"
    asked = {"from": ANA, "body": "BAJA", "to": "+525555550199", "name": "Ana"}
    answer = requests.post(url, json=asked, timeout=10)
    assert (answer.status_code, answer.json()) == (202, {"status": 200})
    form = listener.posted[0].form
    assert (form["Body"], form["To"], form["ProfileName"]) == ("BAJA", "whatsapp:+525555550199", "Ana")
    later = requests.post(url, json={"from": ANA, "body": "Hola", "after": 60}, timeout=10)
    assert later.json() == {"status": 0}
    assert simulator.due() == simulator.clock.now() + timedelta(minutes=1)


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"body": "Hola"}, "Falta el campo «from»."),
        ({"from": 5, "body": "Hola"}, "El campo «from» dice «5», que no es de su tipo"),
        ({"from": ANA, "body": "Hola", "de": "x"}, "No existe el campo «de»"),
        ([], "Se esperaba un objeto JSON"),
    ],
)
def test_a_wrong_request_is_explained(simulator, asked: object, sentence: str) -> None:
    answer = requests.post(f"{simulator.url}/_inbound", json=asked, timeout=10)
    assert answer.status_code == 400
    assert any(sentence in found for found in answer.json()["errors"])


def test_switches_take_json_alone_so_that_a_page_elsewhere_cannot_press_them(simulator) -> None:
    answer = requests.post(f"{simulator.url}/_faults", data='{"kind": "reset"}', timeout=10)
    assert answer.status_code == 400
    assert "debe decir application/json" in answer.json()["errors"][0]
    broken = requests.post(
        f"{simulator.url}/_faults", data="{", headers={"Content-Type": "application/json"}, timeout=10
    )
    assert "El cuerpo no es JSON" in broken.json()["errors"][0]
    assert simulator.core.faults.rules == []


@pytest.mark.parametrize(
    ("host", "status"), [("malo.example.com", 421), ("localhost:1", 200), ("127.0.0.1", 200), ("[::1]", 200)]
)
def test_the_counter_answers_to_this_machines_own_names(simulator, host: str, status: int) -> None:
    assert requests.get(f"{simulator.url}/_counts", headers={"Host": host}, timeout=10).status_code == status


def test_templates_are_given_over_http(call, simulator) -> None:
    sid = "HX" + "4" * 32
    asked = [
        {"name": "uno", "body": "Hola, {{1}}", "sid": sid, "category": "MARKETING"},
        {"name": "dos", "body": "Hola"},
    ]
    answer = requests.post(f"{simulator.url}/_templates", json=asked, timeout=10)
    assert answer.status_code == 201
    assert answer.json()["sids"][0] == sid
    assert [one["category"] for one in call.get("/_templates").json()["templates"]] == ["MARKETING", "UTILITY"]
    assert call.text(ANA, content_sid=sid).body == "Hola, Ana"


def test_where_webhooks_go_can_be_said_later(call, simulator, listener, clock, mail_to) -> None:
    asked = {"sendgrid": f"{listener.url}/otro/sendgrid"}
    assert requests.post(f"{simulator.url}/_webhooks", json=asked, timeout=10).status_code == 204
    call.mail(mail_to("ana@example.org"))
    clock.advance(timedelta(minutes=1))
    simulator.deliver()
    assert {one.path for one in listener.posted} == {"/otro/sendgrid"}
    assert simulator.twilio_inbound == f"{listener.url}/inbound"


def test_keys_are_shown_and_secrets_are_not(call, simulator) -> None:
    answer = call.get("/_keys")
    assert answer.json() == {
        "SENDGRID_WEBHOOK_KEY": simulator.sendgrid_public_key,
        "TWILIO_ACCOUNT_SID": simulator.twilio_sid,
    }
    assert simulator.twilio_token not in answer.text


def test_everything_is_forgotten_over_http(call, simulator, mail_to) -> None:
    call.mail(mail_to("ana@example.org"))
    assert requests.delete(f"{simulator.url}/_messages", timeout=10).status_code == 204
    assert call.get("/_counts").json()["deliveries"] == {}


def test_other_paths_and_methods(simulator) -> None:
    assert requests.get(f"{simulator.url}/_nada", timeout=10).status_code == 404
    assert requests.put(f"{simulator.url}/_counts", timeout=10).status_code == 405
