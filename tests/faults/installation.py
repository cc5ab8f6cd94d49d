"""An installation on disk, the real processes that serve it, and what a fault suite asks of both afterwards."""

import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Protocol

from sqlalchemy import func, select

from campaigns import planning, templates
from campaigns.drafts import ContentDraft, Draft
from campaigns.models import Campaign, Delivery
from campaigns.states import CampaignState, DeliveryState
from contacts import consent
from contacts.models import Address, AddressKind, Channel, Contact, Decision, Membership, Network, NetworkKind
from outreach import faultpoints
from outreach.clock import SystemClock
from outreach.config import Settings
from outreach.platform import Platform

ROOT = Path(__file__).resolve().parents[2]
PYTHON = Path(sys.executable)
PROGRAMS: dict[str, tuple[str | Path, ...]] = {
    "serve": (PYTHON.with_name("outreach"), "serve"),
    "scheduler": (PYTHON, ROOT / "scheduler.py"),
    "worker": (PYTHON.with_name("outreach"), "worker"),
    "pages": (PYTHON.with_name("outreach"), "serve", "--no-engine"),
}
BATCH, THREADS = 4, 2  # of e-mail
CALL = BATCH // 2  # letters of a call: the people of a claim read two languages
PEOPLE_A_WAVE = 48  # of WhatsApp: calls that one process has under way, at most
#: What stands in for the provider's template where nobody asks for its text.
TEMPLATE = "HX" + "0" * 31 + "1"
#: Exit codes. SIGTERM before a process has come so far as to heed it ends it as it ends any other.
ENDINGS = {signal.SIGKILL: {-signal.SIGKILL}, signal.SIGTERM: {0, -signal.SIGTERM}}
LEFT: frozenset[str] = frozenset({"accepted", "delivered", "read", "bounced"})  # the log says that the provider took it
FINAL = LEFT | {"failed", "skipped"}


class Receiver(Protocol):
    """The receiving side: what it counted, whoever it is."""

    def counts(self) -> Mapping[str, int]:
        """Messages by our delivery id."""
        ...


@dataclass(frozen=True, slots=True)
class Reckoning:
    """The receiver's count beside the log."""

    people: int
    received: int
    lost: tuple[int, ...]  # the log says that it went and nobody got it, or the row was left behind
    twice: tuple[int, ...]
    told_otherwise: tuple[int, ...]  # received, and the log says that it did not go
    doubts: tuple[int, ...]
    unexplained: tuple[int, ...]  # in doubt without a reason

    @property
    def words(self) -> str:
        """One line for a person."""
        return f"{self.received} received, {len(self.lost)} lost, {len(self.twice)} twice, {len(self.doubts)} in doubt"


def free_port() -> int:
    """A port that nobody listens on."""
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


def numbers(count: int) -> list[str]:
    """Fictional WhatsApp numbers at which nothing special happens (docs/simulator.md)."""
    usual = [n for n in range(1000) if n % 100 not in {3, 10, 11, 14, 18, 24, 32, 44, 49, 66, 77, 88, 99}]
    return [f"+447700900{n:03}" for n in usual[:count]]


