"""Whether the platform is alive: for whoever watches it."""

from flask import Blueprint, jsonify
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response

from outreach.web import context

pages = Blueprint("vital", __name__)


@pages.get("/healthz")
@context.anybody
def healthz() -> tuple[Response, int]:
    """200 when the database answers, 503 when it does not. Says nothing that an outsider could use."""
    try:
        with context.platform().reading() as session:
            session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return jsonify(status="down", database="down"), 503
    return jsonify(status="ok", database="ok"), 200
