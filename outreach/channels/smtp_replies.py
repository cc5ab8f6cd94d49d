"""What a mail server's answer says about the letter, the person, or us. Codes: RFC 5321 §4.2, RFC 3463, RFC 7505.

A server for outgoing mail often looks at everything only when it hears for whom a letter is (Postfix waits with its
«no» until then), so that what is wrong with us comes as the refusal of a person. Taken at its word, that would burn
through a whole audience: such answers are told by their words.
"""

import re
from typing import NamedTuple

from campaigns.channels import Result
from outreach.channels.codes import Meaning

TRIES = 40  # of a letter that is asked to wait: with their waits in between, about a day
CLOSING, START_INPUT, LOGIN_REQUIRED = 421, 354, 530

_STATUS = re.compile(r"[245]\.(\d{1,3}\.\d{1,3})\b")
_NO_RELAY = re.compile(r"\brelay(ing)?\b", re.IGNORECASE)
_ABOUT_US = re.compile(r"sender address rejected|not owned by|send ?as ?denied|client host", re.IGNORECASE)
_POLICY = re.compile(r"\b(spam|blocked|policy|black ?list(ed)?|reputation|banned)\b", re.IGNORECASE)

#: By subject and detail of the enhanced status code.
_BY_STATUS = {
    "1.1": "hard_bounce",
    "1.2": "domain_unknown",
    "1.3": "invalid_address",
    "1.6": "hard_bounce",  # moved, no address left behind
    "1.10": "domain_unknown",  # takes no mail at all (null MX)
    "2.1": "hard_bounce",  # switched off
    "2.2": "mailbox_full",
    "2.3": "too_large",
    "3.4": "too_large",
    "4.4": "domain_unknown",
    "6.7": "invalid_address",  # not ASCII
}
_SENDER_STATUS = {"1.7", "1.8", "7.60"}
#: Where there is none, by the code itself: at the name of a person, and at the end of a letter.
_BY_CODE = {
    501: "invalid_address",
    550: "hard_bounce",
    551: "hard_bounce",
    552: "mailbox_full",
    553: "invalid_address",
}
_BY_CODE_AT_END = {550: "mail_blocked", 552: "too_large", 554: "mail_blocked"}


class Reply(NamedTuple):
    """One answer, its lines put together."""

    code: int
    text: str

    @property
    def positive(self) -> bool:
        """Whether the server did what it was asked for."""
        return 200 <= self.code < 300  # noqa: PLR2004

    @property
    def later(self) -> bool:
        """Whether the server may do it another time; it has taken nothing."""
        return 400 <= self.code < 500  # noqa: PLR2004

    @property
    def never(self) -> bool:
        """Whether asking again would get the same answer."""
        return 500 <= self.code < 600  # noqa: PLR2004

    @property
    def status(self) -> str:
        """Subject and detail of the enhanced status code, "1.1" for 5.1.1; "" where there is none."""
        found = _STATUS.match(self.text)
        return found[1] if found else ""


def _stops(code: str) -> Meaning:
    return Meaning(code, Result.RETRY, sender_at_fault=True)


def of_sender(reply: Reply) -> Meaning:
    """Return what an answer to the greeting, or to MAIL, means: for every letter alike."""
    if reply.code == LOGIN_REQUIRED:
        return _stops("smtp_login_refused")
    return _stops("sender_refused") if reply.never else Meaning("smtp_later", Result.RETRY)


def of_recipient(reply: Reply) -> Meaning:
    """Return what a refusal of RCPT means."""
    if ours := _about_us(reply):
        return ours
    if not reply.never:
        return Meaning("mailbox_full" if reply.status == "2.2" else "letter_later", Result.RETRY, tries=TRIES)
    return Meaning(_BY_STATUS.get(reply.status) or _blocked(reply) or _BY_CODE.get(reply.code, "letter_refused"))


def of_content(reply: Reply) -> Meaning:
    """Return what a refusal of DATA, or of the whole letter, means."""
    if ours := _about_us(reply):
        return ours
    if not reply.never:
        return Meaning("letter_later", Result.RETRY, tries=TRIES)
    return Meaning(_BY_STATUS.get(reply.status) or _blocked(reply) or _BY_CODE_AT_END.get(reply.code, "letter_refused"))


def _about_us(reply: Reply) -> Meaning | None:
    if reply.code == LOGIN_REQUIRED:
        return _stops("smtp_login_refused")
    if _NO_RELAY.search(reply.text):  # also as 454: a server that waits for a login that never comes
        return _stops("smtp_relay_refused")
    if reply.never and (reply.status in _SENDER_STATUS or _ABOUT_US.search(reply.text)):
        return _stops("sender_refused")
    return None


def _blocked(reply: Reply) -> str:
    return "mail_blocked" if reply.status.startswith("7.") or (not reply.status and _POLICY.search(reply.text)) else ""
