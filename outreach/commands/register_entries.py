"""`outreach register add, correct, annul, history`: single entries."""

from collections.abc import Callable, Container
from typing import Any

import click
from sqlalchemy import select

from contacts.errors import Fault, Refused
from outreach.i18n import gettext as _
from outreach.platform import opened
from outreach.register import entries
from outreach.register.communication import COLUMNS
from outreach.register.exporting import as_object
from outreach.register.models import Entry, Import
from outreach.register.reading import shown
from outreach.register.runs import MEXICO_CITY
from outreach.terminal import operator, print_json, table

_HELP = {
    "fecha": _("Día, como 2025-04-09, o mes, como 2025-04."),
    "hora": _("Hora de la Ciudad de México, como 20:00."),
    "canal": _("correo, whatsapp, whatsapp-grupo, micrositio, telefono, reunion, sistema u otro."),
    "cuenta": _("Cuenta de quien envió."),
    "red": _("Red, o varias separadas con «;»."),
    "clase": _("Clase, como invitacion o noticia."),
    "tema": _("Tema: lo que hace de dos comunicaciones el mismo asunto."),
    "informacion": _("El texto que imprime el informe."),
    "destinatarios": _("A cuántas personas, si se sabe."),
}


def _columns(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command one option per column and `--extra` for the others."""
    function = click.option(
        "--extra", multiple=True, metavar=_("COLUMNA=VALOR"), help=_("Otra columna, por ejemplo oficio=DVOE/12.")
    )(function)
    for name in reversed(COLUMNS):
        function = click.option(f"--{name}", help=_HELP[name])(function)
    return function


def _values(columns: dict[str, str | None], extra: tuple[str, ...]) -> dict[str, str]:
    """Gather what was given, by column. Refuses `register_extra` and `register_column_twice`."""
    values = {name: text for name, text in columns.items() if text is not None}
    faults: list[Fault] = []
    for pair in extra:
        name, equals, text = pair.partition("=")
        if not equals:
            faults.append(Fault("register_extra", "--extra", pair))
        elif name in values:
            faults.append(Fault("register_column_twice", name, text))
        values[name] = text
    if faults:
        raise Refused(faults)
    return values


@click.command(
    help=_(
        "Anota una comunicación hecha a mano. Son obligatorias --fecha, --canal, --clase e --informacion.\n\n"
        "Ejemplo: outreach register add --fecha 2025-04-09 --canal telefono --clase seguimiento "
        '--informacion "Llamada a liderazgos de Chicago" --destinatarios 4'
    )
)
@_columns
@click.option("--json", "as_json", is_flag=True, help=_("Escribe el resultado como JSON."))
def add(extra: tuple[str, ...], *, as_json: bool, **columns: str | None) -> None:
    """Write down one communication."""
    values = _values(columns, extra)
    with opened() as platform, platform.transaction() as session:
        entry = entries.add(session, values, who=operator(), at=platform.clock.now())
        if as_json:
            print_json(as_object(shown(entry, {})))
        else:
            click.echo(_("Anotada con el folio %(folio)s.", folio=entry.folio))


@click.command(
    help=_(
        "Corrige una comunicación anotada a mano o importada: cambian las columnas que se dan, --extra COLUMNA= vacía "
        "una. El folio sigue igual y lo anterior se conserva.\n\n"
        'Ejemplo: outreach register correct E-3F2A9C10B7D4 --fecha 2025-04-10 --reason "salió un día después"'
    )
)
@click.argument("folio")
@_columns
@click.option("--reason", default="", metavar=_("MOTIVO"), help=_("Por qué; obligatorio."))
def correct(folio: str, extra: tuple[str, ...], reason: str, **columns: str | None) -> None:
    """Replace an entry by its correction."""
    changes = _values(columns, extra)
    with opened() as platform, platform.transaction() as session:
        entries.correct(session, folio, changes, reason=reason, who=operator(), at=platform.clock.now())
    click.echo(_("Corregida: %(folio)s. Vea lo anterior con outreach register history %(folio)s", folio=folio))


@click.command(
    help=_(
        "Anula una comunicación anotada a mano o importada: se conserva y se ve, pero no cuenta.\n\n"
        'Ejemplo: outreach register annul E-3F2A9C10B7D4 --reason "estaba dos veces"'
    )
)
@click.argument("folio")
@click.option("--reason", default="", metavar=_("MOTIVO"), help=_("Por qué; obligatorio."))
def annul(folio: str, reason: str) -> None:
    """Annul an entry."""
    with opened() as platform, platform.transaction() as session:
        entries.annul(session, folio, reason=reason, who=operator(), at=platform.clock.now())
    click.echo(_("Anulada: %(folio)s.", folio=folio))


@click.command(
    help=_(
        "Muestra todas las versiones de una comunicación, la primera arriba, con quién y por qué.\n\n"
        "Ejemplo: outreach register history E-3F2A9C10B7D4"
    )
)
@click.argument("folio")
@click.option("--json", "as_json", is_flag=True, help=_("Escribe el resultado como JSON."))
def history(folio: str, *, as_json: bool) -> None:
    """Show every version of an entry."""
    with opened() as platform, platform.reading() as session:
        versions = entries.history(session, folio)
        undone = set(session.scalars(select(Import.id).where(Import.undone_at.is_not(None))))
    if as_json:
        print_json(
            [
                as_object(shown(one, {}))
                | {
                    "creada_el": one.created_at.isoformat(),
                    "creada_por": one.created_by,
                    "importacion": one.import_id,
                    "motivo": one.reason,
                    "situacion": _standing(one, undone),
                }
                for one in versions
            ]
        )
        return
    names = ("fecha", "hora", "canal", "cuenta", "red", "clase", "tema", "destinatarios", "informacion")
    table(
        [_("Desde"), _("Quién"), _("Situación"), _("Motivo"), *names, _("otras columnas")],
        [
            [
                f"{one.created_at.astimezone(MEXICO_CITY):%Y-%m-%d %H:%M}",
                one.created_by,
                _standing(one, undone),
                one.reason,
                *(shown(one, {}).field(name) for name in names),
                ", ".join(f"{name}={text}" for name, text in one.extra.items()),
            ]
            for one in versions
        ],
    )


def _standing(version: Entry, undone: Container[int | None]) -> str:
    if version.import_id in undone:
        return _("importación deshecha")
    if version.replaced_by_id is not None:
        return _("corregida después")
    return _("anulada") if version.annulled_at is not None else _("vigente")


COMMANDS = (add, correct, annul, history)
