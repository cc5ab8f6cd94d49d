"""A real `outreach serve` that is killed for real, against a simulator that stays up and counts."""

import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event
from time import monotonic

import pytest

from campaigns import log, planning
from campaigns.drafts import ContentDraft, Draft
from campaigns.models import Campaign
from contacts.models import Channel
from outreach.clock import SystemClock
from outreach.config import Settings
from outreach.platform import Platform
from outreach.simulator import Simulator

PROGRAM = Path(sys.executable).with_name("outreach")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(true: Callable[[], object], seconds: float) -> bool:
    """Ask again and again, until it is so or the time is over."""
    end, pause = monotonic() + seconds, Event()
    while monotonic() < end:
        if true():
            return True
        pause.wait(0.05)
    return bool(true())


class Installation:
    """An installation on disk and the process that serves it."""

    def __init__(self, platform: Platform, simulator: Simulator, environment: dict[str, str], port: int) -> None:
        self.platform = platform
        self.simulator = simulator
        self.environment = environment
        self.port = port
        self.process: subprocess.Popen[str] | None = None
        self.deaths: list[int] = []

    def start(self) -> None:
        """Serve, and wait until it answers."""
        self.process = subprocess.Popen(
            [PROGRAM, "serve", "--port", str(self.port)],
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert until(self._answers, 30), self.process.stderr.read() if self.process.poll() is not None else "silent"

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=2) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False

    def end(self, number: signal.Signals = signal.SIGKILL, patience: float = 15) -> int:
        """End the process with a signal and wait for its death."""
        assert self.process is not None
        self.process.send_signal(number)
        code = self.process.wait(patience)
        assert self.process.stderr is not None
        self.process.stderr.close()
        self.process = None
        self.deaths.append(code)
        return code

    def campaign(self) -> int:
        """Make a campaign to everybody and say «now»; the process does the work."""
        now = self.platform.clock.now()
        draft = Draft(
            title="Aviso",
            clase="difusion",
            informacion="Aviso",
            channels=(Channel.EMAIL,),
            networks=("Red Voto Chilango",),
            contents=(ContentDraft(subject="Aviso para {{ nombre }}", text="Hola, {{ nombre }}"),),
        )
        with self.platform.transaction() as session:
            made = planning.create(session, draft, at=now, by="pruebas")
            planning.send_now(session, made, at=now)
            return made.id

    def progress(self, campaign_id: int) -> str:
        """What `outreach campaigns status` would say."""
        with self.platform.reading() as session:
            campaign = session.get_one(Campaign, campaign_id)
            return log.progress(session, campaign, at=self.platform.clock.now(), doubt_seconds=3)

    def states(self, campaign_id: int) -> dict[str, int]:
        """Deliveries by state."""
        with self.platform.reading() as session:
            return log.counts(session, campaign_id)

    @staticmethod
    def until(true: Callable[[], object], seconds: float = 30) -> bool:
        """Ask again and again, until it is so or the time is over."""
        return until(true, seconds)

    def received(self) -> dict[str, int]:
        """The receiving side's own count of messages per delivery."""
        return self.simulator.counts()


@pytest.fixture
def clock() -> SystemClock:
    """Processes that are killed for real live in real time."""
    return SystemClock()


@pytest.fixture
def installation(settings: Settings, platform: Platform) -> Iterator[Installation]:
    port = free_port()
    simulator = Simulator(
        sendgrid_webhook=f"http://127.0.0.1:{port}/webhooks/sendgrid",
        twilio_inbound=f"http://127.0.0.1:{port}/webhooks/twilio/inbound",
    )
    simulator.start()
    environment = {
        "PATH": os.environ["PATH"],
        "OUTREACH_DATA": str(settings.data),
        "DATABASE_URL": settings.database_url,
        "OUTREACH_EMAIL_BATCH": "10",
        "OUTREACH_THREADS": "2",
        "OUTREACH_DOUBT_SECONDS": "3",
        "SENDGRID_API_KEY": simulator.sendgrid_api_key,
        "SENDGRID_WEBHOOK_KEY": simulator.sendgrid_public_key,
        "OUTREACH_SENDGRID_URL": simulator.url,
        "TWILIO_ACCOUNT_SID": simulator.twilio_sid,
        "TWILIO_AUTH_TOKEN": simulator.twilio_token,
        "OUTREACH_TWILIO_URL": simulator.url,
    }
    house = Installation(platform, simulator, environment, port)
    yield house
    if house.process is not None:
        house.end()
    simulator.stop()
