"""The words for states, and for every reason a delivery may have: the fact, and what a person can do about it.

The words of the states are those of the design (ui/README §4). Reasons are codes of the gate, of the audience, of
the sender and of providers (outreach/channels/codes.py); a test walks them all.
"""

from collections.abc import Mapping
from enum import StrEnum

from campaigns.states import CampaignState, DeliveryState, RunState
from outreach.i18n import gettext
from outreach.words import N_

FAULTS: dict[str, str] = {}

STATES: Mapping[str, str] = {
    CampaignState.DRAFT: N_("Borrador"),
    CampaignState.SCHEDULED: N_("Programada"),
    CampaignState.SENDING: N_("Enviándose"),
    CampaignState.PAUSED: N_("En pausa"),
    CampaignState.FINISHED: N_("Terminada"),
    CampaignState.CANCELLED: N_("Cancelada"),
    RunState.HELD: N_("Espera su decisión"),
    RunState.MISSED: N_("No salió a tiempo"),
    DeliveryState.PLANNED: N_("Por enviar"),
    DeliveryState.CLAIMED: N_("Enviándose"),
    DeliveryState.CALLING: N_("Enviándose"),
    DeliveryState.ACCEPTED: N_("En tránsito"),
    DeliveryState.DELIVERED: N_("Entregado"),
    DeliveryState.READ: N_("Leído"),
    DeliveryState.BOUNCED: N_("Rebotado"),
    DeliveryState.FAILED: N_("Fallido"),
    DeliveryState.SKIPPED: N_("Omitido"),
    DeliveryState.IN_DOUBT: N_("En duda"),
}

STOPPED = N_("Detenida")  # a campaign that would be sending if the switch were not thrown
#: Reasons whose detail is a failure on our side of the wire, in a machine's words: the service said nothing.
UNSAID = frozenset({"answer_unreadable", "carrier_broke", "connection_lost", "no_answer", "unreachable_provider"})

#: Our decision: this person is not written to, or not by this way.
OURS: Mapping[str, str] = {
    "audience_unreadable": N_(
        "Un segmento de su audiencia pregunta algo que esta versión de la plataforma no conoce. "
        "Cámbielo en «Segmentos» y siga con la campaña."
    ),
    "erased": N_("La persona pidió que se borraran sus datos. No se le escribe."),
    "merged": N_("Su ficha está unida a otra: se le escribe por esa."),
    "no_address": N_("No hay una dirección para esta vía. Pida una y anótela en su ficha."),
    "opted_out": N_("La persona pidió no recibir mensajes por esta vía. Sólo ella puede pedir recibirlos de nuevo."),
    "consent_expired": N_("Su consentimiento venció. Pídalo de nuevo y anótelo en su ficha."),
    "ask_over": N_("Ya contestó, o terminó el plazo para confirmar: no se le manda la pregunta."),
    "link_over": N_("Nadie pidió ese enlace, o lo pidió hace mucho: no se le manda."),
    "no_consent": N_("No consta que haya aceptado recibir estos mensajes. Pida su consentimiento y anótelo."),
    "bounced": N_("Esa dirección o ese número falló antes. Pida otro."),
    "unreachable": N_("WhatsApp no puede entregarle mensajes en ese número. Escríbale por correo, o pida otro número."),
    "complained": N_("La persona marcó un correo como no deseado. No se le escribe por esta vía."),
    "address_closed": N_("Su dirección para esta vía está cerrada. Ábrala en su ficha, o pida otra."),
    "authentication_needs_number": N_(
        "La persona no muestra su número y Meta no le entrega plantillas de autenticación. Use una de utilidad."
    ),
    "duplicate_person": N_(
        "Es la misma persona que otra de esta lista: recibe un solo mensaje. Revise si unir sus fichas."
    ),
    "marketing_us": N_(
        "Meta no entrega plantillas de promoción a números de Estados Unidos. Escríbale por correo, "
        "o use una plantilla de utilidad."
    ),
    "template_not_approved": N_(
        "La plantilla de WhatsApp en su idioma no está aprobada por Meta. Espere la aprobación o elija otra."
    ),
    "cancelled": N_("La campaña se canceló antes de enviarle. Para enviarle, haga una campaña nueva."),
}

