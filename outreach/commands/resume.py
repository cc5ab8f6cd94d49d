"""`outreach resume`: sending is allowed again after `outreach stop`."""

import click

from campaigns import stopping
from outreach import audit
from outreach.i18n import gettext as _
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
    with opened() as platform, platform.transaction() as session:
        was = stopping.resume(session)
        audit.note(session, platform.clock.now(), operator(), "sending.resume", "", {"reason": was.reason})
        click.echo(_("El envío está permitido de nuevo: cada campaña sigue donde se quedó."))
