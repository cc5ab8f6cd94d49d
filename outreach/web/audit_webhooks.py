"""What providers posted to us and what was turned away: for whoever looks after the installation."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, current_app, render_template
from sqlalchemy import func, select

from campaigns.models import WebhookBatch, WebhookRefusal
from outreach.i18n import gettext
from outreach.web import context
from outreach.webhooks import EXTENSION, Refusals
from outreach.words import N_

pages = Blueprint("audit_webhooks", __name__, url_prefix="/bitacora/avisos")

DAYS = 30
KINDS = {
    "sendgrid": N_("Correo (SendGrid)"),
    "twilio-status": N_("Estados de WhatsApp (Twilio)"),
    "twilio-inbound": N_("Mensajes de personas (Twilio)"),
}
#: What happened, and what a person can do.
REASONS = {
    "unsigned": (
        N_("No traía firma"),
        N_("Alguien ajeno llamó a esta dirección, o el proveedor aún no firma: actívelo en su consola."),
    ),
    "wrong": (
        N_("La firma no corresponde"),
        N_("Revise la llave o el secreto del proveedor, y que OUTREACH_PUBLIC_URL sea la dirección que él conoce."),
    ),
    "stale": (
        N_("Se firmó hace más de 48 horas"),
        N_("Es una repetición vieja; si son muchas, revise el reloj de este equipo."),
    ),
    "too_large": (N_("Pesaba más de 2 MB"), N_("Ningún proveedor envía avisos así: puede ignorarse.")),
}


ALWAYS_SIGNED = {"twilio-status", "twilio-inbound"}


@dataclass(frozen=True, slots=True)
class Refused:
    """What was turned away for one reason."""

    kind: str
    reason: str
    advice: str
    count: int
    first: datetime  # the hour it began in
    last: datetime

    @property
    def until(self) -> datetime:
        """The end of the last hour."""
        return self.last + timedelta(hours=1)


@pages.get("/")
def index() -> str:
    """Show how many were turned away in the last days, by kind and reason, and how many wait to be read."""
    counting = current_app.extensions.get(EXTENSION)
    if isinstance(counting, Refusals):  # what this process counted and has not written down yet
        counting.keep(context.now())
    since = context.now() - timedelta(days=DAYS)
    with context.platform().reading() as session:  # begun only now: the request's own does not see what was written
        rows = session.execute(
            select(
                WebhookRefusal.kind,
                WebhookRefusal.reason,
                func.sum(WebhookRefusal.count),
                func.min(WebhookRefusal.hour),
                func.max(WebhookRefusal.hour),
            )
            .where(WebhookRefusal.hour >= since)
            .group_by(WebhookRefusal.kind, WebhookRefusal.reason)
            .order_by(func.max(WebhookRefusal.hour).desc(), WebhookRefusal.kind, WebhookRefusal.reason)
        ).all()
        waiting = session.scalar(select(func.count()).where(WebhookBatch.processed_at.is_(None))) or 0
    return render_template("audit_webhooks.html", rows=[_said(*row) for row in rows], days=DAYS, waiting=waiting)


def _said(kind: str, code: str, count: int, first: datetime, last: datetime) -> Refused:
    reason, advice = REASONS.get(code, (code, ""))
    if code == "unsigned" and kind in ALWAYS_SIGNED:
        advice = N_("Alguien ajeno llamó a esta dirección: Twilio siempre firma. No se hizo caso y no hay qué hacer.")
    return Refused(gettext(KINDS.get(kind, kind)), gettext(reason), advice and gettext(advice), count, first, last)
