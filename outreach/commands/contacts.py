"""`outreach contacts`: people. What they consented to, networks and imports stand in the files beside."""

import click

from contacts import networks, people, places, segments, tagging
from contacts.errors import refuse
from contacts.models import AddressKind, Contact, Role
from outreach import audit
from outreach.commands import (
    contacts_consent,
    contacts_duplicates,
    contacts_edit,
    contacts_erase,
    contacts_export,
    contacts_import,
    contacts_imports,
    contacts_networks,
    contacts_organizations,
    contacts_restore,
    contacts_rights,
    contacts_segments,
    contacts_tags,
)
from outreach.i18n import gettext as _
from outreach.i18n import language, ngettext
from outreach.platform import opened
from outreach.terminal import COUNT, ROW, local, operator, print_json, table
from outreach.words.contacts import ADDRESS_KINDS, ADDRESS_STATES


@click.group(
    name="contacts",
    help=_(
        "Las personas, sus redes y su consentimiento.\n\n"
        'Ejemplo: outreach contacts import personas.xlsx --network "Red Voto Chilango"'
    ),
)
def command() -> None:
    """Group of the commands on people."""


for each in (
    *contacts_import.COMMANDS,
    *contacts_imports.COMMANDS,
    *contacts_consent.COMMANDS,
    *contacts_networks.COMMANDS,
    *contacts_organizations.COMMANDS,
    *contacts_segments.COMMANDS,
    *contacts_rights.COMMANDS,
    *contacts_erase.COMMANDS,
    *contacts_duplicates.COMMANDS,
    *contacts_export.COMMANDS,
    *contacts_edit.COMMANDS,
    *contacts_tags.COMMANDS,
):
    command.add_command(each)
contacts_restore.also(command.commands["import"])

MOST_NAMED = 1000  # people that a line of the log names
_json = click.option("--json", "as_json", is_flag=True, help=_("Escribe el resultado como JSON."))


def _as_object(contact: Contact) -> dict[str, object]:
    return {
        "id": contact.id,
        "name": contact.name,
        "country": contact.country,
        "city": contact.city,
        "timezone": contact.timezone,
        "language": contact.language,
        "addresses": [
            {"kind": one.kind, "value": one.value, "region": one.region, "state": one.state}
            for one in contact.addresses
        ],
        "networks": [
            {"name": one.network.name, "role": one.role, "since": one.since.isoformat()}
            for one in contact.memberships
            if one.until is None
        ],
    }


def _of_kind(contact: Contact, *kinds: AddressKind) -> str:
    return ", ".join(dict.fromkeys(one.value for one in contact.addresses if one.kind in kinds))


@command.command(
    name="list",
    help=_(
        "Lista personas; quien las ve queda en la bitácora.\n\n"
        'Ejemplo: outreach contacts list --network "Red Voto Chilango" --country US --search chicago'
    ),
)
@click.option("--network", default="", metavar=_("RED"), help=_("Sólo las de esta red."))
@click.option("--country", default="", metavar=_("PAÍS"), help=_("Sólo las de este país: su nombre o su clave."))
@click.option("--segment", default="", metavar=_("SEGMENTO"), help=_("Sólo las que están hoy en este segmento."))
@click.option(
    "--search", default="", metavar=_("PALABRAS"), help=_("Sólo las que las tienen en nombre, ciudad o dirección.")
)
@click.option("--limit", default=50, type=COUNT, help=_("Cuántas, 0 para todas; si no, 50."))
@_json
def list_(network: str, country: str, segment: str, search: str, limit: int, *, as_json: bool) -> None:
    """List people, filtered."""
    code = places.country(country)
    with opened() as platform:
        with platform.reading() as session:
            network_id = networks.find(session, network).id if network else None
            more = [segments.of(session, segments.find(session, segment), platform.clock.now())] if segment else []
            found = people.search(session, search, network_id=network_id, country=code, more=more, size=limit)
        with platform.transaction() as session:
            details = {
                "shown": len(found.people),
                "people": [each.id for each in found.people[:MOST_NAMED]],
                "network": network,
                "country": code,
                "segment": segment,
                "search": search,
            }
            audit.note(session, platform.clock.now(), operator(), "contacts.list", details=details)
    if as_json:
        print_json([_as_object(contact) for contact in found.people])
        return
    if not found.people:
        click.echo(_("No hay personas así. Agregue una con outreach contacts add, o importe un archivo."))
        return
    table(
        ["ID", _("Nombre"), _("Correo"), _("Números"), _("País"), _("Ciudad")],
        [
            [
                str(contact.id),
                contact.name,
                _of_kind(contact, AddressKind.EMAIL),
                _of_kind(contact, AddressKind.WHATSAPP, AddressKind.PHONE, AddressKind.SCOPED),
                contact.country,
                contact.city,
            ]
            for contact in found.people
        ],
    )
    click.echo(
        ngettext("%(shown)s de %(n)s persona.", "%(shown)s de %(n)s personas.", found.total, shown=len(found.people))
    )


