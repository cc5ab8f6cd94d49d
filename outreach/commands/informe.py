"""`outreach informe`: check a definition, and build an informe's files from the log."""

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import TypeVar

import click

from contacts.errors import Fault, Refused, refuse
from outreach import audit
from outreach.i18n import gettext as _
from outreach.i18n import ngettext
from outreach.informes import build as build_report
from outreach.informes import definition, files
from outreach.informes.json_ import warnings
from outreach.informes.remarks import Remark
from outreach.platform import opened
from outreach.register.reading import communications, known_fields
from outreach.terminal import operator, print_json

MOST = 20  # warnings told at the terminal; the JSON has all of them
Read = TypeVar("Read")

YEARS = range(1900, 2200)  # what an informe may speak of


@click.group(
    name="informe",
    help=_(
        "Los informes: sus tablas salen solas del registro.\n\n"
        "Ejemplo: outreach informe build trimestral --from 2025-04-01 --to 2025-06-30 --out informe"
    ),
)
def command() -> None:
    """Group of the commands on informes."""


_definition = click.argument("source", metavar=_("DEFINICION"), type=str)
_json = click.option("--json", "as_json", is_flag=True, help=_("Escribe el resultado como JSON."))


@command.command(
    help=_(
        "Arma un informe con una definición (un archivo TOML, o el nombre de una que viene con la plataforma).\n\n"
        "Ejemplo: outreach informe build trimestral --from 2025-04-01 --to 2025-06-30 --format docx,xlsx --out informe"
    )
)
@_definition
@click.option("--from", "start", metavar=_("FECHA"), required=True, help=_("Primer día del periodo, como 2025-04-01."))
@click.option("--to", "end", metavar=_("FECHA"), required=True, help=_("Último día del periodo, incluido."))
@click.option(
    "--format",
    "forms",
    metavar=_("FORMATOS"),
    default=",".join(files.FORMATS),
    show_default=True,
    help=_("Formatos, separados con comas."),
)
@click.option(
    "--out",
    metavar=_("CARPETA"),
    default=".",
    type=click.Path(path_type=Path),
    help=_("Dónde se escriben los archivos; se crea si no existe. Si no se dice, la carpeta en que está."),
)
@_json
def build(source: str, start: str, end: str, forms: str, out: Path, *, as_json: bool) -> None:
    """Read everything that was asked before anything is written; all faults are told together."""
    faults: list[Fault] = []
    since, until = _tried(faults, lambda: _day(start, "--from")), _tried(faults, lambda: _day(end, "--to"))
    wanted = _tried(faults, lambda: files.formats(forms.split(",")))
    with opened() as platform:
        with platform.reading() as session:
            known = known_fields(session)
            read = _tried(faults, lambda: definition.read(definition.find(source), known))
            if since and until and since > until:
                faults.append(Fault("period_order", "--to", since.isoformat(), details={"end": until.isoformat()}))
            if faults or since is None or until is None or wanted is None or read is None:
                raise Refused(faults)
            now = platform.clock.now()
            log = communications(session, since, until, read.timezone)
            report = build_report(read, log, since, until, now, known)
        written = files.build_files(report, wanted, out, read.name)
        with platform.transaction() as session:
            details = {"from": start, "to": end, "digest": report.digest, "files": [path.name for path in written]}
            audit.note(session, now, operator(), "informe.build", f"informe:{read.name}", details)
    if as_json:
        print_json(
            {
                "title": report.title,
                "digest": report.digest,
                "files": [str(path) for path in written],
                "warnings": warnings(report),
            }
        )
        return
    for path in written:
        click.echo(str(path))
    _tell(report.remarks)


@command.command(
    help=_(
        "Revisa una definición sin armar nada: dice todo lo que está mal, con su renglón.\n\n"
        "Ejemplo: outreach informe check templates/informes/trimestral.toml"
    )
)
@_definition
@_json
def check(source: str, *, as_json: bool) -> None:
    """Hold a definition to the contract and to the fields that the register knows."""
    path = definition.find(source)
    with opened() as platform, platform.reading() as session:
        read = definition.read(path, known_fields(session))
    ids = [table.id for table in read.tables]
    if as_json:
        print_json({"definition": str(path), "tables": ids})
        return
    click.echo(
        ngettext(
            "%(path)s está bien: %(n)s tabla (%(ids)s).",
            "%(path)s está bien: %(n)s tablas (%(ids)s).",
            len(ids),
            path=path,
            ids=", ".join(ids),
        )
    )


def _tried(faults: list[Fault], read: Callable[[], Read]) -> Read | None:
    """Return what was read, or None with its faults put to the others."""
    try:
        return read()
    except Refused as refused:
        faults += refused.faults
        return None


def _day(text: str, where: str) -> date:
    with suppress(ValueError):  # the 31st of June
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            day = date.fromisoformat(text)
            if day.year in YEARS:
                return day
    raise refuse("period_date", where, text)


def _tell(remarks: tuple[Remark, ...]) -> None:
    """Tell what to look at before signing, to stderr: warnings leave the exit code at 0."""
    if not remarks:
        return
    click.echo(ngettext("%(n)s aviso:", "%(n)s avisos:", len(remarks)), err=True)
    for remark in remarks[:MOST]:
        place = [remark.table] if remark.table else []
        if remark.row:
            place.append(_("renglón %(row)s", row=remark.row))
        click.echo(f"  {', '.join(place)}: {remark.message}" if place else f"  {remark.message}", err=True)
    if len(remarks) > MOST:
        click.echo(_("  … y %(n)s más; --json los dice todos.", n=len(remarks) - MOST), err=True)
