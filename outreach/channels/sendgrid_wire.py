"""The only file that knows the SendGrid SDK: a dict goes out, the answer comes back as it was.

The SDK opens connections with urllib, which has no default time limit and follows a redirect as a GET with the key
in it, answering 200 as if the mail had gone. So it is given an opener that follows nothing, and whose connections
say when they were never made: only that proves that nothing was sent. They also bound the whole answer (`deadlines`).
"""

import http.client
import ssl
import threading
import urllib.request
from email.message import Message as Headers
from typing import IO, Any

import python_http_client
import sendgrid
from python_http_client.exceptions import HTTPError

from outreach.channels.deadlines import Punctual, listen, silent
from outreach.channels.wire import Answer, NeverSentError, hush, loopback, lost


class _Connection(Punctual):
    def connect(self) -> None:
        """Connect, or say that nothing was sent."""
        try:
            super().connect()
        except OSError as error:
            raise NeverSentError(f"{type(error).__name__}: {error}") from error


class _SecureConnection(Punctual, http.client.HTTPSConnection):
    def connect(self) -> None:
        """Connect and shake hands, or say that nothing was sent: a name, a refusal, a certificate, a time limit."""
        try:
            super().connect()
        except OSError as error:
            raise NeverSentError(f"{type(error).__name__}: {error}") from error


class _Plain(urllib.request.HTTPHandler):
    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_Connection, req)


class _Secure(urllib.request.HTTPSHandler):
    def __init__(self) -> None:
        super().__init__()
        self._trust = ssl.create_default_context()

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_SecureConnection, req, context=self._trust)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self,
        req: urllib.request.Request,  # noqa: ARG002 — the signature is urllib's
        fp: IO[bytes],  # noqa: ARG002
        code: int,  # noqa: ARG002
        msg: str,  # noqa: ARG002
        headers: Headers,  # noqa: ARG002
        newurl: str,  # noqa: ARG002
    ) -> None:
        return None


class _Client(python_http_client.Client):  # type: ignore[misc] # the SDK has no types
    """The SDK's client, with our opener in place of the one it builds for each call."""

    def __init__(self, opener: urllib.request.OpenerDirector, **given: Any) -> None:
        super().__init__(**given)
        self._opener = opener

    def _build_client(self, name: str | None = None) -> "_Client":
        return _Client(
            self._opener,
            host=self.host,
            version=self._version,
            request_headers=self.request_headers,
            url_path=[*self._url_path, name] if name else self._url_path,
            timeout=self.timeout,
        )

    def _make_request(self, opener: object, request: urllib.request.Request, timeout: float | None = None) -> Any:  # noqa: ARG002
        return super()._make_request(self._opener, request, timeout=timeout)


class SendGridWire:
    """Posts mail. One client a thread: the SDK's clients share a dict of headers that they change."""

    def __init__(self, api_key: str, base_url: str, timeout: float) -> None:
        hush("python_http_client.client")
        self._api_key = api_key
        self._base_url = base_url.rstrip("/")
        self._timeout = timeout
        self._own = threading.local()
        handlers: list[urllib.request.BaseHandler] = [_Plain(), _Secure(), _NoRedirect()]
        if loopback(self._base_url):
            handlers.append(urllib.request.ProxyHandler({}))
        # Made once, and before the moment of a first call: to read whom the machine trusts takes a while.
        self._opener = urllib.request.build_opener(*handlers)

    def post(self, body: dict[str, Any]) -> Answer:
        """Call POST /v3/mail/send once. Raises `NeverSentError`, or `LostError` when it may have arrived."""
        client = self._client()
        listen()
        try:
            response = client.mail.send.post(request_body=body)
        except NeverSentError:
            raise
        except HTTPError as error:
            return _answer(error.status_code, error.headers, error.body)
        except Exception as error:  # whatever went wrong on the way back, the mail may be on its way
            if silent():
                raise NeverSentError(f"{type(error).__name__}: {error}") from error
            raise lost(error) from error
        return _answer(response.status_code, response.headers, response.body)

    def _client(self) -> Any:
        if not hasattr(self._own, "client"):
            api = sendgrid.SendGridAPIClient(api_key=self._api_key, host=self._base_url)
            api.client = _Client(
                self._opener,
                host=self._base_url,
                version=3,
                request_headers=api.client.request_headers,
                timeout=self._timeout,
            )
            self._own.client = api.client
        return self._own.client


def _answer(status: int, headers: Any, body: bytes) -> Answer:
    named = {str(name).lower(): str(value) for name, value in (headers.items() if headers else ())}
    return Answer(int(status), named, body.decode("utf-8", "replace"))
