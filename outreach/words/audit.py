"""The words of the audit log: who did something, to what, and the details that were noted."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from outreach.i18n import gettext
from outreach.words import N_
from outreach.words.states import REASONS, line_words, reason_words, spoken

SELF = "persona"  # outreach.audit.SELF
TERMINAL = "terminal"  # outreach.terminal.operator: "terminal:user", or this alone

DETAILS: Mapping[str, str] = {
    "before": N_("Antes"),
    "brought_by": N_("La invitó la persona"),
    "day": N_("Día"),
    "main": N_("Contacto principal"),
    "first_day": N_("Primer día"),
    "last_day": N_("Último día"),
    "position": N_("Cargo"),
    "since": N_("Desde"),
    "address_form": N_("Correos y números"),
    "asked": N_("Esperan su decisión"),
    "accepted": N_("Con consentimiento"),
    "added": N_("Agregadas"),
    "address": N_("Clase de dirección"),
    "addresses": N_("Direcciones"),
    "bytes": N_("Bytes"),
    "category": N_("Categoría"),
    "channel": N_("Vía"),
    "country": N_("País"),
    "duplicates": N_("Posibles duplicados"),
    "encrypted": N_("Con contraseña"),
    "consents": N_("Consentimientos"),
    "created": N_("Nuevas"),
    "deliveries": N_("Envíos"),
    "days": N_("Días hábiles"),
    "detail": N_("Detalle"),
    "closed": N_("Cerró"),
    "digest": N_("Huella"),
    "entry": N_("Renglón del libro"),
    "fields": N_("Datos"),
    "form_entry": N_("Entrada del formulario"),
    "file": N_("Archivo"),
    "language": N_("Idioma"),
    "files": N_("Archivos"),
    "folio": N_("Folio"),
    "format": N_("Formato"),
    "from": N_("Desde la dirección"),
    "filter": N_("Filtro"),
    "groups": N_("Grupos"),
    "held": N_("Esperan decisión"),
    "in_doubt": N_("En duda"),
    "kind": N_("Derecho"),
    "made_at": N_("Respaldo de"),
    "members": N_("Integrantes"),
    "moved": N_("Cambiados"),
    "name": N_("Nombre"),
    "network": N_("Red"),
    "notice": N_("Aviso de privacidad"),
    "opened": N_("Abrió"),
    "on": N_("Del día"),
    "organization": N_("Organización"),
    "paused": N_("En pausa"),
    "merge": N_("Unión"),
    "pairs": N_("Pares"),
    "people": N_("Fichas"),
    "persons": N_("Personas"),
    "purpose": N_("Finalidad"),
    "reason": N_("Motivo"),
    "refused": N_("Rechazadas"),
    "role": N_("Papel"),
    "rows": N_("Renglones"),
    "run": N_("Corrida"),
    "search": N_("Búsqueda"),
    "segment": N_("Segmento"),
    "sent": N_("Se dijo que salieron"),
    "sha256": N_("sha256"),
    "shown": N_("Mostradas"),
    "swept": N_("Quedaron a medias"),
    "to": N_("Hasta el"),
    "until": N_("Hasta"),
    "updated": N_("Cambiadas"),
}
SUBJECTS: Mapping[str, str] = {
    "account": N_("Cuenta %(key)s"),
    "campaign": N_("Campaña %(key)s"),
    "contact": N_("Persona %(key)s"),
    "import": N_("Importación %(key)s"),
    "informe": N_("Informe %(key)s"),
    "line": N_("Línea %(key)s"),
    "network": N_("Red %(key)s"),
    "organization": N_("Organización %(key)s"),
    "notice": N_("Aviso de privacidad %(key)s"),
    "register": N_("Comunicación %(key)s"),
    "segment": N_("Segmento %(key)s"),
    "tag": N_("Etiqueta %(key)s"),
    "request": N_("Solicitud %(key)s"),
}
ADDRESS_FORMS: Mapping[str, str] = {
    "whole": N_("completos"),
    "masked": N_("ocultos en parte"),
    "none": N_("no van"),
}
MOMENTS = frozenset({"made_at", "since", "until"})  # ISO 8601, in UTC
LONGEST_LIST = 5  # numbers shown of a list; the rest are counted


def who_words(who: str) -> str:
    """Return who did something: an account as it is, `terminal:root` as `root (terminal)`."""
    if who == SELF:
        return gettext(N_("La propia persona"))
    place, colon, user = who.partition(":")
    return f"{user} ({TERMINAL})" if colon and place == TERMINAL else who


def subject_words(subject: str) -> str:
    """Return what a line speaks of: `campaign:2` as `Campaña 2`; the text as it is where nobody named its kind."""
    kind, colon, key = subject.partition(":")
    return gettext(SUBJECTS[kind], key=key) if colon and kind in SUBJECTS else subject


def detail_words(action: str, details: Mapping[str, object], zone: str) -> list[str]:
    """Return the details of a line in words: `Motivo: Fecha equivocada`. Moments are shown as clocks of `zone` do.

    What a machine noted of a connection that broke is left out: the reason says it in words.
    """
    kept = dict(details)
    if not spoken(str(kept.get("reason", "")), str(kept.get("detail", ""))):
        kept.pop("detail", None)
    lines = action.startswith("line.")
    return [
        f"{gettext(DETAILS[name]) if name in DETAILS else name}: {_value(name, value, zone, lines=lines)}"
        for name, value in kept.items()
    ]


def _value(name: str, value: object, zone: str, *, lines: bool) -> str:
    if isinstance(value, bool):
        return gettext(N_("sí")) if value else gettext(N_("no"))
    if isinstance(value, list):
        shown = ", ".join(str(each) for each in value[:LONGEST_LIST])
        return f"{shown}… ({len(value):,})" if len(value) > LONGEST_LIST else shown or "–"
    if name == "reason" and str(value) in REASONS:
        return line_words(str(value)) if lines else reason_words(str(value))
    if name == "address_form" and str(value) in ADDRESS_FORMS:
        return gettext(ADDRESS_FORMS[str(value)])
    if name in MOMENTS:
        return f"{datetime.fromisoformat(str(value)).astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"
    return str(value)
