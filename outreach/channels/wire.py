"""What the ways out share: what an answer is, which failures prove that nothing was sent, how long to wait."""

import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from ipaddress import ip_address
from urllib.parse import urlsplit

REQUEST_TIMEOUT = 408
LONGEST_WAIT = 86_400.0  # seconds; a provider that names a later moment is asked again after a day
SHORTEST_WAIT = 1.0


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer as it came: the SDKs' own exceptions keep less of it."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)  # names in lower case
    body: str = ""


class NeverSentError(Exception):
    """No connection was made, so nothing was sent: safe to try again."""


class LostError(Exception):
    """The request may have arrived and its answer did not. `code` says how: see `lost`."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


def lost(error: BaseException, timeouts: tuple[type[BaseException], ...] = ()) -> LostError:
    """Name what became of an answer: `no_answer` in time, `connection_lost` on the way, else `answer_unreadable`."""
    links = list(causes(error))
    if any(isinstance(link, (TimeoutError, *timeouts)) for link in links):
        code = "no_answer"
    elif any(isinstance(link, HTTPException) and not isinstance(link, OSError) for link in links):
        code = "answer_unreadable"
    else:
        code = "connection_lost" if any(isinstance(link, OSError) for link in links) else "answer_unreadable"
    return LostError(code, clean(f"{type(error).__name__}: {error}"))


def causes(error: BaseException) -> Iterator[BaseException]:
    """Walk an exception and those it was made from: its arguments, its `reason`, its cause."""
    waiting, seen = [error], set[int]()
    while waiting:
        link = waiting.pop()
        if id(link) in seen:
            continue
        seen.add(id(link))
        yield link
        inner = [*link.args, getattr(link, "reason", None), link.__cause__]
        waiting += [other for other in inner if isinstance(other, BaseException)]


def doubt(answer: Answer, accepted: int) -> str:
    """Return why an answer leaves open what became of the request, or "" when it does not.

    `provider_failure` for the class of server errors and 408; `answer_unreadable` for a success that is not the
    provider's own (`accepted`): some proxy's word.
    """
    if answer.status >= 500 or answer.status == REQUEST_TIMEOUT:  # noqa: PLR2004
        return "provider_failure"
    return "answer_unreadable" if answer.status < 300 and answer.status != accepted else ""  # noqa: PLR2004


def clean(text: str, most: int = 300) -> str:
    """Return a provider's text as a database takes it: no NUL, no half of a surrogate pair, not too long."""
    if text.isascii() and "\x00" not in text:
        return text[:most]
    return text.replace("\x00", "").encode("utf-8", "replace").decode()[:most]


def wait(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return the seconds a provider asks us to wait, or None when it does not say, or says less than a second.

    Who is asked for no time, or for some that has passed, takes its own: it would call again and again otherwise.
    `Retry-After` is seconds or a date (RFC 9110 §10.2.3); `X-RateLimit-Reset` is a Unix moment (SendGrid).
    """
    seconds: float | None = None
    told = headers.get("retry-after", "").strip()
    reset = headers.get("x-ratelimit-reset", "").strip()
    if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", told):
        seconds = float(told)
    elif told:
        try:
            moment = parsedate_to_datetime(told)
        except ValueError:
            return None
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        seconds = (moment - now).total_seconds()
    elif re.fullmatch(r"[0-9]{1,12}", reset):
        seconds = float(reset) - now.timestamp()
    return None if seconds is None or seconds < SHORTEST_WAIT else min(seconds, LONGEST_WAIT)


def loopback(url: str) -> bool:
    """Whether a URL stays on this machine. Such a call must not pass through a proxy: fictional mail stays here."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


class _Discreet(logging.Filter):
    """Lets only warnings pass: below that, both SDKs write keys, addresses and whole letters into the log."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.levelno >= logging.WARNING


def hush(*names: str) -> None:
    """Keep the loggers of an SDK from writing what nobody may read, whatever level the installation logs at."""
    for name in names:
        logger = logging.getLogger(name)
        if not any(isinstance(known, _Discreet) for known in logger.filters):
            logger.addFilter(_Discreet())
