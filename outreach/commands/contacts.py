"""`outreach contacts`: people, what they consented to, and whether they may be written to."""

from datetime import datetime
from zoneinfo import ZoneInfo

import click
from sqlalchemy.orm import Session

from contacts import addresses, consent, networks, notices, people, places
from contacts.errors import refuse
from contacts.models import AddressKind, Channel, Contact, Decision, Purpose, Role
from outreach import audit
from outreach.commands import contacts_import, contacts_networks
from outreach.i18n import gettext as _
from outreach.i18n import language, ngettext
from outreach.platform import opened
from outreach.terminal import operator, print_json, table
from outreach.words.contacts import ADDRESS_KINDS, ADDRESS_STATES, DECISIONS
from outreach.words.states import reason_words


@click.group(name="contacts", help=_("Las personas, sus redes y su consentimiento."))
def command() -> None:
    """Group of the commands on people."""


for each in (*contacts_import.COMMANDS, *contacts_networks.COMMANDS):
    command.add_command(each)

_json = click.option("--json", "as_json", is_flag=True, help=_("Escribe el resultado como JSON."))


def _moment(moment: datetime, zone: str) -> str:
    return f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"


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
@click.option("--network", default="", metavar="RED", help=_("Sólo las de esta red."))
@click.option("--country", default="", metavar="PAÍS", help=_("Sólo las de este país: su nombre o su clave."))
@click.option(
    "--search", default="", metavar="PALABRAS", help=_("Sólo las que las tienen en nombre, ciudad o dirección.")
)
@click.option("--limit", default=50, type=click.IntRange(min=0), help=_("Cuántas, 0 para todas; si no, 50."))
@_json
def list_(network: str, country: str, search: str, limit: int, *, as_json: bool) -> None:
    """List people, filtered."""
    code = places.country(country)
    with opened() as platform:
        with platform.reading() as session:
            network_id = networks.find(session, network).id if network else None
            found = people.search(session, search, network_id=network_id, country=code, size=limit)
        with platform.transaction() as session:
            details = {"shown": len(found.people), "network": network, "country": code, "search": search}
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
                _of_kind(contact, AddressKind.WHATSAPP, AddressKind.PHONE),
                contact.country,
                contact.city,
            ]
            for contact in found.people
        ],
    )
    click.echo(
        ngettext("%(shown)s de %(n)s persona.", "%(shown)s de %(n)s personas.", found.total, shown=len(found.people))
    )


def _open(session: Session, contact_id: int, action: str, at: datetime) -> Contact:
    """Return a person and write down who looked."""
    contact = people.get(session, contact_id)
    audit.note(session, at, operator(), action, f"contact:{contact.id}")
    return contact


@command.command(
    help=_("Muestra a una persona; quien la ve queda en la bitácora.\n\nEjemplo: outreach contacts show 12")
)
@click.argument("contact_id", metavar="ID", type=int)
@_json
def show(contact_id: int, *, as_json: bool) -> None:
    """Show one person."""
    with opened() as platform:
        with platform.transaction() as session:
            contact = _open(session, contact_id, "contacts.show", platform.clock.now())
            organization = contact.organization.name if contact.organization else ""
        zone = platform.settings.zone
    if as_json:
        print_json(_as_object(contact) | {"organization": organization})
        return
    click.echo(f"{contact.name} ({contact.id})")
    for name, value in (
        (_("País"), places.country_name(contact.country, language())),
        (_("Ciudad"), contact.city),
        (_("Zona horaria"), contact.timezone),
        (_("Idioma"), _("inglés") if contact.language == "en" else _("español")),
        (_("Organización"), organization),
    ):
        if value:
            click.echo(f"  {name}: {value}")
    for address in contact.addresses:
        click.echo(f"  {_(ADDRESS_KINDS[address.kind])}: {address.value} ({_(ADDRESS_STATES[address.state])})")
    for one in contact.memberships:
        role = _("liderazgo") if one.role is Role.LEADER else _("integrante")
        since = _moment(one.since, zone)[:10]
        if one.until is None:
            stay = _("%(role)s desde %(since)s", role=role, since=since)
        else:
            stay = _("de %(since)s a %(until)s", since=since, until=_moment(one.until, zone)[:10])
        click.echo(f"  {_('Red')}: {one.network.name}, {stay}")


