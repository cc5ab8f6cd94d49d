"""An address of a person: added, corrected, and said what became of it. Each act with its reason, and noted."""

from collections.abc import Callable

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from contacts import address_book, address_history, address_states, cards, hearing, people, sharing
from contacts.address_states import Says
from contacts.errors import Refused, refuse
from contacts.models import Address, AddressKind, AddressState, Contact
from outreach import audit
from outreach.i18n import gettext as _
from outreach.web import context
from outreach.web.contacts_edit import someone
from outreach.web.forms import Form
from outreach.words import N_
from outreach.words.addresses import means

pages = Blueprint("contacts_addresses", __name__, url_prefix="/contactos/<int:contact_id>/direcciones")

Page = Response | str | tuple[str, int]
Act = Callable[[Session, Contact, Address, str], None]
KINDS = (("correo", N_("Correo")), ("whatsapp", N_("WhatsApp")), ("telefono", N_("Teléfono, sólo para llamar")))

#: Where a form shows what is wrong with an address.
_PLACES = dict.fromkeys(("correo", "telefono", "whatsapp", "whatsapp-id", "correo, telefono, whatsapp"), "valor")

#: What may be said of an address, the state that it leads to (None: away), and its words.
ACTS: dict[str, tuple[AddressState | None, str]] = {
    "comprobar": (AddressState.VERIFIED, N_("Está comprobada: llega")),
    "rebota": (AddressState.BOUNCED, N_("Rebota: el buzón o el número ya no existe")),
    "inalcanzable": (AddressState.UNREACHABLE, N_("No se alcanza: WhatsApp no entrega ahí")),
    "baja": (AddressState.OPTED_OUT, N_("La persona pidió no recibir más en ella")),
    "cerrar": (AddressState.CLOSED, N_("Ya no la usa: cerrarla y conservarla")),
    "abrir": (AddressState.NEW, N_("Vuelve a usarse: abrirla, como si fuera nueva")),
    "quitar": (None, N_("Se anotó por error: quitarla de la ficha. Su historia se queda")),
}


@pages.route("/nueva", methods=["GET", "POST"])
def new(contact_id: int) -> Page:
    """Add an address: read, shown as it would be kept and with whom it is shared, and saved when it is confirmed."""
    contact = someone(context.db(), contact_id)
    form = _typed()
    if request.method == "GET":
        context.note_view("contacts.show", f"contact:{contact_id}")
        return _new(contact, form)
    step = request.form.get("paso", "")
    if step == "corregir":
        return _new(contact, form)
    try:
        written = people.read_new_address(context.db(), contact, form.text("clase"), form.text("valor"))
        address_book.why(form.text("motivo"))
        if step == "guardar":
            return _added(contact_id, form)
    except Refused as refused:
        form.refuse(refused, _PLACES)
        return _new(contact, form), 422
    return _new(contact, form, written)


def _typed() -> Form:
    form = Form(MultiDict(request.form))
    for name in ("clase", "valor", "motivo", "que"):
        form.values.setdefault(name, "")
    return form


def _new(contact: Contact, form: Form, written: cards.Written | None = None) -> str:
    return render_template(
        "address_new.html",
        contact=contact,
        form=form,
        written=written,
        others=_others(contact, written),
        kinds=[(kind, _(word)) for kind, word in KINDS],
        fields=("clase", "valor", "motivo"),
    )


def _others(contact: Contact, written: cards.Written | None) -> list[Contact]:
    if written is None:
        return []
    found = [each for each in people.holders(context.db(), [written.value]) if each.id != contact.id]
    if found:
        context.note_view("contacts.duplicates", f"contact:{contact.id}", shown=len(found))
    return found


def _added(contact_id: int, form: Form) -> Response:
    at, by = context.now(), current_user.username
    with context.platform().transaction() as write:
        contact = someone(write, contact_id, hold=True)
        made = address_book.add(
            write, contact, form.text("clase"), form.text("valor"), reason=form.text("motivo"), at=at, by=by
        )
        _note(write, contact_id, "add", made.kind)
    flash(_("La dirección quedó agregada."))
    return redirect(url_for("contacts.show", contact_id=contact_id), 303)


def _note(session: Session, contact_id: int, act: str, kind: AddressKind) -> None:
    audit.note(
        session,
        context.now(),
        current_user.username,
        f"contacts.address.{act}",
        f"contact:{contact_id}",
        {"address": kind.value},
    )


def _one(contact: Contact, address_id: int) -> Address:
    return next((one for one in contact.addresses if one.id == address_id), None) or abort(404)


