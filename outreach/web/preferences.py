"""What a person receives, by the link in every message: looking shows, only a POST changes."""

from datetime import timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from contacts import formentries, preferences
from contacts.errors import Refused
from contacts.formentries import EntryKind
from contacts.linkrequests import LinkUse
from contacts.models import AddressKind, Channel, Contact, Decision, Purpose
from contacts.preferences import ALL, Changed, Wanted
from outreach import audit, i18n, links
from outreach.i18n import gettext as _
from outreach.links import Opened
from outreach.web import context, formats, public, zones
from outreach.web.forms import Form, filled
from outreach.words.contacts import PURPOSES
from outreach.words.public import PURPOSE_SENTENCES

pages = public.open_to_anybody(Blueprint("preferences", __name__, url_prefix="/preferencias"))

Page = Response | str | tuple[str, int]


@pages.route("/<token>", methods=["GET", "POST"])
@context.anybody
def show(token: str) -> Page:
    """Show what the reader of a link receives, or change it."""
    served = context.platform()
    lasts = timedelta(days=served.settings.preferences_days)
    try:
        link = links.opened(context.db(), served.secret, LinkUse.PREFERENCES, token, at=context.now(), lasts=lasts)
        person = preferences.person(context.db(), link.contact_id)
    except Refused:
        return render_template("link_unknown.html"), 404
    public.speak_to(person)
    if request.method != "POST":
        return _page(token, link, person)
    if wait := public.too_many():
        return wait
    asked = request.form.get("accion", "")
    if asked in {"enlace", "datos"}:
        return _send(person, EntryKind.PREFERENCES if asked == "enlace" else EntryKind.DATA)
    if link.expired:
        return _page(token, link, person)
    return _act(token, link, person, asked)


def _act(token: str, link: Opened, person: Contact, asked: str) -> Page:
    form = Form(MultiDict(request.form))
    now, shown = context.now(), preferences.reachable(person)
    try:
        with context.platform().transaction() as write:
            if asked == "solo-correo":
                done = preferences.leave(write, link.contact_id, Channel.WHATSAPP, at=now, evidence=link.evidence)
            elif asked == "nada":
                done = preferences.leave(write, link.contact_id, ALL, at=now, evidence=link.evidence)
            else:
                granted = frozenset(
                    (way, purpose) for way in shown for purpose in Purpose if purpose.value in form.several(way.value)
                )
                wanted = Wanted(granted, shown, form.text("idioma"), form.text("zona"))
                done = preferences.change(
                    write, link.contact_id, wanted, at=now, evidence=link.evidence, notice=_notice_seen(form)
                )
            _note(write, link.contact_id, done)
    except Refused as refused:
        form.refuse(refused)
        return _page(token, link, person, form), 422
    if "language" in done.fields:
        i18n.set_language(form.text("idioma"))
    flash(_told(asked, done))
    spoken = i18n.language() if "language" in done.fields else None
    return redirect(url_for("preferences.show", token=token, lang=spoken), 303)


def _notice_seen(form: Form) -> str:
    """Return the version that the page showed; one that is not in force any more is replaced by that which is."""
    return public.notice().version if form.text("version") != public.notice().version else form.text("version")


def _note(write: object, contact_id: int, done: Changed) -> None:
    if done:
        told = {"opened": list(done.opened), "closed": list(done.closed), "fields": list(done.fields)}
        kept = {name: value for name, value in told.items() if value}
        audit.note(write, context.now(), audit.SELF, "contacts.preferences", f"contact:{contact_id}", kept)  # type: ignore[arg-type]


def _told(asked: str, done: Changed) -> str:
    if not done:
        return _("No había nada que cambiar.")
    if asked == "nada":
        return _("Listo. Ya no le enviaremos nada, por ninguna vía.")
    if asked == "solo-correo":
        return _("Listo. Ya no le enviaremos mensajes de WhatsApp; los correos siguen como están.")
    return _("Guardado a las %(hour)s.", hour=formats.hour(context.now()))


def _send(person: Contact, kind: EntryKind) -> Page:
    """Ask for a link by mail, as anybody may by the form: it goes to the address that is kept."""
    address = next((each.value for each in person.addresses if each.kind is AddressKind.EMAIL), "")
    if address:
        if wait := public.too_many_of(address):
            return wait
        with context.platform().transaction() as write:
            formentries.receive(write, kind, {"email": address}, at=context.now())
    return redirect(url_for("mydata.sent"), 303)


def _page(token: str, link: Opened, person: Contact, form: Form | None = None) -> str:
    if link.expired:
        return render_template("link_expired.html", address=public.masked(link.address))
    ways = preferences.reachable(person)
    standing = preferences.standing(context.db(), person.id, context.now())
    own, others = zones.offered(person.country)
    return render_template(
        "preferences.html",
        token=token,
        form=form or filled(("idioma", "zona"), {"idioma": person.language, "zona": person.timezone}),
        addresses=[public.masked(each.value) for each in person.addresses if each.kind is not AddressKind.PHONE],
        ways=ways,
        rows=[
            (purpose, _(PURPOSES[purpose]), _(PURPOSE_SENTENCES[purpose]), _ticked(form, standing, purpose, ways))
            for purpose in Purpose
        ],
        anything=any(said == Decision.GRANTED for said in standing.values()),
        zones=(own, others),
        notice=public.notice(),
        quiet=context.platform().settings.quiet_hours,
    )


def _ticked(form: Form | None, standing: object, purpose: Purpose, ways: tuple[Channel, ...]) -> dict[Channel, bool]:
    if form is not None:
        return {way: purpose.value in form.several(way.value) for way in ways}
    return {way: standing[way, purpose] == Decision.GRANTED for way in ways}  # type: ignore[index]
