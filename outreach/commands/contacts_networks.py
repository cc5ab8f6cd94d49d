"""`outreach contacts networks, network, notice`: networks and who is in them; versions of the privacy notice."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from sqlalchemy.orm import Session

from contacts import days, figures, netkeeping, networks, notices, people
from contacts.errors import refuse
from contacts.models import NetworkKind, Role
from outreach import audit
from outreach.commands import network_reports
from outreach.commands.network_options import KINDS, ROLES, kind_word, somebody
from outreach.i18n import gettext as _
from outreach.i18n import ngettext
from outreach.platform import opened
from outreach.terminal import ROW, operator, print_json, table


@click.command(
    name="networks",
    help=_("Lista las redes con sus personas y liderazgos.\n\nEjemplo: outreach contacts networks"),
)
@click.option("--json", "as_json", is_flag=True, help=_("Escribe el resultado como JSON."))
def networks_(*, as_json: bool) -> None:
    """List the networks with their counts."""
    with opened() as platform, platform.reading() as session:
        found = figures.counted_now(session)
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
                    "countries": one.countries,
                    "closed_at": one.network.closed_at.isoformat() if one.network.closed_at else None,
                }
                for one in found
            ]
        )
        return
    if not found:
        click.echo(_("No hay redes. Agregue una con: outreach contacts network add NOMBRE"))
        return
    table(
        ["ID", _("Red"), _("Tipo"), _("Personas"), _("Liderazgos"), _("Países")],
        [
            [
                str(one.network.id),
                one.network.name,
                _("cerrada") if one.network.closed_at else kind_word(one.network.kind),
                str(one.members),
                str(one.leaders),
                str(one.countries),
            ]
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
        'Ejemplo: outreach contacts network add "Ruta Chilanga" --kind grupo'
    )
)
@click.argument("name", metavar=_("NOMBRE"))
@click.option("--kind", type=click.Choice(list(KINDS)), help=_("Qué es; si no, lista."))
@click.option("--whatsapp-group", is_flag=True, help=_("Es un grupo de WhatsApp, en que publica una persona."))
@click.option("--description", default="", metavar=_("TEXTO"), help=_("Para qué es."))
def add(name: str, kind: str | None, *, whatsapp_group: bool, description: str) -> None:
    """Make a network."""
    wanted = NetworkKind.WHATSAPP_GROUP if whatsapp_group else KINDS[kind or "lista"]
    with opened() as platform, platform.transaction() as session:
        made = networks.ensure(session, name, wanted, description)
        audit.note(session, platform.clock.now(), operator(), "network.add", f"network:{made.id}")
        click.echo(_("Red «%(name)s» (%(kind)s).", name=made.name, kind=kind_word(made.kind)))


@network.command(
    help=_(
        "Cambia el nombre, el tipo o la descripción de una red.\n\n"
        'Ejemplo: outreach contacts network edit "Ruta Chilanga" --name "Ruta Chilanga 2026"'
    )
)
@click.argument("network_name", metavar=_("RED"))
@click.option("--name", metavar=_("NOMBRE"), help=_("Cómo se llama desde ahora."))
@click.option("--kind", type=click.Choice(list(KINDS)), help=_("Qué es."))
@click.option("--description", metavar=_("TEXTO"), help=_("Para qué es."))
def edit(network_name: str, name: str | None, kind: str | None, description: str | None) -> None:
    """Change a network."""
    with opened() as platform, platform.transaction() as session:
        one = networks.find(session, network_name)
        before = netkeeping.edit(
            session,
            one,
            name=one.name if name is None else name,
            kind=KINDS[kind] if kind else one.kind,
            description=one.description if description is None else description,
        )
        if before:
            told = {"before": ", ".join(before.values())}
            audit.note(session, platform.clock.now(), operator(), "network.edit", f"network:{one.id}", told)
        click.echo(_("Red «%(name)s» (%(kind)s).", name=one.name, kind=kind_word(one.kind)))


@network.command(
    help=_(
        "Cierra una red: todas las personas salen de ella, y lo que fue se conserva.\n\n"
        'Ejemplo: outreach contacts network close "Ruta Chilanga"'
    )
)
@click.argument("name", metavar=_("RED"))
def close(name: str) -> None:
    """Close a network."""
    with opened() as platform, platform.transaction() as session:
        one, at = networks.find(session, name), platform.clock.now()
        count = netkeeping.close(session, one, at=at)
        audit.note(session, at, operator(), "network.close", f"network:{one.id}", {"members": count})
        click.echo(ngettext("Cerrada: salió %(n)s persona.", "Cerrada: salieron %(n)s personas.", count))


@network.command(
    help=_(
        "Reabre una red cerrada, con quienes estaban en ella cuando se cerró.\n\n"
        'Ejemplo: outreach contacts network reopen "Ruta Chilanga"'
    )
)
@click.argument("name", metavar=_("RED"))
def reopen(name: str) -> None:
    """Open a network again."""
    with opened() as platform, platform.transaction() as session:
        one = networks.find(session, name)
        count = netkeeping.reopen(session, one)
        audit.note(session, platform.clock.now(), operator(), "network.reopen", f"network:{one.id}", {"members": count})
        click.echo(ngettext("Reabierta: volvió %(n)s persona.", "Reabierta: volvieron %(n)s personas.", count))


@network.command(
    help=_(
        "Agrega una persona a una red, o cambia su rol en ella.\n\n"
        'Ejemplo: outreach contacts network join "Ruta Chilanga" 12 --role liderazgo --since 2025-04-01'
    )
)
@click.argument("name", metavar=_("RED"))
@click.argument("contact_id", metavar=_("PERSONA"), type=ROW)
@click.option("--role", type=click.Choice(list(ROLES)), help=_("Su rol; si no, integrante."))
@click.option("--brought-by", type=ROW, metavar=_("PERSONA"), help=_("Quién la trajo."))
@click.option("--since", default="", metavar=_("DÍA"), help=_("Desde qué día; si no, hoy."))
def join(name: str, contact_id: int, role: str | None, brought_by: int | None, since: str) -> None:
    """Bring a person into a network."""
    with opened() as platform, platform.transaction() as session:
        now = platform.clock.now()
        at = days.since(since, "--since", platform.settings.zone, now)
        joined, person = networks.find(session, name), people.get(session, contact_id)
        if brought_by is not None:
            people.get(session, brought_by)
        networks.join(
            session, person.id, joined.id, at=at, role=ROLES[role] if role else None, brought_by_id=brought_by
        )
        details = {"network": joined.name, "role": role or "", "since": at.isoformat(), "brought_by": brought_by or ""}
        told = {key: value for key, value in details.items() if value}
        audit.note(session, now, operator(), "network.join", f"contact:{person.id}", told)
        click.echo(_("«%(person)s» está en la red «%(network)s».", person=person.name, network=joined.name))


@network.command(
    help=_("Quita una persona de una red; queda en su historia.\n\nEjemplo: outreach contacts network leave Uno 12")
)
@click.argument("name", metavar=_("RED"))
@click.argument("contact_id", metavar=_("PERSONA"), type=ROW)
@click.option("--on", "day", default="", metavar=_("DÍA"), help=_("Su último día en la red; si no, hoy."))
def leave(name: str, contact_id: int, day: str) -> None:
    """End a membership."""
    with opened() as platform, platform.transaction() as session:
        now = platform.clock.now()
        at = days.until(day, "--on", platform.settings.zone, now)
        left, person = networks.find(session, name), people.get(session, contact_id)
        networks.leave(session, person.id, left.id, at=at)
        details = {"network": left.name, "until": at.isoformat()}
        audit.note(session, now, operator(), "network.leave", f"contact:{person.id}", details)
        click.echo(_("«%(person)s» ya no está en la red «%(network)s».", person=person.name, network=left.name))


@network.command(
    help=_(
        "Nombra liderazgo de una red a una persona que está en ella; con --until, dice hasta qué día lo fue.\n\n"
        'Ejemplo: outreach contacts network lead "Ruta Chilanga" 12 --since 2025-04-01'
    )
)
@click.argument("name", metavar=_("RED"))
@click.argument("contact_id", metavar=_("PERSONA"), type=ROW)
@click.option("--since", default="", metavar=_("DÍA"), help=_("Desde qué día; si no, hoy."))
@click.option("--until", default="", metavar=_("DÍA"), help=_("Su último día como liderazgo."))
def lead(name: str, contact_id: int, since: str, until: str) -> None:
    """Let a member lead, until a day or from a day on."""
    with opened() as platform, platform.transaction() as session:
        now, zone = platform.clock.now(), platform.settings.zone
        one, person = networks.find(session, name), people.get(session, contact_id)
        if since or not until:
            at = days.since(since, "--since", zone, now)
            networks.lead(session, person.id, one.id, Role.LEADER, at=at)
            _note_lead(session, now, person.id, one.name, Role.LEADER, at)
        if until:
            at = days.until(until, "--until", zone, now)
            networks.lead(session, person.id, one.id, Role.MEMBER, at=at)
            _note_lead(session, now, person.id, one.name, Role.MEMBER, at)
        if until:
            click.echo(_("«%(person)s» ya no es liderazgo de «%(network)s».", person=person.name, network=one.name))
        else:
            click.echo(_("«%(person)s» es liderazgo de «%(network)s».", person=person.name, network=one.name))


def _note_lead(session: Session, now: datetime, contact_id: int, name: str, role: Role, at: datetime) -> None:
    details = {"network": name, "role": role, "since": at.isoformat()}
    audit.note(session, now, operator(), "network.lead", f"contact:{contact_id}", details)


@network.command(
    help=_(
        "Dice quién trajo a una persona a una red; sin --by, que llegó sin invitación.\n\n"
        'Ejemplo: outreach contacts network bring "Ruta Chilanga" 12 --by 7'
    )
)
@click.argument("name", metavar=_("RED"))
@click.argument("contact_id", metavar=_("PERSONA"), type=ROW)
@click.option("--by", "by", default="", metavar=_("PERSONA"), help=_("Su número, su correo o su nombre en la red."))
def bring(name: str, contact_id: int, by: str) -> None:
    """Say who brought a member."""
    with opened() as platform, platform.transaction() as session:
        one, person = networks.find(session, name), people.get(session, contact_id)
        member = networks.membership(session, person.id, one.id)
        if member is None:
            raise refuse("member_unknown", "", contact_id)
        bringer = somebody(session, by, "--by", one.id) if by else None
        networks.bring(session, member, bringer.id if bringer else None)
        details = {"network": one.name, "brought_by": bringer.id if bringer else "–"}
        audit.note(session, platform.clock.now(), operator(), "network.bring", f"contact:{person.id}", details)
        if bringer:
            click.echo(_("«%(bringer)s» trajo a «%(person)s».", bringer=bringer.name, person=person.name))
        else:
            click.echo(_("«%(person)s» llegó sin invitación.", person=person.name))


for each in network_reports.COMMANDS:
    network.add_command(each)


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
@click.option(
    "--language", type=click.Choice(notices.LANGUAGES), default=notices.MAIN, help=_("En qué idioma está; si no, es.")
)
def publish(version: str, file: Path, language: str) -> None:
    """Publish a version of the notice from a text file."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise refuse("file_missing", "", file) from None
    except (OSError, UnicodeDecodeError) as error:
        raise refuse("file_unreadable", "", file, reason=str(error)) from None
    with opened() as platform, platform.transaction() as session:
        at = platform.clock.now()
        made = notices.publish(session, version, text, at, language)
        details = {"sha256": made.sha256, "language": language}
        audit.note(session, at, operator(), "notice.publish", f"notice:{made.version}", details)
        click.echo(_("Aviso de privacidad «%(version)s» publicado.", version=made.version))
        click.echo(_("Huella del texto (SHA-256):") + " " + made.sha256)


