"""What becomes of a message is decided by its address: the tables of docs/simulator.md."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from outreach.simulator import behaviour

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("address", "events"),
    [
        ("ana@example.org", ["processed", "delivered"]),
        ("rebotado@example.org", ["processed", "delivered"]),
        ("bajada.luna@example.org", ["processed", "delivered"]),
        ("rebota@example.org", ["processed", "bounce"]),
        ("Rebota.Ana@example.org", ["processed", "bounce"]),
        ("rebota7@example.org", ["processed", "bounce"]),
        ("regresa@example.org", ["processed", "delivered", "bounce"]),
        ("bloquea@example.org", ["processed", "bounce"]),
        ("lleno@example.org", ["processed", "deferred", "deferred", "bounce"]),
        ("tarde@example.org", ["processed", "deferred", "delivered"]),
        ("descartado@example.org", ["dropped"]),
        ("queja@example.org", ["processed", "delivered", "spamreport"]),
        ("baja@example.org", ["processed", "delivered", "unsubscribe"]),
        ("abre@example.org", ["processed", "delivered", "open"]),
        ("callado@example.org", ["processed"]),
        ("mudo@example.org", []),
    ],
)
def test_the_local_part_decides_what_is_told(call, simulator, listener, clock, mail_to, address, events) -> None:
    call.mail(mail_to(address))
    clock.advance(DAY)
    assert simulator.deliver() == len(events)
    assert listener.told(address) == events


def test_a_bounce_says_why_and_an_asynchronous_one_names_no_message(call, simulator, listener, clock, mail_to) -> None:
    call.mail(mail_to("rebota@example.org", "bloquea@example.org", "lleno@example.org", "regresa@example.org"))
    clock.advance(DAY)
    simulator.deliver()
    bounces = {event["email"]: event for event in listener.events() if event["event"] == "bounce"}
    hard, blocked, full, late = (bounces[f"{name}@example.org"] for name in ("rebota", "bloquea", "lleno", "regresa"))
    assert (hard["type"], hard["status"]) == ("bounce", "5.1.1")
    assert (blocked["type"], blocked["status"]) == ("blocked", "5.7.1")
    assert (full["type"], full["status"]) == ("bounce", "5.2.2")
    assert "sg_message_id" in hard
    assert not {"sg_message_id", "smtp-id", "async"} & late.keys()
    assert late["vc_delivery"] == "4"


def test_a_later_mail_to_somebody_who_bounced_complained_or_left_is_dropped(
    call, simulator, listener, clock, mail_to
) -> None:
    people = ("rebota@example.org", "queja@example.org", "baja@example.org", "bloquea@example.org")
    call.mail(mail_to(*people))
    clock.advance(DAY)
    simulator.deliver()
    listener.posted.clear()
    assert call.mail(mail_to(*(address.upper() for address in people))).status_code == 202
    clock.advance(DAY)
    simulator.deliver()
    dropped = {event["email"]: event["reason"] for event in listener.events() if event["event"] == "dropped"}
    assert dropped == {
        "REBOTA@EXAMPLE.ORG": "Bounced Address",
        "QUEJA@EXAMPLE.ORG": "Spam Reporting Address",
        "BAJA@EXAMPLE.ORG": "Unsubscribed Address",
    }


def test_a_mail_before_the_bounce_has_come_is_not_dropped(call, simulator, listener, clock, mail_to) -> None:
    call.mail(mail_to("rebota@example.org"))
    call.mail(mail_to("rebota@example.org"))
    clock.advance(DAY)
    simulator.deliver()
    assert sorted(listener.told("rebota@example.org")) == ["bounce", "bounce", "processed", "processed"]


def test_bypassing_list_management_reaches_them_again(call, simulator, listener, clock, mail_to) -> None:
    call.mail(mail_to("baja@example.org"))
    clock.advance(DAY)
    call.mail(mail_to("baja@example.org", mail_settings={"bypass_list_management": {"enable": True}}))
    clock.advance(DAY)
    simulator.deliver()
    assert "dropped" not in listener.told("baja@example.org")


def callback(listener) -> str:
    return f"{listener.url}/status?d=1&i=c0ffee12"


@pytest.mark.parametrize(
    ("number", "statuses", "code"),
    [
        ("+525555550101", ["sent", "delivered", "read"], None),
        ("+525555550107", ["sent", "delivered"], None),
        ("+525555550103", ["sent", "undelivered"], 63003),
        ("+525555550114", ["failed"], 63014),
        ("+525555550118", ["sent", "undelivered"], 63018),
        ("+525555550124", ["sent", "undelivered"], 63024),
        ("+525555550132", ["failed"], 63032),
        ("+525555550149", ["sent", "delivered"], None),
        ("+525555550177", ["sent"], None),
        ("+525555550199", ["read", "delivered", "sent"], None),
    ],
)
def test_the_last_digits_decide_what_is_told(call, simulator, listener, clock, number, statuses, code) -> None:
    made = call.text(number, status_callback=callback(listener))
    clock.advance(DAY)
    assert simulator.deliver() == len(statuses)
    assert listener.statuses_of(made.sid) == statuses
    assert listener.posted[-1].form.get("ErrorCode") == (str(code) if code else None)
    assert call.twilio.messages(made.sid).fetch().error_code == code


def test_lost_callbacks_leave_the_truth_to_a_poll(call, simulator, listener, clock) -> None:
    made = call.text("+525555550188", status_callback=callback(listener))
    clock.advance(DAY)
    assert simulator.deliver() == 0
    assert call.twilio.messages(made.sid).fetch().status == "delivered"


@pytest.mark.parametrize(
    ("number", "delivered"),
    [
        ("+12125550101", False),  # United States
        ("+14165550101", True),  # Canada has +1 too
        ("+525555550101", True),
        ("+525555550149", False),  # by its last digits
        ("+447700900101", True),  # a fictional number, of no region
    ],
)
def test_a_marketing_template_is_not_brought_to_the_united_states(
    call, simulator, clock, number: str, delivered: bool
) -> None:
    sid = simulator.add_template("promo", "Venga, {{1}}", category="MARKETING")
    made = call.text(number, content_sid=sid)
    utility = call.text(number)
    clock.advance(DAY)
    status = call.twilio.messages(made.sid).fetch()
    assert (status.status != "undelivered") is delivered
    assert status.error_code == (None if delivered else 63049)
    assert call.twilio.messages(utility.sid).fetch().error_code is None


def test_free_text_needs_a_message_of_the_person_within_24_hours(call, simulator, clock) -> None:
    free = {"content_sid": None, "content_variables": None, "body": "Con gusto."}
    shut = call.text("+525555550101", **free)
    simulator.inbound("+525555550101", "¿Me ayudan?")
    opened = call.text("+525555550101", **free)
    other = call.text("+525555550102", **free)
    clock.advance(timedelta(hours=24))
    late = call.text("+525555550101", **free)
    clock.advance(timedelta(minutes=20))
    codes = [call.twilio.messages(made.sid).fetch().error_code for made in (shut, opened, other, late)]
    assert codes == [63016, None, 63016, 63016]


@pytest.mark.parametrize(
    ("status", "code"), [("rejected", 63040), ("paused", 63041), ("disabled", 63042), ("pending", 63016)]
)
def test_a_template_without_approval_brings_nothing(call, simulator, clock, status: str, code: int) -> None:
    sid = simulator.add_template("aviso", "Hola, {{1}}", status=status)
    made = call.text("+525555550101", content_sid=sid)
    clock.advance(DAY)
    fetched = call.twilio.messages(made.sid).fetch()
    assert (fetched.status, fetched.error_code) == ("failed", code)


def test_a_variable_less_than_the_template_has_fails(call, simulator, clock) -> None:
    sid = simulator.add_template("dos", "Hola, {{1}}: {{2}}")
    made = call.text("+525555550101", content_sid=sid)
    clock.advance(DAY)
    assert call.twilio.messages(made.sid).fetch().error_code == 63028


@pytest.mark.parametrize(("number", "words"), [("+525555550144", "Gracias, ahí estaré"), ("+525555550166", "BAJA")])
def test_some_people_answer_a_template_five_minutes_after_it_reached_them(
    call, simulator, listener, clock, number: str, words: str
) -> None:
    call.text(number)
    clock.advance(timedelta(minutes=5))
    simulator.deliver()
    assert not [one for one in listener.posted if one.path == "/inbound"]
    clock.advance(timedelta(seconds=3))
    simulator.deliver()
    (reply,) = [one.form for one in listener.posted if one.path == "/inbound"]
    assert (reply["Body"], reply["From"]) == (words, f"whatsapp:+521{number[3:]}")
    answer = call.text(number, content_sid=None, content_variables=None, body="Queda anotado.")
    clock.advance(DAY)
    assert simulator.deliver() == 0  # nobody answers an answer for ever
    assert call.twilio.messages(answer.sid).fetch().error_code is None


def test_the_documentation_tells_every_rule_there_is() -> None:
    text = (Path(__file__).parents[2] / "docs" / "simulator.md").read_text(encoding="utf-8")
    told = set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE))
    numbers = {*behaviour.PHONES, *behaviour.REFUSED, *behaviour.REPLIES, behaviour.MARKETING}
    assert {*filter(None, behaviour.MAIL), *numbers} <= told
    kinds = set(re.findall(r"^\| `(\w+)` \|", text.split("## Faults on demand")[1], re.MULTILINE))
    from outreach.simulator.faults import CALLS, EVENTS

    assert kinds == {*CALLS, *EVENTS}


def test_bad_luck_strikes_a_minority() -> None:
    ordinary = [number for number in range(100) if f"{number:02}" not in {**behaviour.PHONES, **behaviour.REFUSED}]
    assert len(ordinary) >= 85
