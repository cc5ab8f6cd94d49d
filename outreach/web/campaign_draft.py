"""A campaign's form ⇄ its draft: what each field means, and which field each fault belongs to."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from campaigns import checking, content
from campaigns.calendar import Schedule
from campaigns.drafts import ContentDraft, Draft
from campaigns.models import AudienceRule, Campaign, Content
from contacts.errors import Fault, Refused
from contacts.models import Address, AddressKind, Channel, Purpose
from outreach.i18n import LANGUAGES
from outreach.i18n import gettext as _
from outreach.web.forms import Form

#: What a draft says in each language: the field's ending, the domain's place for it.
CONTENT = {
    "correo.asunto": "asunto",
    "correo.texto": "texto",
    "correo.mjml": "mjml",
    "whatsapp.plantilla": "plantilla",
    "whatsapp.valores": "valores",
    "grupo.texto": "grupo",
}
PLAIN = (
    "titulo",
    "clase",
    "tema",
    "informacion",
    "cuenta",
    "finalidad",
    "canales",
    "personas",
    "fecha",
    "hora",
    "zona",
    "repite",
    "hasta",
    "si_tarde",
)
#: Fields that may have several values.
SEVERAL = ("redes", "sin_redes", "segmentos", "sin_segmentos")
FIELDS = (*PLAIN, *SEVERAL, *[f"{each}_{name}" for each in LANGUAGES for name in CONTENT.values()])
WAYS = ("correo", "whatsapp", "whatsapp,correo", "correo,whatsapp", "whatsapp-grupo")
REPEATS = ("", "FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "FREQ=WEEKLY", "FREQ=MONTHLY")


def draft_of(form: Form, before: Campaign | None) -> Draft:
    """Return the draft that a form describes. Refuses `moment_form` for a date or an hour that is none."""
    kept = form.text("conservar") and before is not None
    schedule = Schedule.from_json(before.schedule) if kept and before else _schedule(form)
    purpose = form.text("finalidad")
    return Draft(
        title=form.text("titulo"),
        clase=form.text("clase"),
        tema=form.text("tema"),
        informacion=form.text("informacion"),
        cuenta=form.text("cuenta"),
        purpose=Purpose(purpose) if purpose in list(Purpose) else Purpose.NOTICES,
        channels=tuple(Channel(way) for way in form.text("canales").split(",")) if form.text("canales") in WAYS else (),
        networks=tuple(form.several("redes")),
        without_networks=tuple(form.several("sin_redes")),
        segments=tuple(form.several("segmentos")),
        without_segments=tuple(form.several("sin_segmentos")),
        people=tuple(line.strip() for line in form.text("personas").splitlines() if line.strip()),
        timezone=form.text("zona"),
        schedule=schedule,
        when_late=form.text("si_tarde") or "send",
        priority=before.priority if before else 0,
        extra=before.extra if before else {},
        contents=tuple(found for each in LANGUAGES if (found := _content(form, each))),
        key=before.key if before else None,
    )


def _schedule(form: Form) -> Schedule:
    day, hour, rule = form.text("fecha"), form.text("hora"), form.text("repite")
    if not day and not hour:
        return Schedule(rule=rule)
    try:
        wall = datetime.fromisoformat(f"{day}T{hour}").replace(tzinfo=None)
    except ValueError:
        raise Refused([Fault("moment_form", "fecha", f"{day} {hour}".strip())]) from None
    if not rule:
        return Schedule(moments=(wall,))
    if last := form.text("hasta"):
        try:
            rule += f";UNTIL={date.fromisoformat(last):%Y%m%d}T235959"
        except ValueError:
            raise Refused([Fault("moment_form", "hasta", last)]) from None
    return Schedule(start=wall, rule=rule)


def _content(form: Form, language: str) -> ContentDraft | None:
    """Return what is said in a language; nothing where every field of it is empty. Spanish is always meant."""
    texts = {name: form.values.get(f"{language}_{name}", "").replace("\r\n", "\n") for name in CONTENT.values()}
    if language != "es" and not any(text.strip() for text in texts.values()):
        return None
    values = [line.strip() for line in texts["valores"].strip().splitlines()]
    return ContentDraft(
        language=language,
        subject=texts["asunto"].strip(),
        text=texts["texto"],
        mjml=texts["mjml"],
        template=texts["plantilla"].strip(),
        template_values={str(number): text for number, text in enumerate(values, 1)},
        group_text=texts["grupo"].strip(),
    )


def _labels() -> Mapping[str, str]:
    """Return how the form calls what must not be empty."""
    return {
        "titulo": _("Título"),
        "clase": _("Clase"),
        "informacion": _("Texto para el informe"),
        "canales": _("Vía"),
        "correo.asunto": _("Asunto"),
        "correo.texto": _("Texto"),
        "whatsapp.plantilla": _("Plantilla"),
        "grupo.texto": _("Texto para pegar en los grupos"),
    }


def check(session: Session, form: Form, draft: Draft, before: Campaign | None) -> None:
    """Mark on the form everything that is wrong with its draft, each beside its field and in its language."""
    places = tuple(CONTENT)
    general = [fault for fault in checking.faults(session, draft, before) if not fault.where.startswith(places)]
    moments = {"cuando": "fecha", "repite": "repite"}
    form.refuse(Refused(general), {name: name for name in FIELDS} | moments, _labels())
    for each in draft.contents:
        fields = {place: f"{each.language}_{name}" for place, name in CONTENT.items()}
        found = [fault for fault in content.faults([each], draft.channels, session) if fault.where.startswith(places)]
        form.refuse(Refused([replace(fault, row=None) for fault in found]), fields, _labels())


def form_of(session: Session, campaign: Campaign) -> Form:
    """Return the form that says what a campaign is now."""
    schedule = Schedule.from_json(campaign.schedule)
    wall = schedule.start or next(iter(schedule.moments), None)
    rule, _semicolon, last = schedule.rule.partition(";UNTIL=")
    rules = session.query(AudienceRule).filter_by(campaign_id=campaign.id).all()
    values: dict[str, str] = {
        "titulo": campaign.title,
        "clase": campaign.clase,
        "tema": campaign.tema,
        "informacion": campaign.informacion,
        "cuenta": campaign.cuenta,
        "finalidad": campaign.purpose,
        "canales": ",".join(campaign.channels),
        "personas": "\n".join(_named(session, rule.contact_id) for rule in rules if rule.contact_id),
        "fecha": f"{wall:%Y-%m-%d}" if wall else "",
        "hora": f"{wall:%H:%M}" if wall else "",
        "zona": campaign.timezone,
        "repite": rule,
        "hasta": f"{last[:4]}-{last[4:6]}-{last[6:8]}" if last else "",
        "si_tarde": campaign.when_late,
        "conservar": "1" if not plain(schedule) else "",
    }
    for each in campaign.contents:
        if each.version == campaign.version:
            values |= {f"{each.language}_{name}": text for name, text in _texts(each).items()}
    form = Form(MultiDict(values))
    for rule_ in rules:
        if rule_.network:
            form.values.add("sin_redes" if rule_.excluded else "redes", rule_.network.name)
        if rule_.segment:
            form.values.add("sin_segmentos" if rule_.excluded else "segmentos", rule_.segment.name)
    return form


def _texts(each: Content) -> Mapping[str, str]:
    return {
        "asunto": each.subject,
        "texto": each.text,
        "mjml": each.mjml,
        "plantilla": each.template.sid if each.template else "",
        "valores": "\n".join(each.template_values[key] for key in sorted(each.template_values, key=int)),
        "grupo": each.group_text,
    }


def _named(session: Session, contact_id: int) -> str:
    """Return how a person is written in the form: an e-mail address of theirs alone, else their number."""
    for value in session.scalars(
        select(Address.value).where(Address.contact_id == contact_id, Address.kind == AddressKind.EMAIL)
    ):
        if session.scalar(select(func.count()).where(Address.value == value)) == 1:
            return value
    return str(contact_id)


def plain(schedule: Schedule) -> bool:
    """Tell whether a schedule fits the form: one moment, or one of its repetitions."""
    simple = schedule.rule.partition(";UNTIL=")[0] in REPEATS
    return simple and len(schedule.moments) <= (0 if schedule.rule else 1) and not schedule.excluded