#: What became of a call to a service, and why a campaign stopped by itself.
CALLS: Mapping[str, str] = {
    "unreachable_provider": N_(
        "No hay conexión con el servicio de envío. Se intenta de nuevo por sí solo; revise la red."
    ),
    "provider_redirects": N_(
        "El servicio de envío contestó desde otra dirección. Revise OUTREACH_SENDGRID_URL u OUTREACH_TWILIO_URL "
        "en los ajustes."
    ),
    "key_refused": N_(
        "El servicio no reconoció la llave de esta instalación. Pida a quien administra la plataforma que la "
        "revise; después, siga."
    ),
    "sender_refused": N_(
        "El servicio no deja enviar desde esta cuenta o este número. Verifíquelo en el servicio, o cambie la cuenta."
    ),
    "smtp_login_refused": N_(
        "El servidor de correo no aceptó el usuario o la contraseña. Revise OUTREACH_SMTP_URL en los ajustes y siga."
    ),
    "smtp_not_encrypted": N_(
        "El servidor de correo no ofrece conexión cifrada y no se le entregó nada. Pida que la habiliten (STARTTLS), "
        "o use smtps:// en OUTREACH_SMTP_URL."
    ),
    "smtp_untrusted": N_(
        "El certificado del servidor de correo no es de fiar: venció, es de otro nombre o nadie lo avala. No se le "
        "entregó nada; se intenta de nuevo por sí solo. Pida que lo renueven."
    ),
    "smtp_relay_refused": N_(
        "El servidor de correo no deja enviar a otros dominios. Pida que autoricen a esta cuenta o a este equipo, "
        "y siga."
    ),
    "smtp_later": N_("El servidor de correo pidió esperar. Se intenta de nuevo por sí solo."),
    "letter_later": N_(
        "El servidor de correo pidió esperar con el mensaje para esta persona. Se intenta de nuevo por sí solo."
    ),
    "crash_not_sent": N_(
        "El equipo se detuvo durante el envío y consta que este mensaje no había salido: se envía de nuevo por sí solo."
    ),
    "session_cut": N_(
        "La conexión con el servidor de correo se cortó en este mensaje, antes de que saliera. Se intenta de nuevo por "
        "sí solo."
    ),
    "kept_waiting": N_(
        "Durante un día entero el servidor de correo pidió esperar o cortó la conexión. Envíelo de nuevo más "
        "tarde, o busque a la persona por otra vía."
    ),
    "callback_refused": N_(
        "Twilio no acepta la dirección de esta instalación. Revise OUTREACH_PUBLIC_URL en los ajustes."
    ),
    "terms_pending": N_("Meta pide aceptar condiciones nuevas. Acéptelas en la cuenta de WhatsApp Business y siga."),
    "rate_limited": N_("El servicio pidió ir más despacio. Se intenta de nuevo por sí solo."),
    "queue_full": N_("La cola del servicio está llena. Se intenta de nuevo por sí solo."),
    "channel_limit": N_(
        "Esta cuenta llegó a su límite de WhatsApp. Se renueva en 24 horas: lo que falta se envía por sí solo, "
        "lo que falló, envíelo de nuevo."
    ),
    "quota_spent": N_("Se acabaron los envíos contratados con el servicio. Amplíe el plan o espere a que se renueve."),
    "too_large": N_("El mensaje pesa más de lo que admite el servicio. Quite imágenes o texto y envíelo de nuevo."),
    "call_refused": N_("El servicio no aceptó el mensaje tal como está. Revise el contenido y el detalle, y siga."),
    "letter_refused": N_("El servicio no aceptó el mensaje para esta persona. Revise sus datos y el detalle."),
    "invalid_address": N_("El servicio dice que esa dirección no puede existir. Corríjala o pida otra."),
    "held_back": N_("No se llegó a enviar: el servicio había dejado de contestar. Se intenta de nuevo por sí solo."),
    "no_answer": N_("El servicio no contestó a tiempo y el mensaje pudo haber salido. Revise la evidencia y decida."),
    "connection_lost": N_(
        "La conexión se cortó durante el envío y el mensaje pudo haber salido. Revise la evidencia y decida."
    ),
    "provider_failure": N_(
        "El servicio falló durante el envío y el mensaje pudo haber salido. Revise la evidencia y decida."
    ),
    "answer_unreadable": N_(
        "La respuesta del servicio no se entiende y el mensaje pudo haber salido. Revise la evidencia y decida."
    ),
    "crash_while_calling": N_(
        "El equipo se detuvo durante el envío y el mensaje pudo haber salido. Revise la evidencia y decida."
    ),
    "restored": N_(
        "La instalación se restauró de un respaldo, y esto pudo haber salido después de hacerlo. Revise la evidencia "
        "y decida."
    ),
    "carrier_broke": N_("El envío se interrumpió y el mensaje pudo haber salido. Revise la evidencia y decida."),
    "person_decided": N_("Una persona revisó la evidencia y decidió."),
    "proven_absent": N_("Twilio mostró dos veces que no lo había recibido: se envía de nuevo por sí solo."),
    "person": N_("Una persona detuvo la campaña. Puede seguir cuando usted lo indique."),
}

