"""Segments: the list, one with its people, and the form in which a filter is put together."""

import json

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from contacts import segments, tagging
from contacts.counting import Count
from contacts.errors import Refused
from contacts.listing import Wanted
from contacts.segment_grammar import FIELDS, Field, Part
from contacts.segments import Filter, Segment
from outreach import audit
from outreach.i18n import gettext as _
from outreach.web import context, people_list
from outreach.web.forms import Form
from outreach.web.queries import campaigns as read_campaigns
from outreach.web.segment_form import Box, act, boxes_of, form_of, tree_of, typed
from outreach.words.segments import FIELD_NAMES, field_name, hint, in_one_line, part_name, read_aloud, value_word

pages = Blueprint("segments", __name__, url_prefix="/segmentos")

LONGEST_ADDRESS = 1500  # letters of a filter in an address
Page = Response | str | tuple[str, int]


@pages.get("/")
def index() -> str:
    """List the segments."""
    session = context.db()
    found = [
        (segment, in_one_line(session, Filter.from_json(segment.filter).tree)) for segment in segments.every(session)
    ]
    return render_template("segments.html", rows=found)


def _segment_or_404(segment_id: int) -> Segment:
    return context.db().get(Segment, segment_id) or abort(404)


@pages.get("/<int:segment_id>")
def show(segment_id: int) -> str:
    """Show one segment: what it asks, who is in it now, which campaigns name it."""
    session, segment = context.db(), _segment_or_404(segment_id)
    wanted = Filter.from_json(segment.filter)
    shown = people_list.shown(
        Wanted(more=(segments.condition(session, wanted, context.now()),)),
        counting=url_for("contacts.how_many", segmento=segment_id),
    )
    context.note_view(
        "segment.show", f"segment:{segment_id}", shown=len(shown.rows), people=[row.id for row in shown.rows]
    )
    return render_template(
        "segment.html",
        segment=segment,
        line=read_aloud(session, wanted.tree),
        tags=tagging.of_people(session, [contact.id for contact in shown.rows]),
        page=shown.page,
        rows=shown.rows,
        count=shown.count,
        counting=shown.counting,
        campaigns=read_campaigns.of_segment(session, segment_id),
        link=shown.link("segments.show", segment_id=segment_id),
    )


@pages.route("/nuevo", methods=["GET", "POST"])
def new() -> Page:
    """Put a new segment together."""
    return _edit(None)


@pages.route("/<int:segment_id>/editar", methods=["GET", "POST"])
def edit(segment_id: int) -> Page:
    """Change a segment."""
    return _edit(_segment_or_404(segment_id))


def _edit(before: Segment | None) -> Page:
    session = context.db()
    if request.method == "GET":
        wanted = Filter.from_json(before.filter) if before else None
        box = boxes_of(session, wanted)
        about = {"nombre": before.name, "descripcion": before.description} if before else {}
        return _form(form_of(box, **({"nombre": "", "descripcion": ""} | about)), box, before, wanted)
    box = typed(request.form)
    asked = request.form.get("hacer", "")
    look = act(box, asked, request.form)
    form = form_of(box, **{name: request.form.get(name, "") for name in ("nombre", "descripcion")})
    if asked:
        wanted = _wanted(box, form) if asked == "probar" else _wanted(box, None)
        return _form(form, box, before, wanted, look)
    wanted = _wanted(box, form)
    if wanted is None:
        return _form(form, box, before, None), 422
    try:
        return redirect(url_for("segments.show", segment_id=_save(before, form, wanted)), 303)
    except Refused as refused:
        form.refuse(refused)
        return _form(form, box, before, wanted), 422


def _save(before: Segment | None, form: Form, wanted: Filter) -> int:
    at, by, about = context.now(), current_user.username, form.text("descripcion")
    with context.platform().transaction() as write:
        if before is None:
            segment = segments.create(write, form.text("nombre"), wanted, at=at, by=by, description=about)
        else:
            segment = write.get_one(Segment, before.id)
            segments.edit(write, segment, form.text("nombre"), wanted, at=at, by=by, description=about)
        number = segment.id
        audit.note(write, at, by, "segment.edit" if before else "segment.create", f"segment:{number}")
    flash(_("Guardado."))
    return number


def _wanted(box: Box, form: Form | None) -> Filter | None:
    """Return the filter that the boxes say; None, and the faults on the form, where it cannot be meant."""
    tree, places = tree_of(box)
    try:
        return segments.read(context.db(), tree, context.zone())
    except Refused as refused:
        if form is not None:
            form.refuse(refused, places)
        return None


def _form(form: Form, box: Box, before: Segment | None, wanted: Filter | None, look: str = "") -> str:
    session = context.db()
    known = sorted(FIELDS, key=lambda key: list(FIELD_NAMES).index(key) if key in FIELD_NAMES else len(FIELD_NAMES))
    return render_template(
        "segment_form.html",
        form=form,
        root=box,
        look=look,
        segment=before,
        used=segments.holders(session, before.id) if before else [],
        fields=[(key, field_name(key)) for key in known],
        field_name=field_name,
        part_name=part_name,
        hint=hint,
        options=_options,
        **_sample(wanted),
    )


def _options(field: Field, part: Part) -> list[tuple[str, str]]:
    session = context.db()
    if part.offered:
        return part.offered(session)
    return [(value, value_word(session, field.key, part, value)) for value in part.choices]


def _sample(wanted: Filter | None) -> dict[str, object]:
    """Return what stands beside the form: how many people, ten of them, and the filter read aloud."""
    if wanted is None:
        return {"line": None, "count": Count(0), "people": [], "address": "", "counting": ""}
    session, now = context.db(), context.now()
    people = segments.sample(session, wanted, now)
    written = json.dumps(segments.as_written(session, wanted), ensure_ascii=False, separators=(",", ":"))
    if people:
        context.note_view("segment.sample", shown=len(people), people=[one.id for one in people], filter=written)
    short = len(written) < LONGEST_ADDRESS
    count = segments.counted(session, wanted, now)
    return {
        "line": read_aloud(session, wanted.tree),
        "count": count,
        "people": people,
        "address": url_for("contacts.index", filtro=written) if short else "",
        "counting": url_for("contacts.how_many", filtro=written) if short and count.about else "",
    }


@pages.post("/probar")
def look() -> str:
    """Show whom a filter finds while somebody writes it."""
    form = Form(MultiDict(request.form))
    return render_template("_segment_sample.html", **_sample(_wanted(typed(form.values), None)))


@pages.route("/<int:segment_id>/eliminar", methods=["GET", "POST"])
def delete(segment_id: int) -> Page:
    """Ask, and forget a segment."""
    segment = _segment_or_404(segment_id)
    if request.method == "GET":
        campaigns = read_campaigns.of_segment(context.db(), segment_id)
        return render_template("segment_delete.html", segment=segment, campaigns=campaigns)
    with context.platform().transaction() as write:
        gone = write.get_one(Segment, segment_id)
        name = gone.name
        segments.delete(write, gone)
        audit.note(
            write, context.now(), current_user.username, "segment.delete", f"segment:{segment_id}", {"name": name}
        )
    flash(_("Segmento «%(name)s» eliminado.", name=name))
    return redirect(url_for("segments.index"), 303)
