"""Deliveries in doubt: what is known of each, and a person's word. Nothing is sent again by itself."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from campaigns import doubts
from campaigns.models import Delivery, Receipt, Run
from campaigns.states import DeliveryState
from outreach import audit
from outreach.i18n import gettext as _
from outreach.i18n import ngettext
from outreach.web import context
from outreach.web.campaigns import campaign_or_404

pages = Blueprint("campaigns_doubts", __name__, url_prefix="/campanas")

MOST = 200  # decided at once


def _doubtful(campaign_id: int) -> list[Delivery]:
    return list(
        context.db().scalars(
            select(Delivery)
            .join(Run, Run.id == Delivery.run_id)
            .where(Run.campaign_id == campaign_id, Delivery.state == DeliveryState.IN_DOUBT)
            .options(joinedload(Delivery.contact), joinedload(Delivery.run))
            .order_by(Delivery.called_at, Delivery.id)
            .limit(MOST)
        )
    )


@pages.get("/<int:campaign_id>/en-duda")
def show(campaign_id: int) -> str:
    """Show what is in doubt, with its evidence."""
    campaign = campaign_or_404(campaign_id)
    rows = _doubtful(campaign_id)
    receipts: dict[int, list[Receipt]] = {}
    found = select(Receipt).where(Receipt.delivery_id.in_([row.id for row in rows])).order_by(Receipt.at)
    for receipt in context.db().scalars(found):
        receipts.setdefault(receipt.delivery_id or 0, []).append(receipt)
    return render_template("doubts.html", campaign=campaign, rows=rows, receipts=receipts)


@pages.post("/<int:campaign_id>/en-duda")
def decide(campaign_id: int) -> Response:
    """Take a person's word for the deliveries that were ticked. Only those of this campaign are meant."""
    campaign_or_404(campaign_id)
    sent = request.form.get("decision") == "salio"
    ticked = set(request.form.getlist("envio"))
    chosen = [row.id for row in _doubtful(campaign_id) if str(row.id) in ticked]
    if request.form.get("decision") not in {"salio", "no-salio"} or not chosen:
        flash(_("No se cambió nada: marque al menos un envío y diga si salió."))
        return redirect(url_for("campaigns_doubts.show", campaign_id=campaign_id), 303)
    with context.platform().transaction() as write:
        moved = doubts.decide(write, chosen, sent=sent, at=context.now())
        details = {"deliveries": chosen, "sent": sent}
        audit.note(write, context.now(), current_user.username, "campaign.decide", f"campaign:{campaign_id}", details)
    if sent:
        flash(ngettext("%(n)s envío quedó como salido.", "%(n)s envíos quedaron como salidos.", moved))
    else:
        flash(ngettext("%(n)s envío sale de nuevo.", "%(n)s envíos salen de nuevo.", moved))
    return redirect(url_for("campaigns.show", campaign_id=campaign_id), 303)
