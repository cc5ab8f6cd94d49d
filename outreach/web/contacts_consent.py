"""What a person said, written down by whoever of the staff heard it: with what shows it; and what is about to end."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from campaigns.calendar import to_utc
from contacts import consent, expiring, notices, terms
from contacts.errors import Refused, refuse
from contacts.models import Channel, ConsentEntry, Contact, Decision, EvidenceKind, Notice, Purpose
from outreach import audit, confirming
from outreach import evidence as papers
from outreach.evidence import PAPERS
from outreach.i18n import gettext as _
from outreach.web import context, evidence, paging
from outreach.web.forms import Form, filled
from outreach.words.contacts import PURPOSES

pages = Blueprint("contacts_consent", __name__, url_prefix="/contactos")

Page = AnyResponse | str | tuple[str, int]
FIELDS = ("que", "via", "finalidad", "dia", "hora", "fuente", "clase", "prueba", "papel", "aviso", "hasta")
#: What whoever writes it down may say shows it; a file and a link speak for themselves.
KINDS = (EvidenceKind.FORM, EvidenceKind.REPLY, EvidenceKind.PAPER, EvidenceKind.NOTE)
#: Where the domain's faults stand on the form.
PLACES = {"canal": "via", "persona": "", "evidencia": "papel"}


def _person(contact_id: int) -> Contact:
    contact = context.db().get(Contact, contact_id) or abort(404)
    if contact.erased_at is not None or contact.merged_into_id is not None:
        abort(404)
    return contact


@pages.get("/<int:contact_id>/consentimiento")
def ask(contact_id: int) -> str:
    """Show the form; it begins with this moment where the person is."""
    contact = _person(contact_id)
    context.note_view("contacts.show", f"contact:{contact_id}")
    now = context.now().astimezone(ZoneInfo(contact.timezone))
    given = {"dia": f"{now:%Y-%m-%d}", "hora": f"{now:%H:%M}", "clase": EvidenceKind.NOTE.value}
    given["aviso"] = _versions()[0][0] if _versions() else ""
    return _form(contact, filled(FIELDS, given))


def _versions() -> list[tuple[str, str]]:
    """Return the versions to choose from, the current one first."""
    spanish = context.db().scalars(
        select(Notice.version)
        .where(Notice.language == notices.MAIN)
        .order_by(Notice.version == notices.FIRST_VERSION, Notice.published_at.desc(), Notice.version.desc())
    )
    found = list(spanish) or [notices.FIRST_VERSION]
    return [(version, version) for version in found]


def _form(contact: Contact, form: Form) -> str:
    settings = context.platform().settings
    return render_template(
        "consent_form.html",
        contact=contact,
        form=form,
        decisions=[
            (Decision.GRANTED.value, _("Aceptó recibir mensajes")),
            (Decision.WITHDRAWN.value, _("Pidió no recibirlos")),
            (Decision.ASKED.value, _("Que lo confirme por correo")),
        ],
        ways=[(consent.ALL, _("Toda vía")), *[(each.value, each.value) for each in consent.CHANNELS]],
        purposes=[each.value for each in Purpose],
        kinds=[each.value for each in KINDS],
        versions=_versions(),
        months=terms.months(settings.consent_terms, consent.ALL),
        apart_words=_apart(settings.consent_terms),
        days=settings.confirm_days,
    )


def _apart(held: terms.Terms) -> str:
    """Return the terms that are not that of all, in words: `Eventos 6`; 0 is without an end."""
    return ", ".join(f"{_(PURPOSES[each])} {terms.months(held, each)}" for each in terms.apart(held))


@pages.post("/<int:contact_id>/consentimiento")
def write(contact_id: int) -> Page:
    """Write down what the person said, or let them be asked."""
    contact = _person(contact_id)
    form = Form(MultiDict(request.form))
    for name in FIELDS:
        form.values.setdefault(name, "")
    try:
        done = _write(contact, form)
    except Refused as refused:
        form.refuse(refused, PLACES)
        return _form(contact, form), 422
    flash(done)
    return redirect(url_for("contacts.show", contact_id=contact_id), 303)


def _write(contact: Contact, form: Form) -> str:
    served, who = context.platform(), current_user.username
    at = _moment(form.text("dia"), form.text("hora"), contact.timezone)
    ways, purposes = form.text("via") or consent.ALL, form.several("finalidad")
    everything = not purposes or len(purposes) == len(Purpose)
    details: dict[str, object] = {"channel": ways, "purpose": ", ".join(purposes) or consent.ALL}
    if form.text("que") == Decision.ASKED:
        with served.transaction() as session:
            confirming.ask_to_confirm(
                served,
                session,
                contact.id,
                Channel.EMAIL,
                [consent.ALL] if everything else purposes,
                notice=form.text("aviso") or None,
                source=form.text("fuente"),
                evidence=form.text("prueba"),
                by=who,
            )
            audit.note(session, context.now(), who, "consent.ask", f"contact:{contact.id}", details)
        return _("Se le preguntará por correo. El consentimiento queda anotado cuando lo confirme.")
    if form.text("que") not in {Decision.GRANTED, Decision.WITHDRAWN}:
        raise refuse("consent_decision", "que", form.text("que"))
    granted = form.text("que") == Decision.GRANTED
    shown = _evidence(form)
    wanted = [consent.ALL] if everything else purposes
    try:
        with served.transaction() as session:
            if granted:
                _grant(session, contact, form, wanted, ways, at, shown, who)
            for each in wanted if not granted else ():
                said: dict[str, Any] = {"purpose": each, "source": form.text("fuente"), "at": at, "by": who}
                consent.withdraw(session, contact.id, ways, **said, **shown)
            action = "consent.grant" if granted else "consent.withdraw"
            audit.note(session, context.now(), who, action, f"contact:{contact.id}", details)
    except Refused:
        papers.discard(served.settings.data, filter(None, [shown["file"]]))
        raise
    return _("El consentimiento quedó anotado.") if granted else _("La baja quedó anotada y ya vale.")


def _grant(
    session: Session,
    contact: Contact,
    form: Form,
    wanted: list[str],
    ways: str,
    at: datetime,
    shown: dict[str, Any],
    who: str,
) -> None:
    version = notices.named(session, form.text("aviso"), context.now()).version if form.text("aviso") else None
    until = _moment(form.text("hasta"), "00:00", contact.timezone, "hasta") if form.text("hasta") else None
    for each in wanted:
        consent.grant(
            session,
            contact.id,
            ways,
            each,
            source=form.text("fuente"),
            at=at,
            until=until,
            notice_version=version,
            by=who,
            **shown,
        )


def _moment(day: str, hour: str, zone: str, where: str = "dia") -> datetime:
    """Return a moment by the clocks where the person is. Refuses `consent_form`, and `consent_future` for the past."""
    try:
        wall = datetime.fromisoformat(f"{day}T{hour}").replace(tzinfo=None)
    except ValueError:
        raise refuse("consent_form", where, f"{day} {hour}".strip()[:40]) from None
    moment = to_utc(wall, zone)
    if where == "dia" and moment > context.now():
        raise refuse("consent_future", where, f"{wall:%Y-%m-%d %H:%M}")
    return moment


def _evidence(form: Form) -> dict[str, Any]:
    """Return what shows it: a kind, words, and the paper, which is kept. Refuses `consent_evidence`: it needs some."""
    kind = form.text("clase")
    if kind not in {each.value for each in KINDS}:
        raise refuse("evidence_kind", "clase", kind[:40], known=", ".join(KINDS))
    paper, ending = evidence.read(request.files.get("papel"), PAPERS)
    if not paper and (kind == EvidenceKind.PAPER or not form.text("prueba")):
        raise refuse("consent_evidence", "papel" if kind == EvidenceKind.PAPER else "prueba")
    if not form.text("fuente"):  # before a file is written that nothing refers to
        raise refuse("consent_source", "fuente")
    name = evidence.keep(context.platform().settings.data, paper, ending) if paper else ""
    return {"evidence": form.text("prueba"), "kind": EvidenceKind(kind), "file": name}


@pages.get("/<int:contact_id>/consentimiento/<int:entry_id>/evidencia")
def paper(contact_id: int, entry_id: int) -> Response:
    """Give the paper that shows a line of the ledger; who looked at it is noted."""
    entry = context.db().get(ConsentEntry, entry_id)
    if entry is None or entry.contact_id != contact_id or not entry.evidence_file:
        abort(404)
    context.note_view("consent.evidence", f"contact:{contact_id}", entry=entry_id)
    try:
        content, kind = evidence.read_kept(context.platform().settings.data, entry.evidence_file)
    except Refused:
        abort(404)
    answer = Response(content, mimetype=kind)
    name = entry.evidence_file[-12:]
    answer.headers["Content-Disposition"] = (
        f'{"inline" if kind.startswith("image/") else "attachment"}; filename="{name}"'
    )
    return answer


@pages.get("/por-vencer")
def ending() -> str:
    """List the consents that end soon, the first to end first."""
    session, now = context.db(), context.now()
    total = session.scalar(select(func.count()).select_from(expiring.listed(now).order_by(None).subquery())) or 0
    page = paging.asked(total)
    rows = expiring.soon(session, now, offset=page.offset, size=page.size)
    context.note_view("contacts.ending", shown=len(rows))
    return render_template(
        "consent_ending.html",
        rows=rows,
        page=page,
        people=expiring.count(session, now),
        days=expiring.SOON_DAYS,
        link=lambda number: url_for("contacts_consent.ending", pagina=number),
    )