@command.command(
    help=_(
        "Agrega a una persona. Entra sin consentimiento: anótelo con outreach contacts optin.\n\n"
        'Ejemplo: outreach contacts add "Ana López" --correo ana@example.org --pais MX --network "Ruta Chilanga"'
    )
)
@click.argument("name", metavar="NOMBRE")
@click.option("--correo", default="", help=_("Su correo; varios, separados con punto y coma."))
@click.option("--telefono", default="", help=_("Su teléfono, sin WhatsApp."))
@click.option("--whatsapp", default="", help=_("Su número de WhatsApp."))
@click.option("--pais", default="", help=_("País en que vive: su nombre o su clave."))
@click.option("--ciudad", default="", help=_("Ciudad en que vive."))
@click.option("--idioma", default="", help=_("es o en; si no, es."))
@click.option("--zona", default="", help=_("Zona horaria; si no, la de su país y ciudad."))
@click.option("--organizacion", default="", help=_("Organización a la que pertenece."))
@click.option("--network", "joined", multiple=True, metavar="RED", help=_("Red a la que entra. Puede repetirse."))
@_json
def add(name: str, joined: tuple[str, ...], *, as_json: bool, **fields: str) -> None:
    """Add one person."""
    with opened() as platform, platform.transaction() as session:
        at = platform.clock.now()
        found = [networks.find(session, network) for network in joined]
        contact = people.add(session, {"nombre": name} | fields, at=at)
        for network in found:
            networks.join(session, contact.id, network.id, at=at)
        audit.note(session, at, operator(), "contacts.add", f"contact:{contact.id}")
        if as_json:
            session.refresh(contact)
            print_json(_as_object(contact))
        else:
            click.echo(_("Persona %(id)s, «%(name)s».", id=contact.id, name=contact.name))


@command.command(
    name="consent",
    help=_(
        "Muestra qué aceptó una persona y si se le puede escribir; quien lo ve queda en la bitácora.\n\n"
        "Ejemplo: outreach contacts consent 12"
    ),
)
@click.argument("contact_id", metavar="ID", type=int)
@_json
def consent_(contact_id: int, *, as_json: bool) -> None:
    """Show the answers of the gate and the ledger behind them."""
    with opened() as platform:
        with platform.transaction() as session:
            contact = _open(session, contact_id, "contacts.consent", platform.clock.now())
            verdicts, ledger = consent.verdicts(session, contact.id), consent.ledger(session, contact.id)
        zone = platform.settings.zone
    if as_json:
        gate = [
            {"channel": channel, "purpose": purpose, "allowed": verdict.allowed, "reason": verdict.reason}
            for (channel, purpose), verdict in verdicts.items()
        ]
        lines = [
            {
                "at": one.at.isoformat(),
                "decision": one.decision,
                "channel": one.channel,
                "purpose": one.purpose,
                "source": one.source,
                "notice": one.notice_version,
                "evidence": one.evidence,
                "imported": one.imported,
                "recorded_by": one.recorded_by,
            }
            for one in ledger
        ]
        print_json({"id": contact.id, "gate": gate, "ledger": lines})
        return
    click.echo(_("¿Se le puede escribir a %(name)s?", name=contact.name))
    ways = list(consent.CHANNELS)
    table(
        ["", *map(str, ways)],
        [[purpose, *(_("sí") if verdicts[way, purpose].allowed else _("no") for way in ways)] for purpose in Purpose],
    )
    for way in ways:
        for reason in dict.fromkeys(verdicts[way, purpose].reason for purpose in Purpose):
            if reason:
                click.echo(f"{way}: {reason_words(reason)}")
    if not ledger:
        return
    click.echo("")
    table(
        [_("Fecha"), "", _("Vía"), _("Finalidad"), _("Fuente"), _("Aviso"), _("Evidencia"), _("Anotó")],
        [
            [
                _moment(one.at, zone),
                _(DECISIONS[one.decision]),
                one.channel,
                one.purpose,
                one.source,
                one.notice_version,
                one.evidence,
                one.recorded_by,
            ]
            for one in ledger
        ],
    )


