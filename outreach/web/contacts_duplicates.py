"""People who may be there twice: the list, two side by side, one of two, and two again."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from contacts import duplicates, listing, pointers, unifying
from contacts.errors import Refused
from contacts.listing import Wanted
from contacts.models import Contact
from contacts.sameness import PersonMerge
from outreach import audit
from outreach.i18n import gettext as _
from outreach.i18n import ngettext
from outreach.web import context, masking, paging
from outreach.web.forms import Form
from outreach.web.queries import duplicates as read
from outreach.words import explain
from outreach.words.duplicates import FIELD_WORDS, reason_list

pages = Blueprint("contacts_duplicates", __name__, url_prefix="/contactos")

Page = Response | str | tuple[str, int]
SIZE = 25  # pairs a page
MOST_FOUND = 10  # people that a search for the other one shows


@pages.get("/duplicados/")
def index() -> str:
    """List who may be there twice, the likeliest first."""
    session = context.db()
    reason = request.args.get("motivo", "")
    total, _none = read.pairs(session, reason, 0, 0)
    page = paging.asked(total, SIZE)
    _total, pairs = read.pairs(session, reason, page.offset, page.size)
    known = read.people(session, [number for pair in pairs for number in (pair.first_id, pair.second_id)])
    context.note_view("contacts.duplicates", shown=2 * len(pairs), people=list(known))
    return render_template(
        "duplicates.html",
        pairs=pairs,
        people=known,
        page=page,
        reason=reason,
        reasons=duplicates.REASONS,
        searched_at=duplicates.searched_at(session),
        reason_list=reason_list,
        link=lambda number: url_for("contacts_duplicates.index", motivo=reason or None, pagina=number),
    )


@pages.post("/duplicados/buscar")
def search() -> Response:
    """Look through everybody. It reads first and writes after, so that nobody waits for it."""
    found = duplicates.search(context.db())
    with context.platform().transaction() as write:
        count = duplicates.keep(write, found, at=context.now())
        audit.note(write, context.now(), current_user.username, "contacts.find_duplicates", details={"pairs": count})
    flash(
        ngettext("Se encontró %(n)s par.", "Se encontraron %(n)s pares.", count) if count else _("No hay duplicados.")
    )
    return redirect(url_for("contacts_duplicates.index"), 303)


@pages.get("/<int:contact_id>/otra")
def other(contact_id: int) -> str:
    """Ask who else this person may be: who is alike, or whoever is looked for by name."""
    session = context.db()
    contact = session.get(Contact, contact_id) or abort(404)
    if contact.merged_into_id or contact.erased_at:
        abort(404)
    text = request.args.get("q", "").strip()
    pairs = duplicates.like(session, contact)
    wanted = Wanted(text, addresses=masking.sees())
    numbers = listing.ids(session, wanted, listing.look(session, wanted), 0, MOST_FOUND + 1) if text else []
    found = listing.people(session, numbers)
    others = [pair.second if pair.first == contact_id else pair.first for pair in pairs]
    context.note_view("contacts.duplicates", f"contact:{contact_id}", shown=len(others) + len(found), search=text)
    return render_template(
        "duplicates_other.html",
        contact=contact,
        pairs=list(zip(others, pairs, strict=True)),
        people=read.people(session, others),
        found=[each for each in found if each.id != contact_id][:MOST_FOUND],
        q=text,
        reason_list=reason_list,
    )


def _asked(values: MultiDict[str, str]) -> list[int]:
    return [int(each) for each in dict.fromkeys(values.getlist("persona")) if each.isdecimal() and len(each) < 10]  # noqa: PLR2004 — digits


@pages.route("/unir", methods=["GET", "POST"])
def merge() -> Page:
    """Show people side by side, and make one of them once somebody chose what is kept."""
    form = Form(MultiDict(request.form))
    ids = _asked(request.form if request.method == "POST" else request.args)
    if request.method == "POST":
        try:
            return _merged(form, ids)
        except Refused as refused:
            form.errors = {"": [explain(fault) for fault in refused.faults]}
    session = context.db()
    sides = read.sides(session, ids)
    wrong = [side for side in sides if side.contact.merged_into_id or side.contact.erased_at]
    context.note_view("contacts.compare", f"contact:{ids[0]}" if ids else "", people=[s.contact.id for s in sides])
    page = render_template(
        "duplicates_merge.html",
        form=form,
        sides=sides,
        wrong=wrong,
        fields=FIELD_WORDS,
        columns=unifying.FIELDS,
        survivor=form.text("queda") or (str(min(side.contact.id for side in sides)) if sides else ""),
        two=duplicates.two_people(session, *ids) if len(ids) == 2 else None,  # noqa: PLR2004 — a pair
    )
    return (page, 422) if form.wrong else page


def _merged(form: Form, ids: list[int]) -> Response:
    survivor = int(form.text("queda")) if form.text("queda").isdecimal() else min(ids, default=0)
    choices = {name: int(form.text(name)) for name in unifying.FIELDS if form.text(name).isdecimal()}
    with context.platform().transaction() as write:
        done = unifying.merge(
            write,
            survivor,
            [each for each in ids if each != survivor],
            choices=choices,
            at=context.now(),
            by=current_user.username,
        )
        details = {"people": list(ids), "merge": done.id}
        audit.note(write, context.now(), current_user.username, "contacts.merge", f"contact:{survivor}", details)
    flash(_("Son una sola persona. Si fue un error, abajo puede deshacerlo."))
    return redirect(url_for("contacts.show", contact_id=survivor), 303)


@pages.post("/duplicados/distintas")
def dismiss() -> Response:
    """Note that two are not the same person."""
    ids = _asked(request.form)
    if len(ids) != 2:  # noqa: PLR2004 — a pair
        abort(400)
    with context.platform().transaction() as write:
        duplicates.dismiss(write, *ids, at=context.now(), by=current_user.username)
        details = {"people": list(ids)}
        audit.note(write, context.now(), current_user.username, "contacts.dismiss", f"contact:{ids[0]}", details)
    flash(_("Anotado: no son la misma persona. No se vuelve a proponer."))
    return redirect(url_for("contacts_duplicates.index"), 303)


@pages.post("/duplicados/quiza")
def reconsider() -> Response:
    """Take back that two are not the same person."""
    ids = _asked(request.form)
    if len(ids) != 2:  # noqa: PLR2004 — a pair
        abort(400)
    with context.platform().transaction() as write:
        if duplicates.reconsider(write, *ids):
            details = {"people": list(ids)}
            audit.note(write, context.now(), current_user.username, "contacts.reconsider", f"contact:{ids[0]}", details)
    return redirect(url_for("contacts_duplicates.merge", persona=ids), 303)


@pages.post("/uniones/<int:merge_id>/deshacer")
def undo(merge_id: int) -> Response:
    """Make two people of one again."""
    with context.platform().transaction() as write:
        if write.get(PersonMerge, merge_id) is None:
            abort(404)
        undone = unifying.undo(write, merge_id, at=context.now(), by=current_user.username)
        survivor = undone.merge.survivor_id
        details = {"people": [survivor, *undone.people], "merge": merge_id}
        audit.note(write, context.now(), current_user.username, "contacts.unmerge", f"contact:{survivor}", details)
    flash(_("Son otra vez dos personas, como eran. Lo que llegó después de unirlas se queda en esta ficha."))
    if undone.fields:
        flash(
            _(
                "Alguien cambió después: %(fields)s. Así se queda.",
                fields=", ".join(_(FIELD_WORDS[f]) for f in undone.fields),
            )
        )
    if undone.withdrawals:
        flash(_("Pidieron la baja después de unirlas, y no se sabe cuál de las dos: vale para ambas."))
    return redirect(url_for("contacts.show", contact_id=survivor), 303)


def joined(contact_id: int) -> list[tuple[PersonMerge, list[Contact]]]:
    """Return the merges into a person that are in force, each with who was merged, for the page of the person."""
    session = context.db()
    merges = unifying.merges_of(session, contact_id)
    known = read.people(session, [number for each in merges for number in unifying.merged_people(each)])
    return [(each, [known[n] for n in unifying.merged_people(each) if n in known]) for each in merges]


def person_of(contact_id: int) -> int:
    """Return whose page a number leads to."""
    return pointers.followed(context.db(), [contact_id]).get(contact_id, contact_id)
