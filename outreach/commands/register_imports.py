"""`outreach register import, imports, undo-import`: files brought into the register, and taken out."""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from contacts.errors import Refused, refuse
from contacts.spreadsheets import SheetRow
from outreach import database
from outreach.i18n import gettext as _
from outreach.i18n import ngettext
from outreach.platform import opened
from outreach.register import exporting, importing
from outreach.register.files import written_whole
from outreach.register.runs import MEXICO_CITY
from outreach.terminal import ROW, operator, print_json, table
from outreach.words import explain


def _watched(rows: Sequence[SheetRow]) -> Iterable[SheetRow]:
    """Show how far the reading is, where somebody looks."""
    if not sys.stderr.isatty():
        yield from rows
        return
    with click.progressbar(rows, label=_("Revisando renglones"), file=sys.stderr) as bar:
        yield from bar


@click.command(
    name="import",
    help=_(
        "Importa comunicaciones de un archivo CSV o XLSX (véase samples/registro-ejemplo.csv). Lo que ya está en el "
        "registro no se repite. Si algún renglón está mal, se dicen todos los errores y no se importa nada.\n\n"
        "Ejemplo: outreach register import registro.csv"
    ),
)
@click.argument("file", metavar=_("ARCHIVO"), type=click.Path(path_type=Path))
@click.option("--skip-bad", is_flag=True, help=_("Importa los renglones buenos y aparta los demás en un archivo."))
@click.option(
    "--refused",
    metavar=_("ARCHIVO"),
    type=click.Path(path_type=Path),
    help=_("Con --skip-bad: dónde se apartan, con su motivo; si no, ARCHIVO.rechazados.csv en esta carpeta."),
)
@click.option("--json", "as_json", is_flag=True, help=_("Escribe el resultado como JSON."))
def import_(file: Path, *, skip_bad: bool, refused: Path | None, as_json: bool) -> None:
    """Read the file, set bad rows aside when asked, and write the rest in one transaction."""
    if refused and not skip_bad:
        raise refuse("option_alone", "--refused", "--skip-bad")
    read = importing.read(file, _watched)
    if read.refused and not skip_bad:
        click.echo(
            _(
                "No se importó nada de %(file)s. Corrija lo siguiente, o importe lo demás con --skip-bad.",
                file=file.name,
            ),
            err=True,
        )
        raise Refused(read.faults)
    aside = None
    with opened() as platform:
        if read.refused:
            aside = refused or Path(f"{file.stem}.rechazados.csv")
            with written_whole(aside) as out:
                exporting.write_refused(out, read, explain)
        with platform.transaction() as session:
            database.unhurried(session.connection())  # a long file is thought about between two statements
            outcome = importing.bring(session, read, who=operator(), at=platform.clock.now(), skip_bad=skip_bad)
    if as_json:
        print_json(
            {
                "file": file.name,
                "sha256": read.sha256,
                "import": outcome.import_id,
                "added": outcome.added,
                "known": outcome.known,
                "refused": outcome.refused,
                "refused_file": aside and str(aside),
                "differing": list(outcome.differing),
            }
        )
    else:
        _tell(outcome, aside)
    if outcome.differing:
        rows = ", ".join(map(str, outcome.differing))
        click.echo(
            ngettext(
                "El renglón %(rows)s tiene un folio conocido y otro contenido: no cambió nada. Corríjalo con outreach "
                "register correct.",
                "Los renglones %(rows)s tienen un folio conocido y otro contenido: no cambiaron nada. Corríjalos con "
                "outreach register correct.",
                len(outcome.differing),
                rows=rows,
            ),
            err=True,
        )


def _tell(outcome: importing.Outcome, aside: Path | None) -> None:
    if outcome.import_id is None:
        click.echo(_("No hay comunicaciones nuevas."))
    else:
        click.echo(
            ngettext(
                "Se importó %(n)s comunicación (importación %(id)s).",
                "Se importaron %(n)s comunicaciones (importación %(id)s).",
                outcome.added,
                id=outcome.import_id,
            )
        )
    if outcome.known:
        click.echo(ngettext("%(n)s ya estaba en el registro.", "%(n)s ya estaban en el registro.", outcome.known))
    if aside:
        click.echo(
            ngettext(
                "%(n)s renglón rechazado, con su motivo, está en %(file)s.",
                "%(n)s renglones rechazados, con su motivo, están en %(file)s.",
                outcome.refused,
                file=aside,
            )
        )


@click.command(help=_("Lista las importaciones, también las deshechas.\n\nEjemplo: outreach register imports"))
@click.option("--json", "as_json", is_flag=True, help=_("Escribe el resultado como JSON."))
def imports(*, as_json: bool) -> None:
    """List imports with what they brought."""
    with opened() as platform, platform.reading() as session:
        found = importing.imports(session)
        brought = importing.sizes(session)
    if as_json:
        print_json(
            [
                {
                    "id": one.id,
                    "file": one.filename,
                    "sha256": one.sha256,
                    "communications": brought.get(one.id, 0),
                    "at": one.at.isoformat(),
                    "who": one.who,
                    "undone_at": one.undone_at and one.undone_at.isoformat(),
                    "undone_by": one.undone_by,
                    "undone_reason": one.undone_reason,
                }
                for one in found
            ]
        )
        return
    if not found:
        click.echo(_("No hay importaciones. Haga una con: outreach register import ARCHIVO"))
        return
    table(
        ["ID", _("Archivo"), _("Comunicaciones"), _("Fecha"), _("Quién"), _("Deshecha porque")],
        [
            [
                str(one.id),
                one.filename,
                str(brought.get(one.id, 0)),
                f"{one.at.astimezone(MEXICO_CITY):%Y-%m-%d %H:%M}",
                one.who,
                one.undone_reason,
            ]
            for one in found
        ],
    )


@click.command(
    name="undo-import",
    help=_(
        "Deshace una importación completa: sus comunicaciones dejan de contar, y el archivo puede importarse otra vez."
        "\n\n"
        'Ejemplo: outreach register undo-import 3 --reason "era el archivo de otro trimestre"'
    ),
)
@click.argument("import_id", metavar="ID", type=ROW)
@click.option("--reason", default="", metavar=_("MOTIVO"), help=_("Por qué; obligatorio."))
def undo_import(import_id: int, reason: str) -> None:
    """Undo an import."""
    with opened() as platform, platform.transaction() as session:
        undone = importing.undo(session, import_id, reason=reason, who=operator(), at=platform.clock.now())
        size = importing.sizes(session).get(import_id, 0)
    click.echo(
        ngettext(
            "La importación %(id)s (%(file)s) quedó deshecha: %(n)s comunicación ya no cuenta.",
            "La importación %(id)s (%(file)s) quedó deshecha: %(n)s comunicaciones ya no cuentan.",
            size,
            id=import_id,
            file=undone.filename,
        )
    )


COMMANDS = (import_, imports, undo_import)
