"""`outreach db backup`, `restore` and `copy`: an installation kept, brought back, and moved."""

import sys
from pathlib import Path

import click

from outreach import audit
from outreach.clock import SystemClock
from outreach.config import Settings
from outreach.i18n import gettext as _
from outreach.i18n import ngettext
from outreach.platform import opened
from outreach.terminal import operator, print_json, table

FILE = click.Path(path_type=Path, dir_okay=False)


@click.command(
    help=_(
        "Guarda un respaldo en ARCHIVO, también mientras se envía: la base de datos, el secreto de los enlaces y las "
        "evidencias, en un solo archivo que sólo usted puede leer. Tiene datos personales: guárdelo en otro equipo y "
        "bajo llave.\n\nEjemplo: outreach db backup respaldo.zip"
    )
)
@click.argument("file", metavar=_("ARCHIVO"), type=FILE)
@click.option("--force", is_flag=True, help=_("Reemplaza ARCHIVO si ya existe."))
@click.option("--json", "as_json", is_flag=True, help=_("Escribe el resultado como JSON."))
def backup(file: Path, *, force: bool, as_json: bool) -> None:
    """Write a backup and tell what is in it."""
    from outreach.safekeeping import backup as making

    with opened(moved_too=True) as platform:
        length = making.size(platform)
        with click.progressbar(length=length, label=_("Respaldando renglones"), file=sys.stderr) as bar:
            manifest = making.write(platform, file, force=force, tell=bar.update)
        with platform.transaction() as session:
            audit.note(session, platform.clock.now(), operator(), "db.backup", file.name)
    if as_json:
        print_json({"file": str(file.absolute()), "bytes": file.stat().st_size} | manifest.as_json())
        return
    click.echo(
        _(
            "Respaldo en %(file)s: %(rows)s renglones, %(size)s MiB, versión %(version)s.",
            file=file,
            rows=f"{sum(told.rows for told in manifest.tables.values()):,}",
            size=f"{file.stat().st_size / (1 << 20):,.1f}",
            version=manifest.schema,
        )
    )


@click.command(
    help=_(
        "Hace de un respaldo la instalación de OUTREACH_DATA y DATABASE_URL, que debe estar vacía. Nada sale hasta que "
        "usted lo decida: lo que pudo salir después del respaldo queda en duda y sus campañas en pausa.\n\n"
        "Ejemplo: outreach db restore respaldo.zip"
    )
)
@click.argument("file", metavar=_("ARCHIVO"), type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--force", is_flag=True, help=_("Guarda aparte la instalación que hay y pone la del respaldo."))
@click.option("--json", "as_json", is_flag=True, help=_("Escribe el resultado como JSON."))
def restore(file: Path, *, force: bool, as_json: bool) -> int:
    """Restore, check, and tell what is held back; 1 when an invariant does not hold."""
    from outreach.commands.db_check import answers, show
    from outreach.safekeeping import restore as restoring

    settings = Settings.read()
    length = restoring.size(file, settings)
    with click.progressbar(length=length, label=_("Restaurando renglones"), file=sys.stderr) as bar:
        done = restoring.restore(file, settings, SystemClock(), by=operator(), force=force, tell=bar.update)
    found = answers(settings)
    whole = all(answer.holds for answer in found)
    if as_json:
        print_json(
            {
                "made_at": done.manifest.made_at.isoformat(),
                "installation": done.manifest.installation,
                "rows": sum(told.rows for told in done.manifest.tables.values()),
                "in_doubt": done.held.deliveries,
                "paused": done.held.campaigns,
                "asked": done.held.asked,
                "aside": done.aside,
                "ok": whole,
            }
        )
        return 0 if whole else 1
    click.echo(
        _(
            "Restaurado el respaldo del %(moment)s: %(rows)s renglones.",
            moment=f"{done.manifest.made_at:%Y-%m-%d %H:%M:%S} UTC",
            rows=f"{sum(told.rows for told in done.manifest.tables.values()):,}",
        )
    )
    if done.aside:
        click.echo(_("La instalación que había quedó en %(place)s.", place=done.aside))
    click.echo(
        _(
            "Todo envío está detenido. Envíos ya preparados que pudieron salir después del respaldo y quedaron en "
            "duda: %(doubts)s. Campañas que quedaron en pausa: %(campaigns)s. Las bajas recibidas después del respaldo "
            "no están: vea docs/operations.md antes de seguir.",
            doubts=f"{done.held.deliveries:,}",
            campaigns=f"{done.held.campaigns:,}",
        )
    )
    if done.held.asked:
        click.echo(
            ngettext(
                "%(n)s campaña tenía un envío en marcha al hacer el respaldo, o con fecha entre el respaldo y ahora: "
                "pudo haber salido completo. ¿Ya salió? No sale sin su decisión: «outreach campaigns held».",
                "%(n)s campañas tenían un envío en marcha al hacer el respaldo, o con fecha entre el respaldo y ahora: "
                "pudieron haber salido completas. ¿Ya salieron? No salen sin su decisión: «outreach campaigns held».",
                done.held.asked,
            )
        )
    show([answer for answer in found if not answer.holds])
    return 0 if whole else 1


@click.command(
    help=_(
        "Muda la instalación entera a otra base de datos, que debe estar vacía: de SQLite a PostgreSQL o al revés. "
        "Detenga antes el servicio en todos los equipos. Lo que quedó a medias sigue allá donde iba; aquí ya no se "
        "envía.\n\nEjemplo: outreach db copy --to postgresql+psycopg://outreach@servidor/outreach"
    )
)
@click.option(
    "--to", "to", metavar="URL", required=True, help=_("Dirección de la otra base de datos, como DATABASE_URL.")
)
@click.option("--json", "as_json", is_flag=True, help=_("Escribe el resultado como JSON."))
def copy(to: str, *, as_json: bool) -> None:
    """Move the installation and tell what each table holds."""
    from outreach.safekeeping import moving

    settings = Settings.read()
    with click.progressbar(length=moving.size(settings), label=_("Copiando renglones"), file=sys.stderr) as bar:
        moved = moving.move(settings, to, SystemClock(), by=operator(), tell=bar.update)
    if as_json:
        tables = {name: told.rows for name, told in moved.tables.items()}
        print_json({"place": moved.place, "swept": moved.swept, "tables": tables})
        return
    table(
        (_("tabla"), _("renglones"), _("huella")),
        [(name, f"{told.rows:,}", told.fingerprint) for name, told in moved.tables.items() if told.rows],
    )
    if moved.swept:
        click.echo(_("Envíos que un proceso terminado había dejado a medias: %(n)s.", n=f"{moved.swept:,}"))
    click.echo(_("Cada tabla se leyó de vuelta y es igual. La instalación está ahora en %(place)s.", place=moved.place))
    click.echo(
        _(
            "Ponga en DATABASE_URL la misma dirección que dio en --to y arranque el servicio. La base de datos "
            "anterior ya no envía."
        )
    )
