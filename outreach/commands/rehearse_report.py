"""What came of a rehearsal, told to a person or to a program."""

from dataclasses import asdict
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from campaigns.states import REACHED, DeliveryState
from outreach.i18n import gettext as _
from outreach.i18n import ngettext
from outreach.plans import Plan
from outreach.rehearsal import Rehearsed
from outreach.rehearsal.proof import Contradiction, Proof
from outreach.rehearsal.summary import Summary
from outreach.terminal import table
from outreach.words.states import reason_words, state_word

MOST = 20  # contradictions told at the terminal; the JSON has all of them


def as_values(plan: Plan, rehearsed: Rehearsed, written: list[Path]) -> dict[str, object]:
    """Return what came of it for programs. States and reasons are codes."""
    report, proof = rehearsed.report, rehearsed.proof
    return {
        "plan": plan.title,
        "from": report.start.isoformat(),
        "to": report.end.isoformat(),
        "digest": report.digest,
        "communications": report.communications,
        **asdict(rehearsed.summary),
        "entries": rehearsed.entries,
        "replies": rehearsed.replies,
        "leavings": rehearsed.leavings,
        "unheard": list(rehearsed.unheard),
        "proof": {"holds": proof.holds, **asdict(proof)},
        "files": [str(path) for path in written],
    }


def tell(plan: Plan, rehearsed: Rehearsed) -> None:
    """Print what went, what was left out and why, what is still to come, and the proof."""
    report, summary = rehearsed.report, rehearsed.summary
    click.echo(
        _(
            "%(title)s, ensayado del %(start)s al %(end)s",
            title=plan.title,
            start=report.start.isoformat(),
            end=report.end.isoformat(),
        )
    )
    click.echo()
    table(
        [_("Campaña"), _("Veces"), _("Alcanzadas"), _("Con problema"), _("Omitidas"), _("En grupos")],
        [
            [line.title, *(str(number) for number in (line.runs, line.reached, line.other, line.skipped, line.posts))]
            for line in summary.campaigns
        ],
    )
    _tell_ways(summary)
    _tell_pending(plan, summary)
    _tell_people(rehearsed)
    tell_proof(rehearsed.proof)
    click.echo(_("Huella del informe: %(digest)s", digest=report.digest))


def _tell_ways(summary: Summary) -> None:
    for channel, states in sorted(summary.ways.items()):
        click.echo()
        reached = sum(states.get(state.value, 0) for state in REACHED)
        click.echo(_("%(channel)s: %(n)s mensajes llegaron a su destino o van en camino.", channel=channel, n=reached))
        for state in DeliveryState:
            if state.value in states and state != DeliveryState.SKIPPED:
                click.echo(f"{states[state.value]:>9,}  {state_word(state)}")
        for reason, number in summary.skipped.get(channel, {}).items():
            click.echo(f"{number:>9,}  {state_word(DeliveryState.SKIPPED)}: {reason_words(reason)}")
    if summary.posts:
        click.echo()
        click.echo(_("Publicado a mano en grupos de WhatsApp (no se suma a los mensajes):"))
        for name, number in summary.posts.items():
            click.echo(f"{number:>9,}  {name}")


def _tell_pending(plan: Plan, summary: Summary) -> None:
    if not (summary.pending or summary.waiting or summary.tasks):
        return
    click.echo()
    click.echo(_("Queda pendiente:"))
    for line in summary.pending:
        local = line.due_at.astimezone(ZoneInfo(plan.zone)) if line.due_at else None
        click.echo(f"  {f'{local:%Y-%m-%d %H:%M}  ' if local else ''}{line.title}: {state_word(line.state)}")
    if summary.waiting:
        click.echo("  " + ngettext("%(n)s mensaje por enviar", "%(n)s mensajes por enviar", summary.waiting))
    if summary.tasks:
        click.echo("  " + ngettext("%(n)s publicación por hacer", "%(n)s publicaciones por hacer", summary.tasks))


def _tell_people(rehearsed: Rehearsed) -> None:
    click.echo()
    click.echo(
        _(
            "Anotadas a mano: %(entries)s. Respuestas: %(replies)s. Bajas por enlace: %(leavings)s.",
            entries=rehearsed.entries,
            replies=rehearsed.replies,
            leavings=rehearsed.leavings,
        )
    )
    for person in rehearsed.unheard:
        click.echo(_("%(person)s no recibió ningún correo con enlace de baja.", person=person))


def tell_proof(proof: Proof) -> None:
    """Print that log and simulator agree, or where they do not (to stderr)."""
    if proof.holds:
        click.echo(
            _(
                "Comprobado: %(rows)s renglones de la bitácora de envíos, %(left)s con mensaje, y el simulador recibió "
                "%(messages)s, uno por cada uno.",
                rows=proof.deliveries,
                left=proof.left,
                messages=proof.messages,
            )
        )
        return
    wrong = proof.contradictions
    click.echo(
        ngettext(
            "La bitácora y el simulador difieren en %(n)s renglón:",
            "La bitácora y el simulador difieren en %(n)s renglones:",
            len(wrong),
        ),
        err=True,
    )
    for item in wrong[:MOST]:
        click.echo(f"  {_contradiction(item)}", err=True)


def _contradiction(item: Contradiction) -> str:
    words = {
        "lost": _("El envío %(delivery)s salió según la bitácora y no llegó.", delivery=item.delivery),
        "twice": _("El envío %(delivery)s llegó %(n)s veces.", delivery=item.delivery, n=item.simulator),
        "unasked": _("Llegó un mensaje del envío %(delivery)s, que no debía salir.", delivery=item.delivery),
    }
    differs = _(
        "El envío %(delivery)s dice «%(log)s» en la bitácora y «%(simulator)s» en el simulador.",
        delivery=item.delivery,
        log=item.log,
        simulator=item.simulator,
    )
    return words.get(item.code, differs)
