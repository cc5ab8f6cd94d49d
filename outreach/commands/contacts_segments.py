"""`outreach contacts segments`: saved filters of people; who is in them today."""

import json
from pathlib import Path
from typing import Any

import click
from sqlalchemy.orm import Session

from campaigns.files import located
from campaigns.tomlfile import TomlFile, read_toml
from contacts import people, segments
from contacts.errors import Fault, Refused, refuse
from contacts.filereading import content_of
from contacts.segments import Filter, Segment
from outreach import audit
from outreach.commands import contacts_export
from outreach.commands.segment_options import asked, condition_options
from outreach.exports.choosing import Chosen
from outreach.exports.taking import Wish
from outreach.i18n import gettext as _
from outreach.i18n import ngettext
from outreach.platform import Platform, opened
from outreach.terminal import COUNT, local, operator, print_json, table
from outreach.words.segments import Line, in_one_line, read_aloud

LARGEST = 1024 * 1024  # bytes of a file with a filter
_json = click.option("--json", "as_json", is_flag=True, help=_("Escribe el resultado como JSON."))


@click.group(
    name="segments",
    help=_(
        "Los segmentos: filtros de personas con nombre. Quiénes están se ve cada vez de nuevo.\n\n"
        'Ejemplo: outreach contacts segments create "Chicago" --city Chicago --purpose avisos'
    ),
)
def command() -> None:
    """Group of the commands on segments."""


def _note(session: Session, platform: Platform, action: str, segment: Segment, **details: object) -> None:
    audit.note(session, platform.clock.now(), operator(), action, f"segment:{segment.id}", details)


def _as_object(session: Session, segment: Segment) -> dict[str, object]:
    wanted = Filter.from_json(segment.filter)
    return {
        "id": segment.id,
        "name": segment.name,
        "description": segment.description,
        "words": in_one_line(session, wanted.tree),
        "zona": wanted.zone,
        "filtro": segments.as_written(session, wanted),
        "created_at": segment.created_at.isoformat(),
        "created_by": segment.created_by,
        "changed_at": segment.changed_at.isoformat(),
        "changed_by": segment.changed_by,
    }


@command.command(name="list", help=_("Lista los segmentos y qué piden.\n\nEjemplo: outreach contacts segments list"))
@_json
def list_(*, as_json: bool) -> None:
    """List the segments with their filters in words."""
    with opened() as platform, platform.reading() as session:
        found = segments.every(session)
        if as_json:
            print_json([_as_object(session, each) for each in found])
            return
        rows = [[str(each.id), each.name, in_one_line(session, Filter.from_json(each.filter).tree)] for each in found]
    if not rows:
        click.echo(_("No hay segmentos. Haga uno con: outreach contacts segments create NOMBRE"))
        return
    table(["ID", _("Segmento"), _("Qué pide")], rows)


@command.command(
    help=_(
        "Muestra qué pide un segmento, a cuántas personas encuentra y quién lo usa.\n\n"
        'Ejemplo: outreach contacts segments show "Chicago"'
    )
)
@click.argument("name", metavar=_("SEGMENTO"))
@_json
def show(name: str, *, as_json: bool) -> None:
    """Show one segment with its count."""
    with opened() as platform, platform.reading() as session:
        segment = segments.find(session, name)
        wanted = Filter.from_json(segment.filter)
        count = segments.count(session, wanted, platform.clock.now())
        used = segments.holders(session, segment.id)
        if as_json:
            print_json(_as_object(session, segment) | {"people": count, "used_by": used})
            return
        click.echo(f"{segment.name} ({segment.id})")
        if segment.description:
            click.echo(f"  {segment.description}")
        _say(read_aloud(session, wanted.tree), 1)
        click.echo(ngettext("%(n)s persona hoy.", "%(n)s personas hoy.", count))
        zone = platform.settings.zone
        click.echo(_("Cambió el %(day)s (%(who)s).", day=local(segment.changed_at, zone), who=segment.changed_by))
        if used:
            click.echo(_("Está en la audiencia de: %(names)s.", names=", ".join(used)))


def _say(line: Line, depth: int) -> None:
    click.echo(f"{'  ' * depth}{line.text}")
    for each in line.below:
        _say(each, depth + 1)


@command.command(
    help=_(
        "Guarda un segmento: con opciones, que se cumplen todas, o con un archivo TOML o JSON "
        "(véase docs/segments.md).\n\n"
        'Ejemplo: outreach contacts segments create "Chicago, avisos" --city Chicago --purpose avisos --not-network '
        '"Ruta Chilanga"'
    )
)
@click.argument("name", metavar=_("NOMBRE"), default="")
@click.option(
    "--file", "file", metavar=_("ARCHIVO"), type=click.Path(path_type=Path), help=_("El filtro, como TOML o JSON.")
)
@click.option("--description", default="", metavar=_("TEXTO"), help=_("Para qué es."))
@condition_options
@click.option("--replace", is_flag=True, help=_("Si ya hay uno con ese nombre, lo escribe de nuevo."))
@_json
def create(name: str, file: Path | None, description: str, *, replace: bool, as_json: bool, **options: Any) -> None:
    """Save a filter under a name."""
    found, toml = _read(file) if file else ({}, None)
    name, description = name or str(found.get("nombre", "")), description or str(found.get("descripcion", ""))
    parts = ([found["filtro"]] if "filtro" in found else []) + asked(options)
    if not parts:
        raise refuse("segment_none", "filtro")
    with opened() as platform, platform.transaction() as session:
        at, by = platform.clock.now(), operator()
        zone = str(found.get("zona", "")) or platform.settings.zone
        try:
            wanted = segments.read(session, parts[0] if len(parts) == 1 else {"todas": parts}, zone)
        except Refused as refused:
            raise _pointed(refused, toml) if toml and len(parts) == 1 else refused from None
        known = segments.by_name(session, [name]).get(name) if replace else None
        if known:
            segment = segments.edit(session, known, name, wanted, at=at, by=by, description=description)
        else:
            segment = segments.create(session, name, wanted, at=at, by=by, description=description)
        _note(session, platform, "segment.edit" if known else "segment.create", segment)
        count = segments.count(session, wanted, at)
        if as_json:
            print_json(_as_object(session, segment) | {"people": count})
            return
        click.echo(_("Segmento %(id)s, «%(name)s».", id=segment.id, name=segment.name))
        _say(read_aloud(session, wanted.tree), 1)
        click.echo(ngettext("%(n)s persona hoy.", "%(n)s personas hoy.", count))


