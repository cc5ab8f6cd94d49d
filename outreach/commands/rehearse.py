"""`outreach rehearse`: a whole plan in virtual time, and the informe that would result."""

import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import date
from pathlib import Path

import click

from contacts.errors import Fault, Refused, refuse
from outreach import plans
from outreach.commands.rehearse_report import as_values, tell
from outreach.config import Settings
from outreach.i18n import gettext as _
from outreach.informes import definition, files
from outreach.informes.model import Definition
from outreach.plans import Plan
from outreach.register.communication import COLUMNS
from outreach.rehearsal import Rehearsed, rehearse
from outreach.terminal import print_json


@click.command(
    help=_(
        "Ensaya un plan completo en tiempo virtual: qué saldría, a quién, por qué vía y cuándo, qué se omite y por "
        "qué, y el informe que resultaría. Siempre con el simulador y en una carpeta propia: nada sale de aquí.\n\n"
        "Ejemplo: outreach rehearse samples/2025-q2/plan.toml --from 2025-04-01 --to 2025-06-30 --out informe"
    )
)
@click.argument("source", metavar="PLAN.toml", type=click.Path(path_type=Path))
@click.option("--from", "start", metavar=_("FECHA"), help=_("Primer día, como 2025-04-01; si no se dice, el del plan."))
@click.option("--to", "end", metavar=_("FECHA"), help=_("Último día, incluido; si no se dice, el del plan."))
@click.option(
    "--out",
    metavar=_("CARPETA"),
    required=True,
    type=click.Path(path_type=Path),
    help=_("Dónde se escribe el informe; se crea si no existe."),
)
@click.option(
    "--definition", "defined", metavar=_("DEFINICION"), help=_("Otra definición del informe; si no, la del plan.")
)
@click.option(
    "--data",
    metavar=_("CARPETA"),
    type=click.Path(path_type=Path),
    help=_("Carpeta nueva en que se guarda lo ensayado, para verlo después; si no se dice, se descarta."),
)
@click.option("--json", "as_json", is_flag=True, help=_("Escribe el resultado como JSON."))
@click.pass_context
def command(
    ctx: click.Context,
    source: Path,
    start: str | None,
    end: str | None,
    out: Path,
    defined: str | None,
    data: Path | None,
    *,
    as_json: bool,
) -> None:
    """Read everything first, play the plan, write the informe, tell what came of it; exit 1 where the proof fails."""
    plan = plans.read(source)
    first, last = _days(plan, start, end)
    made = informe_definition(plan, defined)
    with _folder(data) as folder:
        files.ready(out)
        settings = replace(Settings.read(), data=folder, database_url="")
        rehearsed = play(plan, made, first, last, settings)
        written = files.build_files(rehearsed.report, files.FORMATS, out, made.name)
    if as_json:
        print_json(as_values(plan, rehearsed, written))
    else:
        tell(plan, rehearsed)
        for path in written:
            click.echo(str(path))
    ctx.exit(0 if rehearsed.proof.holds else 1)


def play(
    plan: Plan,
    made: Definition,
    first: date,
    last: date,
    settings: Settings,
    *,
    port: int = 0,
    keep: Path | None = None,
) -> Rehearsed:
    """Rehearse with a progress bar by virtual days, where somebody looks."""
    length = (last - first).days + 1
    with _bar(length) as advance:
        reached = 0

        def watch(day: date) -> None:
            nonlocal reached
            done = min((day - first).days, length)
            if done > reached:
                advance(done - reached)
                reached = done

        rehearsed = rehearse(plan, made, first, last, settings, port=port, keep=keep, watch=watch)
        advance(length - reached)
    return rehearsed


def informe_definition(plan: Plan, name: str | None = None) -> Definition:
    """Return the definition that was asked for, else the plan's, else `trimestral`; held to what the plan brings."""
    path = definition.find(name) if name else plan.definition or definition.find("trimestral")
    brought = {key for draft, _path in plan.campaigns for key in draft.extra}
    brought |= {key for entry in plan.entries for key in entry.values}
    return definition.read(path, {*COLUMNS, "folio", *brought})


@contextmanager
def _bar(length: int) -> Iterator[Callable[[int], None]]:
    if not sys.stderr.isatty():
        yield lambda _days: None
        return
    with click.progressbar(length=length, label=_("Ensayando días"), file=sys.stderr) as bar:
        yield bar.update


def _days(plan: Plan, start: str | None, end: str | None) -> tuple[date, date]:
    faults: list[Fault] = []
    found: list[date] = []
    for option, text, planned in (("--from", start, plan.start), ("--to", end, plan.end)):
        if text is None:
            if planned is None:
                faults.append(Fault("rehearsal_day", option))
            else:
                found.append(planned)
            continue
        with suppress(ValueError):  # the 31st of June
            if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
                found.append(date.fromisoformat(text))
                continue
        faults.append(Fault("day_form", option, text))
    if not faults and found[1] < found[0]:
        faults.append(Fault("day_order", "--to", found[1].isoformat(), details={"begin": found[0].isoformat()}))
    if faults:
        raise Refused(faults)
    return found[0], found[1]


@contextmanager
def _folder(data: Path | None) -> Iterator[Path]:
    """Give the folder that was asked for, which must be new or empty, or one that is gone afterwards."""
    if data is None:
        with tempfile.TemporaryDirectory(prefix="ensayo-") as folder:
            yield Path(folder)
        return
    if data.exists() and (not data.is_dir() or any(data.iterdir())):
        raise refuse("rehearsal_folder", "--data", data)
    yield data.absolute()
