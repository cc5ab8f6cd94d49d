"""WhatsApp templates: what Meta approved, in which category. Polled, because Meta can change both."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.drafts import TemplateDraft
from campaigns.models import WhatsAppTemplate

APPROVED = "approved"
MARKETING = "MARKETING"
AUTHENTICATION = "AUTHENTICATION"


def put(
    session: Session, sid: str, *, name: str, language: str, category: str, status: str, body: str, at: datetime
) -> WhatsAppTemplate:
    """Write what is known of a template now, over what was known before."""
    template = session.scalar(select(WhatsAppTemplate).where(WhatsAppTemplate.sid == sid))
    if template is None:
        template = WhatsAppTemplate(sid=sid)
        session.add(template)
    template.name = name
    template.language = language
    template.category = category.upper()
    template.status = status.lower()
    template.body = body or template.body or ""
    template.polled_at = at
    session.flush()
    return template


def learn(session: Session, drafts: Iterable[TemplateDraft], *, at: datetime) -> None:
    """Take over the templates that are not known yet, as approved; what is known, and polled since, stays."""
    for draft in drafts:
        if session.scalar(select(WhatsAppTemplate.id).where(WhatsAppTemplate.sid == draft.sid)) is None:
            put(
                session,
                draft.sid,
                name=draft.name,
                language=draft.language,
                category=draft.category,
                status=APPROVED,
                body=draft.body,
                at=at,
            )
