"""A person's hand on networks: make, change, close; bring people in, say what they are and who brought them, let go."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from contacts import choosing, days, netkeeping, networks, people, pointers
from contacts.errors import Refused
from contacts.models import Contact, Membership, Network, NetworkKind, Role
from outreach import audit
from outreach.i18n import gettext as _
from outreach.i18n import ngettext
from outreach.web import context
from outreach.web.badges import name_of
from outreach.web.forms import Form, filled
from outreach.web.networks import ROLES, network_or_404
from outreach.web.queries import contacts as read_contacts
from outreach.web.queries import networks as read

pages = Blueprint("networks_acts", __name__, url_prefix="/redes")

Page = Response | str | tuple[str, int]
FIELDS = ("nombre", "tipo", "descripcion")
MOST_FOUND = 20


def _note(session: Session, action: str, subject: str, **details: object) -> None:
    told = {name: value for name, value in details.items() if value not in (None, "")}
    audit.note(session, context.now(), current_user.username, action, subject, told)


def _form_page(form: Form, network: Network | None) -> Page:
    kinds = [(kind.value, name_of(kind)) for kind in NetworkKind]
    page = render_template("network_form.html", form=form, network=network, kinds=kinds)
    return (page, 422) if form.wrong else page


@pages.route("/nueva", methods=["GET", "POST"])
def new() -> Page:
    """Make a network."""
    if request.method == "GET":
        return _form_page(filled(FIELDS, {"tipo": NetworkKind.LIST}), None)
    form = Form(MultiDict(request.form))
    try:
        with context.platform().transaction() as write:
            made = netkeeping.create(write, form.text("nombre"), form.text("tipo"), form.text("descripcion"))
            _note(write, "network.add", f"network:{made.id}", name=made.name, kind=made.kind)
    except Refused as refused:
        form.refuse(refused)
        return _form_page(form, None)
    flash(_("La red “%(name)s” está lista: agregue a sus integrantes.", name=made.name))
    return redirect(url_for("networks.show", network_id=made.id), 303)


@pages.route("/<int:network_id>/editar", methods=["GET", "POST"])
def edit(network_id: int) -> Page:
    """Change what a network is called, what it is, and what it is for."""
    network = network_or_404(network_id)
    if request.method == "GET":
        kept = {"nombre": network.name, "tipo": network.kind, "descripcion": network.description}
        return _form_page(filled(FIELDS, kept), network)
    form = Form(MultiDict(request.form))
    try:
        with context.platform().transaction() as write:
            changed = netkeeping.edit(
                write,
                write.get_one(Network, network_id),
                name=form.text("nombre"),
                kind=form.text("tipo"),
                description=form.text("descripcion"),
            )
            if changed:
                _note(write, "network.edit", f"network:{network_id}", before=", ".join(changed.values()))
    except Refused as refused:
        form.refuse(refused)
        return _form_page(form, network)
    flash(_("Guardado."))
    return redirect(url_for("networks.show", network_id=network_id), 303)


@pages.route("/<int:network_id>/cerrar", methods=["GET", "POST"])
def close(network_id: int) -> Page:
    """Ask whether a network shall be closed, and close it; or the same about opening it again."""
    network = network_or_404(network_id)
    form = Form(MultiDict(request.form))
    if request.method == "POST":
        try:
            with context.platform().transaction() as write:
                mine = write.get_one(Network, network_id)
                if network.closed_at is None:
                    count = netkeeping.close(write, mine, at=context.now())
                    _note(write, "network.close", f"network:{network_id}", members=count)
                else:
                    count = netkeeping.reopen(write, mine)
                    _note(write, "network.reopen", f"network:{network_id}", members=count)
        except Refused as refused:
            form.errors = {}
            form.refuse(refused)
        else:
            flash(
                ngettext("Cerrada: salió %(n)s persona.", "Cerrada: salieron %(n)s personas.", count)
                if network.closed_at is None
                else ngettext("Reabierta: volvió %(n)s persona.", "Reabierta: volvieron %(n)s personas.", count)
            )
            return redirect(url_for("networks.show", network_id=network_id), 303)
    page = render_template(
        "network_close.html", form=form, network=network, campaigns=read.campaigns_to(context.db(), network_id)
    )
    return (page, 422) if form.wrong else page


# ---------------------------------------------------------------- people of a network


@pages.route("/<int:network_id>/agregar", methods=["GET", "POST"])
def add(network_id: int) -> Page:
    """Look for a person, and bring them into the network: since when, as what, brought by whom."""
    network = network_or_404(network_id)
    text = request.values.get("persona", "")
    contact_id = int(text) if text.isdecimal() and len(text) < 10 else 0  # noqa: PLR2004 — digits
    contact = context.db().get(Contact, contact_id) if contact_id else None
    if contact is None or contact.erased_at or contact.merged_into_id:
        if request.method == "POST":
            abort(404)
        return _search(network)
    form = Form(MultiDict(request.form))
    if request.method == "GET":
        kept = {"desde": context.today().isoformat(), "papel": "integrante", "trajo": ""}
        form = filled(kept, kept)
        return _add_page(network, contact, form)
    try:
        since = days.since(form.text("desde"), "desde", context.zone(), context.now())
        role = ROLES.get(form.text("papel"), Role.MEMBER)
        with context.platform().transaction() as write:
            bringer = _bringer(write, form, network_id)
            networks.join(write, contact_id, network_id, at=since, role=role, brought_by_id=bringer)
            _note(
                write,
                "network.join",
                f"contact:{contact_id}",
                network=network.name,
                role=form.text("papel"),
                since=since.isoformat(),
                brought_by=bringer,
            )
    except Refused as refused:
        form.refuse(refused)
        return _add_page(network, contact, form), 422
    flash(_("%(person)s está en la red.", person=contact.name))
    return redirect(url_for("networks_acts.member", network_id=network_id, contact_id=contact_id), 303)


def _bringer(session: Session, form: Form, network_id: int) -> int | None:
    text = form.text("trajo")
    return choosing.person(session, text, "trajo", network_id).id if text else None


def _search(network: Network) -> str:
    session = context.db()
    text = request.args.get("q", "").strip()
    found = people.search(session, text, size=MOST_FOUND) if text else None
    if found is not None:
        ids = [one.id for one in found.people]
        context.note_view("contacts.list", shown=len(ids), people=ids, search=text)
    here = {
        one.contact_id
        for each in (found.people if found else [])
        for one in each.memberships
        if one.network_id == network.id and one.until is None
    }
    return render_template("network_add.html", network=network, contact=None, found=found, here=here, q=text, form=None)


def _add_page(network: Network, contact: Contact, form: Form) -> str:
    return render_template(
        "network_add.html", network=network, contact=contact, found=None, here=set(), q="", form=form
    )


def _member_page(network_id: int, contact_id: int, form: Form) -> Page:
    session, network = context.db(), network_or_404(network_id)
    contact = session.get(Contact, contact_id) or abort(404)
    spans = read.history(session, network_id, contact_id)
    if not spans:
        abort(404)
    open_ = next((span for span, _led in spans if span.until is None), None)
    page = render_template(
        "network_member.html",
        network=network,
        contact=contact,
        spans=spans,
        open=open_,
        form=form,
        brought_by=read_contacts.names(session, [one.brought_by_id for one, _led in spans if one.brought_by_id]),
    )
    return (page, 422) if form.wrong else page


@pages.route("/<int:network_id>/integrantes/<int:contact_id>", methods=["GET", "POST"])
def member(network_id: int, contact_id: int) -> Page:
    """Show what a person was in a network, and change it: lead or not, brought by whom, gone."""
    person = pointers.followed(context.db(), [contact_id]).get(contact_id, contact_id)
    if person != contact_id:
        return redirect(url_for("networks_acts.member", network_id=network_id, contact_id=person))
    names = ("dia_papel", "trajo", "dia_salida")
    if request.method == "GET":
        context.note_view("network.member", f"contact:{contact_id}", network=network_or_404(network_id).name)
        return _member_page(network_id, contact_id, filled(names, _kept(network_id, contact_id)))
    form = filled(names, _kept(network_id, contact_id))
    for name, text in request.form.items():
        form.values[name] = text
    acts = {"papel": _lead, "trajo": _bring, "salida": _leave}
    act = acts.get(form.text("hacer")) or abort(400)
    try:
        with context.platform().transaction() as write:
            told = act(write, network_or_404(network_id), contact_id, form)
    except Refused as refused:
        places = {"papel": {"desde": "dia_papel", "hasta": "dia_papel"}, "salida": {"hasta": "dia_salida"}}
        form.refuse(refused, places.get(form.text("hacer"), {}))
        return _member_page(network_id, contact_id, form)
    flash(told)
    return redirect(url_for("networks_acts.member", network_id=network_id, contact_id=contact_id), 303)


def _kept(network_id: int, contact_id: int) -> dict[str, str]:
    today = context.today().isoformat()
    open_ = networks.membership(context.db(), contact_id, network_id)
    kept = {"dia_papel": today, "dia_salida": today, "trajo": ""}
    if open_ is not None and open_.brought_by_id:
        kept["trajo"] = str(open_.brought_by_id)
    return kept


def _lead(write: Session, network: Network, contact_id: int, form: Form) -> str:
    open_ = networks.membership(write, contact_id, network.id)
    leads = open_ is None or open_.role is not Role.LEADER
    read_day = days.since if leads else days.until
    at = read_day(form.text("dia_papel"), "desde", context.zone(), context.now())
    role = Role.LEADER if leads else Role.MEMBER
    networks.lead(write, contact_id, network.id, role, at=at)
    _note(write, "network.lead", f"contact:{contact_id}", network=network.name, role=role, since=at.isoformat())
    return _("Ahora es liderazgo de la red.") if leads else _("Ya no es liderazgo de la red.")


def _bring(write: Session, network: Network, contact_id: int, form: Form) -> str:
    open_: Membership = networks.membership(write, contact_id, network.id) or abort(404)
    bringer = _bringer(write, form, network.id)
    networks.bring(write, open_, bringer)
    _note(write, "network.bring", f"contact:{contact_id}", network=network.name, brought_by=bringer or "–")
    return _("Guardado: quién invitó a esta persona.")


def _leave(write: Session, network: Network, contact_id: int, form: Form) -> str:
    at = days.until(form.text("dia_salida"), "hasta", context.zone(), context.now())
    networks.leave(write, contact_id, network.id, at=at)
    _note(write, "network.leave", f"contact:{contact_id}", network=network.name, until=at.isoformat())
    return _("Ya no está en la red. Su paso por ella se conserva.")
