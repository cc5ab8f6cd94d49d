"""`outreach contacts organizations, organization`: consulates, associations, universities, and who speaks for them."""

from datetime import date

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts import days, organizations, places
from contacts.errors import refuse
from contacts.models import Affiliation, Contact, Organization, OrganizationKind
from outreach import audit
from outreach.commands.network_options import as_json_option, somebody
from outreach.i18n import gettext as _
from outreach.i18n import language, ngettext
from outreach.platform import opened
from outreach.terminal import COUNT, operator, print_json, table
from outreach.words.contacts import ORGANIZATION_KINDS

EVERYBODY = 1_000_000
KINDS = click.Choice([kind.value for kind in OrganizationKind])


@click.command(
    name="organizations",
    help=_(
        "Lista las organizaciones con cuántas personas tienen.\n\n"
        "Ejemplo: outreach contacts organizations --kind consulado --search chicago"
    ),
)
@click.option(
    "--search", default="", metavar=_("PALABRAS"), help=_("Sólo las que las tienen en nombre, ciudad o notas.")
)
@click.option("--kind", type=KINDS, help=_("Sólo las de este tipo."))
@click.option("--country", default="", metavar=_("PAÍS"), help=_("Sólo las de este país: su nombre o su clave."))
@click.option("--limit", default=50, type=COUNT, help=_("Cuántas, 0 para todas; si no, 50."))
@as_json_option
def organizations_(search: str, kind: str | None, country: str, limit: int, *, as_json: bool) -> None:
    """List organizations."""
    with opened() as platform, platform.reading() as session:
        today = days.today(platform.clock.now(), platform.settings.zone)
        total, found = organizations.listed(
            session,
            text=search,
            kind=kind or "",
            country=places.country(country),
            today=today,
            limit=limit or EVERYBODY,
        )
    if as_json:
        print_json([_as_object(one.organization) | {"people": one.people} for one in found])
        return
    if not found:
        click.echo(_("No hay organizaciones así. Agregue una con: outreach contacts organization add NOMBRE"))
        return
    table(
        ["ID", _("Organización"), _("Tipo"), _("País"), _("Ciudad"), _("Personas")],
        [
            [
                str(one.organization.id),
                one.organization.name,
                _(ORGANIZATION_KINDS.get(one.organization.kind, one.organization.kind)),
                one.organization.country,
                one.organization.city,
                str(one.people),
            ]
            for one in found
        ],
    )
    click.echo(
        ngettext("%(shown)s de %(n)s organización.", "%(shown)s de %(n)s organizaciones.", total, shown=len(found))
    )


def _as_object(one: Organization) -> dict[str, object]:
    return {
        "id": one.id,
        "name": one.name,
        "kind": one.kind,
        "country": one.country,
        "city": one.city,
        "web": one.web,
        "notes": one.notes,
    }


@click.group(
    name="organization",
    help=_(
        "Crea y cambia organizaciones, y dice quién habla por ellas.\n\n"
        'Ejemplo: outreach contacts organization add "Consulado en Chicago" --tipo consulado --pais US'
    ),
)
def organization() -> None:
    """Group of the commands on one organization."""


_fields = [
    click.option("--tipo", type=KINDS, help=_("Qué es; si no, otro.")),
    click.option("--pais", help=_("País: su nombre o su clave.")),
    click.option("--ciudad", help=_("Ciudad.")),
    click.option("--web", help=_("Su página, como https://www.ejemplo.org")),
    click.option("--notas", help=_("Lo que convenga saber de ella.")),
]


def _with_fields(command: click.decorators.FC) -> click.decorators.FC:
    for option in reversed(_fields):
        command = option(command)
    return command


@organization.command(
    help=_(
        "Agrega una organización.\n\n"
        'Ejemplo: outreach contacts organization add "Universidad de Prueba" --tipo universidad --pais MX'
    )
)
@click.argument("name", metavar=_("NOMBRE"))
@_with_fields
def add(name: str, **fields: str | None) -> None:
    """Add an organization."""
    said = {key: value for key, value in fields.items() if value is not None}
    with opened() as platform, platform.transaction() as session:
        made = organizations.add(session, {"tipo": OrganizationKind.OTHER, **said, "nombre": name})
        details = {"name": made.name, "kind": made.kind}
        at = platform.clock.now()
        audit.note(session, at, operator(), "organization.add", f"organization:{made.id}", details)
        click.echo(_("Organización «%(name)s», con el número %(id)s.", name=made.name, id=made.id))


@organization.command(
    help=_(
        "Cambia lo que se sabe de una organización.\n\n"
        'Ejemplo: outreach contacts organization edit "Universidad de Prueba" --web https://www.ejemplo.org'
    )
)
@click.argument("organization_name", metavar=_("ORGANIZACIÓN"))
@click.option("--name", metavar=_("NOMBRE"), help=_("Cómo se llama desde ahora."))
@_with_fields
def edit(organization_name: str, name: str | None, **fields: str | None) -> None:
    """Change an organization."""
    said = {key: value for key, value in {**fields, "nombre": name}.items() if value is not None}
    with opened() as platform, platform.transaction() as session:
        one = organizations.find(session, organization_name)
        changed = organizations.edit(session, one, said)
        if changed:
            at, told = platform.clock.now(), {"fields": changed}
            audit.note(session, at, operator(), "organization.edit", f"organization:{one.id}", told)
        click.echo(_("Organización «%(name)s», con el número %(id)s.", name=one.name, id=one.id))


