"""A person by hand: added, after a look at what would be kept and who is there already; and their card edited."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from contacts import address_book, cards, duplicates, people, places, suppression, tagging
from contacts.errors import Refused, refuse
from contacts.folding import bare
from contacts.models import Address, Contact, Organization
from outreach import audit
from outreach.i18n import gettext as _
from outreach.i18n import language
from outreach.web import contacts_duplicates, context
from outreach.web.forms import Form, filled
from outreach.web.queries import duplicates as read
from outreach.words.addresses import language_words, zone_words
from outreach.words.duplicates import reason_list

pages = Blueprint("contacts_edit", __name__, url_prefix="/contactos")

Page = Response | str | tuple[str, int]
ADDRESSES = ("correo", "telefono", "whatsapp")
CARD = ("nombre", "pais", "ciudad", "zona", "idioma", "organizacion")
FIELDS = (*CARD, *ADDRESSES, "etiquetas", "motivo", "solicitud")


@pages.route("/nueva", methods=["GET", "POST"])
def new() -> Page:
    """Add a person: what was typed is read and shown as it would be kept; saved when it is confirmed."""
    if request.method == "GET":
        return _form(filled(FIELDS, {}), None)
    form = _typed()
    try:
        card = people.read_card(_said(form, (*CARD, *ADDRESSES)))
        _checked_tags(form)
        suppression.check(context.db(), card.name, [(one.kind, one.value) for one in card.addresses])
        if request.form.get("paso") == "guardar":
            return _added(form)
    except Refused as refused:
        form.refuse(refused)
        return _form(form, None), 422
    if request.form.get("paso") == "corregir":
        return _form(form, None)
    return _form(form, None, card)


def _typed() -> Form:
    form = Form(MultiDict(request.form))
    for name in FIELDS:
        form.values.setdefault(name, "")
    return form


def _said(form: Form, names: tuple[str, ...]) -> dict[str, str]:
    return {name: form.text(name) for name in names if form.text(name)} | {"nombre": form.text("nombre")}


def _checked_tags(form: Form) -> list[str]:
    names = tagging.split(form.values.get("etiquetas", ""))
    if len(names) > tagging.MOST:
        raise refuse("tags_many", "etiquetas", len(names), most=tagging.MOST)
    for name in names:
        if len(name) > tagging.LONGEST:
            raise refuse("tag_name", "etiquetas", name[: tagging.LONGEST], most=tagging.LONGEST)
    return names


def _added(form: Form) -> Response:
    at, by = context.now(), current_user.username
    with context.platform().transaction() as write:
        contact = people.add(write, _said(form, (*CARD, *ADDRESSES)), at=at, by=by)
        tagging.put(write, contact.id, _checked_tags(form), at=at, by=by)
        number, alike = contact.id, duplicates.like(write, contact)
        audit.note(write, at, by, "contacts.add", f"contact:{number}")
    flash(_("La persona quedó agregada, sin consentimiento: no se le escribe hasta que conste."))
    page = "contacts_duplicates.other" if alike else "contacts.show"
    return redirect(url_for(page, contact_id=number), 303)


@pages.route("/<int:contact_id>/editar", methods=["GET", "POST"])
def edit(contact_id: int) -> Page:
    """Edit what a person's card says. Addresses have pages of their own."""
    if (person := contacts_duplicates.person_of(contact_id)) != contact_id:
        return redirect(url_for("contacts_edit.edit", contact_id=person))
    contact = someone(context.db(), contact_id)
    if request.method == "GET":
        context.note_view("contacts.show", f"contact:{contact_id}")
        return _form(_filled(contact), contact)
    form = _typed()
    try:
        return _edited(form, contact_id)
    except Refused as refused:
        form.refuse(refused)
        return _form(form, contact), 422


def someone(session: Session, contact_id: int, *, hold: bool = False) -> Contact:
    """Return a person who is there, or end with «not found»; with `hold` until the transaction ends."""
    wanted = select(Contact).where(Contact.id == contact_id)
    contact = session.scalar(wanted.with_for_update(key_share=True) if hold else wanted)
    if contact is None or contact.erased_at or contact.merged_into_id:
        abort(404)
    return contact


def _filled(contact: Contact) -> Form:
    zone, tongue = people.proposed(contact)
    tags = tagging.of_people(context.db(), [contact.id]).get(contact.id, [])
    return filled(
        FIELDS,
        {
            "nombre": contact.name,
            "pais": contact.country,
            "ciudad": contact.city,
            "zona": "" if zone else contact.timezone,
            "idioma": "" if tongue else contact.language,
            "organizacion": contact.organization.name if contact.organization else "",
            "etiquetas": "; ".join(tags),
            "solicitud": request.args.get("solicitud", "")[:20],
        },
    )


def _edited(form: Form, contact_id: int) -> Response:
    at, by, names = context.now(), current_user.username, _checked_tags(form)
    why = bare(form.text("motivo"))
    if len(why) > address_book.LONGEST:
        raise refuse("field_long", "motivo", why[:60], most=address_book.LONGEST)
    with context.platform().transaction() as write:
        contact = someone(write, contact_id, hold=True)
        before = _card(contact)
        people.edit(write, contact, {name: form.text(name) for name in CARD})
        write.refresh(contact, ["organization"])
        after = _card(contact)
        came, went = tagging.put(write, contact_id, names, at=at, by=by)
        changed = [name for name in CARD if before[name] != after[name]] + (["etiquetas"] if came or went else [])
        details = {"fields": changed, "reason": why, "folio": bare(form.text("solicitud"))[:20]}
        told = {name: value for name, value in details.items() if value}
        if changed:
            audit.note(write, at, by, "contacts.edit", f"contact:{contact_id}", told)
    _say(before, after, changed)
    return redirect(url_for("contacts.show", contact_id=contact_id), 303)


def _card(contact: Contact) -> dict[str, str]:
    organization = contact.organization.name if contact.organization else ""
    values = (contact.name, contact.country, contact.city, contact.timezone, contact.language, organization)
    return dict(zip(CARD, values, strict=True))


def _say(before: dict[str, str], after: dict[str, str], changed: list[str]) -> None:
    flash(_("Guardado.") if changed else _("No cambió nada."))
    if before["zona"] != after["zona"] and not request.form.get("zona"):
        flash(_("Su zona horaria es ahora %(zone)s: es la que se propone.", zone=after["zona"]))


def _form(form: Form, contact: Contact | None, review: cards.Card | None = None) -> str:
    session = context.db()
    card = people.card_of(contact) if contact else None
    pairs = duplicates.like(session, _as_contact(review)) if review else []
    others = [pair.second if pair.first == 0 else pair.first for pair in pairs]
    if others:
        context.note_view("contacts.duplicates", shown=len(others))
    proposal = (review or card or cards.Card("")).proposal()
    return render_template(
        "contact_form.html",
        form=form,
        contact=contact,
        review=review,
        alike=list(zip(others, pairs, strict=True)),
        people=read.people(session, others) if others else {},
        reason_list=reason_list,
        fields=FIELDS,
        countries=places.countries(language()),
        zones=places.zone_names(),
        organizations=session.scalars(select(Organization.name).order_by(Organization.name)).all(),
        zone_said=review.timezone if review else "",
        language_said=review.language if review else "",
        zone_proposed=zone_words(proposal),
        language_proposed=language_words(proposal),
    )


def _as_contact(card: cards.Card) -> Contact:
    """Return a person who is not there yet, for looking who is like them."""
    return Contact(
        id=0,
        name=card.name,
        country=card.country,
        city=card.city,
        addresses=[Address(kind=one.kind, value=one.value) for one in card.addresses],
    )
