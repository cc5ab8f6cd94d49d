"""`outreach contacts network members, tree, reach, activity`: who is in a network, by whom, and whom it reached."""

from collections.abc import Mapping

import click

from contacts import days, lineage, networks, places, reach
from contacts.lineage import Node
from contacts.models import Contact
from outreach import audit
from outreach.commands.network_options import ROLES, as_json_option, role_word, somebody
from outreach.i18n import gettext as _
from outreach.i18n import language, ngettext
from outreach.platform import opened
from outreach.terminal import COUNT, local, operator, print_json, table
from outreach.web.queries import networks as read

MOST_LEVELS = 50
EVERYBODY = 1_000_000


@click.command(
    name="members",
    help=_(
        "Lista a quienes están en una red, o estuvieron en ella un día; quien la ve queda en la bitácora.\n\n"
        'Ejemplo: outreach contacts network members "Ruta Chilanga" --on 2025-05-15 --role liderazgo'
    ),
)
@click.argument("name", metavar=_("RED"))
@click.option("--role", type=click.Choice(list(ROLES)), help=_("Sólo quienes tienen este papel."))
@click.option("--on", "day", default="", metavar=_("DÍA"), help=_("Quiénes estaban ese día; si no, hoy."))
@click.option("--search", default="", metavar=_("PALABRAS"), help=_("Sólo quienes las tienen en nombre o dirección."))
@click.option("--limit", default=50, type=COUNT, help=_("Cuántas, 0 para todas; si no, 50."))
@as_json_option
def members(name: str, role: str | None, day: str, search: str, limit: int, *, as_json: bool) -> None:
    """List the people of a network."""
    with opened() as platform:
        zone = platform.settings.zone
        with platform.reading() as session:
            network = networks.find(session, name)
            wanted = read.Wanted(
                network.id, search, ROLES[role] if role else None, days.read(day, "--on") if day else None
            )
            found = read.People(session, wanted, zone)
            rows = found.page(0, limit or EVERYBODY)
        with platform.transaction() as session:
            details = {"shown": len(rows), "search": search, "role": role or "", "day": day}
            told = {key: value for key, value in details.items() if value}
            audit.note(session, platform.clock.now(), operator(), "network.show", f"network:{network.id}", told)
    if as_json:
        print_json(
            [
                {
                    "id": one.contact_id,
                    "name": one.contact.name,
                    "country": one.contact.country,
                    "city": one.contact.city,
                    "role": as_role,
                    "since": one.since.isoformat(),
                    "until": one.until.isoformat() if one.until else None,
                    "brought_by": one.brought_by_id,
                }
                for one, as_role in rows
            ]
        )
        return
    table(
        ["ID", _("Nombre"), _("Papel"), _("Desde"), _("Hasta"), _("País"), _("Ciudad")],
        [
            [
                str(one.contact_id),
                one.contact.name,
                role_word(as_role),
                local(one.since, zone)[:10],
                local(one.until, zone)[:10],
                one.contact.country,
                one.contact.city,
            ]
            for one, as_role in rows
        ],
    )
    shown = ngettext("%(shown)s de %(n)s persona.", "%(shown)s de %(n)s personas.", found.total, shown=len(rows))
    click.echo(shown)


@click.command(
    name="tree",
    help=_(
        "Muestra quién invitó a quién en una red: un árbol por liderazgo, o el de una persona.\n\n"
        'Ejemplo: outreach contacts network tree "Red Voto Chilango" --of 12'
    ),
)
@click.argument("name", metavar=_("RED"))
@click.option("--of", "of", default="", metavar=_("PERSONA"), help=_("Sólo el árbol de esta persona."))
@click.option(
    "--levels", default=3, type=click.IntRange(1, MOST_LEVELS), help=_("Cuántos niveles hacia abajo; si no, 3.")
)
@as_json_option
def tree(name: str, of: str, levels: int, *, as_json: bool) -> None:
    """Show who brought whom."""
    with opened() as platform:
        with platform.reading() as session:
            network = networks.find(session, name)
            grove = lineage.Grove(session, network.id)
            roots = [somebody(session, of, "--of", network.id).id] if of else [*grove.leaders, *grove.others]
            nodes = [grove.node(number, levels=levels, most=EVERYBODY) for number in roots]
            names = lineage.names(session, list(lineage.numbers(nodes)))
        with platform.transaction() as session:
            told = {"shown": len(names)}
            audit.note(session, platform.clock.now(), operator(), "network.tree", f"network:{network.id}", told)
    if as_json:
        print_json({"alone": grove.alone, "trees": [_as_object(node, names) for node in nodes]})
        return
    if not nodes:
        click.echo(_("Todavía no hay árboles: la red no tiene liderazgos ni se sabe quién invitó a quién."))
    for node in nodes:
        _draw(node, names, "")
    if not of and grove.alone:
        click.echo(
            ngettext(
                "%(n)s persona llegó sin invitación y no ha invitado a nadie.",
                "%(n)s personas llegaron sin invitación y no han invitado a nadie.",
                grove.alone,
            )
        )


