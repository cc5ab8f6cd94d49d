"""`outreach campaigns`: write, schedule, send, watch."""

from collections import Counter
from pathlib import Path
from typing import Any

import click
from sqlalchemy.orm import Session

from campaigns import checking, files, log, planning, templates
from campaigns.models import Campaign
from outreach import audit
from outreach.commands import (
    campaign_doubts,
    campaign_held,
    campaign_log,
    campaign_tasks,
    campaign_templates,
    waiting,
)
from outreach.i18n import gettext as _
from outreach.i18n import ngettext
from outreach.platform import Platform, opened
from outreach.terminal import ROW, local, operator, print_json, table
from outreach.words.states import reason_words, state_word


@click.group(
    name="campaigns",
    help=_(
        "Campañas: escribirlas, programarlas, enviarlas y seguirlas.\n\n"
        "Ejemplo: outreach campaigns create campana.toml --schedule"
    ),
)
def command() -> None:
    """Group of the commands on campaigns."""


@command.command(
    help=_(
        "Crea una campaña de un archivo TOML (véase samples/campana-ejemplo.toml).\n\n"
        "Ejemplo: outreach campaigns create campana.toml --schedule"
    )
)
@click.argument("file", metavar=_("ARCHIVO"), type=click.Path(path_type=Path))
@click.option("--schedule", is_flag=True, help=_("Además la programa a sus fechas."))
@click.option("--json", "as_json", is_flag=True, help=_("Escribe el resultado como JSON."))
def create(file: Path, *, schedule: bool, as_json: bool) -> None:
    """Read the file, make the campaign, and schedule it when asked."""
    draft, wrong = files.read_whole(file)
    with opened() as platform, platform.transaction() as session:
        now = platform.clock.now()
        if wrong:  # and what only the database can say of it, so that everything is told at once
            templates.learn(session, draft.templates, at=now)
            raise files.together(wrong, checking.faults(session, draft), file)
        with files.pointing_to(file):
            campaign = planning.create(session, draft, at=now, by=operator())
            first = planning.schedule(session, campaign, at=now) if schedule else None
        _note(session, platform, "campaign.create", campaign)
        if as_json:
            print_json({"id": campaign.id, "state": campaign.state, "next_due_at": first and first.isoformat()})
        else:
            click.echo(
                _(
                    "Campaña %(id)s, «%(title)s»: %(state)s.",
                    id=campaign.id,
                    title=campaign.title,
                    state=state_word(campaign.state),
                )
            )


def _note(session: Session, platform: Platform, action: str, campaign: Campaign, **details: object) -> None:
    audit.note(session, platform.clock.now(), operator(), action, f"campaign:{campaign.id}", details)


@command.command(
    help=_(
        "Programa una campaña a sus fechas o, con --now, la envía ya; «outreach serve» hace el trabajo.\n\n"
        "Ejemplo: outreach campaigns send 3 --now"
    )
)
@click.argument("campaign_id", metavar="ID", type=ROW)
@click.option("--now", is_flag=True, help=_("Ya, sin esperar su fecha ni las horas de silencio."))
@click.option("--json", "as_json", is_flag=True, help=_("Escribe el resultado como JSON."))
def send(campaign_id: int, *, now: bool, as_json: bool) -> None:
    """Open a run now, or set the campaign to its own moments."""
    with opened() as platform, platform.transaction() as session:
        campaign = planning.find(session, campaign_id)
        at = platform.clock.now()
        if now:
            planning.send_now(session, campaign, at=at)
            _note(session, platform, "campaign.send_now", campaign)
        else:
            planning.schedule(session, campaign, at=at)
            _note(session, platform, "campaign.schedule", campaign)
        if as_json:
            print_json({"id": campaign.id, "state": campaign.state})
        elif now and (stopped := waiting.standstill(session, platform.settings.zone)):
            click.echo(_("Campaña %(id)s: lista, y no sale hasta «outreach resume».", id=campaign.id))
            click.echo(stopped[0])
        elif now:
            click.echo(_("Campaña %(id)s: en marcha. Sígala con: outreach campaigns status %(id)s", id=campaign.id))
        else:
            due = local(campaign.next_due_at, campaign.timezone)
            click.echo(
                _(
                    "Campaña %(id)s: programada para %(due)s (%(zone)s).",
                    id=campaign.id,
                    due=due,
                    zone=campaign.timezone,
                )
            )


