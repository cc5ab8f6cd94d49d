"""A person's hand on a campaign: schedule, send now, pause, go on, cancel, release or drop what was held."""

from collections.abc import Callable

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_login import current_user
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from campaigns import misfires, planning, stopping
from campaigns.calendar import Schedule, occurrences
from campaigns.models import Campaign, Run
from campaigns.states import CampaignState, TransitionError
from contacts.errors import refuse
from outreach import audit
from outreach.i18n import gettext as _
from outreach.web import context
from outreach.web.campaigns import campaign_or_404
from outreach.web.queries import campaigns as read
from outreach.web.queries import plan, progress
from outreach.words.states import state_word

pages = Blueprint("campaigns_acts", __name__, url_prefix="/campanas")

Verb = Callable[[Session, Campaign], object]
S = CampaignState
#: What asks before it is done: the states in which it can be, and the one it leads to.
ASKED = {
    "enviar": ((S.DRAFT, S.SCHEDULED), S.SENDING),
    "programar": ((S.DRAFT,), S.SCHEDULED),
    "cancelar": ((S.SCHEDULED, S.SENDING, S.PAUSED), S.CANCELLED),
}


def _do(campaign_id: int, action: str, said: str, verb: Verb, details: dict[str, object] | None = None) -> Response:
    """Do one verb on a campaign, note it, and go back to its page. An arrow that does not exist is a refusal."""
    with context.platform().transaction() as write:
        campaign = write.get(Campaign, campaign_id) or abort(404)
        try:
            verb(write, campaign)
        except TransitionError as error:
            raise refuse("transition", "campaña", state_word(error.origin), target=state_word(error.target)) from None
        subject = f"campaign:{campaign_id}"
        audit.note(write, context.now(), current_user.username, f"campaign.{action}", subject, details)
        waits = action != "drop" and stopping.keeps(stopping.stopped(write), campaign)
    flash(_("Todo el envío está detenido: la campaña sale cuando se permita de nuevo.") if waits else said)
    return redirect(url_for("campaigns.show", campaign_id=campaign_id), 303)


@pages.get("/<int:campaign_id>/<any(enviar, programar, cancelar):act>")
def ask(campaign_id: int, act: str) -> str:
    """Ask before something that cannot be undone, and say how many people it is about."""
    campaign = campaign_or_404(campaign_id)
    if campaign.state not in ASKED[act][0]:
        raise refuse("transition", "campaña", state_word(campaign.state), target=state_word(ASKED[act][1]))
    if act == "enviar" and misfires.waiting(context.db(), campaign_id):
        raise refuse("campaign_held", "campaña", campaign_id)
    session, schedule = context.db(), Schedule.from_json(campaign.schedule)
    quiet = None if act == "enviar" else context.platform().settings.quiet_hours
    run_ids = [run.id for run in progress.runs_of(session, campaign_id)]
    return render_template(
        "campaign_ask.html",
        act=act,
        campaign=campaign,
        plan=None if act == "cancelar" else plan.read(session, campaign, context.now(), quiet),
        progress=progress.read(session, run_ids),
        audience=read.audience(session, campaign_id),
        tasks=[task for task in read.tasks(session, run_ids) if task.published_at is None],
        moments=[moment for moment in occurrences(schedule, campaign.timezone) if moment > context.now()],
    )


@pages.post("/<int:campaign_id>/enviar")
def send(campaign_id: int) -> Response:
    """Send now, whatever the schedule says."""

    def verb(write: Session, campaign: Campaign) -> None:
        planning.send_now(write, campaign, at=context.now())

    return _do(campaign_id, "send_now", _("La campaña está saliendo."), verb)


@pages.post("/<int:campaign_id>/programar")
def put_on_schedule(campaign_id: int) -> Response:
    """Let a draft go out at its moments."""

    def verb(write: Session, campaign: Campaign) -> None:
        planning.schedule(write, campaign, at=context.now())

    return _do(campaign_id, "schedule", _("La campaña quedó programada."), verb)


@pages.post("/<int:campaign_id>/cancelar")
def cancel(campaign_id: int) -> Response:
    """End it: nothing that has not left goes out."""

    def verb(write: Session, campaign: Campaign) -> None:
        planning.cancel(write, campaign, at=context.now())

    return _do(campaign_id, "cancel", _("La campaña se canceló. Lo que faltaba no sale."), verb)


@pages.post("/<int:campaign_id>/pausar")
def pause(campaign_id: int) -> Response:
    """Stop at once; what is at the provider already goes on."""
    return _do(campaign_id, "pause", _("En pausa. Nada nuevo sale."), planning.pause)


@pages.post("/<int:campaign_id>/seguir")
def resume(campaign_id: int) -> Response:
    """Go on where it stopped."""
    held = misfires.waiting(context.db(), campaign_id)
    said = _("La campaña sigue. Un envío suyo espera su decisión.") if held else _("La campaña sigue.")
    return _do(campaign_id, "resume", said, planning.resume)


def _run(write: Session, campaign: Campaign, run_id: int) -> Run:
    run = write.get(Run, run_id)
    return run if run and run.campaign_id == campaign.id else abort(404)


@pages.post("/<int:campaign_id>/envios/<int:run_id>/soltar")
def release(campaign_id: int, run_id: int) -> Response:
    """Let a held sending go out after all."""

    def verb(write: Session, campaign: Campaign) -> None:
        planning.release(write, _run(write, campaign, run_id))

    paused = campaign_or_404(campaign_id).state == CampaignState.PAUSED
    said = _("Saldrá cuando la campaña siga: está en pausa.") if paused else _("La campaña está saliendo.")
    return _do(campaign_id, "release", said, verb, {"run": run_id})


@pages.post("/<int:campaign_id>/envios/<int:run_id>/dejar")
def drop(campaign_id: int, run_id: int) -> Response:
    """Let a held sending pass."""

    def verb(write: Session, campaign: Campaign) -> None:
        planning.drop(write, _run(write, campaign, run_id))

    return _do(campaign_id, "drop", _("Ese envío ya no sale. Queda anotado."), verb, {"run": run_id})
