"""What a request has at hand: the platform, one consistent read, the present moment, who asks."""

from collections.abc import Callable
from contextlib import ExitStack
from datetime import date, datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from flask import Flask, current_app, g
from flask_login import current_user
from sqlalchemy.orm import Session

from campaigns import stopping
from campaigns.stopping import SendingStop
from outreach import audit
from outreach.platform import Platform

View = TypeVar("View", bound=Callable[..., object])


def platform() -> Platform:
    """Return the platform that this application serves."""
    served: Platform = current_app.extensions["platform"]
    return served


def db() -> Session:
    """Return the request's own read, opened when first asked for and closed with the request.

    A view that writes opens `platform().transaction()` for it and redirects afterwards.
    """
    if "read" not in g:
        g.read_stack = ExitStack()
        g.read = g.read_stack.enter_context(platform().reading())
    read: Session = g.read
    return read


def end_read() -> None:
    """Close the request's own read: whoever looks again sees what was written since."""
    stack = g.pop("read_stack", None)
    if stack is not None:
        g.pop("read", None)
        stack.close()


def standstill() -> SendingStop | None:
    """Return the switch when every sending is stopped, as the request's own read found it."""
    if "standstill" not in g:
        g.standstill = stopping.stopped(db())
    found: SendingStop | None = g.standstill
    return found


def now() -> datetime:
    """Return the present moment, in UTC."""
    return platform().clock.now()


def zone() -> str:
    """Return the institution's time zone."""
    return platform().settings.zone


def today() -> date:
    """Return the present day where the institution is."""
    return now().astimezone(ZoneInfo(zone())).date()


def note_view(action: str, subject: str = "", **details: object) -> None:
    """Note that somebody looked at personal data (domain.md, «Personal data»); empty details are left out."""
    told = {name: value for name, value in details.items() if value}
    with platform().transaction() as write:
        audit.note(write, now(), current_user.username, action, subject, told)


def anybody(view: View) -> View:
    """Mark a view that needs no log-in. Every other view does: the gate in `session` is closed by default."""
    view.for_anybody = True  # type: ignore[attr-defined]
    return view


def install(app: Flask, served: Platform) -> None:
    """Give the application its platform, and close each request's read."""
    app.extensions["platform"] = served

    @app.teardown_appcontext
    def _close(_error: BaseException | None) -> None:
        end_read()
