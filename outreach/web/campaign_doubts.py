"""Deliveries in doubt: what is known of each, and a person's word. Nothing is sent again by itself without proof."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from campaigns import doubts, evidence
from campaigns.doubts import Group
from campaigns.evidence import Evidence
from campaigns.models import Delivery
from campaigns.states import DeliveryState
from outreach import audit
from outreach.i18n import gettext as _
from outreach.i18n import ngettext
from outreach.web import context
from outreach.web.campaigns import campaign_or_404
from outreach.words.doubts import RESTORED, asked_words, fell_words, leaning, points_to, points_words
from outreach.words.states import spoken

pages = Blueprint("campaigns_doubts", __name__, url_prefix="/campanas")

MOST_PEOPLE = 25  # of a group shown one by one
MOST_CARDS = 20  # groups shown with their evidence; those below are decided with all that are alike
WORDS = {"salio": True, "no-salio": False}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that is known: when, what, and what it points to (`sent`, `again` or "")."""

    at: datetime | None
    what: str
    points: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """Doubts that are alike, with what is known of them. `searching`: evidence is still looked for."""

    group: Group
    likely: str
    lines: list[Line]
    people: list[tuple[Delivery, list[Line]]]
    searching: bool


@dataclass(frozen=True, slots=True)
class Kind:
    """Cases of one way and one cause, which may be decided together."""

    key: str
    channel: str
    reason: str
    detail: str
    count: int
    calls: int
    cases: list[Case]


@pages.get("/<int:campaign_id>/en-duda")
def show(campaign_id: int) -> str:
    """Show what is in doubt, with its evidence, alike ones together."""
    campaign = campaign_or_404(campaign_id)
    found = doubts.groups(context.db(), campaign_id)

    def alike(group: Group) -> tuple[int, str, str]:
        return group.run_id, group.channel, group.reason

    kinds = [_kind(list(some)) for _key, some in groupby(sorted(found, key=alike), key=alike)]
    people = [row.contact_id for kind in kinds for case in kind.cases for row, _lines in case.people]
    if people:
        context.note_view("campaign.doubts", f"campaign:{campaign_id}", shown=len(people), people=people)
    return render_template(
        "doubts.html",
        campaign=campaign,
        kinds=kinds,
        total=sum(kind.count for kind in kinds),
        points_words=points_words,
        in_doubt=DeliveryState.IN_DOUBT,
    )


def _kind(groups: Sequence[Group]) -> Kind:
    first = groups[0]
    return Kind(
        key=first.kind,
        channel=first.channel,
        reason=first.reason,
        detail=first.detail,
        count=sum(group.count for group in groups),
        calls=len(groups),
        cases=[_case(group) for group in groups[:MOST_CARDS]],
    )


def _case(group: Group) -> Case:
    session = context.db()
    known = evidence.of_group(session, group)
    ids = evidence.members(session, group, MOST_PEOPLE)
    rows = session.scalars(
        select(Delivery).where(Delivery.id.in_(ids)).options(joinedload(Delivery.contact)).order_by(Delivery.id)
    ).all()
    since = context.now() - group.until
    people = [(row, _answers(evidence.of_delivery(session, row), since)) for row in rows]
    searching = since < timedelta(seconds=context.platform().settings.doubt_seconds)
    return Case(group, _leaning(known.likely, since), _lines(group, known, since), people, searching=searching)


def _leaning(points: str, since: timedelta) -> str:
    return leaning(points, since=since, proof=context.platform().settings.proof_seconds)


def _lines(group: Group, known: Evidence, since: timedelta) -> list[Line]:
    lines = []
    if group.called_at:
        lines.append(Line(group.called_at, _called(group, known)))
    lines.append(Line(group.since, fell_words(group.reason, spoken(group.reason, group.detail))))
    if known.heard:
        told = ngettext(
            "Llegaron avisos de %(n)s persona de ese intento, de %(called)s",
            "Llegaron avisos de %(n)s personas de ese intento, de %(called)s",
            known.heard,
            called=known.called,
        )
        lines.append(Line(None, told, "sent"))
    return lines + _answers(known, since)


def _called(group: Group, known: Evidence) -> str:
    if group.reason == RESTORED:
        return ngettext(
            "Estaba por enviarse, o enviándose, cuando se hizo el respaldo",
            "Estaban por enviarse, o enviándose, cuando se hizo el respaldo: %(n)s envíos",
            known.called,
        )
    return ngettext(
        "Se intentó entregarlo al servicio, con nuestro identificador",
        "Se intentó entregar al servicio %(n)s envíos, cada uno con nuestro identificador",
        known.called,
    )


def _answers(known: Evidence, since: timedelta) -> list[Line]:
    lines = [Line(asked.last_at, asked_words(asked), _leaning(points_to(asked.found), since)) for asked in known.asked]
    lines += [Line(told.last_at, _("Aviso: %(kind)s %(code)s", kind=told.kind, code=told.code)) for told in known.told]
    if not known.told:
        lines.append(Line(context.now(), _("Ningún aviso con nuestro identificador hasta ahora")))
    return lines


@pages.post("/<int:campaign_id>/en-duda")
def decide(campaign_id: int) -> Response | str:
    """Take a person's word for groups, or for deliveries that were ticked. Only what the page showed is meant.

    For more than one it asks first, and says for how many: neither answer can be taken back.
    """
    campaign = campaign_or_404(campaign_id)
    sent = WORDS.get(request.form.get("decision", ""))
    keys = [key for key in request.form.getlist("grupo") if key]
    ids = [int(text) for text in request.form.getlist("envio") if text.isdecimal() and len(text) < 19]  # noqa: PLR2004
    if sent is None or not (keys or ids):
        flash(_("No se cambió nada: marque al menos un envío y diga si salió."))
        return redirect(url_for("campaigns_doubts.show", campaign_id=campaign_id), 303)
    if "confirmado" not in request.form:
        meant = doubts.choose(context.db(), campaign_id, keys=keys, ids=ids, seen=_seen())
        if len(meant) > 1:
            return render_template(
                "doubts_ask.html", campaign=campaign, sent=sent, count=len(meant), asked=request.form
            )
    with context.platform().transaction() as write:
        chosen = doubts.choose(write, campaign_id, keys=keys, ids=ids, seen=_seen())
        moved = doubts.decide(write, chosen, sent=sent, at=context.now())
        details = {"deliveries": chosen, "groups": keys, "sent": sent, "moved": moved}
        audit.note(write, context.now(), current_user.username, "campaign.decide", f"campaign:{campaign_id}", details)
        left = doubts.count(write, campaign_id)
    if not moved:
        flash(_("No se cambió nada: esos envíos ya no están en duda."))
    elif sent:
        flash(ngettext("%(n)s envío quedó como salido.", "%(n)s envíos quedaron como salidos.", moved))
    else:
        flash(ngettext("%(n)s envío sale de nuevo.", "%(n)s envíos salen de nuevo.", moved))
    place = "campaigns_doubts.show" if left else "campaigns.show"
    return redirect(url_for(place, campaign_id=campaign_id), 303)


def _seen() -> datetime | None:
    """Return when the page was made on which somebody decides; None when it does not say."""
    try:
        moment = datetime.fromisoformat(request.form.get("visto", ""))
    except ValueError:
        return None
    return moment if moment.tzinfo else None
