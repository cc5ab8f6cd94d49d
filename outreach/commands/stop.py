"""`outreach stop`: nothing of the installation is sent any more, until somebody allows it again."""

import click

from campaigns import stopping
from outreach import audit
from outreach.i18n import gettext as _
from outreach.platform import opened
from outreach.terminal import operator


@click.command(
    name="stop",
    help=_(
        "Detiene ya todo el envío de la instalación, también en otros equipos, hasta «outreach resume».\n\n"
        'Ejemplo: outreach stop "La fecha del mensaje está equivocada"'
    ),
)
@click.argument("words", metavar=_("MOTIVO"), nargs=-1, required=True)
def command(words: tuple[str, ...]) -> None:
    """Stop everything, with a reason that every page shows. In a hurry the quotes may be left off."""
    with opened() as platform:
        with platform.transaction() as session:
            now = platform.clock.now()
            switch = stopping.stop(session, at=now, by=operator(), reason=" ".join(words))
            audit.note(session, now, operator(), "sending.stop", "", {"reason": switch.reason})
        # Said when it is so, and not before: a disk may be full.
        click.echo(_("Todo el envío está detenido. Para permitirlo de nuevo: outreach resume"))