def _pointed(refused: Refused, toml: TomlFile) -> Refused:
    below = [Fault(f.code, f"filtro.{f.where}".strip("."), f.value, details=f.details) for f in refused.faults]
    return located(Refused(below), toml)


def _read(file: Path) -> tuple[dict[str, Any], TomlFile | None]:
    """Return what a file says: `nombre`, `descripcion`, `zona`, `filtro`; a JSON file may be the filter alone."""
    if file.suffix.lower() != ".json":
        toml = read_toml(file)
        found: dict[str, Any] = toml.values
    else:
        toml = None
        try:
            found = json.loads(content_of(file, LARGEST).decode("utf-8-sig"))
        except OSError:
            raise refuse("toml_missing", "", file) from None
        except (ValueError, RecursionError):
            raise refuse("segment_json", "", file) from None
        if not isinstance(found, dict):
            raise refuse("segment_json", "", file)
    if "filtro" not in found and {"campo", "todas", "alguna", "no"} & found.keys():
        found = {"filtro": found}
    kept = {"nombre", "descripcion", "zona", "filtro"}
    if toml and (strange := [key for key in found if key not in kept]):
        unknown = [Fault("key_unknown", key, key, details={"allowed": ", ".join(sorted(kept))}) for key in strange]
        raise located(Refused(unknown), toml)
    return found, toml


@command.command(
    help=_(
        "Elimina un segmento; las personas se quedan. El que está en la audiencia de una campaña no se elimina.\n\n"
        'Ejemplo: outreach contacts segments delete "Chicago"'
    )
)
@click.argument("name", metavar=_("SEGMENTO"))
def delete(name: str) -> None:
    """Forget a segment."""
    with opened() as platform, platform.transaction() as session:
        segment = segments.find(session, name)
        _note(session, platform, "segment.delete", segment, name=segment.name)
        segments.delete(session, segment)
        click.echo(_("Segmento «%(name)s» eliminado.", name=segment.name))


@command.command(
    name="people",
    help=_(
        "Lista a las personas que están hoy en un segmento, o las escribe en un archivo CSV; queda en la bitácora.\n\n"
        'Ejemplo: outreach contacts segments people "Chicago" --out chicago.csv --why "recordatorio por teléfono"'
    ),
)
@click.argument("name", metavar=_("SEGMENTO"))
@click.option("--limit", default=50, type=COUNT, help=_("Cuántas, 0 para todas; si no, 50."))
@click.option(
    "--out",
    metavar=_("ARCHIVO"),
    type=click.Path(path_type=Path),
    help=_("Las escribe todas en este archivo, que se puede volver a importar; véase outreach contacts export."),
)
@click.option("--why", default="", metavar=_("TEXTO"), help=_("Con --out: para qué es; se anota."))
@_json
def people_(name: str, limit: int, out: Path | None, why: str, *, as_json: bool) -> None:
    """List or export the people of a segment."""
    with opened() as platform:
        at = platform.clock.now()
        with platform.reading() as session:
            segment = segments.find(session, name)
            if out:
                count = contacts_export.write(
                    platform,
                    session,
                    Chosen(segment_id=segment.id),
                    Wish(contacts_export.form_of(out), why),
                    out,
                    f"segment:{segment.id}",
                )
                click.echo(ngettext("%(n)s persona en %(file)s.", "%(n)s personas en %(file)s.", count, file=out))
                return
            found = people.search(session, more=[segments.of(session, segment, at)], size=limit)
        with platform.transaction() as session:
            ids = [each.id for each in found.people]
            _note(session, platform, "contacts.list", segment, shown=len(ids), people=ids)
    if as_json:
        print_json([{"id": each.id, "name": each.name} for each in found.people])
    else:
        table(
            ["ID", _("Nombre"), _("Correo"), _("País"), _("Ciudad")],
            [
                [
                    str(each.id),
                    each.name,
                    ", ".join(one.value for one in each.addresses if one.kind == "correo"),
                    each.country,
                    each.city,
                ]
                for each in found.people
            ],
        )
        click.echo(
            ngettext(
                "%(shown)s de %(n)s persona.", "%(shown)s de %(n)s personas.", found.total, shown=len(found.people)
            )
        )


COMMANDS = (command,)