@pages.get("/<int:address_id>")
def show(contact_id: int, address_id: int) -> Page:
    """Show one address: what is known of it, who shares it, its history, and what can be said of it."""
    contact = someone(context.db(), contact_id)
    address = _one(contact, address_id)
    context.note_view("contacts.show", f"contact:{contact_id}")
    return _show(contact, address, _typed())


def _show(contact: Contact, address: Address, form: Form, written: cards.Written | None = None) -> str:
    session = context.db()
    return render_template(
        "address.html",
        contact=contact,
        address=address,
        form=form,
        written=written,
        means=means(address.state),
        others=sharing.with_whom(session, [address])[address.id],
        also=_others(contact, written),
        history=address_history.of_contact(session, contact.id, address.id),
        acts=_acts(address),
        correctable=address.state not in address_states.LAST_WORD,
        replies=hearing.reply_to(session, contact.id) == (address.spelled or address.value),
    )


def _acts(address: Address) -> list[tuple[str, str]]:
    def may(target: AddressState | None) -> bool:
        if target is None:
            return address.state not in address_states.LAST_WORD
        if target is AddressState.NEW and address.state is AddressState.VERIFIED:
            return False  # by a correction only
        if target is AddressState.UNREACHABLE and address.kind is AddressKind.EMAIL:
            return False
        return address_states.may_move(address.state, target, Says.STAFF)

    return [(act, _(word)) for act, (target, word) in ACTS.items() if may(target)]


@pages.post("/<int:address_id>/corregir")
def correct(contact_id: int, address_id: int) -> Page:
    """Write an address otherwise: shown as it would be kept, and saved when it is confirmed."""
    contact = someone(context.db(), contact_id)
    address, form = _one(contact, address_id), _typed()
    step = request.form.get("paso", "")
    if step == "corregir":
        return _show(contact, address, form)
    try:
        written = address_book.read_again(context.db(), contact, address, form.text("valor"))
        address_book.why(form.text("motivo"))
        if step == "guardar":
            _do(
                contact_id,
                address_id,
                "correct",
                lambda write, who, one, by: address_book.correct(
                    write, who, one, form.text("valor"), reason=form.text("motivo"), at=context.now(), by=by
                ),
            )
            flash(_("La dirección quedó corregida. Nada se sabe de ella todavía."))
            return redirect(url_for("contacts.show", contact_id=contact_id), 303)
    except Refused as refused:
        form.refuse(refused, _PLACES)
        return _show(contact, address, form), 422
    return _show(contact, address, form, written)


@pages.post("/<int:address_id>/decir")
def tell(contact_id: int, address_id: int) -> Page:
    """Do one of `ACTS`."""
    contact = someone(context.db(), contact_id)
    address, form = _one(contact, address_id), _typed()
    act = form.text("que")
    try:
        _do(contact_id, address_id, act, _verb(act, form.text("motivo")))
    except Refused as refused:
        form.refuse(refused, {"motivo": "motivo-dicho", "que": "que"})
        return _show(contact, address, form), 422
    flash(_("Anotado."))
    return redirect(url_for("contacts.show", contact_id=contact_id), 303)


def _verb(act: str, why: str) -> Act:
    if act not in ACTS:
        raise refuse("address_act", "que", act[:20])
    at = context.now()

    def verb(write: Session, contact: Contact, address: Address, by: str) -> None:
        if act == "quitar":
            address_book.remove(write, contact, address, reason=why, at=at, by=by)
        elif act == "comprobar":
            address_book.verify(write, address, reason=why, at=at, by=by)
        elif act == "cerrar":
            address_book.close(write, address, reason=why, at=at, by=by)
        elif act == "abrir":
            address_book.reopen(write, address, reason=why, at=at, by=by)
        else:
            state = ACTS[act][0]
            assert state is not None
            address_book.mark(write, address, state, reason=why, at=at, by=by)

    return verb


def _do(contact_id: int, address_id: int, name: str, act: Act) -> None:
    with context.platform().transaction() as write:
        contact = someone(write, contact_id, hold=True)
        address = address_book.get(write, contact_id, address_id)
        kind = address.kind
        act(write, contact, address, current_user.username)
        _note(write, contact_id, _NOTED.get(name, name), kind)


_NOTED = {
    "comprobar": "verify",
    "rebota": "mark",
    "inalcanzable": "mark",
    "baja": "mark",
    "cerrar": "close",
    "abrir": "reopen",
    "quitar": "remove",
}
