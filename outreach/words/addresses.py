"""The words of addresses: what became of one and why, what can be done about it, and what a proposal was made from."""

from collections.abc import Mapping

from contacts.address_history import AddressChange
from contacts.models import AddressState
from contacts.proposals import Proposal
from outreach.i18n import gettext
from outreach.words import N_
from outreach.words.contacts import ADDRESS_STATES
from outreach.words.states import reason_words

#: Why a line of a history was written. What is not here is a reason of a delivery.
CHANGES: Mapping[str, str] = {
    "added": N_("Se agregó a mano."),
    "learned": N_("La nombró WhatsApp cuando la persona escribió."),
    "delivered": N_("Se entregó un mensaje."),
    "reply": N_("La persona escribió desde ella."),
    "stop_word": N_("Desde ella se pidió no recibir más."),
    "person_said": N_("La persona pidió no recibir más."),
    "unsubscribed": N_("Se pidió la baja por el enlace de un mensaje que llegó a ella, o con el servicio de envío."),
    "consented": N_("La persona aceptó de nuevo."),
    "shared_left": N_("Otra persona que la tiene pidió no recibir más en ella."),
    "shared_complained": N_("Desde ella, que comparten varias personas, se marcó un correo como no deseado."),
    "shared_unsubscribed": N_("Desde ella, que comparten varias personas, se pidió no recibir más."),
    "shared_failed": N_("Desde ella, que comparten varias personas, se pidió no recibir más."),
    "shared_bounced": N_("Desde ella, que comparten varias personas, se pidió no recibir más."),
    "corrected": N_("Se corrigió."),
    "staff_verified": N_("Se comprobó."),
    "staff_marked": N_("Se marcó a mano."),
    "staff_closed": N_("Se cerró."),
    "staff_reopened": N_("Se volvió a abrir."),
    "removed": N_("Se quitó."),
    "complained": N_("La persona marcó un correo como no deseado."),
}

#: What each state means and what can be done.
MEANS: Mapping[str, str] = {
    AddressState.NEW: N_("Nada se sabe de ella todavía. Si alguien la comprobó por otra vía, dígalo aquí."),
    AddressState.VERIFIED: N_("Llega. Si dejó de servir, ciérrela o márquela."),
    AddressState.BOUNCED: N_("Rechazó un mensaje. Pida otra y agréguela, o corríjala si tiene una errata."),
    AddressState.UNREACHABLE: N_("WhatsApp no entrega ahí. Pida otro número, o escríbale por correo."),
    AddressState.COMPLAINED: N_(
        "Desde ella se marcó un correo como no deseado: no se le escribe más por esa vía, y esto no se cambia."
    ),
    AddressState.OPTED_OUT: N_(
        "Con ella se pidió no recibir más. Vuelve a usarse cuando la persona acepte de nuevo; si tiene otra, agréguela."
    ),
    AddressState.CLOSED: N_("No se usa. Si la persona vuelve a usarla, ábrala."),
}

_ZONES: Mapping[str, str] = {
    "country": N_("%(zone)s, la del país"),
    "city": N_("%(zone)s, la de esa ciudad"),
    "largest": N_("%(zone)s, donde vive más gente en ese país: es una suposición"),
    "number": N_("%(zone)s, por la clave de su número: es una suposición"),
    "nothing": N_("%(zone)s, porque no se sabe dónde vive: es una suposición"),
}
_LANGUAGES: Mapping[str, str] = {
    "country": N_("%(language)s, por el país en que vive: es una suposición"),
    "number": N_("%(language)s, por la clave de su número: es una suposición"),
    "nothing": N_("%(language)s, porque no se sabe dónde vive: es una suposición"),
}
LANGUAGES: Mapping[str, str] = {"es": N_("español"), "en": N_("inglés")}


def change_reason(code: str) -> str:
    """Return why an address changed; "" for no reason."""
    return gettext(CHANGES[code]) if code in CHANGES else reason_words(code)


def change_words(change: AddressChange) -> str:
    """Return from which state to which a line says that an address went."""
    before = gettext(ADDRESS_STATES[change.origin]) if change.origin else ""
    after = gettext(ADDRESS_STATES[change.target]) if change.target else gettext(N_("quitada"))
    return f"{before} → {after}" if before else after


def means(state: AddressState) -> str:
    """Return what a state means and what can be done about it."""
    return gettext(MEANS[state])


def zone_words(proposal: Proposal) -> str:
    """Return the zone that is proposed, from what, and whether that is a guess."""
    return gettext(_ZONES[proposal.zone_basis], zone=proposal.zone)


def language_words(proposal: Proposal) -> str:
    """Return the language that is proposed, from what, and that it is a guess."""
    return gettext(_LANGUAGES[proposal.language_basis], language=gettext(LANGUAGES[proposal.language]))
