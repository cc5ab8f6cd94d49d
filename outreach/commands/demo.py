"""`outreach demo`: a quarter that has passed, its informe, and a platform to look around in."""

import fcntl
import shutil
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import click

from contacts.errors import refuse
from outreach import accounts, plans
from outreach.commands.rehearse import informe_definition, play
from outreach.commands.rehearse_report import tell_proof
from outreach.commands.serve import serve
from outreach.config import Settings
from outreach.i18n import gettext as _
from outreach.informes import files
from outreach.platform import Platform, opened
from outreach.providers import through
from outreach.rehearsal.live import enliven
from outreach.roles import AccountRole
from outreach.simulator import Simulator

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
FOLDER = Path("var-demo")
USERNAME, PASSWORD = "demo", "jacaranda-2025"  # a door that everybody may open: fictional people live behind it
LATENCY = 0.15  # seconds that a simulated provider takes to answer, as a real one does: sending can be watched
LOCK, KEPT = "demo.lock", "simulador"


@click.command(
    help=_(
        "Demostración: ensaya el segundo trimestre de 2025 con personas ficticias, escribe su informe y sirve la "
        "plataforma con todo ello. Siempre con el simulador y en una carpeta propia, ./var-demo, que se hace de nuevo "
        "cada vez: nada sale de aquí.\n\n"
        "Ejemplo: outreach demo --port 8000"
    )
)
@click.option("--no-serve", is_flag=True, help=_("Sólo ensaya y escribe el informe."))
@click.option(
    "--out",
    metavar=_("CARPETA"),
    type=click.Path(path_type=Path),
    default=FOLDER / "informe",
    show_default=True,
    help=_("Dónde se escribe el informe."),
)
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help=_("Puerto."))
@click.pass_context
def command(ctx: click.Context, out: Path, port: int, *, no_serve: bool) -> None:
    """Rehearse, write the informe, add a present to the past, and serve it all."""
    url = f"http://127.0.0.1:{port}"
    plan = plans.read(SAMPLES / "2025-q2" / "plan.toml")
    made = informe_definition(plan)
    assert plan.start, "the sample says its days"
    assert plan.end, "the sample says its days"
    if not no_serve:
        _free(port)
    with _rebuilt(FOLDER) as folder:
        files.ready(out)
        settings = _own(Settings.read(), folder, url)
        click.echo(_("Ensayando %(title)s en tiempo virtual…", title=plan.title))
        rehearsed = play(plan, made, plan.start, plan.end, settings, port=0 if no_serve else port, keep=folder / KEPT)
        written = files.build_files(rehearsed.report, files.FORMATS, out, made.name)
        tell_proof(rehearsed.proof)
        if not rehearsed.proof.holds:
            ctx.exit(1)
        paths = ", ".join(str(path) for path in written if path.suffix not in {".csv", ".txt"})
        with opened(settings) as platform:
            _welcome(platform, plan.team.posts)
            if no_serve:
                click.echo(_("Informe: %(paths)s", paths=paths))
            else:
                _serve(platform, port, paths)


def _serve(platform: Platform, port: int, paths: str) -> None:
    simulator = Simulator(
        platform.clock,
        sendgrid_webhook=f"{platform.settings.public_url}/webhooks/sendgrid",
        twilio_inbound=f"{platform.settings.public_url}/webhooks/twilio/inbound",
        latency=LATENCY,
        keep=platform.settings.data / KEPT,
    )
    with simulator:
        providers = through(platform, simulator, everything=True)

        def ready() -> None:
            click.echo(_("Simulado: nada sale de este equipo. Buzón de salida: %(url)s", url=providers.outbox))
            click.echo(_("Termina con Ctrl-C."))
            click.echo(
                _(
                    "Abra %(url)s y entre como %(user)s con la contraseña %(password)s. Informe: %(paths)s",
                    url=platform.settings.public_url,
                    user=USERNAME,
                    password=PASSWORD,
                    paths=paths,
                )
            )

        serve(platform, providers, host="127.0.0.1", port=port, ready=ready)


def _welcome(platform: Platform, name: str) -> None:
    """Give whoever looks an account, and something to see."""
    with platform.transaction() as session:
        accounts.add(
            session,
            USERNAME,
            name,
            PASSWORD,
            platform.clock.now(),
            AccountRole.ADMIN,
        )
    enliven(platform, SAMPLES / "demo", by=USERNAME)


def _own(settings: Settings, folder: Path, url: str) -> Settings:
    """Return settings that know of no provider, no other data and no other database."""
    return replace(
        settings,
        data=folder,
        database_url="",
        public_url=url,
        sendgrid_key="",
        smtp=None,
        sendgrid_webhook_key="",
        twilio_sid="",
        twilio_token="",
        secret_key="",
    )


def _free(port: int) -> None:
    """Refuse `port_taken` before anything of an earlier demonstration is thrown away."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise refuse("port_taken", "--port", port, why=error.strerror or str(error)) from None


@contextmanager
def _rebuilt(folder: Path) -> Iterator[Path]:
    """Empty the demonstration's folder and hold it for a block. Refuses `demo_folder` and `demo_busy`.

    What lies in a folder of that name without our lock file is somebody's and is not touched.
    """
    lock = folder / LOCK
    if folder.exists() and not lock.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise refuse("demo_folder", "", folder)
    folder.mkdir(parents=True, exist_ok=True)
    with lock.open("a", encoding="ascii") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise refuse("demo_busy", "", folder) from None
        for path in folder.iterdir():
            if path.name != LOCK:
                shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
        yield folder.absolute()
