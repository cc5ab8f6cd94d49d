"""The door: log in, log out."""

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask_limiter.util import get_remote_address
from flask_login import current_user, login_user, logout_user
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from outreach import accounts, audit
from outreach.i18n import gettext as _
from outreach.web import context
from outreach.web.forms import Form
from outreach.web.security import limiter
from outreach.web.session import Staff, anybody_there, safe_next

pages = Blueprint("door", __name__)

LONGEST_NAME = 80
LONGEST_PASSWORD = 1024  # hashing is dear on purpose; nobody types more


def _who_tries() -> str:
    return f"{get_remote_address()} {request.form.get('usuario', '').strip().lower()[:LONGEST_NAME]}"


def _failed(answer: Response) -> bool:
    return answer.status_code == 401  # noqa: PLR2004 — HTTP


@pages.route("/entrar", methods=["GET", "POST"])
@context.anybody
@limiter.limit("30 per 10 minutes", methods=["POST"], deduct_when=_failed)
@limiter.limit("6 per 10 minutes", key_func=_who_tries, methods=["POST"], deduct_when=_failed)
def enter() -> Response | str | tuple[str, int]:
    """Show the door, or open it to the right name and password."""
    wanted = safe_next(request.args.get("next", ""), "")
    if current_user.is_authenticated:
        return redirect(wanted or url_for("home.index"))
    form = Form(MultiDict(request.form))
    if request.method == "POST":
        username = form.text("usuario")[:LONGEST_NAME]
        account = accounts.check(context.db(), username, request.form.get("clave", "")[:LONGEST_PASSWORD])
        staff = Staff.of(account) if account else None
        with context.platform().transaction() as write:
            audit.note(
                write,
                context.now(),
                staff.username if staff else username or "–",
                "session.open" if staff else "session.refused",
                details={"from": get_remote_address()},
            )
        if staff:
            session.clear()  # nothing that was put there before the log-in survives it
            login_user(staff)
            return redirect(wanted or url_for("home.index"), 303)
        form.mark("clave", _("El usuario o la contraseña no coinciden."))
    page = render_template("door.html", form=form, next=wanted, nobody=not anybody_there(context.db()))
    return (page, 401) if form.wrong else page


@pages.post("/salir")
def leave() -> Response:
    """Close the session."""
    with context.platform().transaction() as write:
        audit.note(write, context.now(), current_user.username, "session.close")
    logout_user()
    session.clear()
    return redirect(url_for("door.enter"), 303)
