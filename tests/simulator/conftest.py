"""A simulator in virtual time, both official SDKs pointed at it, and somebody who listens to its webhooks."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

import pytest
import requests
import sendgrid
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from outreach.clock import VirtualClock
from outreach.simulator import Simulator

SENDER = "whatsapp:+525555550100"


@dataclass
class Posted:
    """One webhook as it arrived."""

    path: str  # with its query
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))


@dataclass
class Listener:
    """Keeps every webhook; answers each with the next status of `statuses`, 200 after the last."""

    url: str = ""
    posted: list[Posted] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)  # 0 hangs up without an answer, -200 after it
    arrived: threading.Condition = field(default_factory=threading.Condition)
    closed: threading.Event = field(default_factory=threading.Event)  # a line was closed after an answer

    def events(self) -> list[dict[str, Any]]:
        """SendGrid's events, in the order in which they came."""
        return [event for one in self.posted if one.path.endswith("/sendgrid") for event in one.json]

    def told(self, address: str) -> list[str]:
        """The words of the events about one address."""
        return [event["event"] for event in self.events() if event["email"] == address]

    def statuses_of(self, sid: str) -> list[str]:
        """The words of the callbacks about one message of Twilio's."""
        forms = [one.form for one in self.posted if "/status" in one.path]
        return [form["MessageStatus"] for form in forms if form["MessageSid"] == sid]

    def wait_for(self, count: int) -> None:
        """Let real time pass until so many webhooks have come."""
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.posted) >= count, 20)


@pytest.fixture
def listener() -> Iterator[Listener]:
    heard = Listener()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            with heard.arrived:
                heard.posted.append(Posted(self.path, headers, body))
                status = heard.statuses.pop(0) if heard.statuses else 200
                heard.arrived.notify_all()
            if not status:
                self.close_connection = True
                return
            self.send_response(abs(status))
            self.send_header("Content-Length", "0")
            self.end_headers()
            self.close_connection = status < 0

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False

        def shutdown_request(self, request: Any) -> None:
            super().shutdown_request(request)
            heard.closed.set()

    server = Server(("127.0.0.1", 0), Handler)
    heard.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield heard
    server.shutdown()
    server.server_close()
    thread.join(5)


@pytest.fixture
def simulator(clock: VirtualClock, listener: Listener) -> Iterator[Simulator]:
    with Simulator(
        clock, seed=7, sendgrid_webhook=f"{listener.url}/sendgrid", twilio_inbound=f"{listener.url}/inbound"
    ) as one:
        yield one


def mail_to(*addresses: str, **over: Any) -> dict[str, Any]:
    """The dict of a call to these people; delivery ids count from 1."""
    body = {
        "personalizations": [
            {
                "to": [{"email": address, "name": f"Persona {number}"}],
                "substitutions": {"-n-": f"Persona {number}"},
                "custom_args": {"vc_delivery": str(number), "vc_installation": "c0ffee12"},
            }
            for number, address in enumerate(addresses, 1)
        ],
        "from": {"email": "votochilango@example.org", "name": "Voto Chilango"},
        "subject": "Aviso para -n-",
        "content": [
            {"type": "text/plain", "value": "Hola, -n-."},
            {"type": "text/html", "value": "<html><head></head><body><p>Hola, <b>-n-</b>.</p></body></html>"},
        ],
    }
    return body | over


@pytest.fixture(name="mail_to")
def _mail_to() -> Callable[..., dict[str, Any]]:
    return mail_to


@dataclass
class Caller:
    """Calls one simulator with the official SDKs, or plainly."""

    simulator: Simulator

    def mail(self, body: dict[str, Any]) -> Any:
        """POST /v3/mail/send through the sendgrid SDK."""
        api = sendgrid.SendGridAPIClient(api_key=self.simulator.sendgrid_api_key, host=self.simulator.url)
        api.client.timeout = 10
        return api.client.mail.send.post(request_body=body)

    def refused(self, body: Any) -> list[tuple[str, str]]:
        """Post a call that is refused with 400; return message and field of each error."""
        answer = self.post("/v3/mail/send", json=body)
        assert answer.status_code == 400
        return [(error["message"], error.get("field", "")) for error in answer.json()["errors"]]

    def post(self, path: str, **how: Any) -> requests.Response:
        """POST with SendGrid's key."""
        headers = {"Authorization": f"Bearer {self.simulator.sendgrid_api_key}"} | how.pop("headers", {})
        return requests.post(self.simulator.url + path, headers=headers, timeout=10, **how)

    def get(self, path: str, **how: Any) -> requests.Response:
        """GET from the simulator's own counter."""
        return requests.get(self.simulator.url + path, timeout=10, **how)

    @property
    def twilio(self) -> Client:
        """The twilio SDK, pointed at the simulator."""
        base = self.simulator.url

        class Here(TwilioHttpClient):
            def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
                for host in ("https://api.twilio.com", "https://content.twilio.com"):
                    url = url.replace(host, base)
                assert url.startswith(base)
                return super().request(method, url, *args, **kwargs)

        return Client(self.simulator.twilio_sid, self.simulator.twilio_token, http_client=Here(timeout=10))

    def text(self, number: str, **over: Any) -> Any:
        """Send a template of one variable to a number, with a delivery id in the StatusCallback."""
        sid = self.simulator.add_template("aviso", "Hola, {{1}}. Hay un aviso.")
        given = {
            "to": f"whatsapp:{number}",
            "from_": SENDER,
            "content_sid": sid,
            "content_variables": '{"1": "Ana"}',
        } | over
        return self.twilio.messages.create(**{name: value for name, value in given.items() if value is not None})


@pytest.fixture
def call(simulator: Simulator) -> Caller:
    return Caller(simulator)


@pytest.fixture
def caller() -> type[Caller]:
    return Caller
