"""Where a rehearsal is played: a platform of its own, the simulator, and a real web server between them on loopback."""

import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from threading import Thread
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import waitress
from flask import Flask
from sqlalchemy import event
from waitress import wasyncore

from contacts.errors import refuse
from outreach.app import create_app
from outreach.clock import VirtualClock
from outreach.config import Settings
from outreach.engine import Engine
from outreach.i18n import gettext as _
from outreach.platform import Platform
from outreach.providers import through
from outreach.simulator import Simulator
from outreach.webhooks import blueprint

MEMORY = 512 * 1024 * 1024  # bytes of messages: the proof looks at every one of them


@dataclass(frozen=True, slots=True)
class Stage:
    """What stands on it."""

    clock: VirtualClock
    platform: Platform
    simulator: Simulator
    engine: Engine


@contextmanager
def staged(settings: Settings, clock: VirtualClock, *, port: int = 0, keep: Path | None = None) -> Iterator[Stage]:
    """Set a stage for a block. Always the simulator, whatever keys the settings hold.

    `port` is the web server's (0: a free one); its address stands in the links of every mail. `keep` is a file from
    which a simulator in real time can show later what this one received. Refuses `port_taken`.
    """
    with listening(port) as listener:
        public_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        own = replace(settings, public_url=public_url, sendgrid_key="", sendgrid_webhook_key="", smtp=None)
        # A pace of seconds is not rehearsed: time stands still meanwhile.
        own = replace(own, twilio_sid="", twilio_token="", email_rate=0, whatsapp_rate=0)
        platform = Platform(own, clock)
        _hurry(platform)
        simulator = Simulator(
            clock,
            sendgrid_webhook=f"{public_url}/webhooks/sendgrid",
            twilio_inbound=f"{public_url}/webhooks/twilio/inbound",
            keep=keep,
            memory=MEMORY,
        )
        try:
            with simulator:
                providers = through(platform, simulator, everything=True)
                app = create_app(platform, open_blueprints=[blueprint(platform, providers.secrets)])
                with served(_not_yet_open(app), listener):
                    # The same seed: a rehearsal repeats itself, also where sending waits a random moment.
                    engine = providers.engine(platform, random=Random(0), inquiring=True)  # noqa: S311
                    yield Stage(clock, platform, simulator, engine)
        finally:
            platform.close()


def _not_yet_open(app: Flask) -> WSGIApplication:
    """Let in providers and who leaves by a link. A person or a monitor that looks in early is asked to wait."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"].startswith(("/webhooks/", "/baja/")):
            return app(environ, start_response)
        start_response("503 Service Unavailable", [("Content-Type", "text/plain; charset=utf-8"), ("Retry-After", "5")])
        return [_("Se está ensayando; en un momento abre.").encode()]

    return answer


def _hurry(platform: Platform) -> None:
    """Let the database write without waiting for the disk: after a power cut a rehearsal is simply played again."""

    @event.listens_for(platform.engine, "connect")
    def _never_wait(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA synchronous=OFF")

    platform.engine.dispose()  # those that are open do not know it yet


@contextmanager
def listening(port: int) -> Iterator[socket.socket]:
    """Hold a port of loopback for a block (0: a free one). Refuses `port_taken`."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError as error:
            raise refuse("port_taken", "--port", port, why=error.strerror or str(error)) from None
        yield listener
    finally:
        listener.close()


@contextmanager
def served(app: Any, listener: socket.socket) -> Iterator[None]:
    """Serve an application from a thread for a block."""
    channels: dict[int, Any] = {}
    server = waitress.create_server(app, map=channels, sockets=[listener], threads=4, ident=None)
    thread = Thread(target=server.run, name="rehearsal web", daemon=True)
    thread.start()
    try:
        yield
    finally:
        # The loop ends when its map is empty, and only its own thread may empty it.
        server.trigger.pull_trigger(lambda: wasyncore.close_all(channels, ignore_all=True))
        thread.join()
        server.task_dispatcher.shutdown()