@command.command(
    help=_(
        "Dice cómo va una campaña. Sale con 0 si terminó, 3 si sigue y 1 si una falla la detuvo.\n\n"
        "Ejemplo: outreach campaigns status 3"
    )
)
@click.argument("campaign_id", metavar="ID", type=ROW)
@click.option("--json", "as_json", is_flag=True, help=_("Escribe el resultado como JSON."))
@click.pass_context
def status(ctx: click.Context, campaign_id: int, *, as_json: bool) -> None:
    """Print counts by state and leave with the code of the outcome."""
    with opened() as platform, platform.reading() as session:
        campaign = planning.find(session, campaign_id)
        now = platform.clock.now()
        counts = log.counts(session, campaign.id)
        progress = log.progress(session, campaign, at=now, doubt_seconds=platform.settings.doubt_seconds)
        if as_json:
            print_json(
                {
                    "id": campaign.id,
                    "state": campaign.state,
                    "reason": campaign.pause_reason,
                    "progress": progress,
                    "counts": counts,
                    **waiting.facts(session, campaign, platform.settings, now),
                }
            )
        else:
            click.echo(f"{campaign.title}: {waiting.word(session, campaign)}")
            if campaign.pause_reason not in {"", "person"}:
                click.echo(reason_words(campaign.pause_reason))
            by_word: Counter[str] = Counter()  # to be claimed and to be called are one thing for a person
            for state, number in counts.items():
                by_word[state_word(state)] += number
            for words, number in by_word.items():
                click.echo(f"{number:>9,}  {words}")
            for sentence in waiting.sentences(session, campaign, platform.settings, now):
                click.echo(sentence)
            if counts.get("in_doubt"):
                click.echo(_("Lo que está en duda se revisa con: outreach campaigns doubts %(id)s", id=campaign.id))
            if tasks := log.tasks_left(session, campaign.id):
                click.echo(ngettext("%(n)s tarea de grupo por publicar", "%(n)s tareas de grupo por publicar", tasks))
    ctx.exit({"finished": 0, "working": 3, "fault": 1}[progress])


@command.command(
    name="list",
    help=_("Lista las campañas, la más reciente primero.\n\nEjemplo: outreach campaigns list --state sending"),
)
@click.option(
    "--state",
    type=click.Choice(["draft", "scheduled", "sending", "paused", "finished", "cancelled"]),
    help=_("Sólo las que están así."),
)
@click.option("--json", "as_json", is_flag=True, help=_("Escribe el resultado como JSON."))
def list_(state: str | None, *, as_json: bool) -> None:
    """List campaigns with their state and next moment."""
    with opened() as platform, platform.reading() as session:
        found = log.campaigns(session, state)
        if as_json:
            print_json(
                [
                    {
                        "id": c.id,
                        "key": c.key,
                        "title": c.title,
                        "state": c.state,
                        "channels": c.channels,
                        "next_due_at": c.next_due_at and c.next_due_at.isoformat(),
                    }
                    for c in found
                ]
            )
            return
        if not found:
            click.echo(
                _("Ninguna campaña está en ese estado.")
                if state
                else _("No hay campañas. Cree una con: outreach campaigns create ARCHIVO")
            )
            return
        table(
            ["ID", _("Título"), _("Estado"), _("Canales"), _("Sigue")],
            [
                [str(c.id), c.title, waiting.word(session, c), ", ".join(c.channels), local(c.next_due_at, c.timezone)]
                for c in found
            ],
        )
        for sentence in (*campaign_held.summary(session), *waiting.standstill(session, platform.settings.zone)):
            click.echo(sentence)


def _hand(name: str, help_text: str, action: str, verb: Any) -> None:
    @command.command(name=name, help=help_text)
    @click.argument("campaign_id", metavar="ID", type=ROW)
    def _run(campaign_id: int) -> None:
        with opened() as platform, platform.transaction() as session:
            campaign = planning.find(session, campaign_id)
            verb(session, campaign, platform)
            _note(session, platform, action, campaign)
            click.echo(_("Campaña %(id)s: %(state)s.", id=campaign.id, state=waiting.word(session, campaign)))
            if name == "resume":
                for sentence in campaign_held.sentences(session, campaign.id, platform.settings.zone):
                    click.echo(sentence)


_hand(
    "pause",
    _("Pausa una campaña: nada nuevo sale.\n\nEjemplo: outreach campaigns pause 3"),
    "campaign.pause",
    lambda session, campaign, _platform: planning.pause(session, campaign),
)
_hand(
    "resume",
    _("Sigue con una campaña en pausa.\n\nEjemplo: outreach campaigns resume 3"),
    "campaign.resume",
    lambda session, campaign, _platform: planning.resume(session, campaign),
)
_hand(
    "cancel",
    _("Cancela una campaña: lo que falta no sale.\n\nEjemplo: outreach campaigns cancel 3"),
    "campaign.cancel",
    lambda session, campaign, platform: planning.cancel(session, campaign, at=platform.clock.now()),
)


for one in (
    campaign_doubts.command,
    campaign_held.command,
    campaign_log.command,
    campaign_tasks.publish,
    campaign_tasks.tasks,
    campaign_templates.command,
):
    command.add_command(one)
