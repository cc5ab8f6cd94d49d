"""Twilio's words in ours: states of a message, and what people write to us."""

import hashlib
import re
from datetime import datetime
from urllib.parse import parse_qsl

from campaigns.channels import DeliveryEvent, EventKind, Inbound
from outreach.channels.codes import twilio_code
from outreach.channels.wire import clean

PROVIDER = "twilio"
LONGEST = 65_536  # characters of a field: WhatsApp allows 4,096

#: Message states of Twilio's (twilio_api_v2010: message.enum.status). What is not here changes nothing.
KINDS = {
    "accepted": EventKind.ACCEPTED,
    "scheduled": EventKind.ACCEPTED,
    "queued": EventKind.ACCEPTED,
    "sending": EventKind.ACCEPTED,
    "sent": EventKind.ACCEPTED,  # WhatsApp has it, the person does not yet
    "delivered": EventKind.DELIVERED,
    "read": EventKind.READ,
    "failed": EventKind.FAILED,
    "undelivered": EventKind.FAILED,
    "canceled": EventKind.FAILED,
}


def from_callback(body: bytes, query: str, installation: str, received_at: datetime) -> DeliveryEvent:
    """Read a status callback: a form, with our delivery id (`d`) and installation (`i`) in the query of its URL.

    Twilio's callbacks carry no moment, so the one of their arrival stands in.
    """
    form = parameters(body)
    asked = dict(parse_qsl(query))
    status = (form.get("MessageStatus") or form.get("SmsStatus") or "").lower()
    sid = form.get("MessageSid") or form.get("SmsSid") or ""
    return _event(
        sid,
        status,
        number=form.get("ErrorCode", ""),
        detail=form.get("ErrorMessage") or form.get("ChannelStatusMessage") or "",
        at=received_at,
        delivery_id=_delivery(asked, installation),
        raw={**form, "query": query},
    )


def from_record(record: dict[str, object], now: datetime) -> DeliveryEvent:
    """Read a message as Twilio's list and fetch give it (see twilio_wire). `at` is its last change, else `now`."""
    moment = record.get("date_updated") or record.get("date_sent") or record.get("date_created")
    return _event(
        str(record.get("sid") or ""),
        str(record.get("status") or "").lower(),
        number=record.get("error_code"),
        detail=str(record.get("error_message") or ""),
        at=datetime.fromisoformat(moment) if isinstance(moment, str) else now,
        delivery_id=None,
        raw=record,
    )


def inbound(body: bytes, received_at: datetime) -> Inbound:
    """Read a message that a person wrote. `sender` is an address to answer to, spelled as Twilio does.

    It may be an old Mexican form (+521…) or a business-scoped id that is no number. That id also comes beside a number
    (`ExternalUserId` in what was seen, `ExternalUserIdentifier` in the changelog of July 2026). A pressed button counts
    as text.
    """
    form = parameters(body)
    scoped = form.get("ExternalUserId") or form.get("ExternalUserIdentifier") or ""
    return Inbound(
        provider_id=form.get("MessageSid") or form.get("SmsSid") or _digest(body),
        sender=form.get("From", "").removeprefix("whatsapp:"),
        body=form.get("Body") or form.get("ButtonText") or form.get("ButtonPayload") or "",
        at=received_at,
        scoped=scoped.removeprefix("whatsapp:"),
        raw=dict(form),
    )


def parameters(body: bytes) -> dict[str, str]:
    """Return a form's fields; of a repeated one the last. Bytes that are no UTF-8 are replaced, never refused."""
    said = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, errors="replace")
    return {name: clean(value, LONGEST) for name, value in said}


def _event(
    sid: str,
    status: str,
    *,
    number: object,
    detail: str,
    at: datetime,
    delivery_id: int | None,
    raw: dict[str, object],
) -> DeliveryEvent:
    kind = KINDS.get(status, EventKind.OTHER)
    code = twilio_code(number)
    if kind is EventKind.FAILED and not code:
        code = "cancelled_at_provider" if status == "canceled" else "not_delivered"
    return DeliveryEvent(
        provider=PROVIDER,
        event_id=f"{sid}:{status}" if sid and status else _digest(repr(sorted(raw.items())).encode()),
        kind=kind,
        at=at,
        delivery_id=delivery_id,
        provider_id=sid,
        code=code,
        detail=clean(detail),
        raw=raw,
    )


def _delivery(asked: dict[str, str], installation: str) -> int | None:
    told = asked.get("d", "")
    return int(told) if asked.get("i") == installation and re.fullmatch(r"[0-9]{1,18}", told) else None


def _digest(body: bytes) -> str:
    return "sha256:" + hashlib.sha256(body).hexdigest()
