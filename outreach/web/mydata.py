"""«Mis datos»: anybody asks for the link by their address; who has it sees all that is held, and asks for the rest.

Opening the link shows nothing by itself: programs open the links of a mail too, and they need not know what we hold.
"""

from hashlib import sha256
from typing import Any

from flask import Blueprint, abort, jsonify, redirect, render_template, request, session, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from contacts import dossier, formentries, preferences, rights, strangers
from contacts.errors import Refused, refuse
from contacts.formentries import EntryKind
from contacts.linkrequests import LinkUse
from contacts.models import AddressKind
from contacts.requests import WAITING
from contacts.rights import Asked, Right, RightsRequest
from outreach import audit, links
from outreach.links import Opened
from outreach.web import context, public
from outreach.web.forms import Form, filled
from outreach.web.rights_dossier import at_words, rows

pages = public.open_to_anybody(Blueprint("mydata", __name__, url_prefix="/mis-datos"))
english = public.open_to_anybody(Blueprint("mydata_english", __name__, url_prefix="/my-data"))

Page = Response | str | tuple[str, int]
#: What may be corrected: field of the form, and what the request calls it.
CORRECTIONS = ("nombre", "correo", "whatsapp", "lugar", "otro")
FIELDS = (*CORRECTIONS, "motivo", "seguro")
LONGEST = 1_000  # letters of one field
MOST_OPEN = 5  # requests of one person that nobody has answered yet
IDENTITY = "enlace al correo registrado"
OPENED = "mis_datos"  # of the session: the link whose reader has pressed the button


@english.get("", strict_slashes=False)
@context.anybody
def in_english() -> Response:
    """Lead to the page in English."""
    return redirect(url_for("mydata.ask", lang="en"))


@pages.route("", methods=["GET", "POST"], strict_slashes=False)
@context.anybody
def ask() -> Page:
    """Ask for the link by an address; everybody gets the same answer."""
    if request.method != "POST":
        return render_template("mydata_ask.html", form=filled(("correo",), {}))
    if wait := public.too_many():
        return wait
    form = Form(MultiDict(request.form))
    try:
        address = strangers.email(form.values.get("correo", ""))
    except Refused as refused:
        form.refuse(refused, {"correo": "correo"})
        return render_template("mydata_ask.html", form=form), 422
    if wait := public.too_many_of(address):
        return wait
    with context.platform().transaction() as write:
        formentries.receive(write, EntryKind.DATA, {"email": address}, at=context.now())
    return redirect(url_for("mydata.sent"), 303)


@pages.get("/listo")
@context.anybody
def sent() -> str:
    """Tell everybody the same: to look into their mail."""
    return render_template("mydata_sent.html")


@pages.route("/<token>", methods=["GET", "POST"])
@context.anybody
def show(token: str) -> Page:
    """Ask whoever opens the link to press the button; then show all that is held."""
    link = _opened(token)
    if isinstance(link, tuple):
        return link
    if request.method == "POST":
        session[OPENED] = _mark(token)
        return redirect(url_for("mydata.show", token=token), 303)
    if session.get(OPENED) != _mark(token):
        return render_template("mydata_open.html", address=public.masked(link.address))
    return _page(token, link, filled(FIELDS, {}))


@pages.get("/<token>/datos.json")
@context.anybody
def as_json(token: str) -> Page:
    """Give the same as a file for programs."""
    link = _opened(token)
    if isinstance(link, tuple):
        return link
    if session.get(OPENED) != _mark(token):
        return redirect(url_for("mydata.show", token=token))
    _note("data.download", link)
    answer = jsonify(dossier.about(context.db(), link.contact_id) | {"authority": _authority()})
    answer.headers["Content-Disposition"] = 'attachment; filename="mis-datos.json"'
    return answer


@pages.post("/<token>/solicitud")
@context.anybody
def request_right(token: str) -> Page:
    """Take a request to correct, to erase, or an opposition, into the rights desk."""
    link = _opened(token)
    if isinstance(link, tuple):
        return link
    if session.get(OPENED) != _mark(token):
        return redirect(url_for("mydata.show", token=token))
    if wait := public.too_many():
        return wait
    form = Form(MultiDict(request.form))
    form.values.setdefault("seguro", "")
    try:
        kind, detail = _wish(form)
        number = _receive(link, kind, detail)
    except Refused as refused:
        form.refuse(refused, {"detalle": "otro"})
        return _page(token, link, form), 422
    return redirect(url_for("mydata.requested", token=token, request_id=number), 303)


