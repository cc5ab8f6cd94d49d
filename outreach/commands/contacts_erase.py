"""`outreach contacts erase`: forget a person, with or without a request of the register."""

import click

from contacts import people
from contacts.erasing import Erased
from contacts.errors import refuse
from outreach import audit, erasing
from outreach.i18n import gettext as _
from outreach.i18n import ngettext
from outreach.platform import Platform, opened
from outreach.terminal import ROW, operator


def confirm(platform: Platform, contact_id: int, *, yes: bool) -> None:
    """Say whom, and ask. Looking is noted."""
    with platform.transaction() as session:
        contact = people.get(session, contact_id)
        if contact.erased_at is not None:
            raise refuse("person_erased", "persona", contact_id)
        audit.note(session, platform.clock.now(), operator(), "contacts.show", f"contact:{contact_id}")
        reached = ", ".join(one.value for one in contact.addresses)
    if not yes:
        click.echo(_("«%(name)s» (%(id)s): %(addresses)s", name=contact.name, id=contact.id, addresses=reached or "–"))
        click.confirm(_("¿Suprimir a esta persona? No se puede deshacer"), abort=True)


def said(erased: Erased) -> None:
    """Tell what became of it."""
    click.echo(
        ngettext(
            "Persona suprimida. %(n)s dirección suya no se podrá agregar otra vez.",
            "Persona suprimida. %(n)s direcciones suyas no se podrán agregar otra vez.",
            erased.addresses,
        )
    )


@click.command(
    help=_(
        "Suprime a una persona: su ficha queda sin datos, y las cuentas de los informes no cambian. No se puede "
        "deshacer.\n\n"
        'Ejemplo: outreach contacts erase 12 --reason "oficio 45/2025"'
    )
)
@click.argument("contact_id", metavar="ID", type=ROW)
@click.option("--reason", default="", metavar=_("MOTIVO"), help=_("Por qué; sin datos de la persona."))
@click.option("--yes", is_flag=True, help=_("No pregunta antes."))
def erase(contact_id: int, reason: str, *, yes: bool) -> None:
    """Forget a person."""
    with opened() as platform:
        confirm(platform, contact_id, yes=yes)
        with platform.transaction() as session:
            done = erasing.erase(session, contact_id, at=platform.clock.now(), by=operator(), why=reason)
        erasing.settle(platform.settings.data, platform.engine, done)
    said(done)


COMMANDS = (erase,)
