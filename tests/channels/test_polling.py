"""Asking Twilio: what became of a message, what went to an address, what Meta says of the templates."""

import json
import logging
from datetime import UTC, datetime

import pytest

from campaigns.channels import ChannelError, EventKind
from outreach.channels.twilio_events import from_callback
from outreach.channels.twilio_polling import TemplateReport, TwilioDesk
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


def test_the_messages_to_an_address_are_evidence_with_text_and_time(start):
    listed = [
        record(status="queued", date_updated=None),
        record("SM" + "2" * 32, date_created="Thu, 19 Jun 2025 10:00:00 +0000"),
        record("SM" + "3" * 32, date_created=None, date_updated=None),
    ]
    provider = start(lambda _request: (200, {}, json.dumps({"messages": listed, "next_page_uri": None})))
    events = desk(provider.url).messages_to("+525555550101", datetime(2025, 6, 20, 10, 59, tzinfo=UTC))
    assert "To=whatsapp%3A%2B525555550101" in provider.requests[0].target
    assert [(event.provider_id[-1], event.kind) for event in events] == [
        ("1", EventKind.ACCEPTED),
        ("3", EventKind.DELIVERED),
    ]
    assert events[0].raw["body"] == "Hola, Ana"
    assert events[0].at == datetime(2025, 6, 20, 11, tzinfo=UTC)
    assert events[1].at == NOON
    assert json.dumps([event.raw for event in events])


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
    for ask in (lambda: asking.fetch(SENT), lambda: asking.messages_to("+525555550101", NOON), asking.templates):
        with pytest.raises(ChannelError) as caught:
            ask()
        assert (caught.value.code, caught.value.permanent) == (code, permanent)


def test_a_question_does_not_write_down_whom_it_is_about(start, caplog):
    provider = start(lambda _request: (200, {}, json.dumps({"messages": [], "next_page_uri": None})))
    with caplog.at_level(logging.DEBUG):
        desk(provider.url).messages_to("+525555550101", NOON)
    assert len(provider.requests) == 1
    assert "5555550101" not in caplog.text


def test_nobody_there_may_be_asked_again(start):
    provider = start(lambda _request: (200, {}, ""))
    provider.close()
    with pytest.raises(ChannelError) as caught:
        desk(provider.url).fetch(SENT)
    assert (caught.value.code, caught.value.permanent) == ("unreachable_provider", False)