@notice.command(
    help=_(
        "Muestra una versión del aviso: su texto, su huella y cuántas personas aceptaron bajo ella.\n\n"
        "Ejemplo: outreach contacts notice show 2025-06"
    )
)
@click.argument("version", metavar=_("VERSIÓN"))
@click.option("--json", "as_json", is_flag=True, help=_("Escribe el resultado como JSON."))
def show(version: str, *, as_json: bool) -> None:
    """Show a version of the notice in each language."""
    with opened() as platform:
        with platform.reading() as session:
            texts = notices.texts(session, version)
            count = notices.counts(session).get(version, 0)
        zone = ZoneInfo(platform.settings.zone)
    if as_json:
        rows = [
            {
                "language": one.language,
                "published_at": one.published_at.isoformat(),
                "sha256": one.sha256,
                "text": one.text,
            }
            for one in texts.values()
        ]
        print_json({"version": version, "people": count, "texts": rows})
        return
    for one in texts.values():
        click.echo(f"{one.version} ({one.language}), {one.published_at.astimezone(zone):%Y-%m-%d %H:%M}")
        click.echo(_("Huella del texto (SHA-256):") + " " + (one.sha256 or _("sin texto")) + "\n\n" + one.text)
    click.echo(ngettext("%(n)s persona aceptó bajo ella.", "%(n)s personas aceptaron bajo ella.", count))


