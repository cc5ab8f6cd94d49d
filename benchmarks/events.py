"""How fast the providers' events are verified, stored and processed by the real program, and a run with all of them."""

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from threading import Event
from time import perf_counter
from urllib.parse import urlencode, urlsplit
from urllib.request import urlopen

from sqlalchemy import exists, func, select, text

from benchmarks.extent import Extent
from benchmarks.population import NOW, campaign, populated
from benchmarks.stands import apart, database
from benchmarks.table import Figure
from campaigns import audience, planning
from campaigns.indexed import BEGUN, PLANNED
from campaigns.models import Campaign, Delivery, Receipt, Run, WebhookBatch
from campaigns.states import DeliveryState
from outreach import keep
from outreach.clock import SystemClock
from outreach.config import Settings
from outreach.platform import Platform
from outreach.simulator.signing import SENDGRID_SIGNATURE, SENDGRID_TIMESTAMP, TWILIO_SIGNATURE, EventKey, sign_form

EVENTS, CALLBACKS, PEOPLE = 200_000, 10_000, 200_000
EVENTS_GOAL, RUN_GOAL = 10_000.0, 6_000.0  # a second
BATCH = 1000  # events of a post at most, and letters of a call: SendGrid's
LINES = 8  # connections over which a provider posts
PROGRAM = Path(sys.executable).with_name("outreach")
KIND = {"sendgrid": "SendGrid's batches", "twilio": "Twilio's single posts"}


def measure(extent: Extent) -> list[Figure]:
    """Measure events by themselves, and a run with every event posted back, on each database."""
    figures = []
    for kind in extent.databases:
        told = {
            "sendgrid": _told(kind, "sendgrid", extent.at_most(EVENTS), extent.seed),
            "twilio": _told(kind, "twilio", extent.at_most(CALLBACKS), extent.seed),
        }
        figures += [
            Figure(
                f"webhook events of {KIND[provider]}, {kind}: verified, stored, processed",
                figure.pace,
                "events/s",
                goal=EVENTS_GOAL if provider == "sendgrid" else None,
                more={"cpu_microseconds_an_event": figure.cpu, "answered_after_seconds": figure.answered},
            )
            for provider, figure in told.items()
        ]
        people = extent.at_most(PEOPLE)
        run = _run(kind, people, extent.seed)
        figures.append(
            Figure(
                f"e-mail run of {people:,} with every event posted back, {kind}",
                run.pace,
                "people/s",
                goal=RUN_GOAL,
                more={
                    "cpu_microseconds_a_person": run.cpu,
                    "simulators_cpu_microseconds_a_person": run.simulator,
                    "last_sent_after_seconds": run.answered,
                },
            )
        )
    return figures


@dataclass(frozen=True, slots=True)
class Pace:
    """How many a second, what one cost the program in microseconds of a core, and when the first part was over."""

    pace: float
    cpu: float
    answered: float
    simulator: float = 0.0  # what one cost the simulator


