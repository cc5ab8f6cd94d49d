"""What keeps a campaign waiting, and when it will end: for `outreach campaigns status`."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from campaigns import forecast, lines, misfires, stopping
from campaigns.forecast import Forecast
from campaigns.lines import SenderLine
from campaigns.models import Campaign
from campaigns.states import CampaignState
from contacts.models import Channel
from outreach.commands import campaign_held
from outreach.config import Settings
from outreach.i18n import gettext as _
from outreach.terminal import local
from outreach.words.audit import who_words
from outreach.words.states import campaign_word, line_words


def sentences(session: Session, campaign: Campaign, settings: Settings, at: datetime) -> list[str]:
    """Return what somebody should know: a word that is waited for, a standstill, a sender that waits, the end."""
    said = [*campaign_held.sentences(session, campaign.id, settings.zone), *standstill(session, settings.zone)]
    for line in _closed(session, campaign, settings):
        assert line.closed_until is not None
        said.append(f"{line.sender}: {line_words(line.reason)}")
        said.append(_("Se intenta de nuevo: %(when)s.", when=local(max(line.closed_until, at), settings.zone)))
    told = _forecast(session, campaign, settings, at)
    if told and told.goes_on:
        said.append(
            _(
                "Ya se abrieron las %(count)s conversaciones de estas 24 h; sigue hacia: %(when)s.",
                count=f"{told.limit:,}",
                when=local(told.goes_on, settings.zone),
            )
        )
    if told:
        said.append(_("Terminará hacia: %(when)s (%(zone)s).", when=local(told.at, settings.zone), zone=settings.zone))
    if told and told.limit and not told.goes_on:
        said.append(_("Cada 24 h se pueden abrir %(count)s conversaciones.", count=f"{told.limit:,}"))
    return said


def standstill(session: Session, zone: str) -> list[str]:
    """Return the sentence that every sending is stopped: since when, by whom, why; none while sending is allowed."""
    switch = stopping.stopped(session)
    if switch is None:
        return []
    assert switch.since is not None
    when, who = f"{local(switch.since, zone)} ({zone})", who_words(switch.by)
    return [
        _(
            "Todo el envío está detenido desde %(when)s por %(who)s: %(reason)s",
            when=when,
            who=who,
            reason=switch.reason,
        )
    ]


def word(session: Session, campaign: Campaign) -> str:
    """Return the word of a campaign's state; «Detenida» when it would be sending if not everything were stopped."""
    return campaign_word(campaign.state, stopped=stopping.keeps(stopping.stopped(session), campaign))


def facts(session: Session, campaign: Campaign, settings: Settings, at: datetime) -> dict[str, Any]:
    """Return the same for programs; moments in UTC."""
    told = _forecast(session, campaign, settings, at)
    return {
        "held": [run.id for run in misfires.waiting(session, campaign.id)],
        "stopped": stopping.stopped(session) is not None,
        "waiting": [
            {"sender": line.sender, "reason": line.reason, "until": line.closed_until and line.closed_until.isoformat()}
            for line in _closed(session, campaign, settings)
        ],
        "ends_at": told.at.isoformat() if told else None,
    }


def _forecast(session: Session, campaign: Campaign, settings: Settings, at: datetime) -> Forecast | None:
    limit, rate = settings.conversations, settings.whatsapp_rate
    return forecast.of(session, campaign, settings.senders, limit=limit, rate=rate, at=at)


def _closed(session: Session, campaign: Campaign, settings: Settings) -> list[SenderLine]:
    if campaign.state != CampaignState.SENDING:
        return []
    own = {(channel, settings.senders.of(Channel(channel), campaign.cuenta)) for channel in campaign.channels}
    return [line for line in lines.closed(session) if (line.channel, line.sender) in own]