def _called(node: Node, names: Mapping[int, Contact]) -> str:
    return names[node.contact_id].name if node.contact_id in names else _("Persona suprimida")


def _as_object(node: Node, names: Mapping[int, Contact]) -> dict[str, object]:
    return {
        "id": node.contact_id,
        "name": _called(node, names),
        "leads": node.leads,
        "here": node.here,
        "direct": node.direct,
        "below": node.below,
        "hidden": node.hidden,
        "brought": [_as_object(each, names) for each in node.brought],
    }


def _draw(node: Node, names: Mapping[int, Contact], margin: str) -> None:
    words = [f"{_called(node, names)} ({node.contact_id})"]
    if node.leads:
        words.append(_("liderazgo"))
    if not node.here:
        words.append(_("ya no está"))
    if node.below:
        words.append(_("invitó a %(direct)s, %(below)s en total", direct=node.direct, below=node.below))
    click.echo(margin + ", ".join(words))
    for each in node.brought:
        _draw(each, names, margin + "  ")
    if node.hidden:
        more = ngettext("y otra persona", "y otras %(count)s personas", node.hidden, count=node.hidden)
        click.echo(f"{margin}  {more}")


@click.command(
    name="reach",
    help=_(
        "Cuenta a quienes estaban en una red un día completo, por papel y país.\n\n"
        'Ejemplo: outreach contacts network reach "Ruta Chilanga" 2025-05-15'
    ),
)
@click.argument("name", metavar=_("RED"))
@click.argument("day", metavar=_("DÍA"))
@as_json_option
def reach_(name: str, day: str, *, as_json: bool) -> None:
    """Count who was in a network on a day."""
    with opened() as platform, platform.reading() as session:
        zone = platform.settings.zone
        network = networks.find(session, name)
        days.since(day, "DÍA", zone, platform.clock.now())  # a day that has not come is refused
        found = reach.on(session, network.id, days.read(day, "DÍA"), zone)
    if as_json:
        countries = [{"country": code, "members": people, "leaders": led} for code, people, led in found.countries]
        print_json({"day": day, "members": found.members, "leaders": found.leaders, "countries": countries})
        return
    click.echo(
        ngettext(
            "%(n)s persona el %(day)s, de ellas %(leaders)s con liderazgo.",
            "%(n)s personas el %(day)s, de ellas %(leaders)s con liderazgo.",
            found.members,
            day=day,
            leaders=found.leaders,
        )
    )
    if found.countries:
        table(
            [_("País"), _("Personas"), _("Liderazgos")],
            [
                [places.country_name(code, language()) or _("sin país"), str(people), str(led)]
                for code, people, led in found.countries
            ],
        )


@click.command(
    name="activity",
    help=_(
        "Cuenta entradas, salidas, publicaciones y mensajes de una red, mes por mes.\n\n"
        'Ejemplo: outreach contacts network activity "Ruta Chilanga" --months 6'
    ),
)
@click.argument("name", metavar=_("RED"))
@click.option("--months", default=12, type=click.IntRange(1, 120), help=_("Cuántos meses hacia atrás; si no, 12."))
@as_json_option
def activity(name: str, months: int, *, as_json: bool) -> None:
    """Count what went on in a network by month."""
    with opened() as platform, platform.reading() as session:
        zone = platform.settings.zone
        network = networks.find(session, name)
        asked = reach.last_months(days.today(platform.clock.now(), zone), months)
        rows = read.activity(session, network.id, asked, zone)
    if as_json:
        print_json(
            [
                {
                    "month": f"{one.first:%Y-%m}",
                    "joined": one.joined,
                    "left": one.left,
                    "posts": one.posts,
                    "messages": one.messages,
                }
                for one in rows
            ]
        )
        return
    table(
        [_("Mes"), _("Entraron"), _("Salieron"), _("Publicado"), _("Mensajes")],
        [[f"{one.first:%Y-%m}", str(one.joined), str(one.left), str(one.posts), str(one.messages)] for one in rows],
    )


COMMANDS = (members, tree, reach_, activity)
