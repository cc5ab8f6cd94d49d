"""A person's hand on a request: who asks is they, more time, the answer, and doing what is asked for."""

from collections.abc import Callable

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from contacts import rights
from contacts.errors import Refused, refuse
from contacts.models import Contact
from contacts.rights import Right, RightsRequest
from outreach import erasing
from outreach.i18n import gettext as _
from outreach.web import context
from outreach.web.forms import Form
from outreach.web.rights import TYPED, Page, note, one_or_404, render

pages = Blueprint("rights_acts", __name__, url_prefix="/derechos")

Verb = Callable[[Session, RightsRequest, Form], None]


def _do(request_id: int, action: str, done: str, verb: Verb) -> Page:
    """Do one verb on a request, note it, and go back to its page; what is refused is shown there."""
    form = Form(MultiDict(request.form))
    try:
        with context.platform().transaction() as write:
            one = rights.hold(write, one_or_404(request_id).id)
            verb(write, one, form)
            note(write, action, one)
    except Refused as refused:
        return _refused(one_or_404(request_id), form, refused)
    flash(done)
    return redirect(url_for("rights.show", request_id=request_id), 303)


def _refused(one: RightsRequest, form: Form, refused: Refused) -> Page:
    for name in TYPED:
        form.values.setdefault(name, "")
    form.refuse(refused)
    return render(one, form), 422


@pages.post("/<int:request_id>/identidad")
def identify(request_id: int) -> Page:
    """Note how it was checked that whoever asks is that person."""
    return _do(
        request_id,
        "identify",
        _("Quedó anotado cómo se comprobó la identidad."),
        lambda _write, one, form: rights.identify(one, form.text("identidad")),
    )


@pages.post("/<int:request_id>/prorroga")
def extend(request_id: int) -> Page:
    """Lengthen the term, once."""

    def verb(_write: Session, one: RightsRequest, form: Form) -> None:
        text = form.text("dias")
        if not text.isdecimal() or len(text) > 4:  # noqa: PLR2004 — digits
            raise refuse("extension_days", "dias", text[:40], most=one.term)
        rights.extend(
            one,
            days=int(text),
            why=form.text("motivo"),
            closed=context.platform().settings.non_working_days,
            today=context.today(),
            at=context.now(),
            by=current_user.username,
        )

    return _do(request_id, "extend", _("El plazo se prorrogó. No se puede prorrogar otra vez."), verb)


@pages.post("/<int:request_id>/respuesta")
def answer(request_id: int) -> Page:
    """Note the answer that was sent."""

    def verb(_write: Session, one: RightsRequest, form: Form) -> None:
        rights.answer(one, text=form.text("respuesta"), at=context.now(), by=current_user.username)

    return _do(request_id, "answer", _("La respuesta quedó anotada y la solicitud, contestada."), verb)


@pages.post("/<int:request_id>/hacer")
def execute(request_id: int) -> Page:
    """Do what an opposition asks for, or note that an access or a rectification was given."""

    def verb(write: Session, one: RightsRequest, _form: Form) -> None:
        if one.kind is Right.CANCELLATION:  # asks first, on a page of its own
            raise refuse("request_kind", "", one.folio)
        if one.kind is Right.OPPOSITION:
            source = _("oposición %(folio)s", folio=one.folio)
            rights.oppose(write, one, source=source, at=context.now(), by=current_user.username)
        else:
            rights.done(one, at=context.now(), by=current_user.username)

    return _do(request_id, "execute", _("Hecho. Falta contestar la solicitud, si no se ha contestado."), verb)


def _whom(one: RightsRequest) -> Contact:
    contact = context.db().get(Contact, one.contact_id) if one.contact_id else None
    return contact or abort(404)


@pages.route("/<int:request_id>/suprimir", methods=["GET", "POST"])
def erase(request_id: int) -> Page:
    """Ask before a person is erased, repeating whom; then do it."""
    one = one_or_404(request_id)
    contact = _whom(one)
    if request.method == "GET":
        try:
            rights.ready(one, Right.CANCELLATION)
        except Refused as refused:
            return _refused(one, Form(MultiDict()), refused)
        context.note_view("contacts.show", f"contact:{contact.id}")
        return render_template("rights_erase.html", one=one, contact=contact)
    served, who = context.platform(), current_user.username
    try:
        with served.transaction() as write:
            erasing.begin(write)
            held = rights.hold(write, request_id)
            done = rights.cancel(write, held, at=context.now(), by=who)
            erasing.noted(write, done, at=context.now(), by=who, why=held.folio)
    except Refused as refused:
        return _refused(one_or_404(request_id), Form(MultiDict()), refused)
    context.end_read()  # it holds the journal, with the pages of before
    erasing.settle(served.settings.data, served.engine, done)
    flash(_("La persona se suprimió. Sus direcciones no se podrán agregar otra vez."))
    return redirect(url_for("rights.show", request_id=request_id), 303)
