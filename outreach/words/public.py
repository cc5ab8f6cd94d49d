"""What the public pages say: of each purpose in one plain sentence, of forms, and of what is to be mended."""

from collections.abc import Mapping

from contacts.formentries import EntryKind
from contacts.models import Purpose
from outreach.i18n import gettext
from outreach.words import N_

#: What a person who did not log in may have to mend.
FAULTS: dict[str, str] = {
    "link_refused": N_("No se le puede enviar un enlace. %(gate)s"),
    "correction_missing": N_("Escriba al menos un dato como debe quedar."),
    "erasure_unsure": N_("Marque la casilla: la supresión no se puede deshacer."),
    "requests_many": N_("Ya tiene %(value)s solicitudes sin contestar. Espere la respuesta antes de hacer otra."),
}

#: What each public form is for (`contacts.formentries.EntryKind`).
FORMS: Mapping[str, str] = {
    EntryKind.JOIN: N_("Unirse"),
    EntryKind.PREFERENCES: N_("Enlace a las preferencias"),
    EntryKind.DATA: N_("Enlace a los datos"),
}


def form_words(kind: str) -> str:
    """Return what a form is called."""
    return gettext(FORMS[kind])


PURPOSE_SENTENCES: Mapping[str, str] = {
    Purpose.NOTICES: N_("Fechas, requisitos y últimas horas de la Consulta y de otras formas de participar."),
    Purpose.SIMULACROS: N_("Convocatorias para practicar con la aplicación de voto por internet antes de usarla."),
    Purpose.EVENTS: N_("Invitaciones a reuniones y charlas en línea, y los datos para entrar."),
    Purpose.BULLETINS: N_("Un boletín al mes con noticias para la comunidad en el extranjero."),
    Purpose.OBSERVATION: N_("Cómo observar la Consulta y las elecciones, con sus convocatorias y guías."),
}
