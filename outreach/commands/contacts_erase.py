"""`outreach contacts erase`: forget a person, with or without a request; all that is held; and back again."""

import click

from contacts import addresses, dossier, people, suppression
from contacts.erasing import Erased
from contacts.errors import refuse
from outreach import audit, erasing
from outreach.i18n import gettext as _
from outreach.i18n import ngettext
from outreach.platform import Platform, opened
from outreach.terminal import ROW, operator, print_json


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


@click.command(
    name="dossier",
    help=_(
        "Escribe como JSON todo lo que se tiene de una persona; quien lo ve queda en la bitácora.\n\n"
        "Ejemplo: outreach contacts rights dossier 12"
    ),
)
@click.argument("contact_id", metavar="ID", type=ROW)
def dossier_(contact_id: int) -> None:
    """Print everything held about a person."""
    with opened() as platform, platform.transaction() as session:
        told = dossier.about(session, contact_id)
        audit.note(session, platform.clock.now(), operator(), "rights.dossier", f"contact:{contact_id}")
        print_json(told)


@click.command(
    help=_(
        "Permite que una dirección suprimida vuelva a la base, porque la persona misma lo pide.\n\n"
        'Ejemplo: outreach contacts rights readmit ana@example.org --reason "escribió el 20 de junio"'
    )
)
@click.argument("address", metavar=_("DIRECCIÓN"))
@click.option("--name", default="", help=_("Nombre de la persona, si la dirección la comparten varias."))
@click.option("--reason", required=True, metavar=_("MOTIVO"), help=_("Cómo lo pidió."))
def readmit(address: str, name: str, reason: str) -> None:
    """Let an address come in again."""
    value = addresses.normalise(address)
    kind = addresses.kind_of_way(value)
    with opened() as platform, platform.transaction() as session:
        if not suppression.lift(session, kind, value, name):
            raise refuse("address_not_suppressed", "dirección", address)
        audit.note(session, platform.clock.now(), operator(), "contacts.readmit", details={"reason": reason})
    click.echo(_("«%(value)s» puede agregarse otra vez, sin consentimiento.", value=value))


COMMANDS = (erase,)
OF_RIGHTS = (dossier_, readmit)  # of `outreach contacts rights`
