"""WhatsApp templates between the platform and Twilio: polled from the account, lent to the simulator."""

import logging

from sqlalchemy import select

from campaigns import templates
from campaigns.channels import ChannelError
from campaigns.models import WhatsAppTemplate
from outreach.channels.twilio_polling import TwilioDesk
from outreach.platform import Platform
from outreach.simulator import Template
from outreach.simulator.templates import Lookup

log = logging.getLogger(__name__)


def poll(platform: Platform, desk: TwilioDesk) -> int:
    """Ask the account for its templates and write category and approval as they are now; return how many.

    Meta can change both at any time. Raises `ChannelError` when the account does not answer.
    """
    reports = desk.templates()
    with platform.transaction() as session:
        for report in reports:
            templates.put(
                session,
                report.sid,
                name=report.name,
                language=report.language.replace("_", "-").split("-")[0],
                category=report.category,
                status=report.status,
                body=report.body,
                at=platform.clock.now(),
            )
    return len(reports)


def keep_current(platform: Platform, desk: TwilioDesk) -> None:
    """Poll as a chore does: an account that does not answer is asked again the next time."""
    try:
        poll(platform, desk)
    except ChannelError as error:
        log.warning("the account did not tell its templates: %s", error.code)


def lent(platform: Platform) -> Lookup:
    """Return how the simulator learns of a template that the platform knows."""

    def lookup(sid: str) -> Template | None:
        with platform.reading() as session:
            known = session.scalar(select(WhatsAppTemplate).where(WhatsAppTemplate.sid == sid))
            if known is None:
                return None
            return Template(
                sid=known.sid,
                name=known.name,
                body=known.body,
                category=known.category,
                language=known.language,
                status=known.status,
                made=known.polled_at or platform.clock.now(),
            )

    return lookup
