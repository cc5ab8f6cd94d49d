"""The switch that stops every sending: asked for with a reason, shown on every page, taken back with one button."""

import logging

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy.exc import DBAPIError
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from campaigns import lines, stopping
from contacts.errors import Refused
from outreach import audit
from outreach.i18n import gettext as _
from outreach.web import context
from outreach.web.forms import Form

pages = Blueprint("stop", __name__, url_prefix="/detener")
log = logging.getLogger(__name__)


@pages.get("/")
def ask() -> str:
    """Ask for the reason before everything is stopped."""
    return render_template("stop.html", form=Form(MultiDict()))


@pages.post("/")
def stop() -> Response | tuple[str, int]:
    """Stop everything."""
    form = Form(MultiDict(request.form))
    try:
        with context.platform().transaction() as write:
            switch = stopping.stop(write, at=context.now(), by=current_user.username, reason=form.text("motivo"))
            audit.note(write, context.now(), current_user.username, "sending.stop", details={"reason": switch.reason})
    except Refused as refused:
        form.refuse(refused)
        return render_template("stop.html", form=form), 422
    return redirect(url_for("home.index"), 303)  # the banner says it


@pages.post("/permitir")
def resume() -> Response:
    """Allow sending again."""
    with context.platform().transaction() as write:
        was = stopping.resume(write)
        audit.note(write, context.now(), current_user.username, "sending.resume", details={"reason": was.reason})
    flash(_("El envío está permitido de nuevo: cada campaña sigue donde se quedó."))
    return redirect(url_for("home.index"), 303)


def install(app: Flask) -> None:
    """Let every page say that everything is stopped, and which senders wait."""

    @app.context_processor
    def _standing() -> dict[str, object]:
        try:
            session = context.db()
            return {"standstill": stopping.stopped(session), "closed_lines": lines.closed(session)}
        except DBAPIError:  # the page that tells that the database does not answer
            log.warning("the switch could not be read")
            return {"standstill": None, "closed_lines": []}