@organization.command(
    help=_(
        "Muestra una organización con sus personas; quien la ve queda en la bitácora.\n\n"
        'Ejemplo: outreach contacts organization show "Consulado en Chicago"'
    )
)
@click.argument("name", metavar=_("ORGANIZACIÓN"))
@as_json_option
def show(name: str, *, as_json: bool) -> None:
    """Show an organization with its people."""
    with opened() as platform, platform.transaction() as session:
        one = organizations.find(session, name)
        _total, rows = organizations.members(session, one.id, 0, EVERYBODY)
        names = {row.contact_id: session.get_one(Contact, row.contact_id).name for row in rows}
        at, told = platform.clock.now(), {"shown": len(rows)}
        audit.note(session, at, operator(), "organization.show", f"organization:{one.id}", told)
    if as_json:
        people = [
            {
                "id": row.contact_id,
                "name": names[row.contact_id],
                "position": row.position,
                "since": row.since,
                "until": row.until,
                "main": row.main,
            }
            for row in rows
        ]
        print_json(_as_object(one) | {"people": people})
        return
    click.echo(f"{one.name} ({one.id})")
    for word, value in (
        (_("Tipo"), _(ORGANIZATION_KINDS.get(one.kind, one.kind))),
        (_("País"), places.country_name(one.country, language())),
        (_("Ciudad"), one.city),
        (_("Página"), one.web),
        (_("Notas"), one.notes),
    ):
        if value:
            click.echo(f"  {word}: {value}")
    if rows:
        table(
            ["ID", _("Nombre"), _("Cargo"), _("Desde"), _("Hasta"), ""],
            [
                [
                    str(row.contact_id),
                    names[row.contact_id],
                    row.position,
                    row.since.isoformat() if row.since else "",
                    row.until.isoformat() if row.until else "",
                    _("contacto principal") if row.main else "",
                ]
                for row in rows
            ],
        )


@organization.command(
    help=_(
        "Dice que una persona está, o estuvo, en una organización.\n\n"
        'Ejemplo: outreach contacts organization join "Consulado en Chicago" 12 --cargo Cónsul --main'
    )
)
@click.argument("name", metavar=_("ORGANIZACIÓN"))
@click.argument("who", metavar=_("PERSONA"))
@click.option("--cargo", default="", help=_("Qué es en ella."))
@click.option("--since", default="", metavar=_("DÍA"), help=_("Desde qué día, si se sabe."))
@click.option("--until", default="", metavar=_("DÍA"), help=_("Su último día, si ya no está."))
@click.option("--main", is_flag=True, help=_("Es el contacto principal."))
def join(name: str, who: str, cargo: str, since: str, until: str, *, main: bool) -> None:
    """Say that a person is or was in an organization."""
    with opened() as platform, platform.transaction() as session:
        one, person = organizations.find(session, name), somebody(session, who, "")
        made = organizations.join(
            session,
            one,
            person.id,
            position=cargo,
            since=_day(since, "--since"),
            until=_day(until, "--until"),
            main=main,
            today=days.today(platform.clock.now(), platform.settings.zone),
        )
        details = {"organization": one.name, "position": made.position, "main": made.main}
        at = platform.clock.now()
        audit.note(session, at, operator(), "organization.join", f"contact:{person.id}", details)
        click.echo(_("«%(person)s» está en «%(organization)s».", person=person.name, organization=one.name))


def _day(text: str, where: str) -> date | None:
    return days.read(text, where) if text else None


@organization.command(
    help=_(
        "Cambia el cargo de una persona, su contacto principal, o dice cuál fue su último día.\n\n"
        'Ejemplo: outreach contacts organization change "Consulado en Chicago" 12 --until 2025-05-31'
    )
)
@click.argument("name", metavar=_("ORGANIZACIÓN"))
@click.argument("who", metavar=_("PERSONA"))
@click.option("--cargo", help=_("Qué es en ella."))
@click.option("--since", metavar=_("DÍA"), help=_("Desde qué día; vacío, no se sabe."))
@click.option("--until", default="", metavar=_("DÍA"), help=_("Su último día."))
@click.option("--main/--not-main", default=None, help=_("Es, o no es, el contacto principal."))
def change(name: str, who: str, cargo: str | None, since: str | None, until: str, *, main: bool | None) -> None:
    """Change what a person is in an organization."""
    with opened() as platform, platform.transaction() as session:
        today = days.today(platform.clock.now(), platform.settings.zone)
        one, person = organizations.find(session, name), somebody(session, who, "")
        mine = _span(session, one, person, today)
        organizations.change(
            session,
            mine,
            position=mine.position if cargo is None else cargo,
            since=mine.since if since is None else _day(since, "--since"),
            until=_day(until, "--until"),
            main=(mine.main and not until) if main is None else main,
            today=today,
        )
        details = {"organization": one.name, "position": mine.position, "last_day": until, "main": mine.main}
        told = {key: value for key, value in details.items() if value}
        audit.note(session, platform.clock.now(), operator(), "organization.change", f"contact:{person.id}", told)
        if until:
            click.echo(_("«%(person)s» ya no está en «%(organization)s».", person=person.name, organization=one.name))
        else:
            click.echo(_("«%(person)s» está en «%(organization)s».", person=person.name, organization=one.name))


def _span(session: Session, one: Organization, person: Contact, today: date) -> Affiliation:
    """Return the span in which a person is in an organization; what only their card says is written down."""
    found = session.scalar(
        select(Affiliation).where(
            Affiliation.organization_id == one.id, Affiliation.contact_id == person.id, Affiliation.until.is_(None)
        )
    )
    if found is None and person.organization_id != one.id:
        raise refuse("affiliation_unknown", "", person.id)
    return found or organizations.join(session, one, person.id, today=today)


COMMANDS = (organizations_, organization)