def _told(kind: str, provider: str, events: int, seed: int) -> Pace:
    """Post events of messages that were accepted to a running program; wait until the last is processed."""
    with database(kind) as settings, _free_port() as port:
        platform = _prepared(settings, -(-events // 2), seed)
        with platform.transaction() as session:
            session.execute(
                text("UPDATE delivery SET state = 'accepted', provider_id = 'SM' || id, accepted_at = due_at")
            )
            installation = keep.installation_id(session)
            numbers = session.scalars(select(Delivery.id).order_by(Delivery.id).limit(-(-events // 2))).all()
        key, url = EventKey(), f"http://127.0.0.1:{port}"
        with _serving(settings, port, _keys(key.public)) as process:
            post, busy = {"sendgrid": post_events, "twilio": post_callbacks}[provider], _cpu(process.pid)
            posted = apart(post, url, key.pem, installation, list(numbers)).value
            _wait(platform, lambda: not _waiting(platform))
            ended, cpu = perf_counter(), _cpu(process.pid) - busy
        kept = _count(platform, select(func.count()).select_from(Receipt))
        arrived = _count(platform, select(func.count()).where(Delivery.state == DeliveryState.DELIVERED))
        platform.close()
    if (kept, arrived) != (2 * len(numbers), len(numbers)):
        raise RuntimeError(f"{kept} events kept and {arrived} delivered, of {len(numbers)} people: no figure")
    return Pace(kept / (ended - posted["begun"]), cpu / kept * 1e6, posted["ended"] - posted["begun"])


def _run(kind: str, people: int, seed: int) -> Pace:
    """Send to people through the simulator, which posts every event back; wait until the last is processed."""
    with database(kind) as settings, _free_port() as port:
        platform = _prepared(settings, people, seed)
        with platform.transaction() as session:
            planning.pause(session, session.scalars(select(Campaign)).one())
        with (
            _simulator(f"http://127.0.0.1:{port}/webhooks/sendgrid") as (simulator, environment),
            _serving(settings, port, environment) as process,
        ):
            begun, busy, theirs = perf_counter(), _cpu(process.pid), _cpu(simulator.pid)
            with platform.transaction() as session:
                planning.resume(session, session.scalars(select(Campaign)).one())
            called = select(exists().where(PLANNED) | exists().where(BEGUN))  # to count them would take a core
            _wait(platform, lambda: not _count(platform, called))
            sent = perf_counter()
            told = select(func.max(Receipt.id))
            _wait(platform, lambda: _count(platform, told) >= 2 * people and not _waiting(platform))
            ended, cpu = perf_counter(), _cpu(process.pid) - busy
            theirs = _cpu(simulator.pid) - theirs
        arrived = _count(platform, select(func.count()).where(Delivery.state == DeliveryState.DELIVERED))
        platform.close()
    if arrived != people:
        raise RuntimeError(f"{arrived} of {people} delivered: no figure of a run that failed")
    return Pace(people / (ended - begun), cpu / people * 1e6, sent - begun, theirs / people * 1e6)


def _prepared(settings: Settings, people: int, seed: int) -> Platform:
    """Return a platform whose run is written and waits to leave."""
    platform = populated(settings, people, seed=seed)
    run_id = campaign(platform)
    with platform.transaction() as session:
        audience.prepare(session, session.get_one(Run, run_id), at=NOW, quiet=None)
    return platform


def _waiting(platform: Platform) -> int:
    return _count(platform, select(func.count()).where(WebhookBatch.processed_at.is_(None)))


def _count(platform: Platform, wanted: object) -> int:
    with platform.reading() as session:
        return session.scalar(wanted) or 0  # type: ignore[call-overload]


def _wait(platform: Platform, true: object, seconds: float = 600) -> None:
    end, pause = perf_counter() + seconds, Event()
    while not true():  # type: ignore[operator]
        if perf_counter() > end:
            raise RuntimeError(f"not over after {seconds:.0f} s: {_waiting(platform)} posts wait")
        pause.wait(0.1)


# ---------------------------------------------------------------- processes


@contextmanager
def _free_port() -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    yield port


def _keys(public: str) -> dict[str, str]:
    """Return the settings of a program whose providers only tell, and are never called."""
    return {
        "SENDGRID_API_KEY": "SG.medida",
        "SENDGRID_WEBHOOK_KEY": public,
        "OUTREACH_SENDGRID_URL": "http://127.0.0.1:9",
        "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "TWILIO_AUTH_TOKEN": "medida",
        "OUTREACH_TWILIO_URL": "http://127.0.0.1:9",
    }


@contextmanager
def _serving(settings: Settings, port: int, environment: dict[str, str]) -> Iterator["subprocess.Popen[bytes]"]:
    """Run `outreach serve` over a database until the block ends."""
    told = {
        **{name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ},
        "OUTREACH_DATA": str(settings.data),
        "DATABASE_URL": settings.database_url,
        "OUTREACH_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "OUTREACH_EMAIL_BATCH": str(BATCH),
        **environment,
    }
    with subprocess.Popen(
        [PROGRAM, "serve", "--port", str(port)], env=told, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            for _ in range(300):
                try:
                    urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5).close()
                    break
                except OSError:
                    Event().wait(0.1)
            yield process
        finally:
            process.terminate()
            process.wait(30)


@contextmanager
def _simulator(webhook: str) -> Iterator[tuple["subprocess.Popen[str]", dict[str, str]]]:
    """Run the simulator in a process of its own; give it and the settings that lead to it."""
    command = [PROGRAM, "simulator", "--port", "0", "--delay", "0.05", "--json", "--sendgrid-webhook", webhook]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process, json.loads(process.stdout.readline())["settings"]
        finally:
            process.terminate()
            process.wait(60)


def _cpu(pid: int) -> float:
    """Return the seconds that a process was on a core so far (Linux)."""
    fields = re.sub(r"^.*\)", "", Path(f"/proc/{pid}/stat").read_text()).split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


# ---------------------------------------------------------------- what the providers post


def post_events(url: str, pem: str, installation: str, numbers: list[int]) -> dict[str, float]:
    """Post `processed` and `delivered` of these deliveries as SendGrid does, signed; return when that was."""
    key, now = EventKey(pem), int(SystemClock().now().timestamp())
    posts = []
    for start in range(0, len(numbers), BATCH):
        for event in ("processed", "delivered"):
            events = [_event(number, event, now, installation) for number in numbers[start : start + BATCH]]
            body = json.dumps(events, separators=(",", ":")).encode() + b"\r\n"
            headers = {SENDGRID_TIMESTAMP: str(now), SENDGRID_SIGNATURE: key.sign(str(now), body)}
            posts.append(("/webhooks/sendgrid", body, headers))
    return _post(url, posts)


def _event(number: int, event: str, now: int, installation: str) -> dict[str, object]:
    return {
        "email": f"p{number}@example.org",
        "timestamp": now,
        "smtp-id": "<14c5d75ce93.dfd.64b469@ismtpd-555>",
        "event": event,
        "category": ["run:1"],
        "sg_event_id": f"{event[:4]}{number:018d}",
        "sg_message_id": f"14c5d75ce93.dfd.64b469.recvd-5f54b5d5d6-x2k9p-1-00000000-{number:X}.0",
        "vc_delivery": str(number),
        "vc_installation": installation,
    } | ({"response": "250 2.0.0 OK"} if event == "delivered" else {})


def post_callbacks(url: str, _pem: str, installation: str, numbers: list[int]) -> dict[str, float]:
    """Post `sent` and `delivered` of these deliveries as Twilio does, one at a time; return when that was."""
    posts = []
    for number in numbers:
        for status in ("sent", "delivered"):
            path = f"/webhooks/twilio/status?d={number}&i={installation}"
            fields = {
                "MessageSid": f"SM{number}", "SmsSid": f"SM{number}", "MessageStatus": status, "SmsStatus": status,
                "To": f"whatsapp:+52{number:010d}", "From": "whatsapp:+525555550100", "AccountSid": "AC" + "0" * 32,
                "ApiVersion": "2010-04-01", "ChannelPrefix": "whatsapp",
            }  # fmt: skip
            headers = {
                "Content-Type": "application/x-www-form-urlencoded",
                TWILIO_SIGNATURE: sign_form("medida", url + path, fields.items()),
            }
            posts.append((path, urlencode(fields).encode(), headers))
    return _post(url, posts)


def _post(url: str, posts: list[tuple[str, bytes, dict[str, str]]]) -> dict[str, float]:
    def line(number: int) -> None:
        connection = HTTPConnection(urlsplit(url).netloc, timeout=60)
        for path, body, headers in posts[number::LINES]:
            connection.request("POST", path, body, headers)
            answer = connection.getresponse()
            answer.read()
            if answer.status // 100 != 2:
                raise RuntimeError(f"a signed post was answered {answer.status}")
        connection.close()

    begun = perf_counter()
    with ThreadPoolExecutor(LINES) as pool:
        list(pool.map(line, range(LINES)))
    return {"begun": begun, "ended": perf_counter()}
