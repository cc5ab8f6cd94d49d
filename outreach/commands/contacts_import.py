"""`outreach contacts import`: a spreadsheet of people, with every refused row and its reason."""

import csv
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from sqlalchemy.orm import Session

from contacts import importing
from contacts.errors import Fault, Refused, refuse
from contacts.importing import Given, Imported
from contacts.spreadsheets import Sheet, as_text, read_sheet
from outreach import audit, database
from outreach.i18n import gettext as _
from outreach.i18n import ngettext
from outreach.platform import Platform, opened
from outreach.register.files import written_whole
from outreach.terminal import operator, print_json
from outreach.words import explain

MOST_TOLD = 20  # faults written on the terminal
REASON = "motivo"  # the column that a file of refused rows has besides its own


@click.command(
    name="import",
    help=_(
        "Importa personas de un archivo CSV o XLSX (véase samples/contactos-ejemplo.csv), con las columnas nombre, "
        "correo, telefono, whatsapp, pais, ciudad, idioma, zona y red; también estado, organizacion, rol y trajo. Los "
        "renglones buenos entran y los demás se listan con su motivo. Lo que ya está no se repite ni se cambia.\n\n"
        "Sin --consent-source nadie entra con consentimiento: no se les podrá escribir.\n\n"
        'Ejemplo: outreach contacts import lista.xlsx --network "Red Voto Chilango" '
        '--consent-source "formulario del evento" --consent-date 2025-05-15'
    ),
)
@click.argument("file", metavar=_("ARCHIVO"), type=click.Path(path_type=Path))
@click.option("--network", default="", metavar=_("RED"), help=_("Red a la que entran todas las personas del archivo."))
@click.option("--consent-source", metavar=_("TEXTO"), help=_("Dónde aceptaron recibir mensajes, de toda finalidad."))
@click.option("--consent-date", metavar=_("FECHA"), help=_("Qué día aceptaron, por ejemplo 2025-05-15; si no, hoy."))
@click.option("--notice", metavar=_("VERSIÓN"), help=_("Bajo qué aviso de privacidad aceptaron; si no, el vigente."))
@click.option(
    "--map",
    "mapped",
    multiple=True,
    metavar=_("COLUMNA=DATO"),
    help=_('Qué dato trae una columna con otro nombre: --map "Quién=nombre". Puede repetirse.'),
)
@click.option("--strict", is_flag=True, help=_("Todo o nada: si un renglón está mal no entra ninguno."))
@click.option("--dry-run", is_flag=True, help=_("Sólo dice qué pasaría; no guarda nada."))
@click.option(
    "--refused",
    metavar=_("ARCHIVO"),
    type=click.Path(path_type=Path),
    help=_("Escribe aquí los renglones rechazados con su motivo, para corregirlos e importarlos."),
)
@click.option("--json", "as_json", is_flag=True, help=_("Escribe el resultado como JSON."))
def import_(
    file: Path,
    network: str,
    consent_source: str | None,
    consent_date: str | None,
    notice: str | None,
    mapped: tuple[str, ...],
    *,
    strict: bool,
    dry_run: bool,
    refused: Path | None,
    as_json: bool,
) -> None:
    """Read the file, bring the good rows in within one transaction, and tell about the others."""
    mapping = _mapping(mapped)
    _alone(consent_source, {"--consent-date": consent_date, "--notice": notice})
    sheet = read_sheet(file)
    with opened() as platform, _work(platform, dry_run=dry_run) as session:
        at = platform.clock.now()
        given = _given(consent_source, consent_date, notice, at, ZoneInfo(platform.settings.zone))
        with _bar(len(sheet.rows)) as progress:
            done = importing.import_people(
                session,
                sheet,
                at=at,
                by=operator(),
                file=file.name,
                network=network,
                mapping=mapping,
                given=given,
                strict=strict,
                progress=progress,
            )
        _note(session, at, file, done)
        if refused and done.refused:
            _write_refused(refused, sheet, done)
    aside = refused if done.refused else None
    if as_json:
        print_json(_as_object(file, done, aside, dry_run=dry_run))
    else:
        _tell(done, aside, dry_run=dry_run)


def _mapping(mapped: Sequence[str]) -> dict[str, str]:
    pairs = [text.rpartition("=") for text in mapped]
    faults = [
        Fault("map_form", "--map", text)
        for text, (header, _equals, field) in zip(mapped, pairs, strict=True)
        if not (header.strip() and field.strip())
    ]
    if faults:
        raise Refused(faults)
    return {header.strip(): field.strip() for header, _equals, field in pairs}


def _alone(consent_source: str | None, options: dict[str, str | None]) -> None:
    if consent_source is None:
        alone = [name for name, value in options.items() if value is not None]
        if alone:
            raise Refused(Fault("option_needs", "", name, details={"needed": "--consent-source"}) for name in alone)


