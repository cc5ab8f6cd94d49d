"""The audit log (bitácora): who did what, when."""

from flask import Blueprint, abort, render_template, request, url_for
from sqlalchemy import ColumnElement, Text, and_, cast, func, or_, select

from contacts import pointers
from contacts.models import Contact
from outreach.audit import AuditEntry
from outreach.i18n import gettext
from outreach.web import context, paging
from outreach.web.queries.text import holds
from outreach.words import N_
from outreach.words.audit import detail_words, subject_words, who_words

pages = Blueprint("audit", __name__, url_prefix="/bitacora")

ACTIONS = {
    "campaign.content": N_("Vio lo que leerá una persona"),
    "campaign.people": N_("Vio las personas de una campaña"),
    "campaign.show": N_("Vio el avance de una campaña"),
    "contacts.list": N_("Vio una lista de personas"),
    "contacts.show": N_("Vio a una persona"),
    "contacts.consent": N_("Vio los consentimientos de una persona"),
    "network.show": N_("Vio las personas de una red"),
    "network.member": N_("Vio el paso de una persona por una red"),
    "network.tree": N_("Vio quién invitó a quién en una red"),
    "organization.show": N_("Vio las personas de una organización"),
    "organization.person": N_("Vio a una persona de una organización"),
    "contacts.export": N_("Descargó una lista de personas"),
    "contacts.export_all": N_("Exportó todo lo de las personas"),
    "contacts.import_all": N_("Importó todo lo de las personas"),
    "contacts.search": N_("Vio personas al buscar"),
    "campaign.doubts": N_("Vio envíos en duda"),
    "segment.create": N_("Hizo un segmento"),
    "segment.delete": N_("Eliminó un segmento"),
    "segment.edit": N_("Cambió un segmento"),
    "segment.sample": N_("Vio a algunas personas de un filtro"),
    "segment.show": N_("Vio las personas de un segmento"),
    "audit.person": N_("Vio quién ha visto a una persona"),
    "rights.dossier": N_("Vio todo lo que se tiene de una persona"),
    "rights.list": N_("Vio una lista de solicitudes ARCO"),
    "rights.show": N_("Vio una solicitud ARCO"),
    "campaign.cancel": N_("Canceló una campaña"),
    "campaign.create": N_("Hizo una campaña"),
    "campaign.decide": N_("Decidió sobre envíos en duda"),
    "campaign.drop": N_("Dejó pasar un envío atrasado"),
    "campaign.edit": N_("Cambió una campaña"),
    "campaign.log": N_("Descargó la lista de personas de una campaña"),
    "campaign.pause": N_("Pausó una campaña"),
    "campaign.release": N_("Dejó salir un envío atrasado"),
    "campaign.resume": N_("Siguió con una campaña en pausa"),
    "campaign.schedule": N_("Programó una campaña"),
    "campaign.send_now": N_("Envió una campaña ya"),
    "contacts.compare": N_("Comparó a dos personas"),
    "contacts.dismiss": N_("Anotó que dos no son la misma persona"),
    "contacts.duplicates": N_("Vio posibles duplicados"),
    "contacts.find_duplicates": N_("Buscó duplicados"),
    "contacts.edit": N_("Editó una ficha"),
    "contacts.address.add": N_("Agregó una dirección"),
    "contacts.address.correct": N_("Corrigió una dirección"),
    "contacts.address.verify": N_("Comprobó una dirección"),
    "contacts.address.mark": N_("Marcó una dirección"),
    "contacts.address.close": N_("Cerró una dirección"),
    "contacts.address.reopen": N_("Volvió a abrir una dirección"),
    "contacts.address.remove": N_("Quitó una dirección"),
    "tag.rename": N_("Cambió el nombre de una etiqueta"),
    "tag.merge": N_("Unió dos etiquetas"),
    "tag.delete": N_("Eliminó una etiqueta"),
    "tag.put": N_("Puso una etiqueta a un segmento"),
    "tag.take": N_("Quitó una etiqueta a un segmento"),
    "contacts.merge": N_("Unió fichas de una persona"),
    "contacts.reconsider": N_("Anotó que dos quizá son la misma persona"),
    "contacts.unmerge": N_("Deshizo una unión de fichas"),
    "contacts.add": N_("Agregó a una persona"),
    "contacts.preferences": N_("Cambió sus preferencias"),
    "data.download": N_("Descargó sus datos"),
    "data.show": N_("Vio sus datos"),
    "join.lapse": N_("No confirmó a tiempo: se suprimió lo que dijo en el formulario"),
    "link.datos": N_("Pidió el enlace a sus datos"),
    "link.preferencias": N_("Pidió el enlace a sus preferencias"),
    "contacts.erase": N_("Suprimió a una persona"),
    "contacts.import": N_("Importó personas"),
    "contacts.import_discard": N_("Dejó una importación"),
    "contacts.import_refused": N_("Descargó los renglones rechazados de una importación"),
    "contacts.import_show": N_("Vio renglones de una importación"),
    "contacts.upload": N_("Subió un archivo de personas"),
    "contacts.readmit": N_("Permitió que vuelva una dirección suprimida"),
    "consent.ask": N_("Pidió confirmar un consentimiento por correo"),
    "consent.evidence": N_("Vio la prueba de un consentimiento"),
    "contacts.ending": N_("Vio los consentimientos por vencer"),
    "notice.people": N_("Vio quién aceptó bajo un aviso de privacidad"),
    "consent.grant": N_("Anotó un consentimiento"),
    "consent.confirm": N_("Confirmó su consentimiento"),
    "consent.withdraw": N_("Anotó una baja"),
    "group.publish": N_("Publicó en un grupo"),
    "informe.build": N_("Descargó un informe"),
    "network.add": N_("Creó una red"),
    "network.join": N_("Agregó a una persona a una red"),
    "network.leave": N_("Sacó a una persona de una red"),
    "network.edit": N_("Cambió una red"),
    "network.close": N_("Cerró una red"),
    "network.reopen": N_("Reabrió una red"),
    "network.lead": N_("Cambió el papel de una persona en una red"),
    "network.bring": N_("Anotó quién invitó a una persona"),
    "organization.add": N_("Creó una organización"),
    "organization.edit": N_("Cambió una organización"),
    "organization.join": N_("Agregó a una persona a una organización"),
    "organization.change": N_("Cambió a una persona de una organización"),
    "notice.publish": N_("Publicó un aviso de privacidad"),
    "register.add": N_("Anotó una comunicación"),
    "register.annul": N_("Anuló una comunicación"),
    "register.correct": N_("Corrigió una comunicación"),
    "register.export": N_("Descargó el registro"),
    "register.import": N_("Importó comunicaciones"),
    "register.undo_import": N_("Deshizo una importación del registro"),
    "rights.answer": N_("Contestó una solicitud ARCO"),
    "rights.execute": N_("Hizo lo que pide una solicitud ARCO"),
    "rights.extend": N_("Prorrogó una solicitud ARCO"),
    "rights.identify": N_("Anotó cómo se comprobó una identidad"),
    "rights.receive": N_("Anotó una solicitud ARCO"),
    "db.backup": N_("Hizo un respaldo"),
    "db.copy": N_("Copió la instalación a otra base de datos"),
    "db.restore": N_("Restauró un respaldo"),
    "line.close": N_("Un servicio falla: se espera antes de seguir"),
    "line.open": N_("Un servicio responde de nuevo: se sigue"),
    "sending.resume": N_("Permitió de nuevo todo el envío"),
    "sending.stop": N_("Detuvo todo el envío"),
    "session.close": N_("Salió"),
    "session.open": N_("Entró"),
    "session.refused": N_("Quiso entrar y no pudo"),
    "template.put": N_("Anotó una plantilla de WhatsApp"),
    "user.add": N_("Creó una cuenta"),
    "user.activate": N_("Abrió una cuenta cerrada"),
    "user.deactivate": N_("Cerró una cuenta"),
    "user.password": N_("Cambió una contraseña"),
    "user.role": N_("Cambió el papel de una cuenta"),
}

