"""The web application put together: pages, guards, language, webhooks, health."""

from collections.abc import Collection, Sequence
from pathlib import Path

from flask import Blueprint, Flask
from jinja2 import StrictUndefined
from werkzeug.routing import IntegerConverter, Map

from outreach.intake.desk import Desk
from outreach.platform import Platform
from outreach.web import (
    access,
    badges,
    context,
    errors,
    formats,
    home,
    language,
    masking,
    navigation,
    pages,
    security,
    session,
    stop,
)

TEMPLATES = Path(__file__).resolve().parents[1] / "templates" / "web"


class Number(IntegerConverter):
    """A number in an address that the database can hold; a longer one leads nowhere (404)."""

    def __init__(self, url_map: Map, *, max: int = 2**63 - 1) -> None:  # noqa: A002 — Werkzeug's name
        super().__init__(url_map, max=max)


def create_app(
    platform: Platform,
    *,
    simulated_url: str | None = None,
    real: Collection[str] = (),
    open_blueprints: Sequence[Blueprint] = (),
) -> Flask:
    """Return the application that serves a platform.

    `simulated_url` is the simulator's address when it stands in for the providers: every page says so, and that the
    ways in `real` leave this machine all the same. Blueprints in `open_blueprints` (the providers' webhooks) need
    no log-in and no forgery token: they prove their requests themselves.
    """
    app = Flask(__name__, template_folder=str(TEMPLATES), static_folder="static")
    app.secret_key = platform.secret
    app.url_map.converters["int"] = Number
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 3600
    app.extensions["imports"] = Desk(platform)  # idle until somebody starts it
    context.install(app, platform)
    formats.install(app)
    badges.install(app)
    errors.install(app)
    access.install(app)
    masking.install(app)
    session.install(app, frozenset(blueprint.name for blueprint in open_blueprints))
    language.install(app)
    navigation.install(app, simulated_url, real)
    for blueprint in (*pages.all_pages(), *open_blueprints):
        app.register_blueprint(blueprint)
    home.install(app)
    stop.install(app)
    security.install(app, exempt=[blueprint.name for blueprint in open_blueprints])
    return app
