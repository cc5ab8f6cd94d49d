"""`outreach contacts networks, network, notice`: networks and who is in them; versions of the privacy notice."""

from pathlib import Path
from zoneinfo import ZoneInfo

import click

from contacts import networks, notices, people
from contacts.errors import refuse
from contacts.models import NetworkKind, Role
from outreach import audit
from outreach.i18n import gettext as _
from outreach.platform import opened
from outreach.terminal import ROW, operator, print_json, table

ROLES = {"liderazgo": Role.LEADER, "integrante": Role.MEMBER}


def kind_word(kind: NetworkKind) -> str:
    """Return what a network is, in the language in force."""
    return _("grupo de WhatsApp") if kind is NetworkKind.WHATSAPP_GROUP else _("lista")


@click.command(
    name="networks",
    help=_("Lista las redes con sus personas y liderazgos.\n\nEjemplo: outreach contacts networks"),
)
@click.option("--json", "as_json", is_flag=True, help=_("Escribe el resultado como JSON."))
def networks_(*, as_json: bool) -> None:
    """List the networks with their counts."""
    with opened() as platform, platform.reading() as session:
        found = networks.counts(session)
    if as_json:
        print_json(
            [
                {
                    "id": one.network.id,
                    "name": one.network.name,
                    "kind": one.network.kind,
                    "description": one.network.description,
                    "members": one.members,
                    "leaders": one.leaders,
                }
                for one in found
            ]
        )
        return
    if not found:
        click.echo(_("No hay redes. Agregue una con: outreach contacts network add NOMBRE"))
        return
    table(
        ["ID", _("Red"), _("Tipo"), _("Personas"), _("Liderazgos")],
        [
            [str(one.network.id), one.network.name, kind_word(one.network.kind), str(one.members), str(one.leaders)]
            for one in found
        ],
    )


@click.group(
    name="network",
    help=_(
        'Crea redes, y agrega o quita personas de una.\n\nEjemplo: outreach contacts network create "Ruta Chilanga"'
    ),
)
def network() -> None:
    """Group of the commands on one network."""


@network.command(
    help=_(
        "Crea una red; si ya existe, la deja como está.\n\n"
        'Ejemplo: outreach contacts network add "Ruta Chilanga" --whatsapp-group'
    )
)
@click.argument("name", metavar=_("NOMBRE"))
@click.option("--whatsapp-group", is_flag=True, help=_("Es un grupo de WhatsApp, en que publica una persona."))
@click.option("--description", default="", metavar=_("TEXTO"), help=_("Para qué es."))
def add(name: str, *, whatsapp_group: bool, description: str) -> None:
    """Make a network."""
    kind = NetworkKind.WHATSAPP_GROUP if whatsapp_group else NetworkKind.LIST
    with opened() as platform, platform.transaction() as session:
        made = networks.ensure(session, name, kind, description)
        audit.note(session, platform.clock.now(), operator(), "network.add", f"network:{made.id}")
        click.echo(_("Red «%(name)s» (%(kind)s).", name=made.name, kind=kind_word(made.kind)))


@network.command(
    help=_(
        "Agrega una persona a una red, o cambia su rol en ella.\n\n"
        'Ejemplo: outreach contacts network join "Ruta Chilanga" 12 --role liderazgo'
    )
)
@click.argument("name", metavar=_("RED"))
@click.argument("contact_id", metavar=_("PERSONA"), type=ROW)
@click.option("--role", type=click.Choice(list(ROLES)), help=_("Su rol; si no, integrante."))
@click.option("--brought-by", type=ROW, metavar=_("PERSONA"), help=_("Quién la trajo."))
def join(name: str, contact_id: int, role: str | None, brought_by: int | None) -> None:
    """Bring a person into a network."""
    with opened() as platform, platform.transaction() as session:
        at = platform.clock.now()
        joined, person = networks.find(session, name), people.get(session, contact_id)
        if brought_by is not None:
            people.get(session, brought_by)
        networks.join(
            session, person.id, joined.id, at=at, role=ROLES[role] if role else None, brought_by_id=brought_by
        )
        audit.note(session, at, operator(), "network.join", f"contact:{person.id}", {"network": joined.name})
        click.echo(_("«%(person)s» está en la red «%(network)s».", person=person.name, network=joined.name))


@network.command(
    help=_("Quita una persona de una red; queda en su historia.\n\nEjemplo: outreach contacts network leave Uno 12")
)
@click.argument("name", metavar=_("RED"))
@click.argument("contact_id", metavar=_("PERSONA"), type=ROW)
def leave(name: str, contact_id: int) -> None:
    """End a membership."""
    with opened() as platform, platform.transaction() as session:
        at = platform.clock.now()
        left, person = networks.find(session, name), people.get(session, contact_id)
        networks.leave(session, person.id, left.id, at=at)
        audit.note(session, at, operator(), "network.leave", f"contact:{person.id}", {"network": left.name})
        click.echo(_("«%(person)s» ya no está en la red «%(network)s».", person=person.name, network=left.name))


@click.group(
    name="notice",
    help=_(
        "Las versiones del aviso de privacidad bajo las que aceptan las personas.\n\n"
        "Ejemplo: outreach contacts notice list"
    ),
)
def notice() -> None:
    """Group of the commands on privacy notices."""


@notice.command(
    help=_(
        "Publica una versión del aviso: desde entonces es la vigente.\n\n"
        "Ejemplo: outreach contacts notice publish 2025-06 aviso.txt"
    )
)
@click.argument("version", metavar=_("VERSIÓN"))
@click.argument("file", metavar=_("ARCHIVO"), type=click.Path(path_type=Path))
def publish(version: str, file: Path) -> None:
    """Publish a version of the notice from a text file."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise refuse("file_missing", "", file) from None
    except (OSError, UnicodeDecodeError) as error:
        raise refuse("file_unreadable", "", file, reason=str(error)) from None
    with opened() as platform, platform.transaction() as session:
        at = platform.clock.now()
        made = notices.publish(session, version, text, at)
        audit.note(session, at, operator(), "notice.publish", f"notice:{made.version}", {"sha256": made.sha256})
        click.echo(_("Aviso de privacidad «%(version)s» publicado.", version=made.version))


@notice.command(name="list", help=_("Lista las versiones del aviso.\n\nEjemplo: outreach contacts notice list"))
@click.option("--json", "as_json", is_flag=True, help=_("Escribe el resultado como JSON."))
def list_(*, as_json: bool) -> None:
    """List the versions of the notice; the current one is marked."""
    with opened() as platform:
        with platform.transaction() as session:
            current = notices.current(session, platform.clock.now()).version
            found = notices.versions(session)
        zone = ZoneInfo(platform.settings.zone)
    if as_json:
        print_json(
            [
                {
                    "version": one.version,
                    "current": one.version == current,
                    "published_at": one.published_at.isoformat(),
                    "sha256": one.sha256,
                }
                for one in found
            ]
        )
        return
    table(
        [_("Versión"), _("Desde"), "", "SHA-256"],
        [
            [
                one.version,
                f"{one.published_at.astimezone(zone):%Y-%m-%d %H:%M}",
                _("vigente") if one.version == current else "",
                one.sha256[:16] or _("sin texto"),
            ]
            for one in found
        ],
    )


COMMANDS = (networks_, network, notice)
