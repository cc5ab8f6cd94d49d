"""The port to the outside: what a channel is given, what it answers, and what a provider tells later."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from threading import Semaphore
from typing import NamedTuple, Protocol, runtime_checkable

from contacts.models import Channel


@dataclass(frozen=True, slots=True)
class Message:
    """What is the same for everybody in one call: sender and skeletons, compiled once per run.

    A skeleton is a text in which each slot stands as a tag (`tags[i]`), once or several times; a letter carries the
    values in the same order. `html_slots` tells which of them belong to the HTML part and are escaped already.
    """

    channel: Channel
    sender: str  # e-mail address, or the WhatsApp number as +E.164
    sender_name: str = ""
    subject: str = ""
    text: str = ""
    html: str = ""
    tags: tuple[str, ...] = ()
    template_sid: str = ""
    template_keys: tuple[str, ...] = ()  # of ContentVariables, in the order of the values
    run_id: int = 0


class Letter(NamedTuple):
    """What differs: one person, one delivery."""

    delivery_id: int
    address: str
    name: str
    values: tuple[str, ...] = ()
    unsubscribe_url: str = ""
    attempt: int = 0  # which try of the delivery this is


class Result(StrEnum):
    """What became of a letter in a call."""

    ACCEPTED = "accepted"
    REFUSED = "refused"  # for good; the code says why
    RETRY = "retry"  # certainly not accepted: try again later
    UNKNOWN = "unknown"  # may have been accepted: never send again without evidence


@dataclass(slots=True)  # one a person: to make a frozen one takes four times as long
class Outcome:
    """The answer for one letter. Nobody changes one; `dataclasses.replace` makes another."""

    delivery_id: int
    result: Result
    provider_id: str = ""
    code: str = ""  # ours where we know it (see outreach/channels), else the provider's
    detail: str = ""
    retry_after: float | None = None  # seconds
    sender_at_fault: bool = False  # wrong key, blocked number: the whole run must stop, not this letter alone
    tries: int | None = None  # of a `RETRY`: after so many it is a refusal, `kept_waiting`; None: there is no end


class ChannelError(Exception):
    """The whole call failed and nothing was accepted: `permanent` says whether to try again.

    `too_large` asks for smaller calls. Where acceptance cannot be excluded a channel does not raise this: it answers
    `Result.UNKNOWN` for every letter.
    """

    def __init__(
        self,
        code: str,
        *,
        permanent: bool,
        detail: str = "",
        retry_after: float | None = None,
        too_large: bool = False,
        sender_at_fault: bool = False,
    ) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.permanent = permanent
        self.detail = detail
        self.retry_after = retry_after
        self.too_large = too_large
        self.sender_at_fault = sender_at_fault


class Carrier(Protocol):
    """One way out. `send` may be called by several threads at once."""

    channel: Channel
    batch_size: int  # letters a claim, at most
    in_flight: int  # letters that are truly under way at once: what is marked «calling» together, at most

    def send(self, message: Message, letters: Sequence[Letter]) -> list[Outcome]:
        """Send; one outcome a letter. No address twice in `letters`."""
        ...


@runtime_checkable
class LetterCarrier(Carrier, Protocol):
    """A way out with one call a letter. `room` has one permit for each call that may be under way at once."""

    room: Semaphore

    def submit(self, message: Message, letter: Letter, released: Callable[[], bool]) -> "Future[Outcome]":
        """Begin a call at the moment when `released` returns true; false holds the letter back (`held_back`).

        The caller has taken a permit of `room`; it is given back when the call has ended.
        """
        ...


class EventKind(StrEnum):
    """What a provider's event says, in our words."""

    ACCEPTED = "accepted"
    DEFERRED = "deferred"
    DELIVERED = "delivered"
    READ = "read"
    BOUNCED = "bounced"
    FAILED = "failed"
    COMPLAINED = "complained"
    UNSUBSCRIBED = "unsubscribed"
    OTHER = "other"  # kept, changes nothing


@dataclass(frozen=True, slots=True)
class DeliveryEvent:
    """One event of a provider, in our words, with its own beside them."""

    provider: str
    event_id: str
    kind: EventKind
    at: datetime
    delivery_id: int | None = None
    provider_id: str = ""
    code: str = ""
    detail: str = ""
    raw: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Inbound:
    """A message from a person."""

    provider_id: str
    sender: str
    body: str
    at: datetime
    scoped: str = ""  # the business-scoped id that the provider names beside a number
    raw: dict[str, object] = field(default_factory=dict)