def _given(source: str | None, day: str | None, notice: str | None, now: datetime, zone: ZoneInfo) -> Given | None:
    """Consent counts from the first moment of its day, so that a withdrawal of that day is later."""
    if source is None:
        return None
    try:
        given_on = date.fromisoformat(day) if day else now.astimezone(zone).date()
    except ValueError:
        raise refuse("consent_day", "--consent-date", day) from None
    return Given(source=source, at=datetime.combine(given_on, time(), zone), notice=notice)


@contextmanager
def _work(platform: Platform, *, dry_run: bool) -> Iterator[Session]:
    if not dry_run:
        with platform.transaction() as session:
            database.unhurried(session.connection())  # a long file is thought about between two statements
            yield session
        return
    with platform.sessions() as session:
        yield session
        session.rollback()


@contextmanager
def _bar(rows: int) -> Iterator[importing.Progress | None]:
    if not sys.stderr.isatty():
        yield None
        return
    with click.progressbar(length=rows, label=_("Revisando renglones"), file=sys.stderr) as bar:
        yield bar.update


def _note(session: Session, at: datetime, file: Path, done: Imported) -> None:
    counts = {"rows": done.rows, "accepted": done.accepted, "refused": len(done.refused), "created": done.created}
    details = {"file": file.name, **counts, "consents": done.consents, "notice": done.notice}
    audit.note(session, at, operator(), "contacts.import", "", details)


def _write_refused(path: Path, sheet: Sheet, done: Imported) -> None:
    """Write the refused rows as they were, and why; Excel reads the accents by the mark at the beginning."""
    headers = [header for header in sheet.headers if header != REASON]
    with written_whole(path) as out:
        out.write("\ufeff")
        writer = csv.writer(out)
        writer.writerow([*headers, REASON])
        for row in done.refused:
            reasons = " ".join(explain(Fault(f.code, f.where, f.value, details=f.details)) for f in row.faults)
            writer.writerow([*(as_text(row.cells[header]) for header in headers), reasons])


def _told(fault: Fault) -> dict[str, object]:
    return {
        "row": fault.row,
        "column": fault.where,
        "value": fault.value,
        "code": fault.code,
        "reason": explain(Fault(fault.code, fault.where, fault.value, details=fault.details)),
    }


def _as_object(file: Path, done: Imported, aside: Path | None, *, dry_run: bool) -> dict[str, object]:
    return {
        "file": file.name,
        "dry_run": dry_run,
        "rows": done.rows,
        "accepted": done.accepted,
        "refused": len(done.refused),
        "created": done.created,
        "changed": done.changed,
        "unchanged": done.unchanged,
        "addresses": done.addresses,
        "memberships": done.memberships,
        "networks": done.networks,
        "consents": done.consents,
        "notice": done.notice,
        "unread_columns": list(done.unread),
        "refused_rows": [_told(fault) for fault in done.faults],
        "warnings": [_told(fault) for fault in done.warnings],
        "refused_file": aside and str(aside),
    }


def _tell(done: Imported, aside: Path | None, *, dry_run: bool) -> None:
    if dry_run:
        click.echo(_("Prueba: no se guardó nada."))
    click.echo(
        "{}, {}.".format(
            ngettext("%(n)s aceptada", "%(n)s aceptadas", done.accepted),
            ngettext("%(n)s rechazada", "%(n)s rechazadas", len(done.refused)),
        )
    )
    click.echo(
        _(
            "Personas nuevas: %(created)s; completadas: %(changed)s; sin cambio: %(unchanged)s. "
            "Direcciones nuevas: %(addresses)s; entradas a redes: %(memberships)s; consentimientos: %(consents)s.",
            created=done.created,
            changed=done.changed,
            unchanged=done.unchanged,
            addresses=done.addresses,
            memberships=done.memberships,
            consents=done.consents,
        )
    )
    if done.networks:
        click.echo(_("Redes que no existían y se crearon: %(names)s.", names=", ".join(done.networks)))
    if done.unread:
        click.echo(_("Columnas que no se usaron: %(names)s.", names=", ".join(done.unread)))
    for title, faults in ((_("Rechazadas:"), done.faults), (_("Avisos:"), done.warnings)):
        if faults:
            click.echo(f"\n{title}")
        for fault in faults[:MOST_TOLD]:
            click.echo(f"  {explain(fault)}")
        if (more := len(faults) - MOST_TOLD) > 0:
            click.echo("  " + ngettext("… y %(n)s más.", "… y %(n)s más.", more))
    if len(done.faults) > MOST_TOLD and not aside:
        click.echo(_("\nPara tenerlas todas en un archivo que se pueda corregir, agregue --refused ARCHIVO."))
    if aside:
        click.echo(_("\nLas rechazadas, con su motivo, están en %(file)s.", file=aside))


COMMANDS = (import_,)
