"""Where every request comes in: to SendGrid, to Twilio or to the desk, with what goes wrong on the way."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from ipaddress import ip_address
from typing import Protocol
from urllib.parse import urlsplit

from outreach.simulator.core import Core
from outreach.simulator.faults import Fault
from outreach.simulator.sendgrid import SendGrid, errors
from outreach.simulator.server import TOO_LARGE, Request, Response, Wire
from outreach.simulator.templates import problem
from outreach.simulator.twilio import Twilio

HTML = {"Content-Type": "text/html"}


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request of the platform and what it was answered: held against the vendors' OpenAPI files by tests."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    status: int  # 0: no answer
    answer_headers: Mapping[str, str]
    answer: bytes
    fault: bool  # the answer, or the lack of one, was ordered


class Provider(Protocol):
    """One of the two."""

    def answer(self, request: Request) -> Response:
        """Answer one request."""
        ...

    def addresses(self, request: Request) -> list[str]:
        """Return whom a request is about."""
        ...


class Counter(Protocol):
    """Whoever answers for the simulator itself: pages and switches."""

    def answer(self, request: Request) -> Response:
        """Answer one request."""
        ...


class FrontDoor:
    """The application that the server runs."""

    def __init__(
        self,
        core: Core,
        sendgrid: SendGrid,
        twilio: Twilio,
        desk: Counter,
        latency: float,
        record: Callable[[Exchange], None],
    ) -> None:
        self.core = core
        self.sendgrid = sendgrid
        self.twilio = twilio
        self.desk = desk
        self.latency = latency
        self.record = record

    def answer(self, request: Request, wire: Wire) -> Response | None:
        """Answer one request; None where nothing shall be said."""
        provider: Provider
        path = request.path
        if path.startswith("/v3/"):
            provider = self.sendgrid
        elif path.startswith(("/2010-04-01/", "/v1/Content")):
            provider = self.twilio
        elif not _is_local(request.headers.get("host", "")):
            return Response(HTTPStatus.MISDIRECTED_REQUEST)  # a page elsewhere that calls itself by our address
        else:
            return self.desk.answer(request)
        faults = self.core.faults.for_call(request.method, path, lambda: provider.addresses(request))
        response = self._answer(request, wire, provider, faults)
        self.record(
            Exchange(
                request.method,
                request.target,
                request.headers,
                request.body,
                response.status if response else 0,
                response.headers if response else {},
                response.body if response else b"",
                fault=any(fault.kind != "latency" for fault in faults),
            )
        )
        return response

    def _answer(self, request: Request, wire: Wire, provider: Provider, faults: list[Fault]) -> Response | None:
        if wait := sum(fault.seconds for fault in faults if fault.kind == "latency"):
            wire.wait(wait)
        response = self._said(request, wire, provider, faults)
        if self.latency:
            wire.wait(self.latency)  # the request is taken when it comes, the answer takes its time
        return response

    def _said(self, request: Request, wire: Wire, provider: Provider, faults: list[Fault]) -> Response | None:
        fault = next((fault for fault in faults if fault.kind != "latency"), None)
        if fault is None:
            return provider.answer(request)
        if fault.accept:
            provider.answer(request)
        if fault.kind == "status":
            return broken(fault, twilio=provider is self.twilio)
        if fault.kind == "reset":
            wire.reset()
        else:
            wire.hush()
        return None


def broken(fault: Fault, *, twilio: bool) -> Response:
    """Return the answer of a service in trouble, in its own shape."""
    status = fault.status
    phrase = HTTPStatus(status).phrase if status in set(HTTPStatus) else "Unknown"
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        response = Response(status, TOO_LARGE, dict(HTML))
    elif HTTPStatus.BAD_GATEWAY <= status <= HTTPStatus.GATEWAY_TIMEOUT and not twilio:
        response = Response(
            status, f"<html><head><title>{status} {phrase}</title></head></html>\r\n".encode(), dict(HTML)
        )
    elif twilio:
        code = {401: 20003, 404: 20404, 429: 20429, 503: 20503}.get(status, 20000 + status)
        response = problem(status, code, "Too Many Requests" if status == HTTPStatus.TOO_MANY_REQUESTS else phrase)
    else:
        response = errors(
            status, ("too many requests" if status == HTTPStatus.TOO_MANY_REQUESTS else phrase.lower(), "")
        )
    if fault.retry_after is not None:
        response.headers["Retry-After"] = f"{fault.retry_after:g}"
    return response


def _is_local(host: str) -> bool:
    """Whether a Host header names this machine by itself, and not a name that somebody pointed at it."""
    name = urlsplit(f"//{host}").hostname or ""
    if name == "localhost":
        return True
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