class Installation:
    """An installation, the processes that serve it, and how they ended."""

    def __init__(self, settings: Settings, receiver: Receiver, port: int, told: Mapping[str, str]) -> None:
        self.settings = replace(settings, public_url=f"http://127.0.0.1:{port}")
        self.platform = Platform(self.settings, SystemClock())
        self.receiver = receiver
        self.port = port
        self.environment = {
            **{name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ},
            "PYTHONFAULTHANDLER": "1",
            "OUTREACH_DATA": str(settings.data),
            "DATABASE_URL": settings.database_url,
            "OUTREACH_EMAIL_BATCH": str(BATCH),
            "OUTREACH_THREADS": str(THREADS),
            "OUTREACH_DOUBT_SECONDS": "1",
            "OUTREACH_WHATSAPP_BUDGET": "0",
            "OUTREACH_ABSENCE_SECONDS": "2",  # the list of the receiver shows at once what it took
            "OUTREACH_ABSENCE_AGAIN_SECONDS": "1",
            "OUTREACH_PUBLIC_URL": f"http://127.0.0.1:{port}",
            **told,
        }
        self.processes: list[subprocess.Popen[bytes]] = []
        self.kills = 0
        self.in_flight = 0  # rows that were being called when a process died
        self._log = settings.data / "processes.log"

    def close(self) -> None:
        """End what still runs."""
        while self.processes:
            self.end(self.processes[0])
        self.platform.close()

    # ------------------------------------------------------------------ processes

    def begin(self, program: str = "serve", *, fault: str = "", **told: str) -> subprocess.Popen[bytes]:
        """Start a process; `fault` is a place of `outreach.faultpoints` at which it dies."""
        arguments = ("--port", str(self.port)) if program in {"serve", "pages"} else ()
        with self._log.open("ab") as log_file:
            process = subprocess.Popen(
                [*PROGRAMS[program], *arguments],
                env=self.environment | told | ({faultpoints.VARIABLE: fault} if fault else {}),
                stdin=subprocess.DEVNULL,
                stdout=log_file,
                stderr=log_file,
            )
        self.processes.append(process)
        return process

    def serve(self, **told: str) -> subprocess.Popen[bytes]:
        """Start `outreach serve` and wait until it answers."""
        process = self.begin("serve", **told)
        assert until(lambda: self.answers() or process.poll() is not None, 60), self.said()
        assert process.poll() is None, self.said()
        return process

    def answers(self) -> bool:
        """Whether somebody serves."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def said(self) -> str:
        """What the processes wrote."""
        return f"{self.states()} in {self.campaign_states()}\n{self._log.read_text(errors='replace')[-9000:]}"

    def end(self, process: subprocess.Popen[bytes], number: signal.Signals = signal.SIGKILL) -> int:
        """End a process with a signal; return its exit code."""
        if process.poll() is None:
            process.send_signal(number)
        return self._ended(process, 30)

    def _ended(self, process: subprocess.Popen[bytes], seconds: float) -> int:
        try:
            code = process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGABRT)  # writes down where every thread stands
            process.wait(10)
            self.processes.remove(process)
            raise AssertionError(f"still alive after {seconds} s\n{self.said()}") from None
        self.processes.remove(process)
        return code

    def kill(self, process: subprocess.Popen[bytes], number: signal.Signals) -> None:
        """End a process in the middle of its work, and note what it left."""
        self._count(self.end(process, number), number)

    def dies(self, point: str, times: int, number: signal.Signals, *, program: str = "serve", **told: str) -> None:
        """Start a process that dies when it reaches a place for the `times`-th time, and wait for that."""
        ending = ":TERM" if number == signal.SIGTERM else ""
        process = self.begin(program, fault=f"{point}:{times}{ending}", **told)
        self._count(self._ended(process, 25), number)

    def _count(self, code: int, number: signal.Signals) -> None:
        assert code in ENDINGS[number], f"ended with {code}\n{self.said()}"
        self.kills += 1
        self.in_flight += self.calling()

    # ------------------------------------------------------------------ campaigns

    def people(self, count: int) -> None:
        """Bring people with both addresses and consent into the one network that campaigns speak to."""
        now = self.platform.clock.now()
        with self.platform.transaction() as session:
            network = Network(name="Red Voto Chilango", kind=NetworkKind.LIST)
            session.add(network)
            session.flush()
            for number, phone in enumerate(numbers(count)):
                contact = Contact(
                    name=f"Persona {number}",
                    country="GB",
                    timezone="Europe/London",
                    language=("es", "en")[number % 2],  # so that a claim takes two calls
                    created_at=now,
                )
                mail = f"p{number}@example.org"
                contact.addresses += [
                    Address(kind=AddressKind.EMAIL, value=mail, raw=mail),
                    Address(kind=AddressKind.WHATSAPP, value=phone, raw=phone, region="GB"),
                ]
                session.add(contact)
                session.flush()
                session.add(Membership(network_id=network.id, contact_id=contact.id, since=now))
                consent.record(
                    session, contact.id, "*", "*", Decision.GRANTED, source="formulario de prueba", at=now, by="pruebas"
                )

    def campaign(self, channel: Channel = Channel.EMAIL, template: str = TEMPLATE) -> int:
        """Make a campaign to everybody and say «now»; the processes do the work."""
        now = self.platform.clock.now()
        content = (
            ContentDraft(subject="Aviso para {{ nombre }}", text="Hola, {{ nombre }}")
            if channel == Channel.EMAIL
            else ContentDraft(template=template, template_values={"1": "{{ nombre }}"})
        )
        with self.platform.transaction() as session:
            if channel == Channel.WHATSAPP:
                templates.put(
                    session, template, name="aviso", language="es", category="UTILITY", status="approved",
                    body="Hola {{1}}, hay un aviso para usted.", at=now,
                )  # fmt: skip
            draft = Draft(
                title="Aviso",
                clase="difusion",
                informacion="Aviso",
                channels=(channel,),
                networks=("Red Voto Chilango",),
                contents=(content,),
            )
            made = planning.create(session, draft, at=now, by="pruebas")
            planning.send_now(session, made, at=now)
            return made.id

    def finished(self) -> bool:
        """Whether every campaign has come to its end."""
        return set(self.campaign_states()) == {CampaignState.FINISHED.value}

    def states(self) -> dict[str, int]:
        """Deliveries by state."""
        with self.platform.reading() as session:
            rows = session.execute(select(Delivery.state, func.count()).group_by(Delivery.state)).all()
            return {state.value: count for state, count in rows}

    def campaign_states(self) -> dict[str, int]:
        """Campaigns by state."""
        with self.platform.reading() as session:
            rows = session.execute(select(Campaign.state, func.count()).group_by(Campaign.state)).all()
            return {state.value: count for state, count in rows}

    def resume(self) -> None:
        """Do what a person does who has mended the sender: let every paused campaign go on."""
        with self.platform.transaction() as session:
            for campaign in session.scalars(select(Campaign).where(Campaign.state == CampaignState.PAUSED)).all():
                planning.resume(session, campaign)

    def calling(self) -> int:
        """Rows that are being called: in doubt for whoever finds them after a crash."""
        with self.platform.reading() as session:
            asked = select(func.count()).select_from(Delivery).where(Delivery.state == DeliveryState.CALLING)
            return session.scalar(asked) or 0

    # ------------------------------------------------------------------ the end

    def reckon(self) -> Reckoning:
        """Hold the receiver's count to the log, row by row."""
        received = {int(key): count for key, count in self.receiver.counts().items()}
        with self.platform.reading() as session:
            rows = session.execute(select(Delivery.id, Delivery.state, Delivery.reason)).all()
        went = {row.id for row in rows if row.state in LEFT}
        return Reckoning(
            people=len(rows),
            received=len(received),
            lost=tuple(
                row.id for row in rows
                if (row.id in went and row.id not in received) or row.state not in FINAL | {"in_doubt"}
            ),
            twice=tuple(number for number, count in received.items() if count > 1),
            told_otherwise=tuple(
                sorted((received.keys() & {row.id for row in rows if row.state in {"failed", "skipped", "planned"}})
                | (received.keys() - {row.id for row in rows}))
            ),
            doubts=tuple(row.id for row in rows if row.state == "in_doubt"),
            unexplained=tuple(row.id for row in rows if row.state == "in_doubt" and not row.reason),
        )  # fmt: skip

    def settled(self, *, heard: bool) -> bool:
        """Whether every campaign has ended and, where the provider is `heard`, no doubt is left that it answers."""
        if not self.finished():
            return False
        known = self.reckon().doubts if heard else ()
        return not {str(number) for number in known} & self.receiver.counts().keys()

    def comes_to_its_end(self, *, heard: bool, program: str = "serve", seconds: float = 120) -> Reckoning:
        """Let a last process finish the work, and return what became of everybody.

        `heard`: what the provider tells comes back, so nothing that it took may stay in doubt.
        """
        process = self.begin(program)
        assert until(lambda: self.settled(heard=heard), seconds), self.said()
        assert self.end(process, signal.SIGTERM) in ENDINGS[signal.SIGTERM], self.said()
        return self.reckon()
