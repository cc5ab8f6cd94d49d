"""`outreach db`: the schema, and what the database holds."""

import click
from sqlalchemy import func, select

from campaigns.models import Campaign, Delivery
from contacts import pointers
from contacts.models import Contact, Network
from outreach import database, keep
from outreach.commands import db_check, db_keeping
from outreach.i18n import gettext as _
from outreach.platform import opened
from outreach.register.reading import communications
from outreach.terminal import print_json


@click.group(name="db", help=_("La base de datos de la instalación.\n\nEjemplo: outreach db info"))
def command() -> None:
    """Group of the commands on the database."""


@command.command(help=_("Crea o pone al día las tablas; puede repetirse.\n\nEjemplo: outreach db upgrade"))
def upgrade() -> None:
    """Open the platform, which brings the schema to the newest version."""
    with opened() as platform:
        click.echo(_("La base de datos está al día: %(url)s", url=platform.engine.url.render_as_string()))


@command.command(help=_("Dice qué base de datos es, su versión y cuánto guarda.\n\nEjemplo: outreach db info"))
@click.option("--json", "as_json", is_flag=True, help=_("Escribe el resultado como JSON."))
def info(*, as_json: bool) -> None:
    """Print the address (its password hidden), the schema's version and a few counts."""
    with opened(moved_too=True) as platform, platform.reading() as session:
        moved = keep.moved_to(session)
        url = platform.engine.url.render_as_string()
        version = database.version(session.connection())
        installation = keep.installation_id(session)
        counts = {
            "contacts": session.scalar(select(func.count()).select_from(Contact).where(pointers.present())),
            "networks": session.scalar(select(func.count()).select_from(Network)),
            "campaigns": session.scalar(select(func.count()).select_from(Campaign)),
            "deliveries": session.scalar(select(func.count()).select_from(Delivery)),
            "communications": len(communications(session, None, None, platform.settings.zone, with_people=False)),
        }
    if as_json:
        print_json({"url": url, "version": version, "installation": installation, "moved_to": moved} | counts)
        return
    if moved:
        click.echo(_("La instalación se mudó a %(place)s; lo que sigue es de la base de datos anterior.", place=moved))
    words = {
        "contacts": _("personas"),
        "networks": _("redes"),
        "campaigns": _("campañas"),
        "deliveries": _("envíos"),
        "communications": _("comunicaciones en el registro"),
    }
    click.echo(_("%(url)s, versión %(version)s, instalación %(id)s", url=url, version=version, id=installation))
    for name, count in counts.items():
        click.echo(f"{count:>9,}  {words[name]}")


for each in (db_check.command, db_keeping.backup, db_keeping.restore, db_keeping.copy):
    command.add_command(each)
