"""The only file that knows the Twilio SDK: plain values go out and in.

Requests go through a client of ours for three reasons: the SDK's own has no time limit, it cannot be pointed at a
stand-in, and its exceptions keep neither headers nor body. It retries nothing and follows no redirect, and its
connections bound the whole answer (`deadlines`).
"""

import ssl
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit

import urllib3
import urllib3.connection
from requests.adapters import HTTPAdapter
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from outreach.channels.deadlines import Punctual, listen, silent
from outreach.channels.wire import Answer, NeverSentError, causes, hush, loopback, lost

API_HOST, CONTENT_HOST = "api.twilio.com", "content.twilio.com"

#: Each is raised before a byte of the request is written: no connection, no name, no proxy, no trust.
_NEVER_SENT = (
    ConnectionRefusedError,
    ssl.SSLCertVerificationError,
    urllib3.exceptions.ConnectTimeoutError,
    urllib3.exceptions.NewConnectionError,
    urllib3.exceptions.ProxyError,
)

T = TypeVar("T")


class UnmappedHostError(NeverSentError):
    """The SDK wanted to call a host that the settings do not name."""


class _Connection(Punctual, urllib3.connection.HTTPConnection):
    """One that has a time limit for the whole answer."""


class _SecureConnection(Punctual, urllib3.connection.HTTPSConnection):
    """The same by TLS."""


class _Pool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class _Adapter(HTTPAdapter):
    """Makes connections of ours, through a proxy as well."""

    def init_poolmanager(self, *given: Any, **named: Any) -> None:
        super().init_poolmanager(*given, **named)
        _punctual(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **named: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **named)
        if isinstance(manager, urllib3.ProxyManager):  # one for SOCKS has connections of its own
            _punctual(manager)
        return manager


def _punctual(manager: urllib3.PoolManager) -> None:
    manager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}


class _Http(TwilioHttpClient):  # type: ignore[misc] # the SDK has no types
    def __init__(self, base_url: str, timeout: float) -> None:
        super().__init__(timeout=timeout)
        self._answer: Answer | None = None
        self._base = urlsplit(base_url)
        for scheme in ("http://", "https://"):
            self.session.mount(scheme, _Adapter())
        self.session.trust_env = not loopback(base_url)  # no proxy for what stays on this machine

    def request(
        self,
        method: str,
        url: str,
        params: dict[str, object] | None = None,
        data: dict[str, object] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,  # noqa: ARG002 — the signature is the SDK's; ours is always in force
        allow_redirects: bool = False,  # noqa: ARG002, FBT001, FBT002
    ) -> Any:
        """Make one request at the address that the settings name."""
        self._answer = None
        try:
            response = super().request(method, self._here(url), params, data, headers, auth, self.timeout)
        except OSError as error:
            if any(isinstance(link, _NEVER_SENT) for link in causes(error)):
                raise NeverSentError(f"{type(error).__name__}: {error}") from error
            raise
        named = {str(name).lower(): str(value) for name, value in (response.headers or {}).items()}
        self._answer = Answer(int(response.status_code), named, str(response.text))
        return response

    def taken(self) -> Answer | None:
        """Return the answer to the last request, once; None when it had none."""
        answer, self._answer = self._answer, None
        return answer

    def _here(self, url: str) -> str:
        """Point a URL of the SDK at the configured address: its own hosts and no other.

        A stand-in answers for both hosts, below a path of its own if it has one. Twilio's regions have both hosts
        under the same ending.
        """
        asked = urlsplit(url)
        ours = self._base.hostname or ""
        if asked.netloc == self._base.netloc or asked.hostname == API_HOST:
            host = self._base.netloc
        elif asked.hostname == CONTENT_HOST:
            real = ours.startswith("api.") and ours.endswith(".twilio.com")
            host = self._base.netloc.replace("api.", "content.", 1) if real else self._base.netloc
        else:
            raise UnmappedHostError(f"no address is configured for {asked.netloc}")
        below = self._base.path.rstrip("/")
        path = asked.path if asked.path.startswith(f"{below}/") else below + asked.path
        return asked._replace(scheme=self._base.scheme, netloc=host, path=path).geturl()


class TwilioWire:
    """Messages and templates of one account. One client a thread: the SDK keeps its last answer in the client."""

    def __init__(self, account_sid: str, token: str, base_url: str, timeout: float) -> None:
        hush("twilio.http_client", "urllib3.connectionpool")
        self._account_sid = account_sid
        self._token = token
        self._base_url = base_url.rstrip("/")
        self._timeout = timeout
        self._own = threading.local()

    def prepare(self) -> None:
        """Make this thread's client before the moment of its first call: the SDK reads its modules at first use."""
        client, _http = self._client()
        _ = client.messages

    def create(self, fields: dict[str, str]) -> Answer:
        """Create a message. Raises `NeverSentError`, or `LostError` when the request may have arrived."""
        answer, _made = self._ask(lambda client: client.messages.create(**fields))
        return answer

    def fetch(self, sid: str) -> tuple[Answer, dict[str, object] | None]:
        """Return the answer, and the message with this sid as plain values when there is one."""
        return self._ask(lambda client: _message(client.messages(sid).fetch()))

    def messages_to(self, to: str, limit: int) -> tuple[Answer, list[dict[str, object]] | None]:
        """Return the answer, and the newest messages to an address as plain values."""
        return self._ask(lambda client: [_message(one) for one in client.messages.list(to=to, limit=limit)])

    def templates(self) -> tuple[Answer, list[dict[str, object]] | None]:
        """Return the answer, and every template with what Meta says of it."""
        return self._ask(
            lambda client: [
                {
                    "sid": one.sid,
                    "friendly_name": one.friendly_name,
                    "language": one.language,
                    "types": one.types,
                    "approval_requests": one.approval_requests,
                }
                for one in client.content.v1.content_and_approvals.list(page_size=500)
            ]
        )

    def _ask(self, call: Callable[[Any], T]) -> tuple[Answer, T | None]:
        client, http = self._client()
        made = None
        listen()
        try:
            made = call(client)
        except NeverSentError:
            raise
        except Exception as error:  # whatever went wrong on the way back, the message may be on its way
            answer = http.taken()
            if answer is None and silent():
                raise NeverSentError(f"{type(error).__name__}: {error}") from error
            if answer is None:
                raise lost(error, (urllib3.exceptions.ReadTimeoutError,)) from error
            return answer, None
        return http.taken() or Answer(0), made

    def _client(self) -> tuple[Any, _Http]:
        if not hasattr(self._own, "client"):
            http = _Http(self._base_url, self._timeout)
            # A name for the environment, so that TWILIO_EDGE and TWILIO_REGION do not move the calls elsewhere.
            client = Client(self._account_sid, self._token, http_client=http, environment={"TWILIO_EDGE": ""})
            self._own.client, self._own.http = client, http
        return self._own.client, self._own.http


def _message(one: Any) -> dict[str, object]:
    return {
        "sid": one.sid,
        "status": one.status,
        "error_code": one.error_code,
        "error_message": one.error_message,
        "to": one.to,
        "from": one.from_,
        "body": one.body,
        "direction": one.direction,
        "date_created": _moment(one.date_created),
        "date_updated": _moment(one.date_updated),
        "date_sent": _moment(one.date_sent),
    }


def _moment(value: object) -> str | None:
    """Return a moment of the SDK's (aware, UTC) in ISO 8601; None for what is missing or is none."""
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else None
