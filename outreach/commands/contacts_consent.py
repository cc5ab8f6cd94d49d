"""`outreach contacts consent, optin, optout`: what people said, and whether they may be written to."""

from zoneinfo import ZoneInfo

import click

from contacts import addresses, consent, notices, people
from contacts.errors import refuse
from contacts.models import Channel, Decision, Purpose
from outreach import audit
from outreach.i18n import gettext as _
from outreach.i18n import ngettext
from outreach.platform import opened
from outreach.terminal import ROW, operator, print_json, table
from outreach.words.contacts import DECISIONS
from outreach.words.states import reason_words


@click.command(
    name="consent",
    help=_(
        "Muestra qué aceptó una persona y si se le puede escribir; quien lo ve queda en la bitácora.\n\n"
        "Ejemplo: outreach contacts consent 12"
    ),
)
@click.argument("contact_id", metavar="ID", type=ROW)
@click.option("--json", "as_json", is_flag=True, help=_("Escribe el resultado como JSON."))
def consent_(contact_id: int, *, as_json: bool) -> None:
    """Show the answers of the gate and the ledger behind them."""
    with opened() as platform:
        with platform.transaction() as session:
            contact = people.get(session, contact_id)
            audit.note(session, platform.clock.now(), operator(), "contacts.consent", f"contact:{contact.id}")
            verdicts, ledger = consent.verdicts(session, contact.id), consent.ledger(session, contact.id)
        zone = ZoneInfo(platform.settings.zone)
    if as_json:
        gate = [
            {"channel": channel, "purpose": purpose, "allowed": verdict.allowed, "reason": verdict.reason}
            for (channel, purpose), verdict in verdicts.items()
        ]
        lines = [
            {
                "at": one.at.isoformat(),
                "decision": one.decision,
                "channel": one.channel,
                "purpose": one.purpose,
                "source": one.source,
                "notice": one.notice_version,
                "evidence": one.evidence,
                "imported": one.imported,
                "recorded_by": one.recorded_by,
            }
            for one in ledger
        ]
        print_json({"id": contact.id, "gate": gate, "ledger": lines})
        return
    click.echo(_("¿Se le puede escribir a %(name)s?", name=contact.name))
    ways = list(consent.CHANNELS)
    table(
        ["", *map(str, ways)],
        [[purpose, *(_("sí") if verdicts[way, purpose].allowed else _("no") for way in ways)] for purpose in Purpose],
    )
    for way in ways:
        for reason in dict.fromkeys(verdicts[way, purpose].reason for purpose in Purpose):
            if reason:
                click.echo(f"{way}: {reason_words(reason)}")
    if not ledger:
        return
    click.echo("")
    table(
        [_("Fecha"), "", _("Vía"), _("Finalidad"), _("Fuente"), _("Aviso"), _("Evidencia"), _("Anotó")],
        [
            [
                f"{one.at.astimezone(zone):%Y-%m-%d %H:%M}",
                _(DECISIONS[one.decision]),
                one.channel,
                one.purpose,
                one.source,
                one.notice_version,
                one.evidence,
                one.recorded_by,
            ]
            for one in ledger
        ],
    )


_WAYS = [*map(str, consent.CHANNELS), consent.ALL]
_PURPOSES = [*map(str, Purpose), consent.ALL]


@click.command(
    help=_(
        "Anota que una persona aceptó recibir mensajes: su propio acto, posterior a cualquier baja.\n\n"
        'Ejemplo: outreach contacts optin 12 --source "formulario firmado" --channel correo'
    )
)
@click.argument("contact_id", metavar="ID", type=ROW)
@click.option("--source", required=True, metavar=_("TEXTO"), help=_("Dónde lo dijo."))
@click.option("--channel", type=click.Choice(_WAYS), default=consent.ALL, help=_("Por qué vía; si no, por todas."))
@click.option("--purpose", type=click.Choice(_PURPOSES), default=consent.ALL, help=_("Para qué; si no, para todo."))
@click.option("--evidence", default="", metavar=_("TEXTO"), help=_("Dónde está la prueba, por ejemplo un folio."))
@click.option("--notice", metavar=_("VERSIÓN"), help=_("Bajo qué aviso de privacidad; si no, el vigente."))
def optin(contact_id: int, source: str, channel: str, purpose: str, evidence: str, notice: str | None) -> None:
    """Append a grant to the ledger."""
    with opened() as platform, platform.transaction() as session:
        at = platform.clock.now()
        contact = people.get(session, contact_id)
        version = notices.named(session, notice, at).version if notice is not None else None
        entry = consent.record(
            session,
            contact.id,
            channel,
            purpose,
            Decision.GRANTED,
            source=source,
            at=at,
            notice_version=version,
            evidence=evidence,
            by=operator(),
        )
        details = {"channel": channel, "purpose": purpose, "notice": entry.notice_version}
        audit.note(session, at, operator(), "consent.grant", f"contact:{contact.id}", details)
        click.echo(_("«%(name)s» aceptó, bajo el aviso «%(notice)s».", name=contact.name, notice=entry.notice_version))


@click.command(
    help=_(
        "Da de baja una dirección: no se le escribe más, a nadie que la tenga, para ninguna finalidad.\n\n"
        "Ejemplo: outreach contacts optout ana@example.org"
    )
)
@click.argument("address", metavar=_("DIRECCIÓN"))
@click.option("--source", default="", metavar=_("TEXTO"), help=_("Cómo lo pidió, por ejemplo «por teléfono»."))
@click.option("--evidence", default="", metavar=_("TEXTO"), help=_("Dónde está la prueba, por ejemplo un folio."))
def optout(address: str, source: str, evidence: str) -> None:
    """Close the channel of an address for everybody who has it."""
    value = addresses.normalise(address)
    channel = Channel.EMAIL if "@" in value else Channel.WHATSAPP
    with opened() as platform, platform.transaction() as session:
        at, who = platform.clock.now(), operator()
        source = source.strip() or _("baja anotada por el personal")
        told = consent.withdraw_address(session, value, channel, source=source, evidence=evidence, at=at, by=who)
        if not told:
            raise refuse("address_unknown", "dirección", address)
        for contact_id in told:
            audit.note(session, at, who, "consent.withdraw", f"contact:{contact_id}", {"channel": channel})
    click.echo(
        ngettext(
            "%(n)s persona ya no recibe mensajes por %(channel)s en %(address)s.",
            "%(n)s personas ya no reciben mensajes por %(channel)s en %(address)s.",
            len(told),
            channel=channel,
            address=value,
        )
    )


COMMANDS = (consent_, optin, optout)
