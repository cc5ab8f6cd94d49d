"""`outreach contacts export`: people as a file, or everything as a file that comes back exactly."""

import sys
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import click
from sqlalchemy.orm import Session

from contacts import places, segments
from contacts.errors import refuse
from outreach import audit, database
from outreach.commands import passwords
from outreach.exports import choosing, csvfile, sealing, taking, writing
from outreach.exports.choosing import Chosen
from outreach.exports.taking import Wish
from outreach.i18n import gettext as _
from outreach.i18n import ngettext
from outreach.platform import Platform, opened
from outreach.safekeeping import people_dump, rows
from outreach.terminal import operator, print_json

ENDINGS = {".csv": "csv", ".xlsx": "xlsx", ".vcf": "vcard", ".jsonl": "jsonl"}
SEALED = ".zip"
_LISTS = ("network", "on", "segment", "organization", "country", "search", "duplicates")


@click.command(
    help=_(
        "Escribe personas en un archivo: CSV, Excel, vCard o JSON Lines, según cómo se llame, o según --format. Quién, "
        "cuándo, cuáles y para qué queda en la bitácora.\n\n"
        "Con --all, todo lo de las personas como JSON Lines: direcciones con su estado, redes, consentimientos, "
        "avisos, segmentos, solicitudes y supresiones. Vuelve, igual, con outreach contacts import --all.\n\n"
        'Ejemplo: outreach contacts export red.xlsx --network "Red Voto Chilango" --why "gafetes del evento del 15"'
    )
)
@click.argument("file", metavar=_("ARCHIVO"), default="")
@click.option("--why", default="", metavar=_("TEXTO"), help=_("Para qué es; se anota junto a quién lo hizo."))
@click.option("--all", "everything", is_flag=True, help=_("Todo, para traerlo a una instalación vacía."))
@click.option("--network", default="", metavar=_("RED"), help=_("Sólo quienes están en esta red."))
@click.option("--on", metavar=_("FECHA"), help=_("Quienes estaban en la red al final de este día, como 2025-06-20."))
@click.option("--segment", default="", metavar=_("SEGMENTO"), help=_("Sólo quienes están hoy en este segmento."))
@click.option("--organization", default="", metavar=_("NOMBRE"), help=_("Sólo las de esta organización."))
@click.option("--country", default="", metavar=_("PAÍS"), help=_("Sólo las de este país: su nombre o su clave."))
@click.option(
    "--search", default="", metavar=_("PALABRAS"), help=_("Sólo las que las tienen en nombre, ciudad o dirección.")
)
@click.option("--duplicates", is_flag=True, help=_("Sólo las que quizá están dos veces."))
@click.option(
    "--format", "form", type=click.Choice(list(taking.FORMATS)), help=_("Formato; si no, el del nombre del archivo.")
)
@click.option("--no-addresses", is_flag=True, help=_("Sin correos ni números."))
@click.option("--masked", is_flag=True, help=_("Con los correos y números ocultos en parte: c•••@example.org."))
@click.option(
    "--delimiter",
    type=click.Choice(list(csvfile.DELIMITERS)),
    default="coma",
    show_default=True,
    help=_("Qué separa las celdas de un CSV."),
)
@click.option("--no-bom", is_flag=True, help=_("CSV sin la marca con la que Excel reconoce los acentos."))
@passwords.options(_("Pregunta una contraseña, dos veces, y escribe un ZIP con AES-256."))
@click.option("--json", "as_json", is_flag=True, help=_("Escribe el resultado como JSON."))
def export(file: str, why: str, *, everything: bool, as_json: bool, **said: Any) -> None:
    """Write people, or everything, to a file."""
    if not file:
        raise refuse("export_file")
    password = sealing.check(
        passwords.said(
            asks=said["asks"], password_file=said["password_file"], password_stdin=said["password_stdin"], twice=True
        )
    )
    path = _place(file, sealed=bool(password))
    with opened() as platform:
        if everything:
            people = _everything(platform, path, why, password, said)
        else:
            people = _some(platform, path, why, password, said)
    if as_json:
        print_json({"file": str(path), "people": people})
    elif str(path) != "-":
        told = (
            ngettext("%(n)s renglón en %(file)s.", "%(n)s renglones en %(file)s.", people, file=path)
            if everything
            else ngettext("%(n)s persona en %(file)s.", "%(n)s personas en %(file)s.", people, file=path)
        )
        click.echo(told)


