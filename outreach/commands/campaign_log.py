"""`outreach campaigns log`: what became of each person."""

import csv
import json
import sys

import click

from campaigns import log, planning
from outreach import audit
from outreach.exports.csvfile import safe
from outreach.i18n import gettext as _
from outreach.platform import opened
from outreach.terminal import ROW, operator, table
from outreach.words.states import reason_words, state_word


@click.command(
    name="log",
    help=_(
        "Escribe una línea por persona: dirección, canal, estado, motivo y horas.\n\n"
        "Ejemplo: outreach campaigns log 3 --format csv > registro.csv"
    ),
)
@click.argument("campaign_id", metavar="ID", type=ROW)
@click.option(
    "--format",
    "form",
    type=click.Choice(["csv", "json", "table"]),
    default="table",
    show_default=True,
    help=_("Forma de la salida."),
)
@click.option("--why", default="", metavar=_("TEXTO"), help=_("Para qué es; se anota junto a quién lo hizo."))
def command(campaign_id: int, form: str, why: str) -> None:
    """Write the log of every run of a campaign."""
    with opened() as platform:
        with platform.reading() as session:
            planning.find(session, campaign_id)
            rows = log.rows(session, campaign_id)
            if form == "csv":
                writer = csv.writer(sys.stdout, lineterminator="\n")
                writer.writerow(log.COLUMNS)
                writer.writerows([safe(cell) for cell in row] for row in rows)
            elif form == "json":
                for row in rows:
                    click.echo(json.dumps(dict(zip(log.COLUMNS, row, strict=True)), ensure_ascii=False))
            else:
                table(
                    [_("Persona"), _("Dirección"), _("Canal"), _("Estado"), _("Motivo")],
                    [
                        [row[3], row[4], row[5], state_word(row[6]), reason_words(row[7]) if row[7] else ""]
                        for row in rows
                    ],
                )
        with platform.transaction() as session:
            details = {"format": form} | ({"reason": why} if why else {})
            audit.note(session, platform.clock.now(), operator(), "campaign.log", f"campaign:{campaign_id}", details)
