"""States as a person sees them: always an icon and a word, never a colour alone."""

from dataclasses import dataclass
from enum import StrEnum

from flask import Flask

from campaigns import stopping
from campaigns.models import Campaign
from campaigns.states import CampaignState, DeliveryState, RunState
from contacts.models import AddressState, Channel, Decision, NetworkKind, Role
from contacts.rights import Right, Standing
from outreach.i18n import gettext
from outreach.web import context
from outreach.words import N_
from outreach.words.addresses import change_reason, change_words
from outreach.words.contacts import (
    ADDRESS_KINDS,
    EVIDENCE_KINDS,
    ORGANIZATION_KINDS,
    PURPOSES,
    RIGHTS,
    STANDINGS,
)
from outreach.words.states import STOPPED, line_words, reason_words, spoken, state_word


@dataclass(frozen=True, slots=True)
class Badge:
    """The word of a state ("": as in words.states), its icon, the class that colours it, and what it means."""

    word: str
    icon: str
    css: str
    means: str = ""


D, C, A = DeliveryState, CampaignState, AddressState

_BADGES: tuple[tuple[StrEnum, Badge], ...] = (
    (D.PLANNED, Badge("", "circle", "is-planned", N_("Le toca; aún no sale. Se puede pausar."))),
    (D.CLAIMED, Badge("", "hour", "is-claimed", N_("Se está entregando al servicio en este momento."))),
    (D.CALLING, Badge("", "hour", "is-claimed", N_("Se está entregando al servicio en este momento."))),
    (D.ACCEPTED, Badge("", "send", "is-accepted", N_("El servicio lo aceptó. Falta su confirmación."))),
    (D.DELIVERED, Badge("", "check", "is-delivered", N_("Llegó a la persona."))),
    (D.READ, Badge("", "check2", "is-read", N_("La persona lo abrió."))),
    (D.BOUNCED, Badge("", "back", "is-bounced", N_("El buzón lo devolvió. Pida otra dirección."))),
    (D.FAILED, Badge("", "xc", "is-failed", N_("El servicio lo rechazó. Vea el motivo."))),
    (D.SKIPPED, Badge("", "skip", "is-skipped", N_("No se le escribió. Siempre con motivo."))),
    (D.IN_DOUBT, Badge("", "question", "is-in_doubt", N_("No sabemos si salió. No se repite por sí solo."))),
    (C.DRAFT, Badge("", "edit", "is-draft")),
    (C.SCHEDULED, Badge("", "event", "is-scheduled")),
    (C.SENDING, Badge("", "send", "is-sending")),
    (C.PAUSED, Badge("", "pause", "is-paused")),
    (C.FINISHED, Badge("", "checkc", "is-finished")),
    (C.CANCELLED, Badge("", "x", "is-cancelled")),
    (RunState.HELD, Badge("", "question", "is-warn")),
    (RunState.MISSED, Badge("", "skip", "is-skipped")),
    (A.NEW, Badge(N_("Sin comprobar"), "circle", "is-planned")),
    (A.VERIFIED, Badge(N_("Comprobada"), "check", "is-yes")),
    (A.BOUNCED, Badge(N_("Rebota"), "back", "is-bounced")),
    (A.UNREACHABLE, Badge(N_("No se alcanza"), "xc", "is-no")),
    (A.COMPLAINED, Badge(N_("Se quejó"), "flag", "is-no")),
    (A.OPTED_OUT, Badge(N_("Dada de baja"), "x", "is-no")),
    (A.CLOSED, Badge(N_("Cerrada"), "pause", "is-skipped")),
    (Decision.GRANTED, Badge(N_("Alta"), "check", "is-yes")),
    (Decision.WITHDRAWN, Badge(N_("Baja"), "x", "is-no")),
    (Decision.ASKED, Badge(N_("Se le preguntó"), "question", "is-planned")),
    (Standing.OPEN, Badge(STANDINGS[Standing.OPEN], "clock", "is-scheduled")),
    (Standing.EXTENDED, Badge(STANDINGS[Standing.EXTENDED], "hour", "is-warn")),
    (Standing.ANSWERED, Badge(STANDINGS[Standing.ANSWERED], "checkc", "is-finished")),
    (Standing.OVERDUE, Badge(STANDINGS[Standing.OVERDUE], "warn", "is-failed")),
)
#: By kind of state and word: «bounced» is a state of a delivery and of an address.
BADGES = {(type(state), state.value): look for state, look in _BADGES}

CHANNELS: dict[str, tuple[str, str]] = {
    Channel.EMAIL: (N_("Correo"), "mail"),
    Channel.WHATSAPP: (N_("WhatsApp"), "wa"),
    Channel.GROUP: (N_("Grupo de WhatsApp"), "group"),
    Channel.MICROSITE: (N_("Micrositio"), "web"),
    Channel.PHONE: (N_("Teléfono"), "phone"),
    Channel.MEETING: (N_("Reunión"), "contactos"),
    Channel.SYSTEM: (N_("Sistema"), "gear"),
    Channel.OTHER: (N_("Otro"), "circle"),
}

NAMES: dict[str, str] = {
    **{right: RIGHTS[right] for right in Right},
    **PURPOSES,
    Role.MEMBER: N_("Integrante"),
    Role.LEADER: N_("Liderazgo"),
    NetworkKind.LIST: N_("Lista"),
    NetworkKind.WHATSAPP_GROUP: N_("Grupo de WhatsApp"),
    NetworkKind.OBSERVERS: N_("Red de observación"),
    **ORGANIZATION_KINDS,
    **EVIDENCE_KINDS,
    "*": N_("Todo"),
}


def _kind(state: StrEnum) -> type[StrEnum]:
    shared = isinstance(state, RunState) and (RunState, state.value) not in BADGES
    return CampaignState if shared else type(state)  # a run that sends looks like a campaign that does


def badge(state: StrEnum) -> Badge:
    """Return the badge of a state, in the language in force."""
    kept = BADGES[_kind(state), state.value]
    return Badge(
        gettext(kept.word) if kept.word else state_word(state),
        kept.icon,
        kept.css,
        gettext(kept.means) if kept.means else "",
    )


def campaign_badge(campaign: Campaign) -> Badge:
    """Return the badge of a campaign: «Detenida» when it would be sending if not everything were stopped."""
    if stopping.keeps(context.standstill(), campaign):
        return Badge(gettext(STOPPED), "stop", "is-failed")
    return badge(campaign.state)


def channel_name(channel: str) -> str:
    """Return the name of a way: `Correo`."""
    return gettext(CHANNELS[channel][0]) if channel in CHANNELS else channel


def channel_icon(channel: str) -> str:
    """Return the icon of a way."""
    return CHANNELS[channel][1] if channel in CHANNELS else "circle"


def name_of(word: str) -> str:
    """Return how a purpose, a role or a kind of network is called; the word itself when nobody named it."""
    return gettext(NAMES[word]) if word in NAMES else word


def install(app: Flask) -> None:
    """Hand them to the templates."""
    app.jinja_env.globals.update(
        badge_of=badge,
        badge_of_campaign=campaign_badge,
        delivery_badge=lambda state: badge(DeliveryState(state)),
        channel_name=channel_name,
        channel_icon=channel_icon,
        address_icon=lambda kind: {"correo": "mail", "telefono": "phone"}.get(kind, "wa"),
        address_kind=lambda kind: gettext(ADDRESS_KINDS[kind]),
        change_reason=change_reason,
        change_words=change_words,
        name_of=name_of,
        reason=reason_words,
        line_reason=line_words,
        spoken=spoken,
    )
