"""What providers tell later, in our words: each event once, the strange ones kept, none raised."""

import json
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.channels import sendgrid_events, twilio_events
from outreach.channels.codes import ALL, TWILIO, twilio_code
from outreach.channels.sendgrid_events import UnreadableError

NOON = datetime(2025, 6, 20, 12, tzinfo=UTC)
OURS = "0a1b2c3d"


def mail(**event):
    """Read one event of ours, at half past eleven."""
    base = {
        "email": "ana@example.org",
        "timestamp": int((NOON - timedelta(minutes=30)).timestamp()),
        "sg_event_id": "ZHJvcC0x",
        "sg_message_id": "LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0",
        "vc_delivery": "1001",
        "vc_installation": OURS,
    }
    (read,) = sendgrid_events.read(json.dumps([base | event]).encode(), OURS, NOON)
    return read


@pytest.mark.parametrize(
    ("event", "kind", "code"),
    [
        ({"event": "processed"}, "accepted", ""),
        ({"event": "deferred", "response": "400 try again later", "attempt": "5"}, "deferred", "mail_deferred"),
        ({"event": "delivered", "response": "250 OK"}, "delivered", ""),
        ({"event": "open"}, "read", ""),
        ({"event": "open", "sg_machine_open": False}, "read", ""),
        ({"event": "open", "sg_machine_open": True}, "other", ""),
        ({"event": "open", "sg_machine_open": "true"}, "other", ""),
        ({"event": "click", "url": "https://example.org"}, "other", ""),
        ({"event": "bounce", "type": "bounce", "status": "5.1.1", "reason": "user unknown"}, "bounced", "hard_bounce"),
        ({"event": "bounce", "type": "bounce"}, "bounced", "hard_bounce"),
        ({"event": "bounce", "type": "bounce", "status": "5.2.2"}, "bounced", "mailbox_full"),
        ({"event": "bounce", "type": "blocked", "status": "5.7.1"}, "failed", "mail_blocked"),
        ({"event": "bounce", "type": "blocked", "reason": "unable to get mx info: x"}, "bounced", "domain_unknown"),
        ({"event": "dropped", "reason": "Bounced Address"}, "bounced", "dropped_bounced"),
        ({"event": "dropped", "reason": "Invalid"}, "bounced", "invalid_address"),
        ({"event": "dropped", "reason": "Unsubscribed Address"}, "failed", "dropped_unsubscribed"),
        ({"event": "dropped", "reason": "Spam Reporting Address"}, "failed", "dropped_complained"),
        ({"event": "dropped", "reason": "Spam Content"}, "failed", "dropped_content"),
        ({"event": "dropped", "reason": "Recipient List over Package Quota"}, "failed", "quota_spent"),
        ({"event": "dropped", "reason": "Invalid SMTPAPI header"}, "failed", "dropped_other"),
        ({"event": "dropped"}, "failed", "dropped_other"),
        ({"event": "spamreport"}, "complained", "complained"),
        ({"event": "unsubscribe"}, "unsubscribed", ""),
        ({"event": "group_unsubscribe", "asm_group_id": 1}, "unsubscribed", ""),
        ({"event": "group_resubscribe", "asm_group_id": 1}, "other", ""),
        ({"event": "account_status_change", "type": "compliance_suspend"}, "other", ""),
        ({"event": "something_of_next_year"}, "other", ""),
        ({"event": None}, "other", ""),
        ({}, "other", ""),
    ],
)
def test_every_mail_event_has_a_kind_and_a_reason(event, kind, code):
    read = mail(**event)
    assert (read.kind, read.code) == (kind, code)
    assert (read.provider, read.event_id, read.delivery_id) == ("sendgrid", "ZHJvcC0x", 1001)
    assert read.provider_id == "LRzXl_NHStOGhQ4kofSm_A"
    assert read.at == NOON - timedelta(minutes=30)
    assert read.raw["email"] == "ana@example.org"
    assert not code or code in ALL


