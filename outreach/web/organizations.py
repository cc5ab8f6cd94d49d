"""Organizations: the list, one with its people, and a person's hand on both."""

from datetime import date
from typing import TypedDict

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from contacts import choosing, days, organizations, places
from contacts.errors import Refused
from contacts.models import Affiliation, Contact, Organization, OrganizationKind
from outreach import audit
from outreach.i18n import gettext as _
from outreach.i18n import language
from outreach.web import context, paging
from outreach.web.badges import name_of
from outreach.web.forms import Form, filled
from outreach.web.queries import duplicates as read

pages = Blueprint("organizations", __name__, url_prefix="/organizaciones")

Page = Response | str | tuple[str, int]
SIZE = 50


class Said(TypedDict):
    """What a form says of a person in an organization."""

    position: str
    since: date | None
    until: date | None
    main: bool


PEOPLE = ("persona", "cargo", "desde", "hasta", "principal")


def _kinds() -> list[tuple[str, str]]:
    return [(kind.value, name_of(kind)) for kind in OrganizationKind]


def _one(organization_id: int) -> Organization:
    return context.db().get(Organization, organization_id) or abort(404)


def _note(session: Session, action: str, subject: str, **details: object) -> None:
    told = {name: value for name, value in details.items() if value}
    audit.note(session, context.now(), current_user.username, action, subject, told)


@pages.get("/")
def index() -> str:
    """List organizations, searched and by kind."""
    session = context.db()
    text = request.args.get("q", "").strip()
    kind = request.args.get("tipo", "") if request.args.get("tipo", "") in set(OrganizationKind) else ""
    today = context.today()
    total, _none = organizations.listed(session, text=text, kind=kind, today=today, limit=0)
    page = paging.asked(total, SIZE)
    _total, rows = organizations.listed(session, text=text, kind=kind, today=today, offset=page.offset, limit=page.size)
    return render_template(
        "organizations.html",
        rows=rows,
        page=page,
        q=text,
        kind=kind,
        kinds=_kinds(),
        link=lambda number: url_for("organizations.index", **{**request.args.to_dict(), "pagina": number}),
    )


def _form_page(form: Form, organization: Organization | None) -> Page:
    page = render_template(
        "organization_form.html",
        form=form,
        organization=organization,
        kinds=_kinds(),
    )
    return (page, 422) if form.wrong else page


def _typed(form: Form) -> dict[str, str]:
    return {name: form.values.get(name, "") for name in organizations.FIELDS}


@pages.route("/nueva", methods=["GET", "POST"])
def new() -> Page:
    """Add an organization."""
    if request.method == "GET":
        return _form_page(filled(organizations.FIELDS, {"tipo": OrganizationKind.OTHER}), None)
    form = Form(MultiDict(request.form))
    try:
        with context.platform().transaction() as write:
            made = organizations.add(write, _typed(form))
            _note(write, "organization.add", f"organization:{made.id}", name=made.name, kind=made.kind)
    except Refused as refused:
        form.refuse(refused)
        return _form_page(form, None)
    flash(_("La organización “%(name)s” quedó anotada.", name=made.name))
    return redirect(url_for("organizations.show", organization_id=made.id), 303)


@pages.route("/<int:organization_id>/editar", methods=["GET", "POST"])
def edit(organization_id: int) -> Page:
    """Change what is known of an organization."""
    one = _one(organization_id)
    if request.method == "GET":
        kept = {
            "nombre": one.name,
            "tipo": one.kind,
            "pais": places.country_name(one.country, language()),
            "ciudad": one.city,
        }
        return _form_page(filled(organizations.FIELDS, {**kept, "web": one.web, "notas": one.notes}), one)
    form = Form(MultiDict(request.form))
    try:
        with context.platform().transaction() as write:
            changed = organizations.edit(write, write.get_one(Organization, organization_id), _typed(form))
            if changed:
                _note(write, "organization.edit", f"organization:{organization_id}", fields=changed)
    except Refused as refused:
        form.refuse(refused)
        return _form_page(form, one)
    flash(_("Guardado."))
    return redirect(url_for("organizations.show", organization_id=organization_id), 303)


