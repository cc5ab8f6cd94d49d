"""What becomes of a message, decided by its address alone: the tables of docs/simulator.md.

Each step has a realistic delay, used in virtual time. In real time the k-th step comes after k times one short delay,
so that a demo shows in seconds what takes hours outside.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

MINUTE, HOUR = 60.0, 3600.0


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that a provider will tell: its word for it, seconds after acceptance, and further fields."""

    event: str
    after: float
    fields: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), hash=False)
    told: bool = True  # False: it happens, and no callback says so (only a poll sees it)
    late: float = 0.0  # seconds by which the telling comes after the happening: callbacks out of order


PROCESSED = Step("processed", 1)
DELIVERED = Step("delivered", 4, {"response": "250 2.0.0 OK", "tls": "1"})
DEFERRED = {"response": "451 4.3.0 Mail server temporarily rejected message", "attempt": "1"}
BOUNCE = {"type": "bounce", "status": "5.1.1", "reason": "550 5.1.1 The email account does not exist"}

MAIL: dict[str, tuple[Step, ...]] = {
    "": (PROCESSED, DELIVERED),
    "rebota": (PROCESSED, Step("bounce", 6, BOUNCE)),
    "regresa": (PROCESSED, DELIVERED, Step("bounce", HOUR, BOUNCE | {"async": "1"})),
    "bloquea": (
        PROCESSED,
        Step("bounce", 6, {"type": "blocked", "status": "5.7.1", "reason": "550 5.7.1 Message rejected by policy"}),
    ),
    "lleno": (
        PROCESSED,
        Step("deferred", 10, {"response": "452 4.2.2 Mailbox full", "attempt": "1"}),
        Step("deferred", 20 * MINUTE, {"response": "452 4.2.2 Mailbox full", "attempt": "2"}),
        Step("bounce", 4 * HOUR, {"type": "bounce", "status": "5.2.2", "reason": "552 5.2.2 Mailbox full"}),
    ),
    "tarde": (PROCESSED, Step("deferred", 10, DEFERRED), Step("delivered", 40 * MINUTE, DELIVERED.fields)),
    "descartado": (Step("dropped", 1, {"reason": "Invalid"}),),
    "queja": (PROCESSED, DELIVERED, Step("spamreport", 90 * MINUTE)),
    "baja": (PROCESSED, DELIVERED, Step("unsubscribe", 30 * MINUTE)),
    "abre": (
        PROCESSED,
        DELIVERED,
        Step("open", 15 * MINUTE, {"useragent": "Mozilla/5.0", "ip": "203.0.113.7", "sg_machine_open": "false"}),
    ),
    "callado": (PROCESSED,),
    "mudo": (),
}
# The word alone, or followed by something that is no letter: rebota@, rebota.ana@, rebota7@, and not rebotado@.
_WORD = re.compile(r"(" + "|".join(filter(None, MAIL)) + r")(?![a-z])", re.IGNORECASE)


def mail_kind(address: str) -> str:
    """Return the key of `MAIL` for an e-mail address; "" for nearly all: processed and delivered."""
    match = _WORD.match(address)
    return match[1].lower() if match else ""


# What SendGrid remembers of an address: later sends to it are `dropped` with this reason.
SUPPRESSES = {
    "bounce": "Bounced Address",
    "spamreport": "Spam Reporting Address",
    "unsubscribe": "Unsubscribed Address",
}


def dropped(reason: str) -> tuple[Step, ...]:
    """Return the one step of a mail to an address that the account may not write to."""
    return (Step("dropped", 1, {"reason": reason}),)


SENT, ARRIVED, READ = Step("sent", 1), Step("delivered", 3), Step("read", 10 * MINUTE)

# Twilio's words for its codes; its documentation says that programs shall not rely on them.
CODES = {
    63003: "Channel could not find To address",
    63014: "Channel message blocked by user action",
    63016: "Failed to send freeform message because you are outside the allowed window",
    63018: "Rate limit exceeded for Channel",
    63024: "Invalid message recipient",
    63028: "Number of parameters provided does not match the expected number of parameters",
    63032: "User's number is part of an experiment",
    63040: "Template rejected",
    63041: "Template paused",
    63042: "Template disabled",
    63049: "Meta chose not to deliver this WhatsApp marketing message",
}


def lost(status: str, code: int) -> tuple[Step, ...]:
    """Return the steps of a message that Twilio took and could not bring: failed (never left) or undelivered."""
    end = Step(status, 2, {"ErrorCode": str(code), "ErrorMessage": CODES[code]})
    return (SENT, end) if status == "undelivered" else (end,)


# By the last two digits of the number: those of the code where there is one.
PHONES: dict[str, tuple[Step, ...]] = {
    "03": lost("undelivered", 63003),
    "14": lost("failed", 63014),
    "18": lost("undelivered", 63018),
    "24": lost("undelivered", 63024),
    "32": lost("failed", 63032),
    "77": (SENT,),
    "88": (Step("sent", 1, told=False), Step("delivered", 3, told=False)),
    "99": (Step("sent", 1, late=HOUR), Step("delivered", 3, late=30 * MINUTE), READ),
}
MARKETING = "49"  # refused by Meta when the template is of category MARKETING, as every number of the United States
REFUSED = {
    "10": (21610, "Attempt to send to unsubscribed recipient"),
    "11": (21211, "The 'To' number %s is not a valid phone number."),
}
REPLIES = {"44": "Gracias, ahí estaré", "66": "BAJA"}  # what the person answers, five minutes after the delivery
REPLY_AFTER = 5 * MINUTE


def phone_steps(number: str) -> tuple[Step, ...]:
    """Return what becomes of a WhatsApp message to a number (+E.164): last digit 0 to 5 reads it, 6 to 9 does not."""
    known = PHONES.get(number[-2:])
    if known is not None:
        return known
    return (SENT, ARRIVED, READ) if number[-1:] in "012345" else (SENT, ARRIVED)
