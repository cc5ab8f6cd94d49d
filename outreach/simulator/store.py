"""What the simulator has received. Memory is bounded; the counts are exact whatever was let go."""

import json
from collections import Counter, OrderedDict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from threading import RLock
from typing import Any

from contacts.models import Channel
from outreach.simulator.letters import Received, Told, mail_letter, recipients

OVERHEAD = 1500  # bytes reckoned for the Python objects around one WhatsApp message
PARSED = 16  # calls whose JSON is kept parsed while somebody looks at them


@dataclass(slots=True)
class MailCall:
    """One accepted call of mail/send: the body as it came, read again only when somebody looks."""

    id: str
    at: datetime
    size: int  # personalizations
    body: bytes
    told: dict[int, list[Told]] = field(default_factory=dict)  # by personalization, when it is not the usual
    usual: list[Told] = field(default_factory=list)

    @property
    def weight(self) -> int:
        """Bytes that it holds in memory."""
        return len(self.body)


@dataclass(slots=True)
class TextMessage:
    """One message of Twilio's, sent or received: its resource."""

    id: str
    at: datetime
    sender: str  # as given: whatsapp:+E.164
    to: str
    body: str
    first: str  # the status it began with
    plan: list[Told]  # what becomes of it; `event` is the status, `detail` the error code
    inbound: bool = False
    delivery: str = ""
    installation: str = ""
    template: str = ""
    variables: dict[str, str] = field(default_factory=dict)
    media: int = 0
    size: int = 1

    @property
    def weight(self) -> int:
        """Bytes that it holds in memory."""
        return OVERHEAD + len(self.body)

    def told(self, now: datetime) -> tuple[Told, ...]:
        """Return what has become of it by now."""
        return tuple(one for one in self.plan if one.at <= now)


class Store:
    """Every message received, newest last; safe for threads."""

    def __init__(self, keep: int) -> None:
        self.keep = keep  # bytes
        self.lock = RLock()
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        with self.lock:
            self.counts: Counter[str] = Counter()  # by our delivery id
            self.totals: Counter[str] = Counter()  # by channel
            self._items: deque[MailCall | TextMessage] = deque()
            self._by_id: dict[str, MailCall | TextMessage] = {}
            self._weight = 0
            self._parsed: OrderedDict[str, dict[str, Any]] = OrderedDict()

    def add(self, item: MailCall | TextMessage, deliveries: list[str]) -> None:
        """Keep one accepted call or message and count its deliveries ("" is counted in the totals alone)."""
        with self.lock:
            self._items.append(item)
            self._by_id[item.id] = item
            self._weight += item.weight
            if isinstance(item, MailCall):
                self.totals[Channel.EMAIL.value] += item.size
            elif not item.inbound:
                self.totals[Channel.WHATSAPP.value] += 1
            self.counts.update(filter(None, deliveries))
            while self._weight > self.keep and len(self._items) > 1:
                gone = self._items.popleft()
                self._weight -= gone.weight
                del self._by_id[gone.id]

    def texts(self) -> list[TextMessage]:
        """Return Twilio's messages, newest first."""
        with self.lock:
            return [item for item in reversed(self._items) if isinstance(item, TextMessage)]

    def text(self, sid: str) -> TextMessage | None:
        """Return one message of Twilio's."""
        item = self._by_id.get(sid)
        return item if isinstance(item, TextMessage) else None

    def remove(self, text: TextMessage) -> None:
        """Let one message go, as Twilio's DELETE does; it stays counted."""
        with self.lock:
            self._items.remove(text)
            del self._by_id[text.id]
            self._weight -= text.weight

    def kept(self) -> int:
        """Return how many messages to people can still be looked at."""
        with self.lock:
            return sum(item.size for item in self._items if not (isinstance(item, TextMessage) and item.inbound))

    def letters(self, now: datetime, channel: str = "", address: str = "", delivery: str = "") -> Iterator[Received]:
        """Yield what was received, newest first; `address` is part of it, case aside."""
        wanted = address.lower()
        with self.lock:
            items = list(reversed(self._items))
        for item in items:
            if isinstance(item, MailCall):
                if channel in {"", Channel.EMAIL} and self._may_hold(item, wanted, delivery):
                    yield from self._mails(item, now, wanted, delivery)
            elif (
                not item.inbound
                and channel in {"", Channel.WHATSAPP}
                and wanted in item.to
                and delivery in {"", item.delivery}
            ):
                yield _text_letter(item, now)

    def letter(self, letter_id: str, now: datetime) -> Received | None:
        """Return one message: a SID, or X-Message-Id and the place in the call with a dot between."""
        with self.lock:
            item = self._by_id.get(letter_id)
            if isinstance(item, TextMessage):
                return _text_letter(item, now)
            call_id, _, number = letter_id.rpartition(".")
            item = self._by_id.get(call_id)
            if isinstance(item, MailCall) and number.isdecimal() and int(number) < item.size:
                return self._mail(item, int(number), now)
            return None

    @staticmethod
    def _may_hold(call: MailCall, address: str, delivery: str) -> bool:
        """Look at the raw body, which is cheap, before it is parsed."""
        low = call.body.lower() if address else call.body
        return (not address.isascii() or address.encode() in low) and (not delivery or delivery.encode() in low)

    def _mails(self, call: MailCall, now: datetime, address: str, delivery: str) -> Iterator[Received]:
        mail = self._parse(call)
        for number in reversed(range(call.size)):
            if address and not any(address in one.lower() for one in recipients(mail["personalizations"][number])):
                continue
            letter = self._mail(call, number, now)
            if delivery in {"", letter.delivery}:
                yield letter

    def _mail(self, call: MailCall, number: int, now: datetime) -> Received:
        plan = call.told.get(number, call.usual)
        return mail_letter(self._parse(call), number, call.id, call.at, tuple(one for one in plan if one.at <= now))

    def _parse(self, call: MailCall) -> dict[str, Any]:
        with self.lock:
            mail = self._parsed.get(call.id)
            if mail is None:
                mail = json.loads(call.body)
                self._parsed[call.id] = mail
                while len(self._parsed) > PARSED:
                    self._parsed.popitem(last=False)
            return mail


def _text_letter(text: TextMessage, now: datetime) -> Received:
    return Received(
        id=text.id,
        provider_id=text.id,
        channel=Channel.WHATSAPP,
        at=text.at,
        sender=text.sender.removeprefix("whatsapp:"),
        sender_name="",
        to=text.to.removeprefix("whatsapp:"),
        to_name="",
        subject="",
        text=text.body,
        delivery=text.delivery,
        installation=text.installation,
        template=text.template,
        variables=text.variables,
        told=text.told(now),
    )
