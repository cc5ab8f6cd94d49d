"""The words for the codes of the area `web`: what only a form can get wrong; and what is simulated."""

from collections.abc import Collection

from contacts.models import Channel
from outreach.i18n import gettext
from outreach.words import N_

FAULTS: dict[str, str] = {
    "address_act": N_("Elija qué pasa con la dirección."),
    "segment_missing": N_("Elija un segmento."),
    "published_form": N_("«%(value)s» no es un día con su hora. Escriba, por ejemplo, 20/06/2025 y 11:40."),
    "published_future": N_("El %(value)s todavía no llega. Escriba cuándo se publicó."),
    "picture_form": N_("«%(value)s» no es una imagen PNG, JPEG o WebP. Envíe una captura de la publicación."),
    "consent_evidence": N_("Falta la prueba: diga cuál es, o adjunte la imagen o el PDF del papel firmado."),
    "consent_decision": N_("Diga si la persona aceptó o pidió no recibir mensajes."),
    "evidence_kind": N_("«%(value)s» no es una clase de prueba. Las que hay son: %(known)s."),
    "paper_form": N_("«%(value)s» no es un PDF ni una imagen PNG, JPEG o WebP. Adjunte el papel escaneado."),
    "evidence_missing": N_("El archivo de la prueba no está en la carpeta de datos. Búsquelo en un respaldo."),
    "picture_large": N_("«%(value)s» pesa más de %(most)s MB. Envíe uno más pequeño."),
    "request_day": N_("«%(value)s» no es un día. Escriba uno como 20/06/2025."),
    "address_several": N_("Varias personas tienen «%(value)s». Escriba el número de una: %(ids)s."),
    "task_closed": N_("La campaña no está en marcha: esta publicación ya no hace falta."),
}


def simulated_words(real: Collection[str]) -> str:
    """Return what the simulator stands in for; `real`: the ways by which something leaves this machine all the same."""
    if Channel.EMAIL in real:
        return gettext(N_("Simulador sólo de WhatsApp: el correo sale de verdad"))
    if Channel.WHATSAPP in real:
        return gettext(N_("Simulador sólo de correo: WhatsApp sale de verdad"))
    return gettext(N_("Simulador: nada sale de este equipo"))
