"""What a campaign says: checked and compiled when it is saved, made into messages when a run sends it."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from html.parser import HTMLParser

import mjml
from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns import layout, rendering
from campaigns.channels import Message
from campaigns.drafts import ContentDraft
from campaigns.models import Campaign, Content, WhatsAppTemplate
from contacts.errors import Fault, Refused
from contacts.models import Channel

LANGUAGES = ("es", "en")

#: Added to a mail whose author left the way out out: every mass mail says how to leave (domain.md, «E-mail to many»).
_FOOTERS = {
    "es": "Para dejar de recibir estos mensajes: {{ baja }}",
    "en": "To stop receiving these messages: {{ baja }}",
}
_NAMES_BAJA = re.compile(r"{{\s*baja\b")
_TEMPLATE_SLOT = re.compile(r"{{\s*(\d+)\s*}}")


def faults(
    drafts: Iterable[ContentDraft], channels: Iterable[Channel], session: Session, *, asking: bool = False
) -> list[Fault]:
    """Return everything that is wrong with the contents of a campaign that goes by these channels.

    Only the house's own mails, `asking` to confirm or bringing a link, may name the links that only they have.
    """
    drafts, wanted, found = tuple(drafts), set(channels), list[Fault]()
    if not drafts:
        return [Fault("content_missing", "contenido")]
    languages = [draft.language for draft in drafts]
    found += [
        Fault("language_unknown", "idioma", text, details={"allowed": ", ".join(LANGUAGES)})
        for text in languages
        if text not in LANGUAGES
    ]
    found += [Fault("language_twice", "idioma", text) for text in set(languages) if languages.count(text) > 1]
    for draft in drafts:
        if Channel.EMAIL in wanted:
            found += _mail_faults(draft, (*rendering.VARIABLES, *rendering.ASKING) if asking else rendering.VARIABLES)
        if Channel.WHATSAPP in wanted:
            found += _template_faults(draft, session)
        if Channel.GROUP in wanted and not draft.group_text.strip():
            found.append(Fault("field_missing", "grupo.texto"))
    return found


def _mail_faults(draft: ContentDraft, names: Collection[str]) -> list[Fault]:
    found = []
    if not draft.subject.strip():
        found.append(Fault("field_missing", "correo.asunto"))
    if not draft.text.strip() and not draft.mjml.strip():
        found.append(Fault("field_missing", "correo.texto"))
    found += rendering.check(draft.subject, "correo.asunto", names)
    found += rendering.check(draft.text, "correo.texto", names)
    told = {(fault.code, fault.value) for fault in found}
    placeholders = rendering.check(draft.mjml, "correo.mjml", names)
    if draft.mjml.strip() and not placeholders:
        try:
            html = compile_mjml(draft.mjml)
            placeholders = rendering.check(html, "correo.mjml", names)
            if not plain_text(html).strip():
                placeholders.append(Fault("mjml_empty", "correo.mjml"))
        except Refused as refused:
            placeholders = list(refused.faults)
    # The HTML part is often made from the text: one mistake is told once, where it was written.
    return found + [fault for fault in placeholders if (fault.code, fault.value) not in told]


def _template_faults(draft: ContentDraft, session: Session) -> list[Fault]:
    if not draft.template.strip():
        return [Fault("field_missing", "whatsapp.plantilla")]
    template = find_template(session, draft.template, draft.language)
    if template is None:
        return [Fault("template_unknown", "whatsapp.plantilla", draft.template)]
    wanted, given = template_slots(template.body), set(draft.template_values)
    found = [Fault("template_value_missing", "whatsapp.valores", key) for key in sorted(wanted - given)]
    found += [Fault("template_value_extra", "whatsapp.valores", key) for key in sorted(given - wanted)]
    for key, text in draft.template_values.items():
        found += rendering.check(text, f"whatsapp.valores.{key}")
    return found


def template_slots(body: str) -> set[str]:
    """Return the numbers of the variables in a template's body: `{"1", "2"}`."""
    return set(_TEMPLATE_SLOT.findall(body))


def find_template(session: Session, name: str, language: str) -> WhatsAppTemplate | None:
    """Return the template with this sid, or with this name (in the language when there are several)."""
    found = list(
        session.scalars(
            select(WhatsAppTemplate)
            .where((WhatsAppTemplate.sid == name) | (WhatsAppTemplate.name == name))
            .order_by(WhatsAppTemplate.id)
        )
    )
    return next((template for template in found if template.language == language), found[0] if found else None)


def save(session: Session, campaign: Campaign, drafts: Iterable[ContentDraft]) -> None:
    """Write the contents of the campaign's version in force. `faults` must have found nothing."""
    for draft in drafts:
        mail = Channel.EMAIL in campaign.channels
        html, text = mail_parts(draft) if mail else ("", draft.text)
        template = find_template(session, draft.template, draft.language) if draft.template else None
        session.add(
            Content(
                campaign=campaign,
                version=campaign.version,
                language=draft.language,
                subject=draft.subject,
                text=text,
                mjml=draft.mjml,
                html=html,
                template=template,
                template_values=dict(draft.template_values),
                group_text=draft.group_text,
            )
        )
    session.flush()


