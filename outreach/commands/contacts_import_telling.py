"""What `outreach contacts import` says of a file, for people and as JSON."""

from collections.abc import Mapping
from pathlib import Path

import click

from contacts import repairs
from contacts.errors import Fault
from contacts.importing import Imported
from outreach.i18n import gettext as _
from outreach.i18n import ngettext
from outreach.intake import mending

MOST_TOLD = 20  # faults written on the terminal


def _told(fault: Fault) -> dict[str, object]:
    return {
        "row": fault.row,
        "column": fault.where,
        "value": fault.value,
        "code": fault.code,
        "reason": mending.reason(fault),
        "meant": repairs.propose(fault),
    }


def as_object(
    file: Path, done: Imported, aside: Path | None, mapping: Mapping[str, str], *, dry_run: bool
) -> dict[str, object]:
    """Return what became of a file, for programs."""
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
        "mapping": dict(mapping),
        "unread_columns": list(done.unread),
        "refused_rows": [_told(fault) for fault in done.faults],
        "warnings": [_told(fault) for fault in done.warnings],
        "refused_file": aside and str(aside),
    }


def tell(done: Imported, aside: Path | None, remembered: Mapping[str, str], *, dry_run: bool) -> None:
    """Say what became of a file; `remembered` are columns that were read as the last time."""
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
    if remembered:
        pairs = ", ".join(f"{header} → {field or '–'}" for header, field in remembered.items())
        click.echo(_("Columnas leídas como la última vez: %(pairs)s. Para cambiarlo: --map.", pairs=pairs))
    _tell_faults(done, aside)


def _tell_faults(done: Imported, aside: Path | None) -> None:
    for title, faults in ((_("Rechazadas:"), done.faults), (_("Avisos:"), done.warnings)):
        if faults:
            click.echo(f"\n{title}")
        for fault in faults[:MOST_TOLD]:
            click.echo(f"  {mending.told(fault)}")
        if (more := len(faults) - MOST_TOLD) > 0:
            click.echo("  " + ngettext("… y %(n)s más.", "… y %(n)s más.", more))
    if len(done.faults) > MOST_TOLD and not aside:
        click.echo(_("\nPara tenerlas todas en un archivo que se pueda corregir, agregue --refused ARCHIVO."))
    if aside:
        click.echo(_("\nLas rechazadas, con su motivo, están en %(file)s.", file=aside))