_WAYS = [*map(str, consent.CHANNELS), consent.ALL]
_PURPOSES = [*map(str, Purpose), consent.ALL]


@command.command(
    help=_(
        "Anota que una persona aceptó recibir mensajes: su propio acto, posterior a cualquier baja.\n\n"
        'Ejemplo: outreach contacts optin 12 --source "formulario firmado" --channel correo'
    )
)
@click.argument("contact_id", metavar="ID", type=int)
@click.option("--source", required=True, metavar="TEXTO", help=_("Dónde lo dijo."))
@click.option("--channel", type=click.Choice(_WAYS), default=consent.ALL, help=_("Por qué vía; si no, por todas."))
@click.option("--purpose", type=click.Choice(_PURPOSES), default=consent.ALL, help=_("Para qué; si no, para todo."))
@click.option("--evidence", default="", metavar="TEXTO", help=_("Dónde está la prueba, por ejemplo un folio."))
@click.option("--notice", metavar="VERSIÓN", help=_("Bajo qué aviso de privacidad; si no, el vigente."))
def optin(contact_id: int, source: str, channel: str, purpose: str, evidence: str, notice: str | None) -> None:
    """Append a grant to the ledger."""
    with opened() as platform, platform.transaction() as session:
        at = platform.clock.now()
        contact = people.get(session, contact_id)
        version = notices.named(session, notice, at).version if notice is not None else None
        entry = consent.record(
            session,
            contact.id,
            channel,
            purpose,
            Decision.GRANTED,
            source=source,
            at=at,
            notice_version=version,
            evidence=evidence,
            by=operator(),
        )
        details = {"channel": channel, "purpose": purpose, "notice": entry.notice_version}
        audit.note(session, at, operator(), "consent.grant", f"contact:{contact.id}", details)
        click.echo(_("«%(name)s» aceptó, bajo el aviso «%(notice)s».", name=contact.name, notice=entry.notice_version))


@command.command(
    help=_(
        "Da de baja una dirección: no se le escribe más, a nadie que la tenga, para ninguna finalidad.\n\n"
        "Ejemplo: outreach contacts optout ana@example.org"
    )
)
@click.argument("address", metavar="DIRECCIÓN")
@click.option("--source", default="", metavar="TEXTO", help=_("Cómo lo pidió, por ejemplo «por teléfono»."))
@click.option("--evidence", default="", metavar="TEXTO", help=_("Dónde está la prueba, por ejemplo un folio."))
def optout(address: str, source: str, evidence: str) -> None:
    """Close the channel of an address for everybody who has it."""
    value = addresses.normalise(address)
    channel = Channel.EMAIL if "@" in value else Channel.WHATSAPP
    with opened() as platform, platform.transaction() as session:
        at, who = platform.clock.now(), operator()
        source = source.strip() or _("baja anotada por el personal")
        told = consent.withdraw_address(session, value, channel, source=source, evidence=evidence, at=at, by=who)
        if not told:
            raise refuse("address_unknown", "dirección", address)
        for contact_id in told:
            audit.note(session, at, who, "consent.withdraw", f"contact:{contact_id}", {"channel": channel})
    click.echo(
        ngettext(
            "%(n)s persona ya no recibe mensajes por %(channel)s en %(address)s.",
            "%(n)s personas ya no reciben mensajes por %(channel)s en %(address)s.",
            len(told),
            channel=channel,
            address=value,
        )
    )