@pytest.mark.parametrize(
    "over",
    [
        {"vc_installation": "ffffffff"},
        {"vc_installation": None},
        {"vc_delivery": None},
        {"vc_delivery": 1001},
        {"vc_delivery": "-1"},
        {"vc_delivery": "٣"},
        {"vc_delivery": "9" * 30},
    ],
)
def test_an_event_that_is_not_surely_ours_names_no_delivery(over):
    read = mail(event="bounce", **over)
    assert (read.delivery_id, read.provider_id) == (None, "")


def test_an_event_without_an_id_has_the_same_one_each_time_it_is_told():
    one, again, other = (mail(event="processed", sg_event_id=None, attempt=n) for n in ("1", "1", "2"))
    assert one.event_id == again.event_id != other.event_id
    assert one.event_id.startswith("sha256:")


@pytest.mark.parametrize("timestamp", [None, "ayer", "1e400", 10**30, [], float("nan")])
def test_an_event_without_a_moment_gets_that_of_its_arrival(timestamp):
    assert mail(event="delivered", timestamp=timestamp).at == NOON


def test_a_moment_written_as_text_is_read():
    assert mail(event="delivered", timestamp="1600112492").at == datetime(2020, 9, 14, 19, 41, 32, tzinfo=UTC)


def test_what_no_database_takes_is_taken_out():
    read = mail(event="bounce", type="bounce", reason="a\x00b\ud800c" + "x" * 1000)
    assert read.detail.startswith("ab?cxxx")
    assert len(read.detail) == 300


@pytest.mark.parametrize(("body", "code"), [(b"", "batch_json"), (b"\xff", "batch_json"), (b"{}", "batch_list")])
def test_a_body_that_is_no_list_of_events_is_said_to_be_none(body, code):
    with pytest.raises(UnreadableError) as caught:
        sendgrid_events.read(body, OURS, NOON)
    assert caught.value.code == code


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
known_names = st.sampled_from(
    ["event", "timestamp", "sg_event_id", "sg_message_id", "reason", "status", "type", "vc_delivery", "vc_installation"]
)
known_words = st.sampled_from(["bounce", "dropped", "open", "blocked", OURS, "1001"])


@given(st.lists(st.dictionaries(known_names, json_values | known_words, max_size=9) | json_values, max_size=5))
def test_no_event_however_strange_spoils_its_batch(batch):
    events = sendgrid_events.read(json.dumps(batch).encode(), OURS, NOON)
    assert len(events) == len(batch)
    for event in events:
        assert event.event_id
        assert event.at.tzinfo is not None
        json.dumps(event.raw, allow_nan=False)


def callback(query=f"d=1001&i={OURS}", **form):
    body = urlencode({"MessageSid": "SM1", "AccountSid": "AC1", "To": "whatsapp:+525555550101", **form}).encode()
    return twilio_events.from_callback(body, query, OURS, NOON)


@pytest.mark.parametrize(
    ("form", "kind", "code"),
    [
        ({"MessageStatus": "queued"}, "accepted", ""),
        ({"MessageStatus": "accepted"}, "accepted", ""),
        ({"MessageStatus": "scheduled"}, "accepted", ""),
        ({"MessageStatus": "sending"}, "accepted", ""),
        ({"MessageStatus": "sent"}, "accepted", ""),
        ({"MessageStatus": "delivered"}, "delivered", ""),
        ({"MessageStatus": "read"}, "read", ""),
        ({"SmsStatus": "READ"}, "read", ""),
        ({"MessageStatus": "failed", "ErrorCode": "63016"}, "failed", "outside_window"),
        ({"MessageStatus": "undelivered", "ErrorCode": "63003"}, "failed", "no_whatsapp"),
        ({"MessageStatus": "undelivered", "ErrorCode": "63049"}, "failed", "marketing_withheld"),
        ({"MessageStatus": "undelivered", "ErrorCode": "99999"}, "failed", "99999"),
        ({"MessageStatus": "undelivered"}, "failed", "not_delivered"),
        ({"MessageStatus": "canceled"}, "failed", "cancelled_at_provider"),
        ({"MessageStatus": "partially_delivered"}, "other", ""),
        ({"MessageStatus": "of_next_year"}, "other", ""),
        ({}, "other", ""),
    ],
)
def test_every_state_of_a_message_has_a_kind_and_a_reason(form, kind, code):
    read = callback(**form)
    assert (read.kind, read.code) == (kind, code)
    assert (read.provider, read.provider_id, read.delivery_id, read.at) == ("twilio", "SM1", 1001, NOON)


