"""`outreach serve`: pages, webhooks, scheduler and senders in one process."""

import errno
import gc
import logging
import signal
from collections.abc import Callable
from dataclasses import replace
from time import monotonic
from types import FrameType

import click
import waitress

from contacts.errors import refuse
from outreach import notebook, surroundings
from outreach.app import create_app
from outreach.config import Settings
from outreach.i18n import gettext as _
from outreach.intake.desk import Desk
from outreach.platform import Platform, opened
from outreach.providers import Providers, connected
from outreach.webhooks import blueprint
from outreach.words.web import simulated_words
from outreach.workers import DRAIN_SECONDS


def for_port(settings: Settings, host: str, port: int) -> Settings:
    """Return the settings with the public address that follows from the port, unless one was given."""
    if surroundings.variables().get("OUTREACH_PUBLIC_URL"):
        return settings
    shown = "127.0.0.1" if host in {"0.0.0.0", "::", "localhost"} else host  # noqa: S104 — compared, not bound
    return replace(settings, public_url=f"http://{shown}:{port}")


def serve(
    platform: Platform,
    providers: Providers,
    *,
    host: str,
    port: int,
    ready: Callable[[], None] = lambda: None,
    with_engine: bool = True,
) -> None:
    """Serve until SIGTERM or Ctrl-C, then let what is under way end. Refuses `port_taken`, `host_unknown`."""
    notebook.keep_in(platform.settings.data)
    app = create_app(
        platform,
        simulated_url=providers.simulator.url if providers.simulator else None,
        real=providers.real,
        open_blueprints=[blueprint(platform, providers.secrets)],
    )
    try:
        server = waitress.create_server(
            app,
            host=host,
            port=port,
            threads=12,
            ident=None,
            channel_timeout=60,
            # nginx on this machine says who asks (deploy/nginx): the limit on passwords and the audit log must know.
            trusted_proxy="127.0.0.1",
            trusted_proxy_headers={"x-forwarded-for"},
            clear_untrusted_proxy_headers=True,
        )
    except ValueError:  # waitress's way to say that nobody knows this host
        raise refuse("host_unknown", "--host", host) from None
    except OSError as error:
        if error.errno == errno.EADDRNOTAVAIL:
            raise refuse("host_unknown", "--host", host) from None
        raise refuse("port_taken", "--port", port, why=error.strerror or str(error)) from None
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # a short queue is no news
    timer = providers.timer(platform) if with_engine else None
    desk: Desk = app.extensions["imports"]

    asked: list[float] = []

    def end(_number: int, _frame: FrameType | None) -> None:
        asked.append(monotonic())
        if timer:
            timer.begin_to_end()  # while the pages say goodbye
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, end)
    try:
        if timer:
            gc.freeze()  # what is loaded stays: looking for rubbish in it is a seventh of what a letter costs
            timer.start()
        desk.start()
        ready()
        server.run()
    except KeyboardInterrupt:
        pass
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        server.close()
        deadline = (asked or [monotonic()])[0] + DRAIN_SECONDS
        desk.begin_to_end()
        if timer:
            left = timer.stop(deadline)
            for sentence in left.words():
                click.echo(sentence, err=True)
        desk.stop(deadline)


@click.command(
    help=_(
        "Sirve las páginas y envía lo que toca, hasta Ctrl-C. Sin llaves de los proveedores envía al simulador.\n\n"
        "Ejemplo: outreach serve --port 8000"
    )
)
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help=_("Puerto."))
@click.option("--host", default="127.0.0.1", show_default=True, help=_("Dirección en que escucha."))
@click.option("--no-engine", is_flag=True, help=_("Sólo páginas y avisos: no programa ni envía."))
def command(port: int, host: str, *, no_engine: bool) -> None:
    """Open the platform with the port's own address and serve it."""
    with opened(for_port(Settings.read(), host, port)) as platform, connected(platform) as providers:

        def ready() -> None:
            click.echo(_("Voto Chilango escucha en %(url)s", url=platform.settings.public_url))
            if providers.simulator and providers.real:
                what = simulated_words(providers.real)
                click.echo(_("%(what)s. Buzón de salida: %(url)s", what=what, url=providers.outbox))
            elif providers.simulator:
                click.echo(_("Sin llaves: nada sale de este equipo. Buzón de salida: %(url)s", url=providers.outbox))

        serve(platform, providers, host=host, port=port, ready=ready, with_engine=not no_engine)
