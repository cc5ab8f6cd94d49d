"""Who is inside: log in, log out, and the gate that is closed to everybody else."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from flask import Flask, Response, abort, current_app, redirect, request, session, url_for
from flask_login import LoginManager, current_user
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from outreach.accounts import Account
from outreach.web import access, context

LASTS = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Staff:
    """The member of the staff who asks: plain values, safe to keep after the read is closed."""

    id: int
    username: str
    name: str
    role: str
    language: str
    mark: str  # of the password: a new password ends the sessions begun with the old one
    is_authenticated: bool = True
    is_active: bool = True
    is_anonymous: bool = False

    @classmethod
    def of(cls, account: Account) -> "Staff":
        """Return the member of the staff of an account."""
        mark = hashlib.sha256(account.password_hash.encode()).hexdigest()[:16]
        return cls(account.id, account.username, account.name, account.role.value, account.language, mark)

    def get_id(self) -> str:
        """Return what the session cookie holds."""
        return f"{self.id}.{self.mark}"


def load(read: Session, kept: str) -> Staff | None:
    """Return who a session cookie speaks of: None when the account is gone, closed, or has another password."""
    number, _, mark = kept.partition(".")
    account = read.get(Account, int(number)) if number.isdecimal() else None
    if account is None or not account.active:
        return None
    staff = Staff.of(account)
    return staff if staff.mark == mark else None


def anybody_there(read: Session) -> bool:
    """Tell whether there is any account at all: a new installation has none."""
    return read.scalar(select(Account.id).limit(1)) is not None


def safe_next(wanted: str, default: str = "/") -> str:
    """Return a page of ours to go to; the default for anything that leads elsewhere."""
    parts = urlsplit(wanted)
    ours = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and not parts.netloc and not parts.scheme
    return wanted if ours and wanted.isprintable() and "\\" not in wanted else default


def gate() -> AnyResponse | None:
    """Let in whoever is logged in, and anybody to the views that are marked so."""
    view = request.endpoint and current_app.view_functions.get(request.endpoint)
    open_doors = current_app.extensions["open_blueprints"]
    if not view or request.endpoint == "static" or request.blueprint in open_doors:
        return None
    if getattr(view, "for_anybody", False):
        return None
    if current_user.is_authenticated:
        return abort(403) if access.refused() else None
    back = request.full_path.rstrip("?") if request.method == "GET" else "/"
    if request.headers.get("HX-Request"):  # a fragment cannot show a door: the whole page goes there
        return Response(status=401, headers={"HX-Redirect": url_for("door.enter")})
    return redirect(url_for("door.enter", next=back) if back != "/" else url_for("door.enter"))


def install(app: Flask, open_blueprints: frozenset[str]) -> None:
    """Set up the session cookie, the log-in manager and the gate."""
    app.extensions["open_blueprints"] = open_blueprints
    app.config.update(
        SESSION_COOKIE_NAME="vc_sesion",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=str(app.extensions["platform"].settings.public_url).startswith("https://"),
        PERMANENT_SESSION_LIFETIME=LASTS,
    )
    manager = LoginManager()
    manager.session_protection = "basic"
    manager.init_app(app)

    def _load(kept: str) -> Staff | None:
        return load(context.db(), kept)

    manager.user_loader(_load)

    @app.before_request
    def _gate() -> AnyResponse | None:
        session.permanent = True
        return gate()