@pages.get("/<token>/solicitud/<int:request_id>")
@context.anybody
def requested(token: str, request_id: int) -> Page:
    """Show the folio of a request and the day by which it is answered."""
    link = _opened(token)
    if isinstance(link, tuple):
        return link
    one = context.db().get(RightsRequest, request_id)
    if one is None or one.contact_id != link.contact_id:
        abort(404)
    return render_template("mydata_requested.html", token=token, one=one, authority=_authority())


def _opened(token: str) -> Opened | tuple[str, int]:
    """Return whose link it is, or the page that says that it is none, or over."""
    served = context.platform()
    try:
        link = links.opened(context.db(), served.secret, LinkUse.DATA, token, at=context.now(), lasts=links.DATA_LASTS)
        person = preferences.person(context.db(), link.contact_id)
    except Refused:
        return render_template("link_unknown.html"), 404
    public.speak_to(person)
    if link.expired:
        return render_template("mydata_over.html"), 410
    return link


def _mark(token: str) -> str:
    return sha256(token.encode("utf-8", "replace")).hexdigest()[:32]


def _authority() -> str:
    return context.platform().settings.arco_authority


def _note(action: str, link: Opened) -> None:
    with context.platform().transaction() as write:
        audit.note(write, context.now(), audit.SELF, action, f"contact:{link.contact_id}")


def _page(token: str, link: Opened, form: Form) -> str:
    _note("data.show", link)
    told: dict[str, Any] = dossier.about(context.db(), link.contact_id)
    return render_template(
        "mydata.html",
        token=token,
        told=told,
        form=form,
        at=at_words,
        authority=_authority(),
        days=context.platform().settings.arco_days,
        hours=int(links.DATA_LASTS.total_seconds() // 3600),
        **rows(told),
    )


def _wish(form: Form) -> tuple[Right, str]:
    """Return what a form asks for, and in which words. Refuses `correction_missing`, `erasure_unsure`, `field_long`."""
    asked = form.text("tipo")
    if asked == Right.RECTIFICATION:
        said = {name: strangers.plain(form.values.get(name, ""), LONGEST, name) for name in CORRECTIONS}
        if not any(said.values()):
            raise refuse("correction_missing", "nombre")
        return Right.RECTIFICATION, "\n".join(f"{name}: {text}" for name, text in said.items() if text)
    if asked == Right.CANCELLATION:
        if not form.text("seguro"):
            raise refuse("erasure_unsure", "seguro")
        return Right.CANCELLATION, ""
    if asked == Right.OPPOSITION:
        return Right.OPPOSITION, strangers.plain(form.values.get("motivo", ""), LONGEST, "motivo")
    raise refuse("right_kind", "tipo", asked[:60])


def _receive(link: Opened, kind: Right, detail: str) -> int:
    """Write a request down; return its number. The same that waits already is not asked for twice."""
    now = context.now()
    with context.platform().transaction() as write:
        person = preferences.person(write, link.contact_id, hold=True)
        waiting = [one for one in rights.of_contact(write, person.id) if one.state in WAITING]
        same = next((one for one in waiting if one.kind is kind and kind is not Right.RECTIFICATION), None)
        if same is not None:
            return same.id
        if len(waiting) >= MOST_OPEN:
            raise refuse("requests_many", "tipo", len(waiting))
        reply_to = link.address if "@" in link.address else ""
        reply_to = reply_to or next((each.value for each in person.addresses if each.kind is AddressKind.EMAIL), "")
        asked = Asked(
            kind=kind,
            received_on=context.today(),
            contact_id=person.id,
            reply_to=reply_to,
            detail=detail,
            identity=IDENTITY,
        )
        one = rights.receive(
            write, asked, context.platform().settings.terms, today=context.today(), at=now, by=audit.SELF
        )
        audit.note(
            write, now, audit.SELF, "rights.receive", f"contact:{person.id}", {"folio": one.folio, "kind": kind.value}
        )
        return one.id
