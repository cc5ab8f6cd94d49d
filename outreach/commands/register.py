"""`outreach register`: look at the register and export it. The verbs that change it stand in the files beside."""

import io
import json
import re
import sys
from contextlib import suppress
from datetime import date
from functools import partial
from pathlib import Path

import click

from contacts.errors import refuse
from outreach import audit
from outreach.commands import register_entries, register_imports
from outreach.i18n import gettext as _
from outreach.i18n import ngettext
from outreach.platform import opened
from outreach.register import exporting
from outreach.register.choosing import choose
from outreach.register.columns import export_columns
from outreach.register.communication import Communication
from outreach.register.files import written_whole
from outreach.register.reading import communications
from outreach.terminal import operator, print_json, table

_WIDEST = 60  # letters of a text in a table; --json has all of it


@click.group(
    name="register",
    help=_(
        "El registro de comunicaciones: lo que enviaron las campañas y lo anotado a mano.\n\n"
        "Ejemplo: outreach register list --from 2025-05-01 --to 2025-05-31"
    ),
)
def command() -> None:
    """Group of the commands on the register."""


for each in (*register_entries.COMMANDS, *register_imports.COMMANDS):
    command.add_command(each)


def _day(text: str | None, where: str) -> date | None:
    if text is None:
        return None
    with suppress(ValueError):  # the 31st of June
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            return date.fromisoformat(text)
    raise refuse("register_day", where, text)


def _period(start: str | None, end: str | None) -> tuple[date | None, date | None]:
    since, until = _day(start, "--from"), _day(end, "--to")
    if since and until and until < since:
        raise refuse("register_period", "--to", since, end=until)
    return since, until


_from = click.option("--from", "start", metavar=_("FECHA"), help=_("Desde este día, por ejemplo 2025-04-01."))
_to = click.option("--to", "end", metavar=_("FECHA"), help=_("Hasta este día, incluido."))
_all = click.option("--all", "with_annulled", is_flag=True, help=_("También las anuladas, que dicen que lo están."))


@command.command(
    help=_(
        "Escribe las comunicaciones en un archivo CSV (o en la salida, con «-»), que puede volver a importarse.\n\n"
        "Ejemplo: outreach register export registro.csv --from 2025-04-01 --to 2025-06-30"
    )
)
@click.argument("file", metavar=_("ARCHIVO|-"), type=click.Path(path_type=Path, allow_dash=True))
@_from
@_to
@_all
@click.option("--json", "as_json", is_flag=True, help=_("Escribe JSON en lugar de CSV."))
def export(file: Path, start: str | None, end: str | None, *, with_annulled: bool, as_json: bool) -> None:
    """Write the file whole; the first line is the header."""
    since, until = _period(start, end)
    with opened() as platform:
        with platform.reading() as session:
            found = communications(
                session, since, until, platform.settings.zone, with_annulled=with_annulled, with_people=False
            )
            columns = export_columns(session)
        text = io.StringIO(newline="")
        if as_json:
            json.dump([exporting.as_object(one) for one in found], text, ensure_ascii=False, indent=2)
            text.write("\n")
        else:
            exporting.write_csv(text, found, columns, with_annulled=with_annulled)
        if str(file) != "-":
            with written_whole(file) as out:
                out.write(text.getvalue())
        with platform.transaction() as session:
            now, details = platform.clock.now(), {"rows": len(found), "to": file.name}
            audit.note(session, now, operator(), "register.export", details=details)
    if str(file) == "-":  # outside of any transaction: whoever reads may be slow
        sys.stdout.buffer.write(text.getvalue().encode())
        return
    click.echo(ngettext("%(n)s comunicación en %(file)s.", "%(n)s comunicaciones en %(file)s.", len(found), file=file))


@command.command(
    name="list",
    help=_(
        "Lista comunicaciones.\n\n"
        "Ejemplo: outreach register list --from 2025-05-01 --to 2025-05-31 --canal correo --search convocatoria"
    ),
)
@_from
@_to
@click.option("--canal", default="", help=_("Sólo las de este canal, por ejemplo whatsapp-grupo."))
@click.option("--clase", default="", help=_("Sólo las de esta clase, por ejemplo invitacion."))
@click.option("--red", default="", help=_("Sólo las de esta red."))
@click.option("--search", default="", metavar=_("PALABRAS"), help=_("Sólo las que tienen todas estas palabras."))
@_all
@click.option("--json", "as_json", is_flag=True, help=_("Escribe el resultado como JSON."))
def list_(
    start: str | None,
    end: str | None,
    canal: str,
    clase: str,
    red: str,
    search: str,
    *,
    with_annulled: bool,
    as_json: bool,
) -> None:
    """List communications, filtered."""
    since, until = _period(start, end)
    with opened() as platform, platform.reading() as session:
        read = partial(communications, session, since, until, platform.settings.zone)
        found = choose(
            read(with_annulled=with_annulled, with_people=False),
            channel=canal,
            kind=clase,
            network=red,
            search=search,
        )
    if as_json:
        print_json([exporting.as_object(one) for one in found])
        return
    if not found:
        click.echo(_("No hay comunicaciones así. Anote una con outreach register add, o importe un archivo."))
        return
    names = ("fecha", "hora", "canal", "clase", "red", "destinatarios")
    table(
        [*names, "informacion", "", "folio"],
        [[*(one.field(name) for name in names), _short(one.information), _mark(one), one.folio] for one in found],
    )


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 1]}…"


def _mark(one: Communication) -> str:
    if one.annulled:
        return _("anulada")
    return _("corregida") if one.corrected else ""
