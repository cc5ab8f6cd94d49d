"""Our codes for what providers say, and what each means for the letter. The words are in outreach/words/states.py.

Twilio's numbers: its error pages (twilio.com/docs/api/errors/NUMBER); the specification warns that they may change,
so a number that is not here keeps its own name and takes the safe way: this letter failed, the rest goes on.
"""

import re
from dataclasses import dataclass

from campaigns.channels import Result

HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a provider's code is in our words, and what it asks for when it comes as the answer to a call."""

    code: str
    result: Result = Result.REFUSED
    retry_after: float | None = None
    sender_at_fault: bool = False
    tries: int | None = None  # of a `RETRY`: after so many it is a refusal


def _sender(code: str) -> Meaning:
    """Return the meaning of a fault of the account: the letter is as good as before, and the run must stop."""
    return Meaning(code, Result.RETRY, sender_at_fault=True)


#: What became of a call, whoever the provider is.
CALL_CODES = frozenset(
    {
        "unreachable_provider",  # no connection was made
        "provider_redirects",
        "key_refused",
        "sender_refused",
        "rate_limited",
        "too_large",
        "call_refused",
        "letter_refused",
        "invalid_address",
        "held_back",  # not called, because a call before it had no clear answer
        "no_answer",  # from here on the outcome is unknown
        "connection_lost",
        "provider_failure",
        "answer_unreadable",
    }
)

#: What a mail server says to us beside these (outreach/channels/smtp_replies.py).
SMTP_CODES = frozenset(
    {
        "smtp_login_refused",
        "smtp_not_encrypted",
        "smtp_untrusted",  # its certificate
        "smtp_relay_refused",
        "smtp_later",
        "letter_later",
        "session_cut",  # at this letter, before its end
        "kept_waiting",  # it said so for a day
    }
)

#: What a mail's events say (outreach/channels/sendgrid_events.py).
MAIL_CODES = frozenset(
    {
        "hard_bounce",
        "mailbox_full",
        "domain_unknown",
        "mail_blocked",
        "mail_deferred",
        "dropped_bounced",
        "dropped_unsubscribed",
        "dropped_complained",
        "dropped_content",
        "dropped_other",
        "quota_spent",
        "complained",
    }
)

TWILIO: dict[int, Meaning] = {
    20003: _sender("key_refused"),  # authentication
    20404: _sender("call_refused"),  # no such account or address of the API
    20429: Meaning("rate_limited", Result.RETRY),  # "never processed and always safe to retry"
    21211: Meaning("invalid_address"),
    21212: _sender("sender_refused"),
    21603: _sender("sender_refused"),
    21606: _sender("sender_refused"),
    21609: _sender("callback_refused"),  # the StatusCallback's address
    21610: Meaning("opted_out_at_provider"),
    21611: Meaning("queue_full", Result.RETRY, retry_after=60.0),
    21614: Meaning("invalid_address"),
    21617: Meaning("content_refused"),  # over 1,600 characters
    21654: _sender("template_unusable"),
    21655: _sender("template_unusable"),  # no such ContentSid
    21656: Meaning("template_values_refused"),
    30001: Meaning("queue_full", Result.RETRY, retry_after=60.0),
    63001: _sender("sender_refused"),
    63002: _sender("sender_refused"),
    63003: Meaning("no_whatsapp"),
    63005: Meaning("content_refused"),
    63007: _sender("sender_refused"),
    63010: Meaning("not_delivered"),
    63012: Meaning("not_delivered"),
    63013: Meaning("content_refused"),
    63014: Meaning("blocked_by_person"),
    63015: Meaning("not_in_sandbox"),
    63016: Meaning("outside_window"),
    63017: Meaning("channel_limit", Result.RETRY, retry_after=60.0),
    63018: Meaning("channel_limit", Result.RETRY, retry_after=HOUR),  # may last until the 24 h have passed
    63112: _sender("sender_refused"),  # Meta has disabled the account
    63020: _sender("sender_refused"),  # Meta's invitation was not accepted
    63021: Meaning("content_refused"),
    63024: Meaning("unreachable"),
    63027: _sender("template_unusable"),  # not in this language
    63028: Meaning("template_values_refused"),
    63032: Meaning("meta_experiment"),
    63033: Meaning("unreachable"),
    63038: Meaning("quota_spent", Result.RETRY, retry_after=HOUR),
    63049: Meaning("marketing_withheld"),
    63054: _sender("template_unusable"),
    63062: _sender("terms_pending"),
}

#: What a WhatsApp message's states say without a number of Twilio's.
WHATSAPP_CODES = frozenset({meaning.code for meaning in TWILIO.values()} | {"not_delivered", "cancelled_at_provider"})

ALL = CALL_CODES | SMTP_CODES | MAIL_CODES | WHATSAPP_CODES


def twilio_code(number: object) -> str:
    """Return our code for a number of Twilio's (as it comes: 63016, "63016", "" or None); else the number itself."""
    text = str(number or "").strip()
    meaning = TWILIO.get(int(text)) if re.fullmatch(r"[0-9]{1,9}", text) else None
    return meaning.code if meaning else text
