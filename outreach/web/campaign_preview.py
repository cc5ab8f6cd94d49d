"""What a campaign says, as a chosen person would see it: e-mail, its plain text, WhatsApp, the text for groups."""

import re
from dataclasses import dataclass

from flask import Blueprint, Response, abort, make_response, render_template, request
from sqlalchemy import select

from campaigns import audience, personal, rendering
from campaigns.claiming import Claimed
from campaigns.content import in_language
from campaigns.models import AudienceRule, Campaign, Content
from contacts.models import Channel, Contact, Membership, Network
from outreach import i18n, links
from outreach.i18n import gettext as _
from outreach.web import context
from outreach.web.campaigns import shown
from outreach.web.queries import campaigns as read
from outreach.web.security import as_letter

pages = Blueprint("campaigns_preview", __name__, url_prefix="/campanas")

MOST_READERS = 25
SLOT = re.compile(r"{{\s*(\d+)\s*}}")  # of a WhatsApp template's body


@dataclass(frozen=True, slots=True)
class Seen:
    """A content with a person's values in it."""

    subject: str
    text: str
    html: str
    whatsapp: str
    pictures: bool  # the e-mail asks for pictures of other sites, which the preview does not fetch


def _readers(campaign: Campaign) -> list[Contact]:
    ids = audience.people(context.db(), campaign.id, context.now())
    return list(
        context.db().scalars(select(Contact).where(Contact.id.in_(ids)).order_by(Contact.name).limit(MOST_READERS))
    )


def _reader(readers: list[Contact]) -> Contact | None:
    """Return who the address asks for with `?como=`; "0" is a person of whom nothing is known."""
    wanted = request.args.get("como", "")
    if wanted == "0" or not readers:
        return None
    return next((reader for reader in readers if str(reader.id) == wanted), readers[0])


def _values(campaign: Campaign, reader: Contact | None, language: str) -> dict[str, str]:
    served = context.platform()
    number = reader.id if reader else 0
    theirs = links.of_letters(served.settings.public_url, served.secret, Channel.EMAIL)
    row = Claimed(
        delivery_id=0,
        contact_id=number,
        address="",
        name=reader.name if reader else "",
        city=reader.city if reader else "",
        country=reader.country if reader else "",
        timezone=reader.timezone if reader else context.zone(),
        language=language,
        attempts=0,
        network=_network(campaign, reader),
    )
    return personal.person(row, language, theirs)


def _network(campaign: Campaign, reader: Contact | None) -> str:
    """Return a network of the audience that the person is in, as the sender would name it."""
    named = (
        select(Network.name)
        .join(AudienceRule, AudienceRule.network_id == Network.id)
        .where(AudienceRule.campaign_id == campaign.id, AudienceRule.excluded.is_(False))
        .order_by(Network.id)
    )
    if reader:
        theirs = named.join(Membership, Membership.network_id == Network.id).where(
            Membership.contact_id == reader.id, Membership.until.is_(None)
        )
        found = context.db().scalar(theirs)
        if found:
            return str(found)
    return str(context.db().scalar(named) or "")


def seen(content: Content, values: dict[str, str]) -> Seen:
    """Return a content as the person with these values reads it."""
    body = content.template.body if content.template else ""
    told = {
        key: rendering.one_line(rendering.compile_text(text).render(values))
        for key, text in content.template_values.items()
    }
    body = SLOT.sub(lambda slot: told.get(slot[1], slot[0]), body)
    html = rendering.compile_text(content.html, html=True).render(values) if content.html else ""
    return Seen(
        subject=rendering.one_line(rendering.compile_text(content.subject).render(values)),
        text=rendering.compile_text(content.text).render(values),
        html=html,
        whatsapp=body,
        pictures='src="http' in html,
    )


def _content(campaign: Campaign, language: str) -> tuple[list[Content], Content]:
    contents = read.contents(context.db(), campaign.id, campaign.version)
    if not contents:
        abort(404)
    return contents, in_language(contents, language)


def _language(reader: Contact | None) -> str:
    wanted = request.args.get("idioma", "")
    return wanted if wanted in i18n.LANGUAGES else (reader.language if reader else "es")


@pages.get("/<int:campaign_id>/contenido")
def show(campaign_id: int) -> str:
    """Show what the campaign says."""
    view = shown(campaign_id)
    campaign = view.campaign
    readers = [] if view.by_hand else _readers(campaign)
    reader = _reader(readers)
    contents, content = _content(campaign, _language(reader))
    if readers:
        context.note_view("campaign.content", f"campaign:{campaign_id}", people=[one.id for one in readers])
    return render_template(
        "campaign.html",
        tab="content",
        view=view,
        campaign=campaign,
        contents=contents,
        content=content,
        readers=readers,
        reader=reader,
        languages={"es": _("Español"), "en": _("Inglés")},
        seen=seen(content, _values(campaign, reader, content.language)),
        audience=read.audience(context.db(), campaign.id),
    )


@pages.get("/<int:campaign_id>/contenido/correo.html")
def letter(campaign_id: int) -> Response:
    """Give the e-mail by itself, for the frame: its own styles, no script, no request to anybody."""
    campaign = shown(campaign_id).campaign
    reader = _reader(_readers(campaign))
    _contents, content = _content(campaign, _language(reader))
    if reader:
        context.note_view("campaign.content", f"campaign:{campaign_id}", people=[reader.id])
    return as_letter(make_response(seen(content, _values(campaign, reader, content.language)).html))
