"""Requests about one's own data (ARCO): the list with its due dates, a new one, one with what can be done."""

from datetime import date

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from contacts import people, rights, workdays
from contacts.errors import Refused, refuse
from contacts.models import Contact
from contacts.rights import Asked, Right, RightsRequest, Standing
from outreach import audit
from outreach.i18n import gettext as _
from outreach.web import context, paging
from outreach.web.forms import Form, filled
from outreach.words.audit import who_words
from outreach.words.contacts import RIGHTS, STANDINGS

pages = Blueprint("rights", __name__, url_prefix="/derechos")

Page = Response | str | tuple[str, int]
FIELDS = ("tipo", "persona", "solicitante", "respuesta_a", "detalle", "identidad", "recibida")
#: What is typed on the page of a request.
TYPED = ("dias", "motivo", "respuesta", "identidad")
#: How far ahead the first page and the list warn of a due date, in days of the calendar.
SOON_DAYS = 5


def kinds() -> list[tuple[str, str]]:
    """Return the rights with their words, for a field."""
    return [(kind.value, _(RIGHTS[kind])) for kind in Right]


def one_or_404(request_id: int) -> RightsRequest:
    """Return a request as the read of this web request has it."""
    return context.db().get(RightsRequest, request_id) or abort(404)


@pages.get("/")
def index() -> str:
    """List the requests, what is most pressing first."""
    session, today = context.db(), context.today()
    kind, state = request.args.get("tipo", ""), request.args.get("estado", "")
    wanted = rights.listed(kind, state, today=today)
    ids = wanted.with_only_columns(RightsRequest.id).order_by(None).subquery()
    page = paging.asked(session.scalar(select(func.count()).select_from(ids)) or 0)
    rows = session.scalars(wanted.offset(page.offset).limit(page.size)).all()
    context.note_view("rights.list", shown=len(rows), kind=kind)
    return render_template(
        "rights.html",
        rows=rows,
        page=page,
        kinds=kinds(),
        standings=[(one.value, _(STANDINGS[one])) for one in Standing],
        counts=rights.counts(session, today),
        kind=kind,
        state=state,
        today=today,
        left=lambda one: workdays.between(today, one.due_on, context.platform().settings.non_working_days),
        link=lambda number: url_for("rights.index", **{**request.args.to_dict(), "pagina": number}),
    )


@pages.route("/nueva", methods=["GET", "POST"])
def new() -> Page:
    """Write a request down."""
    if request.method == "GET":
        given = {"recibida": context.today().isoformat(), "persona": request.args.get("persona", "")}
        return _form(filled(FIELDS, given | {"tipo": request.args.get("tipo", "")}))
    form = Form(MultiDict(request.form))
    try:
        asked = _asked(form)
        with context.platform().transaction() as write:
            one = rights.receive(
                write,
                asked,
                context.platform().settings.terms,
                today=context.today(),
                at=context.now(),
                by=current_user.username,
            )
            note(write, "receive", one, kind=one.kind.value)
            request_id = one.id
    except Refused as refused:
        form.refuse(refused)
        return _form(form), 422
    flash(_("La solicitud quedó anotada. Su plazo ya corre."))
    return redirect(url_for("rights.show", request_id=request_id), 303)


def _form(form: Form) -> str:
    settings = context.platform().settings
    found = form.text("persona")
    person = context.db().get(Contact, int(found)) if found.isdecimal() and len(found) < 10 else None  # noqa: PLR2004
    if person is not None:
        context.note_view("contacts.show", f"contact:{person.id}")
    return render_template("rights_form.html", form=form, kinds=kinds(), person=person, days=settings.arco_days)


def _asked(form: Form) -> Asked:
    """Return what a form says. `persona` is a number of the base, or an address of one person."""
    try:
        received = date.fromisoformat(form.text("recibida"))
    except ValueError:
        raise refuse("request_day", "recibida", form.text("recibida")) from None
    return Asked(
        kind=form.text("tipo"),
        received_on=received,
        contact_id=_person(form.text("persona")),
        requester=form.text("solicitante"),
        reply_to=form.text("respuesta_a"),
        detail=form.text("detalle"),
        identity=form.text("identidad"),
    )


def _person(text: str) -> int | None:
    if not text:
        return None
    if text.isdecimal() and len(text) < 10:  # noqa: PLR2004 — digits
        return int(text)
    found = people.by_address(context.db(), text)
    if len(found) != 1:
        code = "address_unknown" if not found else "address_several"
        raise refuse(code, "persona", text, ids=", ".join(str(one.id) for one in found))
    return found[0].id


@pages.get("/<int:request_id>")
def show(request_id: int) -> str:
    """Show one request and what can be done with it."""
    return render(one_or_404(request_id))


def render(one: RightsRequest, form: Form | None = None) -> str:
    """Return the page of a request; with a form, what was typed and is wrong."""
    context.note_view("rights.show", f"contact:{one.contact_id}" if one.contact_id else "", folio=one.folio)
    today, settings = context.today(), context.platform().settings
    return render_template(
        "rights_request.html",
        one=one,
        form=form or filled(TYPED, {"identidad": one.identity}),
        today=today,
        standing=one.standing(today),
        left=workdays.between(today, one.due_on, settings.non_working_days),
        authority=settings.arco_authority,
        kinds=RIGHTS,
        who_words=who_words,
    )


def note(session: Session, action: str, one: RightsRequest, **details: object) -> None:
    """Note an act on a request in the audit log, under the person where there is one."""
    subject = f"contact:{one.contact_id}" if one.contact_id else f"request:{one.folio}"
    told = {"folio": one.folio, **details}
    audit.note(session, context.now(), current_user.username, f"rights.{action}", subject, told)
