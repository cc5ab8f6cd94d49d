"""`outreach campaigns held`: sendings whose moment passed and that wait for a person's word, and that word."""

from collections.abc import Sequence

import click
from sqlalchemy.orm import Session

from campaigns import misfires, planning
from campaigns.models import Run
from campaigns.states import CampaignState
from contacts.errors import refuse
from outreach import audit, keep
from outreach.i18n import gettext as _
from outreach.i18n import ngettext
from outreach.platform import opened
from outreach.terminal import ROW, local, operator, print_json, table


@click.command(
    name="held",
    help=_(
        "Muestra los envíos cuyo momento pasó y que esperan su decisión, y la recibe.\n\n"
        "Después de restaurar un respaldo pudieron haber salido ya, a todas las personas: revíselo antes de decidir. "
        "--drop los deja pasar: ya salieron, o ya no deben salir. --send los envía. Con varios de una campaña, diga "
        "cuál con --run. Sale con 0; con 2 si no se cambió nada.\n\n"
        "Ejemplo: outreach campaigns held 3 --drop"
    ),
)
@click.argument("campaign_id", metavar=_("[ID]"), type=ROW, required=False)
@click.option("--send", is_flag=True, help=_("No han salido: que salgan."))
@click.option("--drop", is_flag=True, help=_("Ya salieron, o ya no deben salir: dejarlos pasar."))
@click.option("--run", "run_id", metavar=_("CORRIDA"), type=ROW, help=_("Sólo esta corrida."))
@click.option("--json", "as_json", is_flag=True, help=_("Escribe el resultado como JSON."))
def command(campaign_id: int | None, *, send: bool, drop: bool, run_id: int | None, as_json: bool) -> None:
    """List what waits for a word, or take the word."""
    if (send and drop) or ((send or drop) and campaign_id is None) or (run_id and not (send or drop)):
        raise refuse("held_choice", "", "")
    with opened() as platform:
        if not (send or drop):
            with platform.reading() as session:
                if campaign_id is not None:
                    planning.find(session, campaign_id)
                _list(session, misfires.waiting(session, campaign_id), platform.settings.zone, as_json=as_json)
            return
        assert campaign_id is not None
        with platform.transaction() as session:
            campaign = planning.find(session, campaign_id)
            planning.hold(session, campaign)  # whoever decides at the same moment has decided, or waits
            run = _chosen(session, campaign_id, run_id)
            verb = planning.release if send else planning.drop
            verb(session, run)
            action, subject = "campaign.release" if send else "campaign.drop", f"campaign:{campaign_id}"
            audit.note(session, platform.clock.now(), operator(), action, subject, {"run": run.id})
            paused = send and campaign.state == CampaignState.PAUSED
            told = {"campaign": campaign_id, "run": run.id, "run_state": run.state, "state": campaign.state}
    if as_json:  # said when it is written, and not before
        print_json(told)
        return
    click.echo(_("El envío sale.") if send else _("El envío no sale. Queda anotado."))
    if paused:
        click.echo(
            _("La campaña está en pausa: saldrá cuando siga, con «outreach campaigns resume %(id)s».", id=campaign_id)
        )


def sentences(session: Session, campaign_id: int, zone: str) -> list[str]:
    """Return what somebody must decide about a campaign: one sentence for each sending that waits for a word."""
    gap = keep.restored(session)
    return [_question(run, gap, zone) for run in misfires.waiting(session, campaign_id)]


def summary(session: Session) -> list[str]:
    """Return how many campaigns wait for a word, and where it is given; nothing when none does."""
    found = len({run.campaign_id for run in misfires.waiting(session)})
    if not found:
        return []
    return [
        ngettext(
            "%(n)s campaña espera su decisión y no sale sin ella. Véala con «outreach campaigns held».",
            "%(n)s campañas esperan su decisión y no salen sin ella. Véalas con «outreach campaigns held».",
            found,
        )
    ]


def _question(run: Run, gap: keep.Gap | None, zone: str) -> str:
    when = local(run.due_at, zone)
    if gap and gap.covers(run.due_at):
        return _(
            "La instalación se restauró de un respaldo del %(made)s: el envío del %(when)s pudo haber salido después "
            "de hacerlo, a todas las personas. ¿Ya salió? Si ya salió: «outreach campaigns held %(id)s --drop». "
            "Si no: «outreach campaigns held %(id)s --send».",
            made=local(gap.made_at, zone),
            when=when,
            id=run.campaign_id,
        )
    return _(
        "Debía salir el %(when)s y nada estaba funcionando. ¿Sale todavía? Si sí: «outreach campaigns held %(id)s "
        "--send». Si no: «outreach campaigns held %(id)s --drop».",
        when=when,
        id=run.campaign_id,
    )


def _chosen(session: Session, campaign_id: int, run_id: int | None) -> Run:
    """Return the run that is decided of. Refuses `held_none`, and `held_several` unless it was said which."""
    found = [run for run in misfires.waiting(session, campaign_id) if run_id in {None, run.id}]
    if not found:
        raise refuse("held_none", "campaña", campaign_id)
    if len(found) > 1:
        raise refuse("held_several", "campaña", campaign_id, runs=", ".join(str(run.id) for run in found))
    return found[0]


def _list(session: Session, found: Sequence[Run], zone: str, *, as_json: bool) -> None:
    gap = keep.restored(session)
    if as_json:
        told = [
            {
                "campaign": run.campaign_id,
                "title": run.campaign.title,
                "run": run.id,
                "due_at": run.due_at.isoformat(),
                "restored": bool(gap and gap.covers(run.due_at)),
            }
            for run in found
        ]
        print_json(told)
        return
    if not found:
        click.echo(_("Ningún envío espera su decisión."))
        return
    table(
        ["ID", _("Título"), _("Corrida"), _("Momento"), _("Estado")],
        [
            [
                str(run.campaign_id),
                run.campaign.title,
                str(run.id),
                local(run.due_at, zone),
                _("¿Ya salió?") if gap and gap.covers(run.due_at) else _("¿Sale todavía?"),
            ]
            for run in found
        ],
    )
    for campaign_id in dict.fromkeys(run.campaign_id for run in found):
        for sentence in sentences(session, campaign_id, zone):
            click.echo(f"{campaign_id}: {sentence}")
