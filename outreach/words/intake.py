"""The words for imports of people: refusals, states, fields of a row."""

from outreach import presence
from outreach.i18n import gettext, ngettext
from outreach.people_imports import Intake, IntakeState
from outreach.words import N_

FAULTS: dict[str, str] = {
    "consent_day": N_("«%(value)s» no es una fecha: se espera una como 2025-05-13."),
    "upload_missing": N_("Elija un archivo: CSV, de Excel (.xlsx) o de contactos (.vcf)."),
    "upload_empty": N_("El archivo «%(value)s» está vacío."),
    "upload_large": N_(
        "El archivo «%(value)s» es de más de %(most)s MB. Divídalo, o pida que se importe en el equipo donde está "
        "instalada la plataforma: outreach contacts import."
    ),
    "intake_state": N_("La importación de «%(value)s» ya siguió adelante: mire cómo está."),
    "intake_none": N_("En «%(value)s» no hay ningún renglón bueno. Corríjalo y súbalo otra vez."),
    "intake_gone": N_("El archivo ya se borró: se guardan pocos días, porque son datos personales. Súbalo otra vez."),
    "intake_aged": N_("Nadie siguió con ella en %(days)s días, y el archivo se borró."),
    "intake_broken": N_("Algo falló de nuestro lado. Diga este folio a quien administra la plataforma: %(value)s."),
}

STATES: dict[str, str] = {
    IntakeState.RECEIVED: N_("Leyendo"),
    IntakeState.MAPPING: N_("Por decidir"),
    IntakeState.CHECKING: N_("Revisando"),
    IntakeState.CHECKED: N_("Revisada"),
    IntakeState.BRINGING: N_("Entrando"),
    IntakeState.DONE: N_("Terminó"),
    IntakeState.FAILED: N_("Falló"),
    IntakeState.DISCARDED: N_("Se dejó"),
}
CUT_OFF = N_("Se interrumpió")

#: What a column of a file says about a person (contacts.columns.FIELDS).
FIELDS: dict[str, str] = {
    "nombre": N_("Nombre"),
    "apellidos": N_("Apellidos"),
    "correo": N_("Correo"),
    "telefono": N_("Teléfono"),
    "whatsapp": N_("WhatsApp"),
    "pais": N_("País"),
    "estado": N_("Estado o provincia"),
    "ciudad": N_("Ciudad"),
    "idioma": N_("Idioma"),
    "zona": N_("Zona horaria"),
    "red": N_("Red"),
    "rol": N_("Rol en la red"),
    "trajo": N_("Quién le trajo a la red"),
    "organizacion": N_("Organización"),
    "etiquetas": N_("Etiquetas"),
}


def cut_off(intake: Intake) -> bool:
    """Tell whether an import at a terminal was ended in the middle: nobody goes on with it but by the same file."""
    return intake.state is IntakeState.BRINGING and not intake.by_page and presence.certainly_dead(intake.worker)


def import_state(intake: Intake) -> str:
    """Return how far an import is, in words."""
    return gettext(CUT_OFF if cut_off(intake) else STATES[intake.state])


def said_counts(intake: Intake) -> str:
    """Return what became of the people of a file, in a line; "" before anybody came in."""
    counts = intake.counts
    if "created" not in counts:
        return ""
    created, changed, refused = (int(str(each)) for each in (counts["created"], counts["changed"], intake.refused))
    parts = [
        ngettext("%(count)s persona nueva", "%(count)s personas nuevas", created, count=f"{created:,}"),
        ngettext("%(count)s completada", "%(count)s completadas", changed, count=f"{changed:,}"),
        ngettext("%(count)s renglón rechazado", "%(count)s renglones rechazados", refused, count=f"{refused:,}"),
    ]
    return ", ".join(parts)