#: Looking at personal data is noted as well; those lines are shown when they are asked for.
VIEWS = (
    "consent.evidence",
    "contacts.ending",
    "notice.people",
    "campaign.people",
    "contacts.compare",
    "contacts.consent",
    "contacts.duplicates",
    "contacts.list",
    "contacts.search",
    "contacts.show",
    "data.download",
    "data.show",
    "network.member",
    "network.show",
    "network.tree",
    "organization.person",
    "organization.show",
    "audit.person",
    "campaign.content",
    "campaign.doubts",
    "campaign.show",
    "rights.dossier",
    "rights.list",
    "rights.show",
    "segment.sample",
    "segment.show",
)


def action_words(action: str) -> str:
    """Return what an action is called; the action's own code when nobody named it."""
    return gettext(ACTIONS[action]) if action in ACTIONS else action


def subject_link(subject: str) -> str:
    """Return the page of what a line speaks of, "" when it has none."""
    kind, _colon, key = subject.partition(":")
    if kind == "campaign" and key.isdecimal():
        return url_for("campaigns.show", campaign_id=int(key))
    if kind == "contact" and key.isdecimal():
        return url_for("contacts.show", contact_id=int(key))
    if kind == "network" and key.isdecimal():
        return url_for("networks.show", network_id=int(key))
    if kind == "organization" and key.isdecimal():
        return url_for("organizations.show", organization_id=int(key))
    if kind == "register" and key:
        return url_for("register.show", folio=key)
    return ""


