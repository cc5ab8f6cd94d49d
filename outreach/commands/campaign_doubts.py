"""`outreach campaigns doubts`: what is in doubt, what is known of it, and a person's word."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import click
from sqlalchemy.orm import Session

from campaigns import doubts, evidence, misfires, planning
from campaigns.doubts import Group
from campaigns.evidence import Evidence
from contacts.errors import refuse
from outreach import audit
from outreach.commands import campaign_held
from outreach.i18n import gettext as _
from outreach.i18n import ngettext
from outreach.platform import Platform, opened
from outreach.terminal import ROW, operator, print_json, table
from outreach.words.doubts import asked_words, leaning, points_words
from outreach.words.states import reason_words


@click.command(
    name="doubts",
    help=_(
        "Muestra los envíos en duda de una campaña, con lo que se sabe de ellos, y recibe su decisión.\n\n"
        "Un grupo son los envíos de una misma llamada; si quita el final de su nombre, los de la misma causa. "
        "--sent dice que sí salieron: si no era así, esas personas se quedan sin el mensaje. --again los envía de "
        "nuevo: si sí habían salido, lo reciben dos veces. Sale con 0; con 2 si no se cambió nada.\n\n"
        "Ejemplo: outreach campaigns doubts 3 --group 7/correo/connection_lost --sent"
    ),
)
@click.argument("campaign_id", metavar="ID", type=ROW)
@click.option("--sent", is_flag=True, help=_("Sí salieron."))
@click.option("--again", is_flag=True, help=_("No salieron: enviar de nuevo."))
@click.option("--group", "keys", metavar=_("GRUPO"), multiple=True, help=_("Los de este grupo. Se puede repetir."))
@click.option("--delivery", "ids", metavar=_("ENVÍO"), type=ROW, multiple=True, help=_("Este envío. Se puede repetir."))
@click.option("--all", "everything", is_flag=True, help=_("Todos los de la campaña."))
@click.option("--json", "as_json", is_flag=True, help=_("Escribe el resultado como JSON."))
def command(
    campaign_id: int,
    *,
    sent: bool,
    again: bool,
    keys: tuple[str, ...],
    ids: tuple[int, ...],
    everything: bool,
    as_json: bool,
) -> None:
    """List the doubts, or decide about some."""
    chosen, decided = bool(keys or ids or everything), sent or again
    if (sent and again) or chosen != decided:
        raise refuse("doubt_choice", "", "")
    with opened() as platform:
        if not decided:
            with platform.reading() as session:
                planning.find(session, campaign_id)
                _list(session, platform, campaign_id, as_json=as_json)
                if not as_json:
                    for sentence in campaign_held.sentences(session, campaign_id, platform.settings.zone):
                        click.echo(sentence)
            return
        with platform.transaction() as session:
            planning.find(session, campaign_id)
            now = platform.clock.now()
            found = doubts.choose(session, campaign_id, keys=keys, ids=ids, everything=everything)
            moved = doubts.decide(session, found, sent=sent, at=now)
            if not moved:
                raise refuse("doubt_none", "campaña", campaign_id)
            details = {"deliveries": found, "groups": list(keys), "sent": sent, "moved": moved}
            audit.note(session, now, operator(), "campaign.decide", f"campaign:{campaign_id}", details)
            left = doubts.count(session, campaign_id)
        if as_json:
            print_json({"campaign": campaign_id, "sent": sent, "moved": moved, "left": left})
        elif sent:
            click.echo(ngettext("%(n)s envío quedó como salido.", "%(n)s envíos quedaron como salidos.", moved))
        else:
            click.echo(ngettext("%(n)s envío sale de nuevo.", "%(n)s envíos salen de nuevo.", moved))


def _list(session: Session, platform: Platform, campaign_id: int, *, as_json: bool) -> None:
    zone = ZoneInfo(platform.settings.zone)
    found = [(group, evidence.of_group(session, group)) for group in doubts.groups(session, campaign_id)]
    if as_json:
        print_json([_as_json(group, known, zone) for group, known in found])
        return
    if not found and misfires.waiting(session, campaign_id):
        return  # not even of the sending as a whole
    if not found:
        click.echo(_("De todos los envíos de esta campaña se sabe si salieron."))
        return
    table(
        [_("Grupo"), _("Envíos"), _("Desde"), _("Qué pasó"), _("¿Salió?")],
        [
            [
                _key(group, zone),
                str(group.count),
                f"{group.since.astimezone(zone):%Y-%m-%d %H:%M:%S}",
                "; ".join([reason_words(group.reason, group.detail), *(asked_words(asked) for asked in known.asked)]),
                points_words(
                    leaning(
                        known.likely, since=platform.clock.now() - group.until, proof=platform.settings.proof_seconds
                    )
                ),
            ]
            for group, known in found
        ],
    )


def _key(group: Group, zone: ZoneInfo) -> str:
    """Name a group by the moment of its call as clocks show it there; the offset keeps it the same moment."""
    return f"{group.kind}/{group.called_at.astimezone(zone).isoformat()}" if group.called_at else group.key


def _as_json(group: Group, known: Evidence, zone: ZoneInfo) -> dict[str, Any]:
    def moment(at: datetime | None) -> str | None:
        return at.isoformat() if at else None

    return {
        "group": _key(group, zone),
        "channel": group.channel,
        "reason": group.reason,
        "detail": group.detail,
        "deliveries": group.count,
        "called_at": moment(group.called_at),
        "since": moment(group.since),
        "called_with": known.called,
        "heard_of": known.heard,
        "likely": known.likely,
        "asked": [
            {
                "found": asked.found,
                "code": asked.code,
                "deliveries": asked.deliveries,
                "times": asked.times,
                "first_at": moment(asked.first_at),
                "last_at": moment(asked.last_at),
            }
            for asked in known.asked
        ],
        "told": [
            {"kind": told.kind, "code": told.code, "events": told.events, "last_at": moment(told.last_at)}
            for told in known.told
        ],
    }
