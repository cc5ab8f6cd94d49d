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
from outreach.web.queries import progress
from outreach.web.queries.home import running
from outreach.words.audit import who_words

pages = Blueprint("stop", __name__, url_prefix="/detener")
log = logging.getLogger(__name__)


@pages.get("/")
def ask() -> str:
    """Ask for the reason before everything is stopped; when it is, ask before everything goes on."""
    return _page(Form(MultiDict()))


def _page(form: Form) -> str:
    session = context.db()
    going = []
    if context.standstill():
        found = [(campaign, progress.read(session, run_ids)) for campaign, run_ids in running(session)]
        going = [each for each in found if each[1].waiting or not each[1].counts]  # the list may not be written yet
    return render_template("stop.html", form=form, going=going, total=sum(done.waiting for _campaign, done in going))


@pages.post("/")
def stop() -> Response | tuple[str, int]:
    """Stop everything."""
    form = Form(MultiDict(request.form))
    try:
        with context.platform().transaction() as write:
            switch = stopping.stop(write, at=context.now(), by=current_user.username, reason=form.text("motivo"))
            audit.note(write, context.now(), current_user.username, "sending.stop", details={"reason": switch.reason})
    except Refused as refused:
        if any(fault.code == "stopped_already" for fault in refused.faults):
            flash(_("Ya estaba detenido: su motivo no se anotó."))
            return redirect(url_for("stop.ask"), 303)  # who did, and why
        form.refuse(refused)
        return _page(form), 422
    return redirect(url_for("home.index"), 303)  # the banner says it


@pages.post("/permitir")
def resume() -> Response:
    """Allow sending again. The page of `ask` has said how much goes on."""
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
            found = {"standstill": context.standstill(), "closed_lines": lines.closed(context.db())}
        except DBAPIError:  # the page that tells that the database does not answer
            log.warning("the switch could not be read")
            found = {"standstill": None, "closed_lines": []}
        return found | {"who_words": who_words}