@command.command(
    help=_("Muestra a una persona; quien la ve queda en la bitácora.\n\nEjemplo: outreach contacts show 12")
)
@click.argument("contact_id", metavar="ID", type=ROW)
@_json
def show(contact_id: int, *, as_json: bool) -> None:
    """Show one person."""
    with opened() as platform:
        with platform.transaction() as session:
            contact = people.get(session, contact_id)
            if contact.merged_into_id is not None:
                raise refuse("merge_done", "persona", contact_id, into=contact.merged_into_id)
            audit.note(session, platform.clock.now(), operator(), "contacts.show", f"contact:{contact.id}")
            organization = contact.organization.name if contact.organization else ""
            tags = tagging.of_people(session, [contact.id]).get(contact.id, [])
        zone = platform.settings.zone
    if as_json:
        print_json(_as_object(contact) | {"organization": organization, "tags": tags})
        return
    click.echo(f"{contact.name} ({contact.id})")
    for name, value in (
        (_("País"), places.country_name(contact.country, language())),
        (_("Ciudad"), contact.city),
        (_("Zona horaria"), contact.timezone),
        (_("Idioma"), _("inglés") if contact.language == "en" else _("español")),
        (_("Organización"), organization),
        (_("Etiquetas"), ", ".join(tags)),
    ):
        if value:
            click.echo(f"  {name}: {value}")
    for address in contact.addresses:
        click.echo(f"  {_(ADDRESS_KINDS[address.kind])}: {address.value} ({_(ADDRESS_STATES[address.state])})")
    for one in contact.memberships:
        role = _("liderazgo") if one.role is Role.LEADER else _("integrante")
        since = local(one.since, zone)[:10]
        if one.until is None:
            stay = _("%(role)s desde %(since)s", role=role, since=since)
        else:
            stay = _("de %(since)s a %(until)s", since=since, until=local(one.until, zone)[:10])
        click.echo(f"  {_('Red')}: {one.network.name}, {stay}")


@command.command(
    help=_(
        "Agrega a una persona. Entra sin consentimiento: anótelo con outreach contacts optin.\n\n"
        'Ejemplo: outreach contacts add "Ana López" --correo ana@example.org --pais MX --network "Ruta Chilanga"'
    )
)
@click.argument("name", metavar=_("NOMBRE"))
@click.option("--correo", default="", help=_("Su correo; varios, separados con punto y coma."))
@click.option("--telefono", default="", help=_("Su teléfono, sin WhatsApp."))
@click.option("--whatsapp", default="", help=_("Su número de WhatsApp, o su identificador."))
@click.option("--pais", default="", help=_("País en que vive: su nombre o su clave."))
@click.option("--ciudad", default="", help=_("Ciudad en que vive."))
@click.option("--idioma", default="", help=_("es o en; si no, el que se propone por su país."))
@click.option("--zona", default="", help=_("Zona horaria; si no, la de su país y ciudad."))
@click.option("--organizacion", default="", help=_("Organización a la que pertenece."))
@click.option("--etiquetas", default="", help=_("Sus etiquetas, separadas con punto y coma."))
@click.option("--network", "joined", multiple=True, metavar=_("RED"), help=_("Red a la que entra. Puede repetirse."))
@_json
def add(name: str, joined: tuple[str, ...], *, as_json: bool, **fields: str) -> None:
    """Add one person."""
    with opened() as platform, platform.transaction() as session:
        at = platform.clock.now()
        found = [networks.find(session, network) for network in joined]
        contact = people.add(session, {"nombre": name} | fields, at=at, by=operator())
        for network in found:
            networks.join(session, contact.id, network.id, at=at)
        audit.note(session, at, operator(), "contacts.add", f"contact:{contact.id}")
        if as_json:
            session.refresh(contact)
            print_json(_as_object(contact))
        else:
            click.echo(_("Persona %(id)s, «%(name)s».", id=contact.id, name=contact.name))
