"""`outreach contacts imports`: the files of people that were brought in."""

import click

from outreach.i18n import gettext as _
from outreach.intake import acts
from outreach.people_imports import Intake
from outreach.platform import opened
from outreach.terminal import local, print_json, table
from outreach.words.intake import import_state, said_counts

MOST_LISTED = 50  # imports


@click.command(
    help=_(
        "Lista las importaciones de personas, de las páginas y de la terminal, la última primero.\n\n"
        "Ejemplo: outreach contacts imports"
    )
)
@click.option("--json", "as_json", is_flag=True, help=_("Escribe el resultado como JSON."))
def imports(*, as_json: bool) -> None:
    """List who brought which file in, when, and what became of it."""
    with opened() as platform, platform.reading() as session:
        found = acts.latest(session, MOST_LISTED)
        if as_json:
            print_json([_import_as_object(each) for each in found])
            return
        headers = [
            _("nº"),
            _("cuándo"),
            _("quién"),
            _("archivo"),
            "sha256",
            _("renglones"),
            _("estado"),
            _("qué entró"),
        ]
        table(
            headers,
            (
                [
                    str(each.id),
                    local(each.at, platform.settings.zone),
                    each.who,
                    each.filename,
                    each.sha256[:12],
                    f"{each.rows:,}",
                    import_state(each),
                    said_counts(each),
                ]
                for each in found
            ),
        )


def _import_as_object(each: Intake) -> dict[str, object]:
    return {
        "id": each.id,
        "at": each.at.isoformat(),
        "who": each.who,
        "file": each.filename,
        "sha256": each.sha256,
        "bytes": each.size,
        "state": each.state,
        "rows": each.rows,
        "refused": each.refused,
        "counts": each.counts,
        "ended_at": each.ended_at and each.ended_at.isoformat(),
    }


COMMANDS = (imports,)