def test_a_callback_told_twice_has_one_id_and_another_state_another():
    assert (
        callback(MessageStatus="sent").event_id == callback(MessageStatus="sent", EventType="X").event_id == "SM1:sent"
    )
    assert callback(MessageStatus="read").event_id == "SM1:read"
    assert callback(MessageSid="", MessageStatus="read").event_id.startswith("sha256:")


@pytest.mark.parametrize("query", ["", "d=1001", "d=1001&i=ffffffff", f"d=uno&i={OURS}", f"d=&i={OURS}"])
def test_a_callback_that_is_not_surely_ours_names_no_delivery_and_keeps_its_message(query):
    read = callback(query, MessageStatus="delivered")
    assert (read.delivery_id, read.provider_id) == (None, "SM1")


def test_a_message_of_a_person_keeps_the_address_to_answer_to():
    body = urlencode(
        {
            "MessageSid": "SM9",
            "From": "whatsapp:+5215555550101",
            "Body": "BAJA por favor ñ\x00",
            "ProfileName": "Ana",
            "WaId": "5215555550101",
            "NumMedia": "0",
        }
    ).encode()
    read = twilio_events.inbound(body, NOON)
    assert (read.provider_id, read.sender, read.body, read.at) == ("SM9", "+5215555550101", "BAJA por favor ñ", NOON)
    assert read.raw["ProfileName"] == "Ana"


@pytest.mark.parametrize(
    ("form", "sender", "text"),
    [
        ({"From": "whatsapp:US.13491208655302741918", "Body": "hola"}, "US.13491208655302741918", "hola"),
        ({"From": "whatsapp:+12125550101", "Body": "", "ButtonText": "Darme de baja"}, "+12125550101", "Darme de baja"),
        ({"From": "whatsapp:+12125550101", "ButtonPayload": "BAJA"}, "+12125550101", "BAJA"),
        ({}, "", ""),
    ],
)
def test_ids_that_are_no_numbers_and_pressed_buttons_are_read(form, sender, text):
    read = twilio_events.inbound(urlencode(form).encode(), NOON)
    assert (read.sender, read.body) == (sender, text)
    assert read.provider_id


@given(st.binary(max_size=200), st.text(max_size=40))
def test_no_callback_however_strange_is_raised(body, query):
    event = twilio_events.from_callback(body, query, OURS, NOON)
    assert event.event_id
    assert event.delivery_id is None or f"i={OURS}" in query
    assert twilio_events.inbound(body, NOON).provider_id
    json.dumps(event.raw)


@pytest.mark.parametrize(
    ("number", "code"),
    [(63016, "outside_window"), ("63016", "outside_window"), (None, ""), ("", ""), ("99999", "99999"), ("x", "x")],
)
def test_a_number_of_twilio_has_our_name_or_keeps_its_own(number, code):
    assert twilio_code(number) == code


def test_every_number_of_twilio_means_one_of_our_codes():
    assert {meaning.code for meaning in TWILIO.values()} <= ALL
    for meaning in TWILIO.values():
        assert meaning.result in {"refused", "retry"}
        assert meaning.result == "retry" or not meaning.sender_at_fault
