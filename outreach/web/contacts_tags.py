"""Tags: who has which, another name, two made one, none any more; and one put on, or taken from, a whole segment."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import Select, func, select
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from contacts import segments, tagging
from contacts.errors import Refused, refuse
from contacts.tagging import Tag
from outreach import audit
from outreach.i18n import gettext as _
from outreach.i18n import ngettext
from outreach.web import context
from outreach.web.forms import Form

pages = Blueprint("contacts_tags", __name__, url_prefix="/contactos/etiquetas")

Page = Response | str | tuple[str, int]
FIELDS = ("etiqueta", "segmento", "accion")


@pages.get("/")
def index() -> str:
    """List the tags, with how many people have each."""
    return render_template("tags.html", tags=tagging.every(context.db()))


def _tag_or_404(tag_id: int) -> Tag:
    return context.db().get(Tag, tag_id) or abort(404)


@pages.get("/<int:tag_id>")
def show(tag_id: int) -> str:
    """Show what can be done with one tag."""
    return _show(_tag_or_404(tag_id), Form(MultiDict({"nombre": "", "otra": ""})))


def _show(tag: Tag, form: Form) -> str:
    every = tagging.every(context.db())
    form.values.setdefault("nombre", "")
    form.values.setdefault("otra", "")
    return render_template(
        "tag.html",
        tag=tag,
        people=dict((each.id, count) for each, count in every)[tag.id],  # noqa: C402 — pairs of objects
        others=[(str(each.id), each.name) for each, _count in every if each.id != tag.id],
        holders=[name for keeper in tagging.RENUMBER for name in keeper.holders(context.db(), tag.id)],
        form=form,
    )


@pages.post("/<int:tag_id>/nombre")
def rename(tag_id: int) -> Page:
    """Call a tag something else."""
    tag, form = _tag_or_404(tag_id), Form(MultiDict(request.form))
    try:
        with context.platform().transaction() as write:
            tagging.rename(write, tagging.get(write, tag_id), form.values.get("nombre", ""))
            _note(write, "tag.rename", tag_id)
    except Refused as refused:
        form.refuse(refused, {"etiquetas": "nombre"})
        return _show(tag, form), 422
    flash(_("Guardado."))
    return redirect(url_for("contacts_tags.index"), 303)


@pages.post("/<int:tag_id>/unir")
def merge(tag_id: int) -> Page:
    """Make it one with another tag."""
    tag, form = _tag_or_404(tag_id), Form(MultiDict(request.form))
    other = form.text("otra")
    try:
        with context.platform().transaction() as write:
            into = tagging.get(write, int(other) if other.isdecimal() and len(other) < 10 else 0)  # noqa: PLR2004
            name, at, by = into.name, context.now(), current_user.username
            moved = tagging.merge(write, tagging.get(write, tag_id), into, at=at, by=by)
            _note(write, "tag.merge", into.id, people=moved)
    except Refused as refused:
        form.refuse(refused, {"etiqueta": "otra"})
        return _show(tag, form), 422
    flash(_("Las dos etiquetas son ahora «%(name)s».", name=name))
    return redirect(url_for("contacts_tags.index"), 303)


@pages.post("/<int:tag_id>/eliminar")
def remove(tag_id: int) -> Page:
    """Take a tag from everybody and forget it."""
    tag, form = _tag_or_404(tag_id), Form(MultiDict(request.form))
    try:
        with context.platform().transaction() as write:
            had = tagging.remove(write, tagging.get(write, tag_id))
            _note(write, "tag.delete", tag_id, people=had)
    except Refused as refused:
        form.refuse(refused)
        return _show(tag, form), 422
    flash(_("La etiqueta se eliminó; las personas se quedan."))
    return redirect(url_for("contacts_tags.index"), 303)


def _note(session: object, action: str, tag_id: int, **details: object) -> None:
    told = {name: value for name, value in details.items() if value}
    audit.note(session, context.now(), current_user.username, action, f"tag:{tag_id}", told)  # type: ignore[arg-type]


@pages.route("/aplicar", methods=["GET", "POST"])
def apply() -> Page:
    """Put a tag on a segment or take it off: the count is shown first, and asked again when it has changed since."""
    form = Form(MultiDict(request.form if request.method == "POST" else request.args))
    for name in FIELDS:
        form.values.setdefault(name, "")
    if request.method == "GET":
        return _ask(form)
    try:
        segment, name, puts = _asked(form)
        count = _count(_people(segment), name, puts=puts)
        if form.text("cuenta") != str(count):
            return _ask(form, count)
        done = _applied(segment, name, puts=puts)
    except Refused as refused:
        form.refuse(refused, {"etiquetas": "etiqueta"})
        return _ask(form), 422
    flash(
        ngettext("Se cambió a %(n)s persona.", "Se cambió a %(n)s personas.", done) if done else _("No cambió nadie.")
    )
    return redirect(url_for("contacts_tags.index"), 303)


def _asked(form: Form) -> tuple[segments.Segment, str, bool]:
    number = form.text("segmento")
    segment = context.db().get(segments.Segment, int(number)) if number.isdecimal() and len(number) < 10 else None  # noqa: PLR2004
    if segment is None:
        raise refuse("segment_missing", "segmento")
    puts = form.text("accion") != "quitar"
    name = tagging.checked(form.values.get("etiqueta", ""))
    if not puts:
        tagging.named(context.db(), name)
    return segment, name, puts


def _people(segment: segments.Segment) -> Select[int]:
    wanted = segments.Filter.from_json(segment.filter)
    return segments.chosen(context.db(), wanted, context.now())


def _count(people: Select[int], name: str, *, puts: bool) -> int:
    session = context.db()
    tag = tagging.find(session, name)
    if tag is not None:
        people = tagging.lacking(tag.id, people) if puts else tagging.having(tag.id, people)
    return session.scalar(select(func.count()).select_from(people.subquery())) or 0


def _ask(form: Form, count: int | None = None) -> str:
    session = context.db()
    return render_template(
        "tag_apply.html",
        form=form,
        count=count,
        fields=FIELDS,
        tags=[tag.name for tag, _count in tagging.every(session)],
        segments=[(str(each.id), each.name) for each in segments.every(session)],
        name=dict((str(each.id), each.name) for each in segments.every(session)).get(form.text("segmento"), ""),  # noqa: C402
    )


def _applied(segment: segments.Segment, name: str, *, puts: bool) -> int:
    at, by = context.now(), current_user.username
    with context.platform().transaction() as write:
        wanted = segments.Filter.from_json(segment.filter)
        people = segments.chosen(write, wanted, at)
        if puts:
            tag = tagging.ensure(write, [name], at=at, by=by)[0]
            done = tagging.put_on(write, tag.id, people, at=at, by=by)
        else:
            tag = tagging.named(write, name)
            done = tagging.take_off(write, tag.id, people)
        _note(write, "tag.put" if puts else "tag.take", tag.id, people=done, segment=segment.name)
    return done