#: What a service told later, or a person did.
EVENTS: Mapping[str, str] = {
    "hard_bounce": N_("El buzón no existe. Pida otra dirección."),
    "domain_unknown": N_("El dominio de ese correo no existe. Revise cómo está escrito o pida otra dirección."),
    "mailbox_full": N_("El buzón está lleno. Espere unos días, o busque a la persona por otra vía."),
    "mail_blocked": N_(
        "El servidor de la persona no admitió este mensaje. Escríbale de otro modo o espere al siguiente envío."
    ),
    "mail_deferred": N_("El servidor de la persona pidió esperar. El servicio lo intenta hasta por 72 horas."),
    "dropped_bounced": N_("El servicio ya no escribe a ese correo porque rebotó antes. Pida otra dirección."),
    "dropped_unsubscribed": N_(
        "La persona se dio de baja en el servicio de correo. Sólo ella puede pedir recibir correos de nuevo."
    ),
    "dropped_complained": N_("La persona marcó antes un correo como no deseado, y el servicio ya no le escribe."),
    "dropped_content": N_("El servicio tomó el mensaje por no deseado. Revise el asunto, el texto y los enlaces."),
    "dropped_other": N_("El servicio decidió no enviarlo. Revise el detalle y, si hace falta, escriba a su soporte."),
    "outside_window": N_(
        "Pasaron más de 24 horas desde el último mensaje de la persona. Escríbale con una plantilla aprobada."
    ),
    "no_whatsapp": N_("El número no tiene WhatsApp. Escríbale por correo."),
    "blocked_by_person": N_("La persona bloqueó la cuenta o pidió no recibir. No se le escribe por WhatsApp."),
    "opted_out_at_provider": N_(
        "La persona pidió no recibir mensajes de este número. Sólo ella puede pedir recibirlos de nuevo."
    ),
    "meta_experiment": N_("Meta no entrega a esta persona por un experimento suyo. Escríbale por correo."),
    "marketing_withheld": N_(
        "Meta decidió no entregarle promociones por ahora. Escríbale por correo, o espere unos días."
    ),
    "not_in_sandbox": N_(
        "El número es de pruebas y la persona no se ha unido a ellas. Use el número de la institución."
    ),
    "template_unusable": N_("La plantilla no existe en ese idioma, o Meta la retiró. Elija otra y siga."),
    "template_values_refused": N_(
        "Los datos no caben en la plantilla o falta alguno. Revise los valores para esta persona."
    ),
    "content_refused": N_("WhatsApp no admite este contenido. Revise el largo, las imágenes y las reglas de Meta."),
    "not_delivered": N_("El servicio no pudo entregarlo y no dijo por qué. Escríbale por otra vía."),
    "cancelled_at_provider": N_("El mensaje se canceló en el servicio antes de salir."),
}

#: The same failures where they are told of a sender, and not of one message.
LINES: Mapping[str, str] = {
    "answer_unreadable": N_("El servicio contesta algo que no se entiende."),
    "carrier_broke": N_("El envío se interrumpe."),
    "connection_lost": N_("La conexión con el servicio se corta."),
    "no_answer": N_("El servicio no contesta a tiempo."),
    "provider_failure": N_("El servicio falla."),
}

REASONS: Mapping[str, str] = {**OURS, **CALLS, **EVENTS}


def state_word(state: StrEnum | str) -> str:
    """Return the word of a state of a campaign, a run or a delivery, in the language in force."""
    return gettext(STATES[str(state)])


def line_words(code: str) -> str:
    """Return why a sender waits: of a whole line nothing is to be decided, whatever one of its messages left open."""
    return gettext(LINES[code]) if code in LINES else reason_words(code)


def campaign_word(state: CampaignState, *, stopped: bool) -> str:
    """Return the word of a campaign's state; `stopped`: the switch keeps it from sending (`stopping.keeps`)."""
    return gettext(STOPPED) if stopped else state_word(state)


def spoken(code: str, detail: str) -> str:
    """Return what the service itself said about a delivery, "" when the detail is no word of its."""
    return "" if code in UNSAID else detail


def reason_words(code: str, detail: str = "") -> str:
    """Return the sentence for a reason: the fact and what can be done; "" for none.

    A code that we do not know is a provider's own, told with its `detail` where there is one.
    """
    if not code:
        return ""
    if text := REASONS.get(code):
        return gettext(text)
    if detail:
        return gettext(N_("El servicio dijo: %(detail)s (código %(code)s)."), detail=detail, code=code)
    return gettext(N_("El servicio dio el código %(code)s. Pregunte a su soporte qué significa."), code=code)
