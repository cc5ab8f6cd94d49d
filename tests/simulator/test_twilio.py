"""Twilio's side: messages taken and refused, resources, lists, templates."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from twilio.base.exceptions import TwilioRestException

from outreach.simulator import Credentials, Simulator, Template

ANA = "+525555550101"  # reads what she gets
SENDER = "whatsapp:+525555550100"


def test_a_template_is_taken_and_shown_as_its_reader_sees_it(call, simulator) -> None:
    made = call.text(ANA, status_callback="https://votochilango.example.org/webhooks/twilio/status?d=31&i=c0ffee12")
    assert made.status == "queued"
    assert made.sid.startswith("SM")
    assert len(made.sid) == 34
    assert (made.error_code, made.date_sent, made.direction) == (None, None, "outbound-api")
    (seen,) = simulator.messages()
    assert (seen.to, seen.text, seen.id) == (ANA, "Hola, Ana. Hay un aviso.", made.sid)
    assert (seen.delivery, seen.installation, seen.variables) == ("31", "c0ffee12", {"1": "Ana"})
    assert simulator.counts() == {"31": 1}


def test_a_message_goes_from_queued_to_read_as_time_passes(call, clock) -> None:
    made = call.text(ANA)
    seen = []
    for seconds in (0, 1, 2, 600):
        clock.advance(timedelta(seconds=seconds))
        seen.append(call.twilio.messages(made.sid).fetch().status)
    assert seen == ["queued", "sent", "delivered", "read"]


@pytest.mark.parametrize(
    ("over", "code"),
    [
        ({"to": "whatsapp:+52555"}, 21211),
        ({"to": "whatsapp:525555550101"}, 21211),
        ({"to": "+525555550101", "from_": "+525555550100"}, 21606),
        ({"to": "+525555550101"}, 21910),
        ({"to": "whatsapp:+525555550110"}, 21610),
        ({"to": "whatsapp:+525555550111"}, 21211),
        ({"from_": None, "messaging_service_sid": "MG" + "0" * 32}, 21705),
        ({"from_": "whatsapp:votochilango"}, 63007),
        ({"content_sid": "HX" + "0" * 32}, 21655),
        ({"content_variables": "Ana"}, 21656),
        ({"content_variables": '["Ana"]'}, 21656),
        ({"content_variables": '{"1": ""}'}, 21656),
        ({"content_variables": '{"1": 1}'}, 21656),
        ({"content_sid": None, "content_variables": '{"1": "Ana"}', "body": "Hola"}, 21654),
        ({"content_sid": None, "content_variables": None, "body": "a" * 1601}, 21617),
        ({"status_callback": "https://voto_chilango.example.org/x"}, 21609),
        ({"status_callback": "ftp://example.org/x"}, 21609),
    ],
)
def test_what_twilio_refuses_is_refused_with_its_code(call, simulator, over: dict[str, Any], code: int) -> None:
    with pytest.raises(TwilioRestException) as caught:
        call.text(ANA, **over)
    assert (caught.value.status, caught.value.code) == (400, code)
    assert simulator.messages() == []


@pytest.mark.parametrize(
    ("form", "code"), [({}, 21604), ({"To": "whatsapp:+525555550101"}, 21603), ({"From": SENDER}, 21604)]
)
def test_what_is_missing_is_said(simulator, asks_badly, form: dict[str, str], code: int) -> None:
    url = f"{simulator.url}/2010-04-01/Accounts/{simulator.twilio_sid}/Messages.json"
    answer = requests.post(url, data=form, auth=(simulator.twilio_sid, simulator.twilio_token), timeout=10)
    assert answer.json()["code"] == code
    nothing = requests.post(
        url, data={"To": f"whatsapp:{ANA}", "From": SENDER}, auth=(simulator.twilio_sid, "x"), timeout=10
    )
    assert nothing.json()["code"] == 21619


def test_an_unknown_template_is_taken_only_where_no_template_is_known(clock, caller) -> None:
    unknown = "HX" + "1" * 32
    with Simulator(clock) as simulator:
        call = caller(simulator)
        call.twilio.messages.create(to=f"whatsapp:{ANA}", from_=SENDER, content_sid=unknown)
        simulator.add_template("aviso", "Hola")
        with pytest.raises(TwilioRestException, match="ContentSid"):
            call.twilio.messages.create(to=f"whatsapp:{ANA}", from_=SENDER, content_sid=unknown)


def test_a_template_that_the_simulator_was_not_told_of_is_looked_up(clock, caller) -> None:
    sid = "HX" + "2" * 32
    known = Template(sid=sid, name="aviso", body="Hola, {{1}}", made=clock.now())
    with Simulator(clock, templates={sid: known}.get) as simulator:
        call = caller(simulator)
        made = call.twilio.messages.create(
            to=f"whatsapp:{ANA}", from_=SENDER, content_sid=sid, content_variables='{"1": "Ana"}'
        )
        assert made.body == "Hola, Ana"
        with pytest.raises(TwilioRestException, match="ContentSid"):
            call.twilio.messages.create(to=f"whatsapp:{ANA}", from_=SENDER, content_sid="HX" + "3" * 32)


def test_the_list_is_by_number_newest_first_and_in_pages(call, clock) -> None:
    sids = []
    for _ in range(5):
        sids.append(call.text(ANA).sid)
        clock.advance(timedelta(minutes=1))
    call.text("+525555550102")
    found = call.twilio.messages.list(to=f"whatsapp:{ANA}", page_size=2)
    assert [one.sid for one in found] == sids[::-1]
    assert call.twilio.messages.list(to="whatsapp:+525555550105") == []


def test_the_list_by_date_lags_behind_because_a_queued_message_has_none(call, clock) -> None:
    made = call.text(ANA)
    since = clock.now() - timedelta(minutes=1)
    assert call.twilio.messages.list(to=f"whatsapp:{ANA}", date_sent_after=since) == []
    clock.advance(timedelta(seconds=2))
    assert [one.sid for one in call.twilio.messages.list(to=f"whatsapp:{ANA}", date_sent_after=since)] == [made.sid]


@pytest.mark.parametrize(
    ("name", "value", "count"),
    [
        ("DateSent", "2025-06-20", 1),
        ("DateSent", "2025-06-19", 0),
        ("DateSent>", "2025-06-20", 1),
        ("DateSent>", "2025-06-21", 0),
        ("DateSent<", "2025-06-20", 1),
        ("DateSent<", "2025-06-19", 0),
        ("DateSent>", "2025-06-20T17:42:01Z", 1),
        ("DateSent>", "2025-06-20T17:42:02Z", 0),
        ("DateSent<", "2025-06-20T17:42:00Z", 0),
    ],
)
def test_the_list_takes_days_and_moments(call, simulator, clock, asks_badly, name: str, value: str, count: int) -> None:
    call.text(ANA)
    clock.advance(timedelta(hours=1))
    url = f"{simulator.url}/2010-04-01/Accounts/{simulator.twilio_sid}/Messages.json"
    auth = (simulator.twilio_sid, simulator.twilio_token)
    answer = requests.get(url, params={name: value}, auth=auth, timeout=10)
    assert len(answer.json()["messages"]) == count
    assert requests.get(url, params={name: "ayer"}, auth=auth, timeout=10).status_code == 400


def test_other_credentials_are_taken_and_sign_what_follows_unless_some_were_given(clock, caller) -> None:
    with Simulator(clock) as simulator:
        account = "AC" + "5" * 32
        url = f"{simulator.url}/2010-04-01/Accounts/{account}/Messages.json"
        assert requests.get(url, auth=(account, "mi-secreto"), timeout=10).status_code == 200
        assert (simulator.twilio_sid, simulator.twilio_token) == (account, "mi-secreto")
    with Simulator(clock, credentials=Credentials(twilio_token="el-bueno")) as simulator:
        url = f"{simulator.url}/2010-04-01/Accounts/{simulator.twilio_sid}/Messages.json"
        answer = requests.get(url, auth=(simulator.twilio_sid, "otro"), timeout=10)
        assert (answer.status_code, answer.json()["code"]) == (401, 20003)
        assert caller(simulator).text(ANA).status == "queued"


def test_no_credentials_are_answered_401_and_other_accounts_404(simulator, asks_badly) -> None:
    url = f"{simulator.url}/2010-04-01/Accounts/{simulator.twilio_sid}/Messages.json"
    auth = (simulator.twilio_sid, simulator.twilio_token)
    assert requests.get(url, timeout=10).status_code == 401
    assert requests.get(url, headers={"Authorization": "Basic ?"}, timeout=10).status_code == 401
    missing = requests.get(url.replace("Messages", "Messages/SM" + "0" * 32), auth=auth, timeout=10)
    assert (missing.status_code, missing.json()["code"]) == (404, 20404)
    other = requests.get(url.replace("/AC", "/AC0")[:-14] + "Messages.json", auth=auth, timeout=10)
    assert other.status_code == 404


def test_a_message_can_be_deleted_and_stays_counted(call, simulator) -> None:
    made = call.text(ANA, status_callback="https://votochilango.example.org/s?d=9")
    assert call.twilio.messages(made.sid).delete()
    assert simulator.messages() == []
    assert simulator.counts() == {"9": 1}


def test_templates_are_made_submitted_reviewed_and_listed(call, clock) -> None:
    content = call.twilio.content.v1.contents
    made = content.create(
        content_create_request=_request(
            {
                "friendly_name": "aviso",
                "language": "es",
                "variables": {"1": "nombre"},
                "types": {"twilio/text": {"body": "Hola, {{1}}"}},
            }
        )
    )
    status = lambda: content(made.sid).approval_fetch().fetch().whatsapp["status"]  # noqa: E731
    assert status() == "unsubmitted"
    asked = _request({"name": "aviso_uno", "category": "UTILITY"})
    content(made.sid).approval_create.create(content_approval_request=asked)
    assert status() == "received"
    clock.advance(timedelta(hours=1))
    assert status() == "approved"
    (listed,) = call.twilio.content.v1.content_and_approvals.list()
    assert (listed.sid, listed.approval_requests["category"]) == (made.sid, "UTILITY")
    assert content(made.sid).fetch().variables == {"1": "nombre"}
    assert content(made.sid).delete()
    assert call.twilio.content.v1.content_and_approvals.list() == []


def test_a_template_whose_name_begins_so_is_rejected(call, clock) -> None:
    content = call.twilio.content.v1.contents
    made = content.create(
        content_create_request=_request({"language": "es", "types": {"twilio/text": {"body": "Compre ya"}}})
    )
    asked = _request({"name": "rechaza_esto", "category": "MARKETING"})
    content(made.sid).approval_create.create(content_approval_request=asked)
    clock.advance(timedelta(hours=1))
    whatsapp = content(made.sid).approval_fetch().fetch().whatsapp
    assert (whatsapp["status"], whatsapp["rejection_reason"]) == ("rejected", "TAG_CONTENT_MISMATCH")


def test_a_long_list_of_templates_comes_in_pages(call, simulator) -> None:
    for number in range(7):
        simulator.add_template(f"aviso_{number}", f"Aviso {number}")
    names = [one.friendly_name for one in call.twilio.content.v1.content_and_approvals.list(page_size=3)]
    assert names == [f"aviso_{number}" for number in range(7)]


def test_moments_are_written_as_twilio_writes_them(call, simulator) -> None:
    made = call.text(ANA)
    assert made.date_created == datetime(2025, 6, 20, 17, 42, tzinfo=UTC)


class _request:  # noqa: N801 — stands for the SDK's request objects, which only need to_dict
    def __init__(self, values: dict[str, Any]) -> None:
        self.values = values

    def to_dict(self) -> dict[str, Any]:
        return self.values
