"""E-mail by SendGrid: one call for many people, our delivery id in each one's `custom_args`."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import lru_cache
from itertools import islice
from os.path import commonprefix
from typing import Any

from campaigns.channels import ChannelError, Letter, Message, Outcome, Result
from contacts.models import Channel
from outreach.channels.filling import fill
from outreach.channels.sendgrid_wire import SendGridWire
from outreach.channels.wire import Answer, LostError, NeverSentError, clean, doubt, wait
from outreach.clock import Clock, SystemClock

MOST_LETTERS = 1000  # personalizations a call
MOST_ALONE = 5  # letters with a call of their own in one sending; the others are held back, and ask for turns anew
MOST_SUBSTITUTED = 10_000  # bytes of tags and values a personalization
ACCEPTED, BAD_REQUEST, UNAUTHORIZED, FORBIDDEN, TOO_LARGE, TOO_MANY = 202, 400, 401, 403, 413, 429

#: Opens and clicks are not measured (privacy), and the way out is our own link, not SendGrid's.
TRACKING = {
    "click_tracking": {"enable": False, "enable_text": False},
    "open_tracking": {"enable": False},
    "subscription_tracking": {"enable": False},
}

_PERSON = re.compile(r"personalizations\.(\d+)(?:\.|$)")
_WHOLE = re.compile(r"(subject|content|headers|tracking_settings|reply_to|template_id)\b")


class SendGridCarrier:
    """The carrier of e-mail. `installation` marks our events among those of others on the same account.

    `timeout` is seconds for connecting, and for a call from its first byte to the last of its answer. Nothing is tried
    twice here, and no redirect is followed.
    """

    channel = Channel.EMAIL

    def __init__(
        self,
        api_key: str,
        *,
        installation: str,
        base_url: str = "https://api.sendgrid.com",
        timeout: float = 20.0,
        batch_size: int = 500,
        clock: Clock | None = None,
    ) -> None:
        if not 1 <= batch_size <= MOST_LETTERS:
            raise ValueError(f"batch_size is 1 to {MOST_LETTERS}")
        self.batch_size = self.in_flight = batch_size
        self._installation = installation
        self._longest = timedelta(seconds=timeout)
        self._wire = SendGridWire(api_key, base_url, timeout)
        self._clock: Clock = clock or SystemClock()

    def send(self, message: Message, letters: Sequence[Letter]) -> list[Outcome]:
        """Send; one outcome a letter, in their order. At most 1000 letters.

        Most go in one call. A letter that cannot share it (values too long for SendGrid, or with a tag inside; an
        address that differs from another one's only by its capitals) goes alone and written out, a few at a time: the
        rest is held back, so that whoever stops everything does not wait for all of them. Raises
        `ChannelError` when nothing at all was accepted.
        """
        if len(letters) > MOST_LETTERS:
            raise ValueError(f"more than {MOST_LETTERS} letters in a call")
        outcomes: dict[int, Outcome] = {}
        left = Outcome(0, Result.RETRY, code="held_back")
        until = self._clock.now() + self._longest  # then the rest is held back: the lease is for one slow call
        for said, group in islice(_calls(message, letters), 1 + MOST_ALONE):
            try:
                answered = self._call(said, group)
            except ChannelError as error:
                if not outcomes:
                    raise
                left = _left(error)
                break
            outcomes |= {outcome.delivery_id: outcome for outcome in answered}
            if answered[0].result == Result.UNKNOWN or self._clock.now() > until:  # one doubt is enough
                break
        else:
            left = replace(left, retry_after=0.0)  # nothing is wrong: they may go at once
        return [outcomes.get(letter.delivery_id) or replace(left, delivery_id=letter.delivery_id) for letter in letters]

    def _call(self, message: Message, letters: Sequence[Letter]) -> list[Outcome]:
        try:
            answer = self._wire.post(self._body(message, letters))
        except NeverSentError as error:
            raise ChannelError("unreachable_provider", permanent=False, detail=clean(str(error))) from error
        except LostError as error:
            return _unknown(letters, error.code, error.detail)
        return self._read(answer, letters)

    def _body(self, message: Message, letters: Sequence[Letter]) -> dict[str, Any]:
        parts = (("text/plain", message.text), ("text/html", message.html))  # in this order: SendGrid insists
        body: dict[str, Any] = {
            "personalizations": [self._personalization(message, letter) for letter in letters],
            "from": _mailbox(message.sender, message.sender_name),
            "content": [{"type": kind, "value": value} for kind, value in parts if value],
            "tracking_settings": TRACKING,
        }
        return body | {"subject": message.subject} if message.subject else body

    def _personalization(self, message: Message, letter: Letter) -> dict[str, Any]:
        person: dict[str, Any] = {
            "to": [_mailbox(letter.address, letter.name)],
            "custom_args": {"vc_delivery": str(letter.delivery_id), "vc_installation": self._installation},
        }
        if message.tags:
            person["substitutions"] = dict(zip(message.tags, letter.values, strict=True))
        if letter.unsubscribe_url:
            person["headers"] = {
                "List-Unsubscribe": f"<{letter.unsubscribe_url}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",  # RFC 8058
            }
        return person

    def _read(self, answer: Answer, letters: Sequence[Letter]) -> list[Outcome]:
        status, errors = answer.status, _errors(answer.body)
        said = clean("; ".join(filter(None, (error["message"] for error in errors)))) or f"HTTP {status}"
        if status == ACCEPTED:
            told = clean(answer.headers.get("x-message-id", ""))
            return [Outcome(letter.delivery_id, Result.ACCEPTED, provider_id=told) for letter in letters]
        if open_question := doubt(answer, ACCEPTED):
            return _unknown(letters, open_question, said)
        if status < BAD_REQUEST:
            raise ChannelError("provider_redirects", permanent=True, detail=said, sender_at_fault=True)
        if status == TOO_MANY:
            pause = wait(answer.headers, self._clock.now())
            raise ChannelError("rate_limited", permanent=False, detail=said, retry_after=pause)
        if any(error["field"].split(".")[0] == "from" for error in errors):
            raise ChannelError("sender_refused", permanent=True, detail=said, sender_at_fault=True)
        if status in {UNAUTHORIZED, FORBIDDEN}:
            raise ChannelError("key_refused", permanent=True, detail=said, sender_at_fault=True)
        if status == TOO_LARGE:
            return _or_smaller("too_large", said, letters)
        if status != BAD_REQUEST or any(_WHOLE.match(error["field"]) for error in errors):
            raise ChannelError("call_refused", permanent=True, detail=said, sender_at_fault=True)
        return _blame(errors, said, letters)


def _calls(message: Message, letters: Sequence[Letter]) -> Iterator[tuple[Message, list[Letter]]]:
    together: list[Letter] = []
    alone: list[Letter] = []
    seen: set[str] = set()
    for letter in letters:
        address = letter.address.casefold()
        (together if _fits(message, letter) and address not in seen else alone).append(letter)
        seen.add(address)
    if together:
        yield message, together
    for letter in alone:
        subject, text, html = (
            fill(skeleton, message.tags, letter.values) for skeleton in (message.subject, message.text, message.html)
        )
        yield replace(message, subject=subject, text=text, html=html, tags=()), [letter]


def _fits(message: Message, letter: Letter) -> bool:
    """Whether SendGrid may fill the tags in: short enough, and no value that it would fill in again."""
    size, sign = _about(message.tags)
    text = "\n".join(letter.values)
    if size + len(text) * 4 > MOST_SUBSTITUTED and size + len("".join(letter.values).encode()) > MOST_SUBSTITUTED:
        return False
    return sign not in text or not any(tag in value for value in letter.values for tag in message.tags)


@lru_cache(maxsize=64)
def _about(tags: tuple[str, ...]) -> tuple[int, str]:
    """Return the bytes of tags, and what all of them begin with: a text without that holds none of them."""
    return sum(len(tag.encode()) for tag in tags), commonprefix(tags)  # noqa: RUF071 — texts, not paths


# `;` and `,` are refused in names, and a line break has no business there.
_UNWELCOME = re.compile(r"[;,\x00-\x1f\x7f]")


def _mailbox(address: str, name: str) -> dict[str, str]:
    clean = " ".join(_UNWELCOME.sub(" ", name).split())
    return {"email": address, "name": clean} if clean else {"email": address}


def _errors(body: str) -> list[dict[str, str]]:
    """Return SendGrid's errors as `field` and `message`, both text; none when the body is not SendGrid's."""
    try:
        found = json.loads(body)["errors"]
        return [{"field": str(one.get("field") or ""), "message": str(one.get("message") or "")} for one in found]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return []


def _blame(errors: list[dict[str, str]], said: str, letters: Sequence[Letter]) -> list[Outcome]:
    """Tell apart whom a 400 names from the rest, of whom nothing was accepted either: they may go again at once."""
    named: dict[int, str] = {}
    for error in errors:
        found = _PERSON.match(error["field"])
        if found and int(found[1]) < len(letters):
            named.setdefault(int(found[1]), error["field"])
    if not named:
        return _or_smaller("call_refused", said, letters)
    return [
        Outcome(
            letter.delivery_id,
            Result.REFUSED,
            code="invalid_address" if ".to" in named[number] else "letter_refused",
            detail=said,
        )
        if number in named
        else Outcome(letter.delivery_id, Result.RETRY, code="call_refused", retry_after=0.0)
        for number, letter in enumerate(letters)
    ]


def _or_smaller(code: str, said: str, letters: Sequence[Letter]) -> list[Outcome]:
    """Refuse a single letter. Of several, ask for smaller calls: that finds the one which spoils the rest."""
    if len(letters) > 1:
        raise ChannelError(code, permanent=False, detail=said, too_large=True)
    code = "letter_refused" if code == "call_refused" else code
    return [Outcome(letters[0].delivery_id, Result.REFUSED, code=code, detail=said)]


def _unknown(letters: Sequence[Letter], code: str, detail: str) -> list[Outcome]:
    return [Outcome(letter.delivery_id, Result.UNKNOWN, code=code, detail=detail) for letter in letters]


def _left(error: ChannelError) -> Outcome:
    """Tell of letters not sent because a call before theirs failed as a whole, after another had gone through."""
    return Outcome(
        0,
        Result.RETRY,
        code=error.code,
        detail=error.detail,
        retry_after=error.retry_after,
        sender_at_fault=error.sender_at_fault,
    )
