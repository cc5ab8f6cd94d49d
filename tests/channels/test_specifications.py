"""Every kind of request that the carriers make, held against the vendors' own OpenAPI files where they are present."""

import json

from campaigns.channels import Message
from contacts.models import Channel
from outreach.channels.email import SendGridCarrier
from outreach.channels.twilio_polling import TwilioDesk
from outreach.channels.whatsapp import TwilioCarrier
from outreach.simulator import Exchange

SID = "AC" + "0" * 32
TEMPLATE = "HX" + "a" * 32
SENT = "SM" + "1" * 32


def problems(vendors, provider):
    """Hold the requests alone: what the provider of a test answers is no vendor's."""
    return [
        problem
        for request in provider.requests
        for problem in vendors.problems(
            Exchange(request.method, request.target, request.headers, request.body, 0, {}, b"", fault=True)
        )
    ]


def test_mail_as_sendgrid_specifies_it(start, letter, mail, vendors):
    provider = start(lambda _request: (202, {"X-Message-Id": "m"}, ""))
    carrier = SendGridCarrier("SG.llave", installation="0a1b2c3d", base_url=provider.url)
    odd = letter(2, name="Ñandú; 日本, «x»", values=("-h0-", "ñ"), unsubscribe_url="")
    carrier.send(mail, [letter(n) for n in range(10, 510)] + [odd])
    carrier.send(Message(Channel.EMAIL, sender="v@example.org", subject="s", text="t"), [letter(1, values=(), name="")])
    assert len(provider.requests) == 3
    assert problems(vendors, provider) == []


def test_whatsapp_as_twilio_specifies_it(start, letter, vendors):
    provider = start(lambda _request: (201, {}, json.dumps({"sid": SENT})))
    carrier = TwilioCarrier(
        SID, "llave", installation="0a1b2c3d", public_url="https://v.example.org", base_url=provider.url
    )
    person = letter(1, address="+525555550101", values=("Ana",))
    sender = "+525555550100"
    carrier.send(Message(Channel.WHATSAPP, sender, template_sid=TEMPLATE, template_keys=("1",)), [person])
    carrier.send(Message(Channel.WHATSAPP, sender, text="Hola, -t-", tags=("-t-",)), [person])
    carrier.close()
    assert len(provider.requests) == 2
    assert problems(vendors, provider) == []


def test_questions_as_twilio_specifies_them(start, vendors):
    def answer(request):
        if "Messages.json" in request.path:
            return 200, {}, json.dumps({"messages": [], "next_page_uri": None})
        if "ContentAndApprovals" in request.path:
            meta = {"key": "contents", "next_page_url": None}
            return 200, {}, json.dumps({"contents": [], "meta": meta})
        return 200, {}, json.dumps({"sid": SENT, "status": "read"})

    provider = start(answer)
    desk = TwilioDesk(SID, "llave", base_url=provider.url)
    desk.fetch(SENT)
    desk.messages_to("+525555550101")
    desk.templates()
    assert len(provider.requests) == 4
    assert problems(vendors, provider) == []
