"""A person's hand on the register: write down, correct, annul, undo an import. All with a name and a reason."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from contacts.errors import Refused
from contacts.models import Channel
from outreach.i18n import gettext as _
from outreach.register import entries, importing
from outreach.register.columns import further
from outreach.register.communication import COLUMNS
from outreach.register.models import Entry, Import
from outreach.register.reading import shown
from outreach.web import context
from outreach.web.badges import channel_name
from outreach.web.forms import Form, filled

pages = Blueprint("register_acts", __name__, url_prefix="/registro")

Page = Response | str | tuple[str, int]
EXTRAS = 3  # empty lines for further columns


def _columns(form: Form) -> dict[str, str]:
    """Return what was typed by column: the register's own, and each further one with its name beside it."""
    values = {name: form.text(name) for name in COLUMNS}
    names, texts = form.values.getlist("columna"), form.values.getlist("valor")
    for name, text in zip(names, texts, strict=False):
        if name.strip() or text.strip():
            values[name.strip()] = text.strip()
    return values


def _render(form: Form, **more: object) -> str:
    names = list(form.values.getlist("columna"))
    texts = list(form.values.getlist("valor"))
    pairs = [(n, t) for n, t in zip(names, texts, strict=False) if n.strip() or t.strip()]
    known = [name for name in further(context.db()).values() if name not in dict(pairs)]
    return render_template(
        "entry_form.html",
        form=form,
        channels=[(channel.value, channel_name(channel)) for channel in Channel],
        extras=[*pairs, *[("", "")] * EXTRAS],
        known=known,
        **more,
    )


@pages.route("/nueva", methods=["GET", "POST"])
def new() -> Page:
    """Write down a communication that the system did not send."""
    if request.method == "GET":
        return _render(filled(COLUMNS, {"fecha": context.today().isoformat()}), entry=None, folio="")
    form = Form(MultiDict(request.form))
    try:
        with context.platform().transaction() as write:
            entry = entries.add(write, _columns(form), who=current_user.username, at=context.now())
            folio = entry.folio
    except Refused as refused:
        form.refuse(refused)
        return _render(form, entry=None, folio=""), 422
    flash(_("La comunicación quedó anotada con el folio %(folio)s.", folio=folio))
    return redirect(url_for("register.show", folio=folio), 303)


def _begin(entry: Entry) -> Form:
    one = shown(entry, further(context.db()))
    form = filled([*COLUMNS, "motivo"], {name: one.field(name) for name in COLUMNS})
    for name, text in one.extra.items():
        form.values.add("columna", name)
        form.values.add("valor", text)
    return form


@pages.route("/corregir/<path:folio>", methods=["GET", "POST"])
def correct(folio: str) -> Page:
    """Replace what an entry says; what it said before is kept."""
    entry = entries.in_force(context.db(), folio)
    if request.method == "GET":
        return _render(_begin(entry), entry=entry, folio=folio)
    form = Form(MultiDict(request.form))
    changes = dict.fromkeys(entry.extra, "") | _columns(form)
    try:
        with context.platform().transaction() as write:
            entries.correct(
                write, folio, changes, reason=form.text("motivo"), who=current_user.username, at=context.now()
            )
    except Refused as refused:
        form.refuse(refused)
        return _render(form, entry=entry, folio=folio), 422
    flash(_("Corregida. Lo que decía antes se conserva."))
    return redirect(url_for("register.show", folio=folio), 303)


@pages.route("/anular/<path:folio>", methods=["GET", "POST"])
def annul(folio: str) -> Page:
    """Make an entry count no longer; it is kept and shown."""
    form = Form(MultiDict(request.form)) if request.method == "POST" else filled(["motivo"], {})
    if request.method == "POST":
        try:
            with context.platform().transaction() as write:
                entries.annul(write, folio, reason=form.text("motivo"), who=current_user.username, at=context.now())
        except Refused as refused:
            form.refuse(refused)
        else:
            flash(_("Anulada. Se conserva y ya no cuenta en los informes."))
            return redirect(url_for("register.show", folio=folio), 303)
    page = render_template("entry_annul.html", form=form, folio=folio, entry=entries.in_force(context.db(), folio))
    return (page, 422) if form.wrong else page


@pages.route("/importaciones/<int:import_id>/deshacer", methods=["GET", "POST"])
def undo(import_id: int) -> Page:
    """Take a whole import out of the register, corrections included."""
    form = Form(MultiDict(request.form)) if request.method == "POST" else filled(["motivo"], {})
    if request.method == "POST":
        try:
            with context.platform().transaction() as write:
                importing.undo(
                    write, import_id, reason=form.text("motivo"), who=current_user.username, at=context.now()
                )
        except Refused as refused:
            form.refuse(refused)
        else:
            flash(_("La importación se deshizo. El archivo puede volver a traerse."))
            return redirect(url_for("register.imports"), 303)
    session = context.db()
    brought = session.get(Import, import_id) or abort(404)
    page = render_template(
        "import_undo.html", form=form, brought=brought, size=importing.sizes(session).get(import_id, 0)
    )
    return (page, 422) if form.wrong else page
