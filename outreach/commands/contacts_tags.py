"""`outreach contacts tags`: labels on people, one by one or for a whole segment."""

import click
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contacts import segments, tagging
from outreach import audit
from outreach.i18n import gettext as _
from outreach.i18n import ngettext
from outreach.platform import Platform, opened
from outreach.terminal import operator, print_json, table

_tag = click.argument("tag", metavar=_("ETIQUETA"))
_segment = click.option("--segment", required=True, metavar=_("SEGMENTO"), help=_("A quiénes: su nombre o su número."))
_yes = click.option("--yes", is_flag=True, help=_("No pregunta antes."))


@click.group(
    name="tags",
    help=_(
        "Las etiquetas de las personas: palabras libres, sin distinguir acentos ni mayúsculas.\n\n"
        "Ejemplo: outreach contacts tags put observadora --segment Chicago"
    ),
)
def group() -> None:
    """Group of the commands on tags."""


@group.command(
    name="list", help=_("Lista las etiquetas y cuántas personas las llevan.\n\nEjemplo: outreach contacts tags list")
)
@click.option("--json", "as_json", is_flag=True, help=_("Escribe el resultado como JSON."))
def list_(*, as_json: bool) -> None:
    """List the tags."""
    with opened() as platform, platform.reading() as session:
        found = [(tag.id, tag.name, count) for tag, count in tagging.every(session)]
    if as_json:
        print_json([{"id": number, "name": name, "people": count} for number, name, count in found])
        return
    if not found:
        click.echo(_("No hay etiquetas. Ponga una con outreach contacts edit, o con outreach contacts tags put."))
        return
    table(["ID", _("Etiqueta"), _("Personas")], [[str(number), name, str(count)] for number, name, count in found])


@group.command(
    name="rename",
    help=_("Llama a una etiqueta de otro modo.\n\nEjemplo: outreach contacts tags rename prensa medios"),
)
@_tag
@click.argument("name", metavar=_("NOMBRE"))
def rename(tag: str, name: str) -> None:
    """Rename a tag."""
    with opened() as platform, platform.transaction() as session:
        one = tagging.named(session, tag)
        tagging.rename(session, one, name)
        _noted(session, platform, "tag.rename", one.id)
        click.echo(_("Etiqueta «%(name)s».", name=one.name))


def _noted(session: Session, platform: Platform, action: str, tag_id: int, **details: object) -> None:
    told = {name: value for name, value in details.items() if value}
    audit.note(session, platform.clock.now(), operator(), action, f"tag:{tag_id}", told)


@group.command(
    name="merge",
    help=_(
        "Hace de dos etiquetas una: quien lleva la primera llevará la segunda, también en los segmentos.\n\n"
        "Ejemplo: outreach contacts tags merge observadores observadoras"
    ),
)
@_tag
@click.argument("into", metavar=_("OTRA"))
@_yes
def merge(tag: str, into: str, *, yes: bool) -> None:
    """Merge two tags."""
    with opened() as platform:
        with platform.reading() as session:
            names = {"tag": tagging.named(session, tag).name, "into": tagging.named(session, into).name}
        if not yes:
            click.confirm(_("¿Unir «%(tag)s» con «%(into)s»? No se puede deshacer", **names), abort=True)
        with platform.transaction() as session:
            one, other = tagging.named(session, tag), tagging.named(session, into)
            moved = tagging.merge(session, one, other, at=platform.clock.now(), by=operator())
            _noted(session, platform, "tag.merge", other.id, people=moved)
    click.echo(_("Las dos etiquetas son ahora «%(name)s».", name=names["into"]))


@group.command(
    name="delete",
    help=_("Elimina una etiqueta; las personas se quedan.\n\nEjemplo: outreach contacts tags delete prensa"),
)
@_tag
@_yes
def delete(tag: str, *, yes: bool) -> None:
    """Delete a tag."""
    with opened() as platform:
        with platform.reading() as session:
            name = tagging.named(session, tag).name
        if not yes:
            click.confirm(_("¿Eliminar la etiqueta «%(tag)s»? No se puede deshacer", tag=name), abort=True)
        with platform.transaction() as session:
            one = tagging.named(session, tag)
            number = one.id
            had = tagging.remove(session, one)
            _noted(session, platform, "tag.delete", number, people=had)
    click.echo(ngettext("La llevaba %(n)s persona.", "La llevaban %(n)s personas.", had))


@group.command(
    name="put",
    help=_(
        "Pone una etiqueta a quienes están hoy en un segmento; dice a cuántas personas y pregunta.\n\n"
        "Ejemplo: outreach contacts tags put observadora --segment Chicago"
    ),
)
@_tag
@_segment
@_yes
def put(tag: str, segment: str, *, yes: bool) -> None:
    """Put a tag on a segment."""
    _apply(tag, segment, yes=yes, puts=True)


@group.command(
    name="take",
    help=_(
        "Quita una etiqueta a quienes están hoy en un segmento; dice a cuántas personas y pregunta.\n\n"
        "Ejemplo: outreach contacts tags take observadora --segment Chicago"
    ),
)
@_tag
@_segment
@_yes
def take(tag: str, segment: str, *, yes: bool) -> None:
    """Take a tag from a segment."""
    _apply(tag, segment, yes=yes, puts=False)


def _apply(name: str, segment: str, *, yes: bool, puts: bool) -> None:
    with opened() as platform:
        with platform.reading() as session:  # nobody waits for a person who thinks it over
            chosen = segments.find(session, segment)
            people = segments.chosen(session, segments.Filter.from_json(chosen.filter), platform.clock.now())
            tag = tagging.find(session, name) if puts else tagging.named(session, name)
            called = tag.name if tag else tagging.checked(name)
            if tag is not None:
                people = tagging.lacking(tag.id, people) if puts else tagging.having(tag.id, people)
            count = session.scalar(select(func.count()).select_from(people.subquery())) or 0
        if count and not yes:
            click.confirm(_asked(called, count, puts=puts).rstrip("?"), abort=True)
        with platform.transaction() as session:
            at, by = platform.clock.now(), operator()
            chosen = segments.find(session, segment)
            people = segments.chosen(session, segments.Filter.from_json(chosen.filter), at)
            if puts:
                tag = tagging.ensure(session, [name], at=at, by=by)[0]
                done = tagging.put_on(session, tag.id, people, at=at, by=by)
            else:
                tag = tagging.named(session, name)
                done = tagging.take_off(session, tag.id, people)
            _noted(session, platform, "tag.put" if puts else "tag.take", tag.id, people=done, segment=chosen.name)
    click.echo(ngettext("Se cambió a %(n)s persona.", "Se cambió a %(n)s personas.", done))


def _asked(name: str, count: int, *, puts: bool) -> str:
    if puts:
        return ngettext("¿Poner «%(tag)s» a %(n)s persona?", "¿Poner «%(tag)s» a %(n)s personas?", count, tag=name)
    return ngettext("¿Quitar «%(tag)s» a %(n)s persona?", "¿Quitar «%(tag)s» a %(n)s personas?", count, tag=name)


COMMANDS = (group,)
