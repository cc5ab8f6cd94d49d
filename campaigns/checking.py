"""Everything that is wrong with a draft, before anything is made of it."""

from zoneinfo import available_timezones

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns import content
from campaigns.drafts import CHANNELS, WHEN_LATE, Draft
from campaigns.models import Campaign
from campaigns.people import find_people
from contacts import segments
from contacts.errors import Fault
from contacts.models import Channel, Network, NetworkKind

#: The register's own columns: a campaign fills them from its own fields.
REGISTER_COLUMNS = frozenset(
    {"fecha", "hora", "canal", "cuenta", "red", "clase", "tema", "informacion", "destinatarios", "folio"}
)


def faults(session: Session, draft: Draft, but: Campaign | None = None) -> list[Fault]:
    """Return everything that is wrong with a draft, in the order of a form."""
    found = [
        Fault("field_missing", where)
        for where, value in (("titulo", draft.title), ("clase", draft.clase), ("informacion", draft.informacion))
        if not value.strip()
    ]
    found += _text_faults(draft)
    if draft.key and session.scalar(
        select(Campaign.id).where(Campaign.key == draft.key, Campaign.id != (but.id if but else 0))
    ):
        found.append(Fault("campaign_twice", "clave", draft.key))
    found += _channel_faults(draft)
    found += _audience_faults(session, draft)
    found += _moment_faults(draft)
    return found + content.faults(draft.contents, draft.channels, session)


def _text_faults(draft: Draft) -> list[Fault]:
    """Find what a register, a mail header or a document could not carry: characters that nobody sees."""
    texts = {
        "titulo": draft.title,
        "clave": draft.key or "",
        "clase": draft.clase,
        "tema": draft.tema,
        "informacion": draft.informacion,
        "cuenta": draft.cuenta,
        **{f"extra.{name}": text for name, text in draft.extra.items()},
        **{f"extra.{name}": name for name in draft.extra if not name.isprintable()},
    }
    for said in draft.contents:
        texts |= {
            f"correo.asunto ({said.language})": said.subject,
            f"correo.texto ({said.language})": said.text,
            f"grupo.texto ({said.language})": said.group_text,
        }
    own = [Fault("extra_own", f"extra.{name}", name) for name in draft.extra if name in REGISTER_COLUMNS]
    return own + [Fault("text_control", where, _seen(text)) for where, text in texts.items() if _hidden(text)]


def _hidden(text: str) -> bool:
    return any(not char.isprintable() and char not in "\n\r\t" for char in text)


def _seen(text: str) -> str:
    return "".join(char if char.isprintable() else "�" for char in text)[:60]


def _channel_faults(draft: Draft) -> list[Fault]:
    if not draft.channels:
        return [Fault("field_missing", "canales")]
    allowed = ", ".join(CHANNELS)
    found = [
        Fault("channel_unknown", "canales", channel, details={"allowed": allowed})
        for channel in draft.channels
        if channel not in CHANNELS
    ]
    if Channel.GROUP in draft.channels and len(draft.channels) > 1:
        found.append(Fault("channel_alone", "canales", ", ".join(draft.channels)))
    return found


def _audience_faults(session: Session, draft: Draft) -> list[Fault]:
    if not draft.networks and not draft.people and not draft.segments:
        return [Fault("audience_missing", "redes")]
    known = session.scalars(select(Network)).all()
    kinds = {network.name: network.kind for network in known}
    shut = {network.name for network in known if network.closed_at is not None}
    found = [
        Fault("network_unknown", where, name, details={"allowed": ", ".join(sorted(kinds)) or "–"})
        for where, names in (("redes", draft.networks), ("sin_redes", draft.without_networks))
        for name in names
        if name not in kinds
    ]
    found += [Fault("network_shut", "redes", name) for name in draft.networks if name in shut]
    if Channel.GROUP in draft.channels:
        found += [
            Fault("network_no_group", "redes", name)
            for name in draft.networks
            if kinds.get(name, NetworkKind.WHATSAPP_GROUP) != NetworkKind.WHATSAPP_GROUP
        ]
        found += [Fault("group_people", "personas", text) for text in draft.people]
        found += [Fault("group_segment", "segmentos", name) for name in (*draft.segments, *draft.without_segments)]
    found += _segment_faults(session, draft)
    people = find_people(session, draft.people)
    return found + [Fault("person_unknown", "personas", text) for text in draft.people if text not in people]


def _segment_faults(session: Session, draft: Draft) -> list[Fault]:
    known = segments.by_name(session, (*draft.segments, *draft.without_segments))
    allowed = ", ".join(segment.name for segment in segments.every(session)) or "–"
    return [
        Fault("segment_unknown", where, name, details={"allowed": allowed})
        for where, names in (("segmentos", draft.segments), ("sin_segmentos", draft.without_segments))
        for name in names
        if name not in known
    ]


def _moment_faults(draft: Draft) -> list[Fault]:
    found = draft.schedule.faults()
    if draft.timezone not in available_timezones():
        found.append(Fault("zone_unknown", "zona", draft.timezone))
    if draft.when_late not in WHEN_LATE:
        found.append(Fault("late_unknown", "si_tarde", draft.when_late))
    return found