@notice.command(name="list", help=_("Lista las versiones del aviso.\n\nEjemplo: outreach contacts notice list"))
@click.option("--json", "as_json", is_flag=True, help=_("Escribe el resultado como JSON."))
def list_(*, as_json: bool) -> None:
    """List the versions of the notice; the current one is marked."""
    with opened() as platform:
        with platform.transaction() as session:
            current = notices.current(session, platform.clock.now()).version
            found, people_under = notices.versions(session), notices.counts(session)
        zone = ZoneInfo(platform.settings.zone)
    if as_json:
        print_json(
            [
                {
                    "version": one.version,
                    "language": one.language,
                    "people": people_under.get(one.version, 0),
                    "current": one.version == current,
                    "published_at": one.published_at.isoformat(),
                    "sha256": one.sha256,
                }
                for one in found
            ]
        )
        return
    table(
        [_("Versión"), _("Idioma"), _("Desde"), "", _("Personas"), _("SHA-256")],
        [
            [
                one.version,
                one.language,
                f"{one.published_at.astimezone(zone):%Y-%m-%d %H:%M}",
                _("vigente") if one.version == current else "",
                str(people_under.get(one.version, 0)),
                one.sha256[:16] or _("sin texto"),
            ]
            for one in found
        ],
    )


COMMANDS = (networks_, network, notice)