def mail_parts(draft: ContentDraft) -> tuple[str, str]:
    """Return HTML and plain text of a mail. A bare text goes into the house letter, with the privacy notice."""
    if draft.mjml.strip():
        html = compile_mjml(draft.mjml)
        text = draft.text if draft.text.strip() else plain_text(html)
    else:
        html = (
            ""
            if draft.plain_only
            else compile_mjml(layout.house_letter(layout.without_footer(draft.text), draft.language))
        )
        text = layout.house_text(draft.text, draft.language)
    return _with_way_out(html, text, draft.language)


@lru_cache(maxsize=128)
def compile_mjml(source: str) -> str:
    """Return the HTML of an MJML source, placeholders and all. Refuses `mjml_form` with the compiler's reason.

    No font is fetched from anywhere: whoever opens a mail tells nobody else.
    """
    try:
        return str(mjml.mjml2html(source, disable_comments=True, fonts={}))
    except ValueError as error:
        raise Refused([Fault("mjml_form", "correo.mjml", str(error)[:200])]) from None


def _with_way_out(html: str, text: str, language: str) -> tuple[str, str]:
    footer = _FOOTERS.get(language, _FOOTERS["es"])
    if not _NAMES_BAJA.search(text):
        text = f"{text.rstrip()}\n\n{footer}\n"
    if html and not _NAMES_BAJA.search(html):
        words = footer.replace("{{ baja }}", '<a href="{{ baja }}">{{ baja }}</a>')
        note = f'<p style="font:13px sans-serif;text-align:center">{words}</p>'
        html = html.replace("</body>", f"{note}</body>") if "</body>" in html else html + note
    return html, text


class _Reader(HTMLParser):
    """Takes the words out of HTML: blocks become lines, links keep their address."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._silent = 0
        self._link = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"style", "script", "head", "title"}:
            self._silent += 1
        elif tag in {"p", "div", "tr", "br", "li", "h1", "h2", "h3", "table"}:
            self.parts.append("\n")
        elif tag == "a":
            self._link = dict(attrs).get("href") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag in {"style", "script", "head", "title"}:
            self._silent -= 1
        elif tag == "a" and self._link:
            self.parts.append(f" ({self._link})")
            self._link = ""

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(data)


def plain_text(html: str) -> str:
    """Return the words of an HTML text, for the plain part of a mail."""
    reader = _Reader()
    reader.feed(html)
    lines = (" ".join(line.split()) for line in "".join(reader.parts).splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"


@dataclass(frozen=True, slots=True)
class Compiled:
    """The message of a run in one channel and language, and how a person's values are made."""

    message: Message
    slots: tuple[rendering.Slot, ...]  # one for each of the message's tags or template keys, in their order
    names: frozenset[str]  # the variables that they read: no other needs to be known of a person

    def values(self, person: Mapping[str, str]) -> tuple[str, ...]:
        """Return the values of every slot for one person, in the order of the message's tags or template keys."""
        return tuple([slot(person) for slot in self.slots])


def compile_message(content: Content, channel: Channel, sender: str, sender_name: str, run_id: int) -> Compiled:
    """Compile a content for one channel of a run: skeletons with tags in them, and the slots' makers."""
    if channel == Channel.WHATSAPP:
        keys = tuple(sorted(content.template_values, key=int))
        sid = content.template.sid if content.template else ""
        message = Message(channel=channel, sender=sender, template_sid=sid, template_keys=keys, run_id=run_id)
        texts = [rendering.compile_text(content.template_values[key]) for key in keys]
        return Compiled(message, tuple(_in_one_line(text.render) for text in texts), _names(texts))
    parts = (
        rendering.compile_text(content.subject),
        rendering.compile_text(layout.unmarked(content.text)),
        rendering.compile_text(content.html, html=True),
    )
    # A slot that stands several times in a part has one tag: every letter carries its value once.
    tags: list[str] = []
    makers: list[rendering.Slot] = []
    tagged: list[str] = []
    for part in parts:
        tag_of = {slot: f"-vc{run_id}.{len(tags) + number}-" for number, slot in enumerate(dict.fromkeys(part.slots))}
        tags += tag_of.values()
        makers += [_in_one_line(slot) for slot in tag_of] if part is parts[0] else tag_of
        tagged.append(part.join(tuple(tag_of[slot] for slot in part.slots)))
    message = Message(
        channel=channel,
        sender=sender,
        sender_name=sender_name,
        subject=rendering.one_line(tagged[0]),
        text=tagged[1],
        html=tagged[2],
        tags=tuple(tags),
        run_id=run_id,
    )
    return Compiled(message, tuple(makers), _names(parts))


def _in_one_line(slot: rendering.Slot) -> rendering.Slot:
    """Return a slot for a subject or a template's value, which hold no line breaks."""
    return lambda person: rendering.one_line(slot(person))


def _names(parts: Iterable[rendering.Skeleton]) -> frozenset[str]:
    return frozenset(name for part in parts for name in part.names)


def in_language(contents: Iterable[Content], language: str) -> Content:
    """Return the content a person reads: in their language, else Spanish, else whatever there is."""
    by_language = {content.language: content for content in contents}
    return by_language.get(language) or by_language.get("es") or next(iter(by_language.values()))
