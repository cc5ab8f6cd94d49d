"""What a person writes before there is a campaign: plain values, from a form, a file or a plan."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from campaigns.calendar import Schedule
from contacts.models import Channel, Purpose

#: What a campaign may go by. The others of the register are written down by hand.
CHANNELS = (Channel.EMAIL, Channel.WHATSAPP, Channel.GROUP)

WHEN_LATE = ("send", "skip", "ask")


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateDraft:
    """A WhatsApp template that Meta approved, as a file tells of it. What is polled later stands above it."""

    sid: str  # HX…
    name: str
    body: str  # with {{1}}, {{2}} …
    language: str = "es"
    category: str = "UTILITY"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentDraft:
    """What it says in one language. Texts may hold placeholders (campaigns.rendering)."""

    language: str = "es"
    subject: str = ""
    text: str = ""
    mjml: str = ""  # empty: the text in the house letter
    plain_only: bool = False  # no HTML part
    template: str = ""  # of WhatsApp: its sid (HX…) or its name
    template_values: Mapping[str, str] = field(default_factory=dict)  # {"1": "{{ nombre }}"}
    group_text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A campaign as it was written. `campaigns.planning.create` checks it whole."""

    title: str
    clase: str
    informacion: str
    channels: tuple[Channel, ...]
    tema: str = ""
    cuenta: str = ""
    purpose: Purpose = Purpose.NOTICES
    networks: tuple[str, ...] = ()  # by name
    without_networks: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()  # by name, accents and capitals aside
    without_segments: tuple[str, ...] = ()
    people: tuple[str, ...] = ()  # by e-mail address, number, or contact id
    timezone: str = "America/Mexico_City"
    schedule: Schedule = field(default_factory=Schedule)
    when_late: str = "send"
    priority: int = 0
    extra: Mapping[str, str] = field(default_factory=dict)
    contents: tuple[ContentDraft, ...] = ()
    key: str | None = None
    templates: tuple[TemplateDraft, ...] = ()  # that its contents may name besides those known already
