"""`outreach resume`: sending is allowed again after `outreach stop`."""

import click
from sqlalchemy.orm import Session

from campaigns import log, stopping
from campaigns.models import Campaign
from campaigns.states import WAITING, CampaignState
from contacts.models import Channel
from outreach import audit
from outreach.commands import campaign_held
from outreach.i18n import gettext as _
from outreach.i18n import ngettext
from outreach.platform import opened
from outreach.terminal import operator


@click.command(
    name="resume",
    help=_(
        "Permite de nuevo el envío después de «outreach stop»: cada campaña sigue donde se quedó.\n\n"
        "Ejemplo: outreach resume"
    ),
)
def command() -> None:
    """Allow sending again."""
    with opened() as platform:
        with platform.transaction() as session:
            was = stopping.resume(session)
            audit.note(session, platform.clock.now(), operator(), "sending.resume", "", {"reason": was.reason})
        # Said when it is so, and not before: a disk may be full.
        click.echo(_("El envío está permitido de nuevo: cada campaña sigue donde se quedó."))
        with platform.reading() as session:  # afterwards: counting must not keep others from writing
            for sentence in campaign_held.summary(session):
                click.echo(sentence)
            paused = log.campaigns(session, CampaignState.PAUSED)
            if forgotten := sorted(campaign.id for campaign in paused if campaign.pause_reason == "restored"):
                click.echo(
                    ngettext(
                        "%(n)s campaña sigue en pausa desde que se restauró el respaldo: %(ids)s.",
                        "%(n)s campañas siguen en pausa desde que se restauró el respaldo: %(ids)s.",
                        len(forgotten),
                        ids=", ".join(str(number) for number in forgotten),
                    )
                )
            for campaign in log.campaigns(session, CampaignState.SENDING):
                _tell(session, campaign)


def _tell(session: Session, campaign: Campaign) -> None:
    """Say how much of a campaign goes on; posts in groups, which people make, go on anyway."""
    if campaign.channels == [Channel.GROUP.value]:
        return
    counts = log.counts(session, campaign.id)
    left = sum(counts.get(state, 0) for state in WAITING)
    shown = {"id": campaign.id, "title": campaign.title, "count": f"{left:,}"}
    click.echo(
        ngettext(
            "Campaña %(id)s, «%(title)s»: %(count)s mensaje por enviar.",
            "Campaña %(id)s, «%(title)s»: %(count)s mensajes por enviar.",
            left,
            **shown,
        )
    )
