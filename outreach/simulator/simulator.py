"""The simulator: a stand-in for SendGrid and Twilio over real HTTP, in this process or alone."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from threading import Thread
from typing import ClassVar, Self

from contacts.errors import refuse
from outreach.clock import Clock, SystemClock, VirtualClock
from outreach.simulator.controls import Controls
from outreach.simulator.core import Core
from outreach.simulator.desk import Desk
from outreach.simulator.faults import Faults
from outreach.simulator.frontdoor import Exchange, FrontDoor
from outreach.simulator.journal import Journal
from outreach.simulator.postman import Postman
from outreach.simulator.replay import replay
from outreach.simulator.sendgrid import PREFIX, SendGrid
from outreach.simulator.server import Server
from outreach.simulator.signing import EventKey
from outreach.simulator.store import Store
from outreach.simulator.templates import Account, Lookup, Templates
from outreach.simulator.twilio import Twilio
from outreach.simulator.whatsapp import WhatsApp

DELAY = 0.2  # seconds between the steps of a message where time is real
MEMORY = 64 * 1024 * 1024  # bytes of messages that can be looked at
Recorder = Callable[[Exchange], None]


@dataclass(frozen=True)
class Credentials:
    """What an account would be given. Left empty, they are made, and any credentials of the right form are taken."""

    sendgrid_api_key: str = ""
    twilio_sid: str = ""
    twilio_token: str = ""
    private_key: str = ""  # PEM, P-256: signs SendGrid's events


class Simulator(Controls):
    """One SendGrid account and one Twilio account.

    With a `VirtualClock` nothing moves by itself: `due` says when there is something to tell and `deliver` tells it.
    With any other clock a thread tells each thing as it falls due.
    """

    everywhere: ClassVar[list[Recorder]] = []  # told of every exchange of every simulator in this process

    def __init__(
        self,
        clock: Clock | None = None,
        *,
        seed: int = 0,
        host: str = "127.0.0.1",
        port: int = 0,
        sendgrid_webhook: str = "",
        twilio_inbound: str = "",
        credentials: Credentials | None = None,
        templates: Lookup | None = None,
        delay: float | None = None,
        latency: float = 0.0,
        keep: Path | None = None,
        memory: int = MEMORY,
        recorder: Recorder | None = None,
    ) -> None:
        """Make it; `start` opens it.

        `delay`: seconds between the steps of a message; None: 0.2 in real time, realistic ones in virtual time.
        `latency`: seconds before each answer. `keep`: file from which a restart knows what was received, and the keys.
        `memory`: bytes of messages that can be looked at later; counts are exact whatever was let go. `templates`
        answers for a ContentSid that the simulator was not told of.
        """
        self.clock = clock or SystemClock()
        self.moves = not isinstance(self.clock, VirtualClock)
        self.host, self.port = host, port
        given = credentials or Credentials()
        self.key_given = bool(given.private_key)
        self._keep = keep
        self._replayed = False
        self.core = Core(
            self.clock,
            seed,
            DELAY if delay is None and self.moves else delay,
            Store(memory),
            Faults(seed),
        )
        sid = "AC" + blake2b(f"account {seed}".encode(), digest_size=16).hexdigest()
        account = Account(given.twilio_sid or sid, given.twilio_token or secrets.token_hex(16))
        self.templates = Templates(self.core, account, templates)
        self.whatsapp = WhatsApp(self.core, account, self.templates)
        self.sendgrid = SendGrid(
            self.core,
            given.sendgrid_api_key or PREFIX + secrets.token_urlsafe(24),
            strict=bool(given.sendgrid_api_key),
        )
        self.twilio = Twilio(self.whatsapp, strict=bool(given.twilio_token))
        self.postman = Postman(self.core, self.whatsapp, EventKey(given.private_key))
        self.sendgrid_webhook, self.twilio_inbound = sendgrid_webhook, twilio_inbound
        self._door = FrontDoor(self.core, self.sendgrid, self.twilio, Desk(self), latency, self._record)
        self._recorder = recorder
        self._server: Server | None = None
        self._thread: Thread | None = None

    # ------------------------------------------------------------------ life

    def start(self) -> None:
        """Open it on its port, a free one the first time if none was given.

        After a `stop` it opens on the same port with all that it knew. Raises `Refused` (`port_taken`,
        `simulator_keep`, `simulator_keep_busy`).
        """
        if self._keep:
            self.core.journal = Journal(self._keep)
            try:
                if not self._replayed:
                    replay(self, self.core.journal)
            except BaseException:
                self.core.journal.close()
                raise
        self._replayed = True
        try:
            self._server = Server(self.host, self.port, self._door.answer)
        except OSError as error:
            self._close_journal()
            raise refuse("port_taken", "port", self.port, why=error.strerror) from error
        self.port = self._server.server_address[1]
        self._server.start()
        self.postman.stopping.clear()
        if self.moves:
            self._thread = Thread(target=self.postman.run, name="simulator events", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Close it: lines are cut, nothing more is told. Harmless when it is not open."""
        if self._server:
            self._server.stop()
            self._server = None
        self.postman.stop()
        if self._thread:
            self._thread.join()
            self._thread = None
        self.postman.close()
        self._close_journal()

    def __enter__(self) -> Self:
        """Open it for a block."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.stop()

    def reset(self) -> None:
        """Forget every message, event and fault; keys, templates and addresses of webhooks stay."""
        with self.core.store.lock:
            self.core.faults.clear()
            self.core.agenda.clear()
            self.core.store.clear()
            self.sendgrid.clear()
            self.whatsapp.clear()
            self.postman.clear()
            if self.core.journal:
                self.core.journal.clear()
                self.note_keys()
                self.templates.note_all()

    def note_keys(self) -> None:
        """Write down what a restart must not change."""
        self.core.note(
            "keys",
            {
                "seed": self.core.seed,
                "private_key": self.postman.key.pem,
                "sendgrid_api_key": self.sendgrid.key,
                "twilio_sid": self.twilio_sid,
                "twilio_token": self.twilio_token,
            },
        )

    def _record(self, exchange: Exchange) -> None:
        for recorder in (*self.everywhere, *filter(None, (self._recorder,))):
            recorder(exchange)

    def _close_journal(self) -> None:
        if self.core.journal:
            self.core.journal.close()
            self.core.journal = None
