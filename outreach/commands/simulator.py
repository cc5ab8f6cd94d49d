"""`outreach simulator`: the stand-in for SendGrid and Twilio, alone."""

import signal
import sys
from pathlib import Path
from threading import Event

import click

from outreach.i18n import gettext as _
from outreach.simulator import Credentials, Simulator


@click.command(
    name="simulator",
    help=_(
        "Hace las veces de SendGrid y de Twilio en este equipo: recibe como ellos, avisa como ellos y nada sale.\n\n"
        "Al empezar dice en qué dirección escucha y las variables con que la plataforma lo usa. Lo recibido se ve en "
        "/_outbox. Con --json lo dice en un renglón de JSON. Termina con Ctrl-C.\n\n"
        "Ejemplo: outreach simulator --port 9000 --sendgrid-webhook http://127.0.0.1:8000/webhooks/sendgrid "
        "--twilio-inbound http://127.0.0.1:8000/webhooks/twilio/inbound --keep var/simulador"
    ),
)
@click.option("--port", type=click.IntRange(0, 65535), default=9000, show_default=True, help=_("Puerto; 0: uno libre."))
@click.option("--host", default="127.0.0.1", show_default=True, help=_("Dirección en que escucha."))
@click.option("--sendgrid-webhook", metavar="URL", default="", help=_("A dónde van los eventos de correo."))
@click.option("--twilio-inbound", metavar="URL", default="", help=_("A dónde van los mensajes de las personas."))
@click.option(
    "--delay", type=click.FloatRange(0, 3600), help=_("Segundos entre un aviso y el siguiente; 0.2 si no se dice.")
)
@click.option(
    "--latency", type=click.FloatRange(0, 60_000), default=0, help=_("Milisegundos que tarda cada respuesta.")
)
@click.option(
    "--seed", type=int, default=0, show_default=True, help=_("Semilla de folios y fallas: la misma, lo mismo.")
)
@click.option(
    "--keep", type=click.Path(path_type=Path, dir_okay=False), help=_("Archivo del que se acuerda al reiniciar.")
)
@click.option("--sendgrid-key", metavar="SG…", default="", help=_("La única llave que acepta; si no, toda SG.…"))
@click.option("--twilio-sid", metavar="AC…", default="", help=_("Cuenta de Twilio."))
@click.option("--twilio-token", default="", help=_("El único secreto de Twilio que acepta; si no, cualquiera."))
@click.option("--json", "as_json", is_flag=True, help=_("Un renglón de JSON para programas."))
def command(
    *,
    port: int,
    host: str,
    sendgrid_webhook: str,
    twilio_inbound: str,
    delay: float | None,
    latency: float,
    seed: int,
    keep: Path | None,
    sendgrid_key: str,
    twilio_sid: str,
    twilio_token: str,
    as_json: bool,
) -> None:
    """Start it, say where it is, and wait for the end."""
    simulator = Simulator(
        seed=seed,
        host=host,
        port=port,
        sendgrid_webhook=sendgrid_webhook,
        twilio_inbound=twilio_inbound,
        credentials=Credentials(sendgrid_key, twilio_sid, twilio_token),
        delay=delay,
        latency=latency / 1000,
        keep=keep,
    )
    over = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: over.set())
    with simulator:
        _announce(simulator, as_json=as_json)
        over.wait()
    click.echo(_("El simulador terminó."), err=True)


def _announce(simulator: Simulator, *, as_json: bool) -> None:
    settings = {
        "OUTREACH_SENDGRID_URL": simulator.url,
        "OUTREACH_TWILIO_URL": simulator.url,
        "SENDGRID_API_KEY": simulator.sendgrid_api_key,
        "SENDGRID_WEBHOOK_KEY": simulator.sendgrid_public_key,
        "TWILIO_ACCOUNT_SID": simulator.twilio_sid,
        "TWILIO_AUTH_TOKEN": simulator.twilio_token,
    }
    if as_json:
        import json

        click.echo(json.dumps({"url": simulator.url, "outbox": f"{simulator.url}/_outbox", "settings": settings}))
    else:
        lines = [
            _("El simulador escucha en %(url)s", url=simulator.url),
            _("Lo que recibe se ve en %(url)s", url=f"{simulator.url}/_outbox"),
            _("Para que la plataforma lo use:"),
            *(f"{name}={value}" for name, value in settings.items()),
        ]
        click.echo("\n".join(lines))
    sys.stdout.flush()
