"""What a provider's list of messages says about a call whose answer was lost: it is there, it is not, or who knows."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from campaigns.channels import DeliveryEvent

SKEW = timedelta(minutes=2)  # between the provider's clock and ours
NEAR = timedelta(days=1)  # what was made longer before or after a call has nothing to do with it
_OLD_MEXICAN = re.compile(r"\+521(\d{10})")


class Found(StrEnum):
    """What came of one question about one delivery."""

    PRESENT = "present"
    ABSENT = "absent"
    UNCLEAR = "unclear"  # something is there that may be it, or not
    UNANSWERED = "unanswered"


@dataclass(frozen=True, slots=True)
class Call:
    """A call whose outcome is unknown, as far as we know what the provider's list would show of it."""

    delivery_id: int
    address: str  # as it was called
    sender: str  # "" when not known
    texts: tuple[str, ...]  # ways in which the list may spell the message; none when the text is not known
    values: tuple[str, ...]  # what stands in the text for this person alone
    began: datetime
    ended: datetime  # not later than this: the mark of the doubt


@dataclass(frozen=True, slots=True)
class Listed:
    """One message of the list; "" and None for what the list does not show."""

    event: DeliveryEvent
    sender: str
    text: str
    made: datetime | None


@dataclass(frozen=True, slots=True)
class Listing:
    """The messages to one address. `complete` is whether the list was read to its end."""

    messages: tuple[Listed, ...]
    complete: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a list says. `code` of what is unclear: `several`, `other_delivery`, `differs`, `list_long`."""

    found: Found
    code: str = ""
    message: Listed | None = None


def judge(call: Call, listing: Listing, *, taken: Collection[str], rivals: Sequence[Call]) -> Verdict:
    """Say whether a call's message is in a list.

    `taken` are the provider's ids of messages known to be other deliveries'; `rivals` are the calls to the same
    address whose messages have no known id either. Present is one message in which nothing speaks against this call and
    which no rival can claim. Absent is a whole list in which nothing could be it. Everything else is unclear.
    """
    free = [message for message in listing.messages if message.event.provider_id not in taken]
    against = [(message, _contradictions(call, message)) for message in free]
    fitting = [message for message, count in against if count == 0]
    if len(fitting) > 1:
        return Verdict(Found.UNCLEAR, "several")
    if fitting:
        [message] = fitting
        if any(_contradictions(rival, message) == 0 for rival in rivals):
            return Verdict(Found.UNCLEAR, "other_delivery")
        return Verdict(Found.PRESENT, message=message)
    if any(count == 1 for _message, count in against):
        return Verdict(Found.UNCLEAR, "differs")
    return Verdict(Found.ABSENT) if listing.complete else Verdict(Found.UNCLEAR, "list_long")


def _contradictions(call: Call, message: Listed) -> int | None:
    """Return how many of sender, text and time speak against a message; None where it is of another day."""
    made = message.made
    if made is not None and not call.began - NEAR <= made <= call.ended + NEAR:
        return None
    other_sender = bool(call.sender and message.sender) and spelled(call.sender) != spelled(message.sender)
    other_time = made is not None and not call.began - SKEW <= made <= call.ended + SKEW
    return other_sender + other_time + _other_text(call, message.text)


def _other_text(call: Call, text: str) -> bool:
    said = _plain(text)
    if not said:
        return False
    if call.texts:  # ours may stand between a title and a footer of the template
        return not any(plain in said for plain in map(_plain, call.texts) if plain)
    return not all(_plain(value) in said for value in call.values)


def _plain(text: str) -> str:
    return " ".join(text.split())


def spelled(number: str) -> str:
    """Return a WhatsApp address in one spelling: a Mexican number may stand with or without the old 1."""
    return _OLD_MEXICAN.sub(r"+52\1", number.removeprefix("whatsapp:"))
