"""The words for what was asked about a doubt, what was found, and what it points to."""

from collections.abc import Mapping
from datetime import timedelta

from campaigns.evidence import Asked
from campaigns.matching import Found
from outreach.i18n import gettext, ngettext
from outreach.words import N_

FAULTS: dict[str, str] = {
    "doubt_group": N_("«%(value)s» no es un grupo de envíos en duda. Véalos con: outreach campaigns doubts ID"),
    "doubt_none": N_("La campaña %(value)s no tiene envíos en duda como los que indica: no se cambió nada."),
    "doubt_choice": N_("Diga cuáles (--group, --delivery o --all) y qué pasó con ellos (--sent o --again)."),
}

#: Why a list of messages tells nothing for certain.
UNCLEAR: Mapping[str, str] = {
    "several": N_("La lista de Twilio tiene varios mensajes que pueden ser éste"),
    "other_delivery": N_("La lista de Twilio tiene un mensaje que puede ser éste o el de otro envío en duda"),
    "differs": N_("La lista de Twilio tiene un mensaje parecido, con otro texto, otra hora u otro número"),
    "list_long": N_("La lista de Twilio es más larga de lo que se lee"),
}

#: Why a question had no answer.
SILENT: Mapping[str, str] = {
    "no_answer": N_("no contestó a tiempo"),
    "connection_lost": N_("se cortó la conexión"),
    "unreachable_provider": N_("no hay conexión con el servicio"),
    "provider_failure": N_("el servicio falló"),
    "rate_limited": N_("el servicio pidió ir más despacio"),
    "key_refused": N_("el servicio no reconoció la llave"),
}

RESTORED = "restored"  # why something is in doubt that a backup remembers as still to be sent

POINTS: Mapping[str, str] = {
    "sent": N_("Sí salió"),
    "again": N_("No salió"),
    "": N_("No se sabe"),
}


def asked_words(asked: Asked) -> str:
    """Return the sentence for answers of one kind: `La lista de Twilio no lo tenía; se preguntó 2 veces`."""
    if asked.found == Found.UNANSWERED:
        return ngettext(
            "La lista de mensajes de Twilio no respondió, %(n)s intento: %(why)s",
            "La lista de mensajes de Twilio no respondió, %(n)s intentos: %(why)s",
            asked.times,
            why=gettext(SILENT[asked.code]) if asked.code in SILENT else asked.code,
        )
    if asked.found == Found.ABSENT:
        return ngettext(
            "La lista de mensajes de Twilio no lo tenía; se preguntó %(n)s vez",
            "La lista de mensajes de Twilio no lo tenía; se preguntó %(n)s veces",
            asked.times,
        )
    if asked.found == Found.PRESENT:
        return gettext(N_("La lista de mensajes de Twilio lo tenía"))
    return gettext(UNCLEAR.get(asked.code, UNCLEAR["differs"]))


def fell_words(code: str, said: str) -> str:
    """Return how something came into doubt: the service's own words when it spoke, else what happened."""
    if said:
        return gettext(N_("Quedó en duda; el servicio dijo: %(detail)s"), detail=said)
    if code == RESTORED:
        return gettext(N_("Quedó en duda al restaurar el respaldo"))
    if code in SILENT:
        return gettext(N_("Quedó en duda: %(why)s"), why=gettext(SILENT[code]))
    return gettext(N_("Quedó en duda"))


def points_to(found: Found) -> str:
    """Return what an answer speaks for: `sent`, `again`, or ""."""
    return {Found.PRESENT: "sent", Found.ABSENT: "again"}.get(found, "")


def leaning(points: str, *, since: timedelta, proof: int) -> str:
    """Return what is said of what something speaks for, so long after the doubt; proof takes `proof` seconds.

    While proof is looked for, and before the looks that prove it are made, an absence speaks for nothing: the message
    may yet appear, and whoever sent it again would send it twice.
    """
    return "" if points == "again" and since < timedelta(seconds=proof) else points


def points_words(points: str) -> str:
    """Return the words of what something speaks for."""
    return gettext(POINTS[points])
