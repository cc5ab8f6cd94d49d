"""Asking Twilio: what became of a message, what went to an address, what Meta says of the templates."""

import json
import logging
from datetime import UTC, datetime

import pytest

from campaigns.channels import ChannelError, EventKind
from outreach.channels.twilio_events import from_callback
from outreach.channels.twilio_polling import NEWEST, TemplateReport, TwilioDesk
from outreach.clock import VirtualClock

SID = "AC" + "0" * 32
SENT = "SM" + "1" * 32
NOON = datetime(2025, 6, 20, 12, tzinfo=UTC)


def desk(url):
    return TwilioDesk(SID, "llave", base_url=url, timeout=0.4, clock=VirtualClock(NOON))


def record(sid=SENT, status="delivered", **over):
    return {
        "sid": sid,
        "status": status,
        "to": "whatsapp:+525555550101",
        "from": "whatsapp:+525555550100",
        "body": "Hola, Ana",
        "error_code": None,
        "error_message": None,
        "date_created": "Fri, 20 Jun 2025 11:00:00 +0000",
        "date_updated": "Fri, 20 Jun 2025 11:00:05 +0000",
        "date_sent": None,
        **over,
    }


def test_a_polled_state_counts_as_the_callback_that_was_lost(start):
    provider = start(lambda _request: (200, {}, json.dumps(record(status="undelivered", error_code=63016))))
    event = desk(provider.url).fetch(SENT)
    assert provider.requests[0].path == f"/2010-04-01/Accounts/{SID}/Messages/{SENT}.json"
    assert (event.kind, event.code, event.provider_id) == (EventKind.FAILED, "outside_window", SENT)
    assert event.at == datetime(2025, 6, 20, 11, 0, 5, tzinfo=UTC)

    body = f"MessageSid={SENT}&MessageStatus=undelivered&ErrorCode=63016".encode()
    assert from_callback(body, "", "0a1b2c3d", NOON).event_id == event.event_id


def listing(records):
    return lambda request: (200, {}, json.dumps({"messages": records(request), "next_page_uri": None}))


def test_the_messages_to_an_address_are_evidence_with_sender_text_and_time(start):
    listed = [
        record(status="queued", date_updated=None),
        record("SM" + "2" * 32, direction="inbound", **{"from": "whatsapp:+442079460101"}),
        record("SM" + "3" * 32, date_created=None, date_updated=None, body=None, **{"from": None}),
        record("SM" + "4" * 32, to="whatsapp:+442079460199"),
    ]
    for one in listed[:3]:
        one["to"] = "whatsapp:+442079460101"
    provider = start(listing(lambda _request: listed))
    found = desk(provider.url).messages_to("+442079460101")
    assert [request.target.count("To=whatsapp%3A%2B442079460101") for request in provider.requests] == [1]
    assert found.complete
    first, second = found.messages
    assert (first.event.provider_id[-1], first.event.kind) == ("1", EventKind.ACCEPTED)
    assert (first.sender, first.text) == ("whatsapp:+525555550100", "Hola, Ana")
    assert first.made == first.event.at == datetime(2025, 6, 20, 11, tzinfo=UTC)
    assert (second.event.provider_id[-1], second.event.at) == ("3", NOON)
    assert (second.sender, second.text, second.made) == ("", "", None)
    assert json.dumps([message.event.raw for message in found.messages])


def test_a_mexican_number_is_looked_for_in_both_spellings_and_each_message_counts_once(start):
    def records(request):
        old = record("SM" + "5" * 32, to="whatsapp:+5215555550101")
        return [record(), old] if "%2B521" in request.target else [record()]

    provider = start(listing(records))
    found = desk(provider.url).messages_to("+525555550101")
    assert [("%2B521" in request.target) for request in provider.requests] == [False, True]
    assert sorted(message.event.provider_id[-1] for message in found.messages) == ["1", "5"]


def test_a_list_longer_than_what_is_read_is_not_complete(start):
    many = [record(f"SM{number:032}") for number in range(NEWEST + 5)]
    provider = start(listing(lambda _request: many))
    assert not desk(provider.url).messages_to("+525555550101").complete
    provider = start(listing(lambda _request: many[:NEWEST]))
    assert desk(provider.url).messages_to("+525555550101").complete


def test_templates_tell_category_and_approval_over_several_pages(start):
    def page(request):
        first = "Page=1" not in request.target
        number = "1" if first else "2"
        content = {
            "sid": "HX" + number * 32,
            "friendly_name": f"aviso_{number}",
            "language": "es",
            "types": {"twilio/text": {"body": "Hola, {{1}}"}} if first else {"twilio/media": {"media": ["x"]}},
            "approval_requests": {"name": "aviso", "category": "Utility", "status": "Approved"} if first else None,
        }
        following = "https://content.twilio.com/v1/ContentAndApprovals?PageSize=500&Page=1" if first else None
        return 200, {}, json.dumps({"contents": [content], "meta": {"key": "contents", "next_page_url": following}})

    provider = start(page)
    assert desk(provider.url).templates() == [
        TemplateReport("HX" + "1" * 32, "aviso", "es", "UTILITY", "approved", "Hola, {{1}}", ""),
        TemplateReport("HX" + "2" * 32, "aviso_2", "es", "", "unsubmitted", "", ""),
    ]
    assert len(provider.requests) == 2


@pytest.mark.parametrize(
    ("reply", "code", "permanent"),
    [
        ((401, {}, json.dumps({"code": 20003, "message": "Authenticate"})), "key_refused", True),
        ((404, {}, json.dumps({"code": 20404, "message": "not found"})), "call_refused", True),
        ((429, {"Retry-After": "2"}, ""), "rate_limited", False),
        ((302, {"Location": "http://127.0.0.1:9/"}, "{}"), "provider_redirects", True),
        ((500, {}, ""), "provider_failure", False),
        ((200, {}, "<html>"), "answer_unreadable", False),
        ("silence", "no_answer", False),
        ("reset", "connection_lost", False),
    ],
)
def test_a_question_without_an_answer_says_whether_to_ask_again(start, reply, code, permanent):
    provider = start(lambda _request: reply)
    asking = desk(provider.url)
    for ask in (lambda: asking.fetch(SENT), lambda: asking.messages_to("+525555550101"), asking.templates):
        with pytest.raises(ChannelError) as caught:
            ask()
        assert (caught.value.code, caught.value.permanent) == (code, permanent)


def test_a_question_does_not_write_down_whom_it_is_about(start, caplog):
    provider = start(lambda _request: (200, {}, json.dumps({"messages": [], "next_page_uri": None})))
    with caplog.at_level(logging.DEBUG):
        desk(provider.url).messages_to("+442079460101")
    assert len(provider.requests) == 1
    assert "2079460101" not in caplog.text


def test_nobody_there_may_be_asked_again(start):
    provider = start(lambda _request: (200, {}, ""))
    provider.close()
    with pytest.raises(ChannelError) as caught:
        desk(provider.url).fetch(SENT)
    assert (caught.value.code, caught.value.permanent) == ("unreachable_provider", False)
