"""The mails that bring a link, as the platform sends them: their texts and its settings around `campaigns.linking`."""

from datetime import datetime
from functools import lru_cache

from sqlalchemy.orm import Session

from campaigns import layout, linking
from campaigns.content import LANGUAGES
from campaigns.drafts import ContentDraft
from contacts.linkrequests import LinkUse
from outreach.links import DATA_LASTS
from outreach.platform import Platform

FOLDERS = {LinkUse.PREFERENCES: "enlace-preferencias", LinkUse.DATA: "enlace-datos"}  # of templates/email
FOOT = "pie-solicitado"  # of the house letter: whoever asked for it need not have consented to any other


def send(platform: Platform, session: Session, contact_id: int, use: LinkUse, *, at: datetime | None = None) -> int:
    """Send a person the link they asked for, when the caller's transaction has ended; return the delivery.

    Refuses as `campaigns.linking.send`: also who was sent one a short while ago, or cannot be reached.
    """
    return linking.send(
        session,
        contact_id,
        use,
        letters=letters(use),
        at=at or platform.clock.now(),
        zone=platform.settings.zone,
    )


@lru_cache
def letters(use: LinkUse) -> tuple[ContentDraft, ...]:
    """Return what a mail says in each language, from its files (templates/email)."""
    return tuple(_letter(use, language) for language in LANGUAGES)


def _letter(use: LinkUse, language: str) -> ContentDraft:
    ending = "" if language == "es" else f".{language}"
    folder = layout.TEMPLATES / FOLDERS[use]
    subject, text, body = (
        (folder / f"{name}{ending}.{kind}")
        .read_text(encoding="utf-8")
        .replace("[[horas]]", str(int(DATA_LASTS.total_seconds() // 3600)))
        for name, kind in (("subject", "txt"), ("body", "txt"), ("body", "mjml"))
    )
    return ContentDraft(
        language=language,
        subject=subject.strip(),
        text=layout.house_text(text, language, FOOT),
        mjml=layout.house_letter(body, language, FOOT),
    )
