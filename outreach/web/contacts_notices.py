"""The privacy notice in its versions: what it said, since when, its SHA-256, and who consented under it."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import func, select
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from contacts import notices
from contacts.errors import Refused
from contacts.folding import clean
from contacts.models import Contact, Notice
from outreach import audit
from outreach.i18n import gettext as _
from outreach.web import context, paging
from outreach.web.forms import Form, filled

pages = Blueprint("contacts_notices", __name__, url_prefix="/avisos-de-privacidad")

Page = Response | str | tuple[str, int]
FIELDS = ("version", "idioma", "texto")
PEOPLE = 25  # a page


def languages() -> list[tuple[str, str]]:
    """Return the languages of a notice with their words, for a field."""
    return [("es", _("Español")), ("en", _("Inglés"))]


@pages.get("/")
def index() -> str:
    """List the versions, the newest first."""
    session = context.db()
    found = notices.versions(session)
    return render_template(
        "notices.html", rows=found, counts=notices.counts(session), current=_current(found), languages=dict(languages())
    )


def _current(found: list[Notice]) -> str:
    """Return the version in force; nothing before the first consent of an installation."""
    own = [each for each in found if each.text and each.language == notices.MAIN]
    own.sort(key=lambda each: each.version == notices.FIRST_VERSION)
    return own[0].version if own else ""


@pages.route("/nuevo", methods=["GET", "POST"])
def new() -> Page:
    """Publish a version in two steps: the text as it will stay for ever, with its SHA-256, and the word to publish."""
    if request.method == "GET":
        return render_template(
            "notice_form.html",
            form=filled(
                FIELDS, {"version": request.args.get("version", ""), "idioma": request.args.get("idioma", "es")}
            ),
            languages=languages(),
            shown=None,
        )
    form = Form(MultiDict(request.form))
    for name in FIELDS:
        form.values.setdefault(name, "")
    version, language, text = clean(form.text("version")), form.text("idioma"), form.values["texto"]
    decided = form.text("paso") == "publicar"
    try:
        with context.platform().transaction() as write:
            made = notices.publish(write, version, text, context.now(), language)
            shown = (made.text, made.sha256)
            if decided:
                details = {"sha256": made.sha256, "language": language}
                audit.note(write, context.now(), current_user.username, "notice.publish", f"notice:{version}", details)
            else:
                write.rollback()
    except Refused as refused:
        form.refuse(refused, {"aviso": "version"})
        return render_template("notice_form.html", form=form, languages=languages(), shown=None), 422
    if not decided:
        return render_template("notice_form.html", form=form, languages=languages(), shown=shown)
    flash(_("La versión «%(version)s» quedó publicada.", version=version))
    return redirect(url_for("contacts_notices.show", version=version), 303)


@pages.get("/version/<path:version>")
def show(version: str) -> str:
    """Show a version: its texts, and who consented under it."""
    session = context.db()
    try:
        texts = notices.texts(session, version)
    except Refused:
        abort(404)
    under = notices.consented(version).subquery()
    total = session.scalar(select(func.count()).select_from(under)) or 0
    page = paging.asked(total, PEOPLE)
    people = session.scalars(
        select(Contact)
        .where(Contact.id.in_(select(under.c[0])))
        .order_by(Contact.name, Contact.id)
        .offset(page.offset)
        .limit(page.size)
    ).all()
    if people:
        context.note_view("notice.people", f"notice:{version}", shown=len(people))
    return render_template(
        "notice.html",
        version=version,
        texts=texts,
        altered=[each.language for each in texts.values() if each.text and notices.digest(each.text) != each.sha256],
        people=people,
        page=page,
        languages=dict(languages()),
        link=lambda number: url_for("contacts_notices.show", version=version, pagina=number),
    )
