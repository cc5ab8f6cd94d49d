"""`outreach contacts import`: a file of people, with every refused row and its reason."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from random import Random
from threading import Event

import click

from contacts import checking, headings, importing
from contacts.bringing import Bringing
from contacts.checking import Checked
from contacts.columns import SEVERAL, Columns
from contacts.errors import Fault, Refused
from contacts.importing import Imported, Plan
from contacts.models import Purpose
from contacts.peoplefiles import read_people
from contacts.spreadsheets import Sheet
from outreach import database, presence
from outreach.commands.contacts_import_telling import as_object, tell
from outreach.i18n import gettext as _
from outreach.intake import acts, bringing, mending
from outreach.intake.bringing import Hold
from outreach.intake.plans import Consent, Meant
from outreach.intake.shelf import Received
from outreach.people_imports import Intake, IntakeState
from outreach.platform import Platform, opened
from outreach.register.files import written_whole
from outreach.terminal import local, operator, print_json

_PAUSE = Event()  # nobody sets it: only waited for


@click.command(
    name="import",
    help=_(
        "Importa personas de un archivo CSV, XLSX o vCard (véase samples/contactos-ejemplo.csv), con las columnas "
        "nombre, correo, telefono, whatsapp, pais, ciudad, idioma, zona y red; también estado, organizacion, rol y "
        "trajo. Los renglones buenos entran y los demás se listan con su motivo. Lo que ya está no se repite ni se "
        "cambia.\n\n"
        "Sin --consent-source nadie entra con consentimiento: no se les podrá escribir.\n\n"
        'Ejemplo: outreach contacts import lista.xlsx --network "Red Voto Chilango" '
        '--consent-source "formulario del evento" --consent-date 2025-05-15'
    ),
)
@click.argument("file", metavar=_("ARCHIVO"), type=click.Path(path_type=Path))
@click.option("--network", default="", metavar=_("RED"), help=_("Red a la que entran todas las personas del archivo."))
@click.option("--consent-source", metavar=_("TEXTO"), help=_("Dónde aceptaron recibir mensajes."))
@click.option("--consent-date", metavar=_("FECHA"), help=_("Qué día aceptaron, por ejemplo 2025-05-15; si no, hoy."))
@click.option("--notice", metavar=_("VERSIÓN"), help=_("Bajo qué aviso de privacidad aceptaron; si no, el vigente."))
@click.option(
    "--consent-channel",
    "channels",
    multiple=True,
    metavar=_("VÍA"),
    help=_("A qué vía: correo o whatsapp; si no, a ambas. Puede repetirse."),
)
@click.option(
    "--consent-purpose",
    "purposes",
    multiple=True,
    metavar=_("FINALIDAD"),
    help=_("Para qué: %(names)s; si no, para todo. Puede repetirse.", names=", ".join(Purpose)),
)
@click.option(
    "--map",
    "mapped",
    multiple=True,
    metavar=_("COLUMNA=DATO"),
    help=_(
        'Qué dato trae una columna con otro nombre: --map "Quién=nombre". Puede repetirse. Se recuerda para otro '
        "archivo con los mismos encabezados."
    ),
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
    channels: tuple[str, ...],
    purposes: tuple[str, ...],
    mapped: tuple[str, ...],
    *,
    strict: bool,
    dry_run: bool,
    refused: Path | None,
    as_json: bool,
) -> None:
    """Read the file, check every row, bring the good ones in by steps, and tell about the others."""
    stated = _mapping(mapped)
    ticked = {"--consent-channel": channels or None, "--consent-purpose": purposes or None}
    _alone(consent_source, {"--consent-date": consent_date, "--notice": notice, **ticked})
    sheet = read_people(file)
    with opened() as platform:
        at, zone = platform.clock.now(), platform.settings.zone
        with platform.reading() as session:
            remembered = headings.recall(session, sheet.headers)
        mapping = _over(remembered, stated)
        consent = None
        if consent_source is not None:
            day = consent_date or local(at, zone)[:10]
            consent = Consent(consent_source, day, notice or "", channels or ("*",), purposes or ("*",))
        meant = Meant(mapping, network, consent)
        plan = meant.plan(file.name, operator(), zone)
        found = importing.prepare(sheet, plan, at)
        with checking.without_collector():
            with _bar(len(sheet.rows), _("Revisando renglones")) as progress:
                checked = checking.check(sheet, found, network=network, file=file.name, progress=progress)
            with platform.reading() as session:
                checking.refuse_forgotten(session, sheet, found, checked, file.name)
            if strict and checked.refused:
                raise Refused(fault for row in checked.refused for fault in row.faults)
            if refused and checked.refused:
                with written_whole(refused) as out:
                    mending.write(out, sheet.headers, checked.refused)
            if dry_run:
                done = _tried(platform, checked, plan, found)
            else:
                done = _brought(platform, file, sheet, checked, plan, found, meant, stated=bool(stated))
    aside = refused if done.refused else None
    if as_json:
        print_json(as_object(file, done, aside, mapping, dry_run=dry_run))
    else:
        tell(
            done, aside, {header: remembered[header] for header in remembered if header not in stated}, dry_run=dry_run
        )


def _over(remembered: Mapping[str, str], stated: Mapping[str, str]) -> dict[str, str]:
    """Return how columns are read: what is stated now over what was stated the last time."""
    taken = set(stated.values())
    kept = {header: field for header, field in remembered.items() if field not in taken or field in SEVERAL}
    return {**kept, **stated}


def _tried(platform: Platform, checked: Checked, plan: Plan, found: Columns) -> Imported:
    """Do everything in one transaction, and take it back."""
    with platform.sessions() as session:
        steps = Bringing(checked.people, plan.given, at=platform.clock.now(), by=plan.by, file=plan.file)
        database.unhurried(session.connection())  # a long file is thought about between two statements
        for number in range(steps.steps):
            steps.step(session, number)
        session.rollback()
    return importing.result(checked, steps.done, found)


def _brought(
    platform: Platform,
    file: Path,
    sheet: Sheet,
    checked: Checked,
    plan: Plan,
    found: Columns,
    meant: Meant,
    *,
    stated: bool,
) -> Imported:
    """Bring them in; whoever looks at the list of imports sees how far it is, and where it was cut off."""
    at, worker = platform.clock.now(), presence.myself(Random())  # noqa: S311 — a name, no secret
    content = file.read_bytes()
    received = Received("", sha256(content).hexdigest(), len(content))
    with platform.transaction() as session:
        intake = acts.at_terminal(
            session,
            received,
            filename=file.name,
            rows=checked.rows,
            refused=len(checked.refused),
            meant=meant,
            worker=worker,
            at=at,
            by=plan.by,
        )
    hold = Hold(platform, intake.id, worker)
    with _bar(len(checked.people), _("Guardando")) as progress:
        brought, counts = bringing.bring(
            hold, checked, plan, at=at, progress=progress or (lambda _rows: None), pause=_PAUSE.wait
        )
    done = importing.result(checked, brought, found)
    with platform.transaction() as session:
        hold.tell(session, IntakeState.BRINGING)
        kept = session.get_one(Intake, intake.id)
        counts["warnings"] = len(done.warnings)
        now = platform.clock.now()
        acts.move(session, kept, IntakeState.DONE, {"counts": counts, "done_rows": done.accepted, "ended_at": now})
        acts.finish(session, kept, sheet.headers if stated else [], at=now)
    return done


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


def _alone(consent_source: str | None, options: Mapping[str, object]) -> None:
    if consent_source is None:
        alone = [name for name, value in options.items() if value is not None]
        if alone:
            raise Refused(Fault("option_needs", "", name, details={"needed": "--consent-source"}) for name in alone)


@contextmanager
def _bar(rows: int, label: str) -> Iterator[checking.Progress | None]:
    if not sys.stderr.isatty():
        yield None
        return
    with click.progressbar(length=rows, label=label, file=sys.stderr) as bar:
        yield bar.update


COMMANDS = (import_,)