def speaks_of(contact_id: int) -> ColumnElement[bool]:
    """Return the condition that a line is about a person, or names them among the people that it speaks of."""
    details = cast(AuditEntry.details, Text)
    listed = or_(*[details.like(f"%{before}{contact_id}{after}%") for before in ("[", ", ") for after in (",", "]")])
    return or_(AuditEntry.subject == f"contact:{contact_id}", and_(details.like('%"people": [%'), listed))


def _person() -> Contact | None:
    number = request.args.get("persona", "")
    if not number.isdecimal() or len(number) >= 10:  # noqa: PLR2004 — digits
        return None
    return context.db().get(Contact, int(number)) or abort(404)


@pages.get("/")
def index() -> str:
    """List the log, the newest line first; `persona` narrows it to whatever concerns a person, looks included."""
    text = request.args.get("q", "").strip()
    wanted, person = select(AuditEntry), _person()
    if person is not None:
        wanted = wanted.where(or_(*[speaks_of(number) for number in pointers.numbers(context.db(), person.id)]))
        context.note_view("audit.person", f"contact:{person.id}")
    elif not request.args.get("consultas"):
        wanted = wanted.where(AuditEntry.action.not_in(VIEWS))
    if text:
        named = [action for action in ACTIONS if text.casefold() in action_words(action).casefold()]
        wanted = wanted.where(
            or_(
                holds(AuditEntry.who, text),
                holds(AuditEntry.subject, text),
                AuditEntry.action == text,
                AuditEntry.action.in_(named),
            )
        )
    session = context.db()
    total = session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    page = paging.asked(total)
    rows = session.scalars(
        wanted.order_by(AuditEntry.at.desc(), AuditEntry.id.desc()).offset(page.offset).limit(page.size)
    ).all()
    return render_template(
        "audit.html",
        rows=rows,
        page=page,
        q=text,
        person=person,
        views=person is not None or bool(request.args.get("consultas")),
        action_words=action_words,
        subject_link=subject_link,
        subject_words=subject_words,
        who_words=who_words,
        detail_words=detail_words,
        link=lambda number: url_for("audit.index", **{**request.args.to_dict(), "pagina": number}),
    )
