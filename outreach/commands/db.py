"""`outreach db`: the schema."""

import click

from outreach.i18n import gettext as _
from outreach.platform import opened


@click.group(name="db", help=_("La base de datos de la instalación."))
def command() -> None:
    """Group of the commands on the database."""


@command.command(help=_("Crea o pone al día las tablas; puede repetirse.\n\nEjemplo: outreach db upgrade"))
def upgrade() -> None:
    """Open the platform, which brings the schema to the newest version."""
    with opened() as platform:
        click.echo(_("La base de datos está al día: %(url)s", url=platform.engine.url.render_as_string()))
