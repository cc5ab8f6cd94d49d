"""`outreach campaigns tasks` and `publish`: posts in WhatsApp groups, which a person makes and marks."""

import click

from campaigns import groups
from campaigns.models import GroupTask
from contacts.errors import refuse
from outreach import audit
from outreach.i18n import gettext as _
from outreach.platform import opened
from outreach.terminal import COUNT, ROW, local, operator, print_json, table


@click.command(
    help=_(
        "Lista las publicaciones en grupos de WhatsApp que alguien tiene que hacer.\n\n"
        "Ejemplo: outreach campaigns tasks"
    )
)
@click.option("--json", "as_json", is_flag=True, help=_("Escribe el resultado como JSON."))
def tasks(*, as_json: bool) -> None:
    """List group tasks that wait."""
    with opened() as platform, platform.reading() as session:
        found = groups.waiting(session)
        if as_json:
            print_json(
                [
                    {
                        "id": t.id,
                        "campaign": t.run.campaign_id,
                        "network": t.network.name,
                        "due_at": t.run.due_at.isoformat(),
                    }
                    for t in found
                ]
            )
            return
        if not found:
            click.echo(_("No hay publicaciones pendientes."))
            return
        table(
            [_("Tarea"), _("Grupo"), _("Campaña"), _("Desde")],
            [
                [str(t.id), t.network.name, t.run.campaign.title, local(t.run.due_at, t.run.campaign.timezone)]
                for t in found
            ],
        )


@click.command(
    help=_("Anota que una publicación en un grupo ya se hizo.\n\nEjemplo: outreach campaigns publish 7 --members 148")
)
@click.argument("task_id", metavar=_("TAREA"), type=ROW)
@click.option("--members", type=COUNT, help=_("Integrantes del grupo ese día."))
def publish(task_id: int, members: int | None) -> None:
    """Mark a group task as published now, by whoever runs the command."""
    with opened() as platform, platform.transaction() as session:
        task = session.get(GroupTask, task_id)
        if task is None:
            raise refuse("task_unknown", "tarea", task_id)
        groups.publish(session, task, at=platform.clock.now(), by=operator(), members=members)
        audit.note(
            session,
            platform.clock.now(),
            operator(),
            "group.publish",
            f"campaign:{task.run.campaign_id}",
            {"network": task.network.name},
        )
        click.echo(_("Publicado en «%(network)s».", network=task.network.name))
