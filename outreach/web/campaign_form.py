"""Writing a campaign: the form of a new one, and of one that has not begun."""

from zoneinfo import available_timezones

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import ColumnElement, or_, select
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from campaigns import planning, rendering
from campaigns.calendar import Schedule, occurrences
from campaigns.models import Campaign, WhatsAppTemplate
from campaigns.states import CampaignState
from contacts import segments
from contacts.errors import Refused, refuse
from contacts.models import Network, Purpose
from outreach import audit
from outreach.i18n import gettext as _
from outreach.web import campaign_draft, context
from outreach.web.badges import name_of
from outreach.web.campaigns import campaign_or_404
from outreach.web.forms import Form, filled

pages = Blueprint("campaigns_form", __name__, url_prefix="/campanas")

Page = Response | str | tuple[str, int]
#: Offered first: where most readers live.
NEAR = (
    "America/Mexico_City",
    "America/Los_Angeles",
    "America/Chicago",
    "America/New_York",
    "Europe/Madrid",
    "Europe/London",
    "Europe/Berlin",
    "Asia/Tokyo",
)


def _offered(form: Form) -> ColumnElement[bool]:
    """Return the condition that a network is open, or was chosen before it was closed."""
    return or_(Network.closed_at.is_(None), Network.name.in_([*form.several("redes"), *form.several("sin_redes")]))


def _render(form: Form, campaign: Campaign | None) -> str:
    session = context.db()
    kept = Schedule.from_json(campaign.schedule) if campaign else Schedule()
    words = {
        "": _("Una sola vez"),
        "FREQ=DAILY": _("Cada día"),
        "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR": _("De lunes a viernes"),
        "FREQ=WEEKLY": _("Cada semana"),
        "FREQ=MONTHLY": _("Cada mes"),
    }
    return render_template(
        "campaign_form.html",
        form=form,
        campaign=campaign,
        networks=session.scalars(select(Network).where(_offered(form)).order_by(Network.name)).all(),
        segments=segments.every(session),
        templates=session.scalars(
            select(WhatsAppTemplate).order_by(WhatsAppTemplate.name, WhatsAppTemplate.language)
        ).all(),
        purposes=[(purpose.value, name_of(purpose)) for purpose in Purpose],
        ways=[
            ("correo", _("Sólo correo")),
            ("whatsapp", _("Sólo WhatsApp")),
            ("whatsapp,correo", _("WhatsApp; a quien no se pueda, correo")),
            ("correo,whatsapp", _("Correo; a quien no se pueda, WhatsApp")),
            ("whatsapp-grupo", _("Grupos de WhatsApp: publica una persona")),
        ],
        repeats=[(rule, words[rule]) for rule in campaign_draft.REPEATS],
        lates=[
            ("send", _("Que salga de todos modos")),
            ("skip", _("Que no salga")),
            ("ask", _("Que alguien decida")),
        ],
        zones=[*NEAR, *sorted(zone for zone in available_timezones() - set(NEAR) if "/" in zone)],
        variables=rendering.VARIABLES,
        dates=[] if campaign_draft.plain(kept) or not campaign else occurrences(kept, campaign.timezone),
        clases=session.scalars(select(Campaign.clase).distinct().order_by(Campaign.clase)).all(),
        temas=session.scalars(select(Campaign.tema).distinct().order_by(Campaign.tema)).all(),
    )


@pages.route("/nueva", methods=["GET", "POST"])
def new() -> Page:
    """Write a new campaign."""
    if request.method == "GET":
        values = {"zona": context.zone(), "si_tarde": "send", "canales": "correo", "finalidad": Purpose.NOTICES}
        form = filled(campaign_draft.FIELDS, values)
        for name in campaign_draft.SEVERAL:
            form.values.setlist(name, [])
        network = request.args.get("red", "")
        if network.isdecimal() and (found := context.db().get(Network, int(network))):
            form.values.setlist("redes", [found.name])
            if found.kind == "whatsapp-group":
                form.values["canales"] = "whatsapp-grupo"
        segment = request.args.get("segmento", "")
        if segment.isdecimal() and (chosen := context.db().get(segments.Segment, int(segment[:9]))):
            form.values.setlist("segmentos", [chosen.name])
        return _render(form, None)
    return _save(None)


@pages.route("/<int:campaign_id>/editar", methods=["GET", "POST"])
def edit(campaign_id: int) -> Page:
    """Write a campaign anew: its next version."""
    campaign = campaign_or_404(campaign_id)
    if campaign.state not in {CampaignState.DRAFT, CampaignState.SCHEDULED}:
        raise refuse("campaign_running", "campaña", campaign_id, state=campaign.state.value)
    if request.method == "GET":
        return _render(campaign_draft.form_of(context.db(), campaign), campaign)
    return _save(campaign)


def _save(before: Campaign | None) -> Page:
    form = Form(MultiDict(request.form))
    for name in campaign_draft.FIELDS:
        if name not in form.values:
            form.values.setlist(name, [] if name in campaign_draft.SEVERAL else [""])
    try:
        draft = campaign_draft.draft_of(form, before)
        campaign_draft.check(context.db(), form, draft, before)
        if form.wrong:
            return _render(form, before), 422
        with context.platform().transaction() as write:
            if before is None:
                campaign = planning.create(write, draft, at=context.now(), by=current_user.username)
            else:
                campaign = write.get_one(Campaign, before.id)
                planning.edit(write, campaign, draft, at=context.now())
            campaign_id = campaign.id
            action = "campaign.edit" if before else "campaign.create"
            audit.note(write, context.now(), current_user.username, action, f"campaign:{campaign_id}")
    except Refused as refused:
        form.refuse(refused, {name: name for name in campaign_draft.FIELDS})
        return _render(form, before), 422
    flash(_("Guardada. Revise cómo se lee antes de programarla o enviarla."))
    return redirect(url_for("campaigns_preview.show", campaign_id=campaign_id), 303)