def _place(file: str, *, sealed: bool) -> Path:
    """Return where the file goes: under a password it is a ZIP, and is called so."""
    return Path(f"{file}{SEALED}" if sealed and file != "-" and not file.lower().endswith(SEALED) else file)


def _some(platform: Platform, path: Path, why: str, password: str, said: dict[str, Any]) -> int:
    inner = Path(path.name.removesuffix(SEALED) if password else path.name)
    wish = Wish(
        form=said["form"] or form_of(inner),
        why=why,
        addresses="none" if said["no_addresses"] else "masked" if said["masked"] else "whole",
        delimiter=said["delimiter"],
        mark=not said["no_bom"],
        password=password,
    )
    with platform.reading() as session:
        chosen = Chosen(
            text=said["search"],
            network_id=choosing.network_of(session, said["network"]) if said["network"] else None,
            on=day_of(said["on"]),
            country=places.country(said["country"]),
            organization_id=choosing.organization_of(session, said["organization"]) if said["organization"] else None,
            segment_id=segments.find(session, said["segment"]).id if said["segment"] else None,
            duplicates=said["duplicates"],
        )
        return write(platform, session, chosen, wish, path)


def write(platform: Platform, session: Session, chosen: Chosen, wish: Wish, path: Path, subject: str = "") -> int:
    """Write a list to a file, or to the output for `-`; return how many people. Noted before its first byte."""
    at, zone = platform.clock.now(), platform.settings.zone
    database.unhurried(session.connection())
    rows.lean(session.connection())  # a whole base is read once
    taken = taking.take(session, chosen, wish, who=operator(), at=at, zone=zone)
    with platform.transaction() as noting:
        audit.note(noting, at, operator(), "contacts.export", subject, {**taken.details, "file": path.name})
    _out(path, taken.chunks)
    return taken.people


def form_of(path: Path) -> str:
    """Return the format that the name of a file asks for; CSV when it asks for none."""
    return ENDINGS.get(path.suffix.lower(), "csv")


def day_of(text: str | None) -> date | None:
    """Return the day that somebody typed. Refuses `export_day_form`."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise refuse("export_day_form", "--on", (text or "")[:40]) from None


def _everything(platform: Platform, path: Path, why: str, password: str, said: dict[str, Any]) -> int:
    for name in (*_LISTS, "no_addresses", "masked", "form"):
        if said[name]:
            raise refuse("export_all_alone", "--all", "--format" if name == "form" else f"--{name.replace('_', '-')}")
    why, at = taking.purpose(why), platform.clock.now()
    with platform.reading() as session:
        total = people_dump.size(session)
        details = {"reason": why, "rows": total, "encrypted": bool(password), "file": path.name}
        with platform.transaction() as noting:
            audit.note(noting, at, operator(), "contacts.export_all", details=details)
        chunks: Iterable[bytes] = people_dump.write(
            session, who=operator(), at=at, zone=platform.settings.zone, why=why
        )
        if password:
            inner = path.name.removesuffix(SEALED)
            chunks = sealing.seal(inner if inner.endswith(".jsonl") else f"{inner}.jsonl", chunks, password)
        _out(path, chunks)
    return total


def _out(path: Path, chunks: Iterable[bytes]) -> None:
    if str(path) != "-":
        writing.write(path, chunks)
        return
    for chunk in chunks:
        sys.stdout.buffer.write(chunk)
    sys.stdout.buffer.flush()


COMMANDS = (export,)
