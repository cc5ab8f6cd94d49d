"""SendGrid's words in ours: what became of a mail after it was accepted."""

import hashlib
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from math import isfinite

from campaigns.channels import DeliveryEvent, EventKind
from outreach.channels.wire import clean

PROVIDER = "sendgrid"
MOST_DIGITS = 300  # of a whole number; one with more stays a text

Event = dict[str, object]
Reading = tuple[EventKind, str]  # the kind, and our code for the reason


class UnreadableError(Exception):
    """A body that is no list of events. `code` says why: `batch_json` or `batch_list`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def read(body: bytes, installation: str, received_at: datetime) -> list[DeliveryEvent]:
    """Read a batch of the Event Webhook: a JSON list. One strange event does not spoil the others.

    Raises `UnreadableError` for a body that is no such list.
    """
    try:
        # NaN is no JSON, and no database takes it; nor a number without end.
        batch = json.loads(body, parse_constant=lambda _name: None, parse_float=_number, parse_int=_integer)
    except (ValueError, RecursionError) as error:
        raise UnreadableError("batch_json") from error
    if not isinstance(batch, list):
        raise UnreadableError("batch_list")
    return [_read(one if isinstance(one, dict) else {"value": one}, installation, received_at) for one in batch]


def _number(text: str) -> float | str:
    return number if isfinite(number := float(text)) else text


def _integer(text: str) -> int | str:
    return int(text) if len(text) <= MOST_DIGITS else text


def _read(event: Event, installation: str, received_at: datetime) -> DeliveryEvent:
    kind, code = KINDS.get(_text(event, "event"), _other)(event)
    delivery_id = _delivery(event, installation)
    return DeliveryEvent(
        provider=PROVIDER,
        event_id=_text(event, "sg_event_id") or _digest(event),
        kind=kind,
        at=_moment(event.get("timestamp"), received_at),
        delivery_id=delivery_id,
        # Observed, not promised: the X-Message-Id of the call, then a dot. Asynchronous bounces have none. It is one
        # for everybody in the call, so without our own id it names nobody.
        provider_id=_text(event, "sg_message_id").split(".")[0] if delivery_id else "",
        code=code,
        detail=_text(event, "reason") or _text(event, "response"),
        raw=event,
    )


def _always(kind: EventKind, code: str = "") -> Callable[[Event], Reading]:
    return lambda _event: (kind, code)


def _other(_event: Event) -> Reading:
    return EventKind.OTHER, ""


def _opened(event: Event) -> Reading:
    """Read an opening: one made by a machine (Apple's privacy proxy) is nobody's reading."""
    machine = str(event.get("sg_machine_open")).lower() == "true"
    return (EventKind.OTHER if machine else EventKind.READ), ""


def _bounced(event: Event) -> Reading:
    """Read a bounce. `type` tells a dead address (`bounce`) from a server that would not have this mail (`blocked`)."""
    reason, status = _text(event, "reason").lower(), _text(event, "status")
    if "unable to get mx" in reason:
        return EventKind.BOUNCED, "domain_unknown"
    if _text(event, "type") == "blocked":
        return EventKind.FAILED, "mail_blocked"
    if re.match(r"[45]\.2\.2", status):  # RFC 3463: the mailbox is full
        return EventKind.BOUNCED, "mailbox_full"
    return EventKind.BOUNCED, "hard_bounce"


#: Why SendGrid did not try at all (its documentation's list). Three of them are its own lists of people to spare.
DROPPED: dict[str, Reading] = {
    "bounced address": (EventKind.BOUNCED, "dropped_bounced"),
    "invalid": (EventKind.BOUNCED, "invalid_address"),
    "unsubscribed address": (EventKind.FAILED, "dropped_unsubscribed"),
    "spam reporting address": (EventKind.FAILED, "dropped_complained"),
    "spam content": (EventKind.FAILED, "dropped_content"),
    "recipient list over package quota": (EventKind.FAILED, "quota_spent"),
}


def _dropped(event: Event) -> Reading:
    return DROPPED.get(_text(event, "reason").strip().lower(), (EventKind.FAILED, "dropped_other"))


#: The event types of the reference. A click is no proof of a reader (scanners click), and tracking is off anyway.
KINDS: dict[str, Callable[[Event], Reading]] = {
    "processed": _always(EventKind.ACCEPTED),
    "deferred": _always(EventKind.DEFERRED, "mail_deferred"),
    "delivered": _always(EventKind.DELIVERED),
    "bounce": _bounced,
    "dropped": _dropped,
    "open": _opened,
    "click": _other,
    "spamreport": _always(EventKind.COMPLAINED, "complained"),
    "unsubscribe": _always(EventKind.UNSUBSCRIBED),
    "group_unsubscribe": _always(EventKind.UNSUBSCRIBED),
    "group_resubscribe": _other,  # consent is given to us, not to SendGrid
    "account_status_change": _other,
}


def _text(event: Event, name: str) -> str:
    value = event.get(name)
    return clean(value) if isinstance(value, str) else ""


def _delivery(event: Event, installation: str) -> int | None:
    told = _text(event, "vc_delivery")
    ours = _text(event, "vc_installation") == installation
    return int(told) if ours and re.fullmatch(r"[0-9]{1,18}", told) else None


def _moment(value: object, otherwise: datetime) -> datetime:
    """Return the moment of Unix seconds, as a number or as text; another one where there is none to be read."""
    try:
        return datetime.fromtimestamp(float(value), UTC) if isinstance(value, (int, float, str)) else otherwise
    except (ValueError, OverflowError, OSError):
        return otherwise


def _digest(event: Event) -> str:
    """Return an id for an event without one: the same event told twice has the same."""
    return "sha256:" + hashlib.sha256(json.dumps(event, sort_keys=True).encode()).hexdigest()
