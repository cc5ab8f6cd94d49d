"""The page by which anybody joins: what they say is checked and kept, and everybody gets the same answer."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from contacts import formentries, places, strangers
from contacts.errors import Refused
from contacts.formentries import EntryKind
from contacts.models import Purpose
from outreach import i18n
from outreach.i18n import gettext as _
from outreach.web import context, public, zones
from outreach.web.forms import Form, filled
from outreach.words.public import PURPOSE_SENTENCES

pages = public.open_to_anybody(Blueprint("joining", __name__, url_prefix="/unirse"))
english = public.open_to_anybody(Blueprint("joining_english", __name__, url_prefix="/join"))

Page = Response | str | tuple[str, int]
FIELDS = ("nombre", "correo", "pais", "ciudad", "zona", "idioma", "whatsapp", "finalidad", "via", "acepto", "version")
TRAP = "sitio"  # nobody sees this field: who fills it is a program


@english.get("", strict_slashes=False)
@context.anybody
def in_english() -> Response:
    """Lead to the page in English."""
    return redirect(url_for("joining.join", lang="en"))


@pages.route("", methods=["GET", "POST"], strict_slashes=False)
@context.anybody
def join() -> Page:
    """Show the form, or keep what it says and ask everybody to look into their mail."""
    if request.method != "POST":
        return _form(filled(FIELDS, {"idioma": i18n.language()}))
    if wait := public.too_many():
        return wait
    form = Form(MultiDict(request.form))
    if form.text(TRAP):
        return _done()
    said = _said(form)
    if form.wrong:
        return _form(form), 422
    if wait := public.too_many_of(str(said["email"])):
        return wait
    with context.platform().transaction() as write:
        formentries.receive(write, EntryKind.JOIN, said, at=context.now())
    return _done()


@pages.get("/listo")
@context.anybody
def done() -> str:
    """Tell everybody the same: to look into their mail."""
    return render_template("joining_done.html", days=context.platform().settings.confirm_days)


def _done() -> Response:
    return redirect(url_for("joining.done"), 303)


def _form(form: Form) -> str:
    country = _quiet(places.country, form.text("pais"))
    return render_template(
        "joining.html",
        form=form,
        purposes=[(each.value, _(PURPOSE_SENTENCES[each])) for each in Purpose],
        countries=places.countries(i18n.language()),
        zones=zones.offered(country),
        proposed=places.propose_timezone(country, form.text("ciudad")) if country else "",
        notice=public.notice(),
        trap=TRAP,
    )


def _quiet(reader: object, text: str) -> str:
    try:
        return str(reader(text))  # type: ignore[operator]
    except Refused:
        return ""


def _said(form: Form) -> dict[str, object]:
    """Return what the form says in plain values; what is wrong is marked in the form."""
    found: dict[str, str] = {}
    for field, key, read in (
        ("nombre", "name", strangers.name),
        ("correo", "email", strangers.email),
        ("pais", "country", places.country),
        ("ciudad", "city", strangers.place),
        ("zona", "timezone", places.timezone),
        ("idioma", "language", places.language),
    ):
        try:
            found[key] = read(form.values.get(field, ""))
        except Refused as refused:
            form.refuse(refused, {refused.faults[0].where: field})
    purposes = [purpose.value for purpose in Purpose if purpose.value in form.several("finalidad")]
    if not purposes:
        form.mark("finalidad", _("Elija al menos un tema."))
    found["whatsapp"] = _whatsapp(form, found.get("country", ""))
    notice = public.notice()
    if not form.text("acepto"):
        form.mark("acepto", _("Para unirse hace falta su consentimiento: marque la casilla."))
    elif form.text("version") != notice.version:
        form.mark(
            "acepto", _("El aviso de privacidad cambió mientras llenaba el formulario. Léalo y acéptelo de nuevo.")
        )
        form.values.pop("acepto")
    return {**found, "purposes": purposes, "notice": notice.version, "notice_sha256": notice.sha256}


def _whatsapp(form: Form, country: str) -> str:
    number, wanted = form.text("whatsapp"), "whatsapp" in form.several("via")
    if wanted and not number:
        form.mark("whatsapp", _("Escriba su número, o quite la marca de WhatsApp."))
    elif number and not wanted:
        form.mark("via", _("Marque WhatsApp si quiere mensajes ahí, o borre el número: sin la marca no lo guardamos."))
    elif number:
        try:
            return strangers.whatsapp(number, country)
        except Refused as refused:
            form.refuse(refused, {refused.faults[0].where: "whatsapp"})
    return ""
