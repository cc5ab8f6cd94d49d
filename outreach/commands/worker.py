"""`outreach worker`: sends, beside others on this machine and elsewhere, what the scheduler has found to be due."""

import gc
import signal
from dataclasses import replace
from threading import Event
from time import monotonic
from types import FrameType

import click

from contacts.errors import refuse
from outreach import database, notebook
from outreach.config import MOST_THREADS, Settings
from outreach.i18n import gettext as _
from outreach.i18n import ngettext
from outreach.patience import Patience
from outreach.platform import opened
from outreach.providers import connected
from outreach.words.web import simulated_words
from outreach.workers import DRAIN_SECONDS, Left, QueueWorkers


@click.command(
    help=_(
        "Envía lo que toca, junto a otros en este equipo y en otros, hasta Ctrl-C; necesita PostgreSQL.\n\n"
        "Alguien debe decir qué toca: un «outreach serve» o un scheduler.py en marcha.\n\n"
        "Ejemplo: outreach worker --threads 8"
    )
)
@click.option(
    "--threads",
    type=click.IntRange(1, MOST_THREADS),
    help=_("Hilos que envían a la vez; si no se dice, los de OUTREACH_THREADS."),
)
def command(threads: int | None) -> None:
    """Work until SIGTERM or Ctrl-C, then let what is under way end and say what was left. Refuses `worker_sqlite`."""
    ended, asked = Event(), []

    def end(_number: int, _frame: FrameType | None) -> None:
        asked.append(monotonic())
        ended.set()

    settings = Settings.read()
    if settings.database.get_backend_name() == "sqlite":
        raise refuse("worker_sqlite", "", database.name(settings.database))
    if threads:
        settings = replace(settings, threads=threads)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    with opened(settings) as platform, connected(platform) as providers:
        notebook.keep_in(platform.settings.data)
        engine = providers.engine(platform)
        workers = QueueWorkers(engine, settings.threads, Patience(platform.engine.url))
        gc.freeze()  # what is loaded stays: looking for rubbish in it is a seventh of what a letter costs
        workers.start()
        threads = settings.threads
        click.echo(
            ngettext("Envía con %(n)s hilo. Ctrl-C lo termina.", "Envía con %(n)s hilos. Ctrl-C lo termina.", threads)
        )
        if providers.simulator and providers.real:
            what = simulated_words(providers.real)
            click.echo(_("%(what)s. Buzón de salida: %(url)s", what=what, url=providers.outbox))
        elif providers.simulator:
            click.echo(_("Sin llaves: nada sale de este equipo. Buzón de salida: %(url)s", url=providers.outbox))
        while not ended.wait(0.5):  # a signal that the system hands to another thread does not end a wait of ours
            pass
        left = Left(workers.stop(asked[0] + DRAIN_SECONDS), engine.left())
    for sentence in left.words():
        click.echo(sentence, err=True)