@pages.route("/<int:organization_id>", methods=["GET", "POST"])
def show(organization_id: int) -> Page:
    """Show an organization with its people, and add one of them."""
    one = _one(organization_id)
    form = filled(PEOPLE, {})
    if request.method == "POST":
        form = Form(MultiDict(request.form))
        try:
            with context.platform().transaction() as write:
                person = choosing.person(write, form.text("persona"), "persona")
                made = organizations.join(
                    write, write.get_one(Organization, organization_id), person.id, **_said(form), today=context.today()
                )
                _note(
                    write,
                    "organization.join",
                    f"contact:{person.id}",
                    organization=one.name,
                    position=made.position,
                    main=made.main,
                )
        except Refused as refused:
            form.refuse(refused)
        else:
            flash(_("%(person)s está en la organización.", person=person.name))
            return redirect(url_for("organizations.show", organization_id=organization_id), 303)
    session = context.db()
    total, _none = organizations.members(session, organization_id, 0, 0)
    page = paging.asked(total, SIZE)
    _total, rows = organizations.members(session, organization_id, page.offset, page.size)
    context.note_view(
        "organization.show", f"organization:{organization_id}", shown=len(rows), people=[row.contact_id for row in rows]
    )
    answer = render_template(
        "organization.html",
        organization=one,
        form=form,
        rows=rows,
        page=page,
        people=read.people(session, [row.contact_id for row in rows]),
        link=lambda number: url_for("organizations.show", organization_id=organization_id, pagina=number),
    )
    return (answer, 422) if form.wrong else answer


def _said(form: Form) -> Said:
    return {
        "position": form.text("cargo"),
        "since": _day(form, "desde"),
        "until": _day(form, "hasta"),
        "main": bool(form.text("principal")),
    }


def _day(form: Form, name: str) -> date | None:
    return days.read(form.text(name), name) if form.text(name) else None


@pages.route("/<int:organization_id>/personas/<int:contact_id>", methods=["GET", "POST"])
def person(organization_id: int, contact_id: int) -> Page:
    """Change in what position a person is in an organization, from when to when, and whether they are its contact.

    `?paso=` says which of several spans is meant; without it, what only their card says is written down.
    """
    one, contact = _one(organization_id), context.db().get(Contact, contact_id) or abort(404)
    text = request.values.get("paso", "")
    span = context.db().get(Affiliation, int(text)) if text.isdecimal() and len(text) < 19 else None  # noqa: PLR2004
    if span is not None and (span.organization_id, span.contact_id) != (organization_id, contact_id):
        abort(404)
    if span is None and contact.organization_id != organization_id:
        abort(404)
    if request.method == "GET":
        context.note_view("organization.person", f"contact:{contact_id}", organization=one.name)
        return _person_page(one, contact, span, filled(PEOPLE, _kept(span)))
    form = Form(MultiDict(request.form))
    for name in PEOPLE:
        form.values.setdefault(name, "")
    try:
        with context.platform().transaction() as write:
            said = _said(form)
            mine = write.get(Affiliation, span.id) if span else None
            if mine is None:
                mine = organizations.join(
                    write, write.get_one(Organization, organization_id), contact_id, today=context.today()
                )
            organizations.change(write, mine, **said, today=context.today())
            _note(
                write,
                "organization.change",
                f"contact:{contact_id}",
                organization=one.name,
                position=said["position"],
                first_day=form.text("desde"),
                last_day=form.text("hasta"),
                main=said["main"],
            )
    except Refused as refused:
        form.refuse(refused)
        return _person_page(one, contact, span, form)
    flash(_("Guardado."))
    return redirect(url_for("organizations.show", organization_id=organization_id), 303)


def _kept(span: Affiliation | None) -> dict[str, str]:
    if span is None:
        return {}
    return {
        "cargo": span.position,
        "desde": span.since.isoformat() if span.since else "",
        "hasta": span.until.isoformat() if span.until else "",
        "principal": "si" if span.main else "",
    }


def _person_page(one: Organization, contact: Contact, span: Affiliation | None, form: Form) -> Page:
    page = render_template("organization_person.html", organization=one, contact=contact, span=span, form=form)
    return (page, 422) if form.wrong else page
