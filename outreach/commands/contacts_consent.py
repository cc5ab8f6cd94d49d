"""`outreach contacts consent, optin, withdraw, optout, confirm, expiring`: what people said, may they be written to."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import click

from campaigns.calendar import to_utc
from contacts import addresses, consent, notices, people
from contacts import expiring as expiring_
from contacts.errors import refuse
from contacts.models import Channel, EvidenceKind, Purpose
from outreach import audit, confirming
from outreach import evidence as papers
from outreach.i18n import gettext as _
from outreach.i18n import ngettext
from outreach.platform import Platform, opened
from outreach.terminal import COUNT, ROW, operator, print_json, table
from outreach.words.contacts import DECISIONS, EVIDENCE_KINDS
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
                "evidence_kind": one.evidence_kind,
                "evidence_file": bool(one.evidence_file),
                "until": one.until.isoformat() if one.until else None,
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
        [_("Fecha"), "", _("Vía"), _("Finalidad"), _("Hasta"), _("Fuente"), _("Aviso"), _("Evidencia"), _("Anotó")],
        [
            [
                f"{one.at.astimezone(zone):%Y-%m-%d %H:%M}",
                _(DECISIONS[one.decision]),
                one.channel,
                one.purpose,
                f"{one.until.astimezone(zone):%Y-%m-%d}" if one.until else "–",
                one.source,
                one.notice_version,
                f"{_(EVIDENCE_KINDS[one.evidence_kind])}: {one.evidence or '–'}{' 📎' if one.evidence_file else ''}",
                one.recorded_by,
            ]
            for one in ledger
        ],
    )


Verb = TypeVar("Verb", bound=Callable[..., None])
_EVERYTHING = 1_000_000
_WAYS = [*map(str, consent.CHANNELS), consent.ALL]
_PURPOSES = [*map(str, Purpose), consent.ALL]


_SAID = (
    click.option("--source", required=True, metavar=_("TEXTO"), help=_("Dónde lo dijo.")),
    click.option("--channel", type=click.Choice(_WAYS), default=consent.ALL, help=_("Por qué vía; si no, por todas.")),
    click.option("--purpose", type=click.Choice(_PURPOSES), default=consent.ALL, help=_("Para qué; si no, para todo.")),
    click.option("--evidence", default="", metavar=_("TEXTO"), help=_("Dónde está la prueba, por ejemplo un folio.")),
    click.option(
        "--kind",
        type=click.Choice([each.value for each in EvidenceKind]),
        default=None,
        help=_("Qué prueba es; si no, papel con --scan y nota sin él."),
    ),
    click.option(
        "--scan",
        type=click.Path(path_type=Path),
        metavar=_("ARCHIVO"),
        help=_("El papel firmado: una imagen o un PDF, que se guarda como prueba."),
    ),
    click.option(
        "--at",
        "when",
        metavar=_("FECHA"),
        help=_('Cuándo lo dijo, en la hora de la persona: "2025-06-20 11:40"; si no, ahora.'),
    ),
)


def _told(command: Verb) -> Verb:
    """Give a command the options that a grant and a withdrawal share."""
    for option in reversed(_SAID):
        command = option(command)
    return command


def _moment(text: str | None, zone: str, now: datetime, option: str = "--at") -> datetime:
    """Return a moment by the clocks where a person is. Refuses `consent_form`, and `consent_future` of `--at`."""
    if text is None:
        return now
    try:
        wall = datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        raise refuse("consent_form", option, text) from None
    at = to_utc(wall, zone)
    if option == "--at" and at > now:
        raise refuse("consent_future", option, text)
    return at


def _shown(platform: Platform, evidence: str, kind: str | None, scan: Path | None) -> dict[str, Any]:
    """Return what shows it; a paper is kept in the data folder. Refuses what `files` and `outreach.evidence` refuse."""
    named = EvidenceKind(kind) if kind else EvidenceKind.PAPER if scan else EvidenceKind.NOTE
    if scan is None:
        return {"evidence": evidence, "kind": named}
    try:
        content = scan.read_bytes()
    except FileNotFoundError:
        raise refuse("file_missing", "", scan) from None
    except OSError as error:
        raise refuse("file_unreadable", "", scan, reason=str(error)) from None
    ending = papers.ending_of(content, scan.name, papers.PAPERS)
    return {"evidence": evidence, "kind": named, "file": papers.keep(platform.settings.data, content, ending)}


@click.command(
    help=_(
        "Anota que una persona aceptó recibir mensajes: su propio acto, posterior a cualquier baja.\n\n"
        'Ejemplo: outreach contacts optin 12 --source "formulario firmado" --channel correo --scan firmado.pdf'
    )
)
@click.argument("contact_id", metavar="ID", type=ROW)
@_told
@click.option("--notice", metavar=_("VERSIÓN"), help=_("Bajo qué aviso de privacidad; si no, el vigente."))
@click.option("--until", metavar=_("FECHA"), help=_("Hasta qué día vale; si no, lo que dice OUTREACH_CONSENT_MONTHS."))
def optin(
    contact_id: int,
    source: str,
    channel: str,
    purpose: str,
    evidence: str,
    kind: str | None,
    scan: Path | None,
    when: str | None,
    notice: str | None,
    until: str | None,
) -> None:
    """Append a grant to the ledger."""
    with opened() as platform, platform.transaction() as session:
        now = platform.clock.now()
        contact = people.get(session, contact_id)
        at = _moment(when, contact.timezone, now)
        end = _moment(until, contact.timezone, now, "--until") if until else None
        version = notices.named(session, notice, now).version if notice is not None else None
        entries = consent.grant(
            session,
            contact.id,
            channel,
            purpose,
            source=source,
            at=at,
            until=end,
            notice_version=version,
            by=operator(),
            **_shown(platform, evidence, kind, scan),
        )
        entry = entries[0]
        details = {"channel": channel, "purpose": purpose, "notice": entry.notice_version}
        audit.note(session, now, operator(), "consent.grant", f"contact:{contact.id}", details)
        click.echo(_("«%(name)s» aceptó, bajo el aviso «%(notice)s».", name=contact.name, notice=entry.notice_version))
        if entry.until:
            day = f"{entry.until.astimezone(ZoneInfo(contact.timezone)):%Y-%m-%d}"
            click.echo(_("Vale hasta el %(day)s.", day=day))


@click.command(
    help=_(
        "Anota que una persona pidió no recibir mensajes, por una vía o para una finalidad.\n\n"
        'Ejemplo: outreach contacts withdraw 12 --source "por teléfono" --channel correo --purpose boletines'
    )
)
@click.argument("contact_id", metavar="ID", type=ROW)
@_told
def withdraw(
    contact_id: int,
    source: str,
    channel: str,
    purpose: str,
    evidence: str,
    kind: str | None,
    scan: Path | None,
    when: str | None,
) -> None:
    """Append a withdrawal to the ledger."""
    with opened() as platform, platform.transaction() as session:
        now = platform.clock.now()
        contact = people.get(session, contact_id)
        consent.withdraw(
            session,
            contact.id,
            channel,
            purpose=purpose,
            source=source,
            at=_moment(when, contact.timezone, now),
            by=operator(),
            **_shown(platform, evidence, kind, scan),
        )
        details = {"channel": channel, "purpose": purpose}
        audit.note(session, now, operator(), "consent.withdraw", f"contact:{contact.id}", details)
        click.echo(_("La baja de «%(name)s» quedó anotada y ya vale.", name=contact.name))


@click.command(
    help=_(
        "Pregunta a una persona por correo si confirma que quiere recibir mensajes; sin su respuesta no hay "
        "consentimiento. No se le pregunta otra vez antes de que venza el plazo.\n\n"
        'Ejemplo: outreach contacts confirm 12 --source "lista del evento" --purpose eventos'
    )
)
@click.argument("contact_id", metavar="ID", type=ROW)
@click.option("--source", required=True, metavar=_("TEXTO"), help=_("Dónde lo dijo."))
@click.option(
    "--purpose",
    "purposes",
    multiple=True,
    type=click.Choice(_PURPOSES),
    help=_("Para qué; si no, para todo. Puede repetirse."),
)
@click.option("--evidence", default="", metavar=_("TEXTO"), help=_("Dónde está la prueba, por ejemplo un folio."))
@click.option("--notice", metavar=_("VERSIÓN"), help=_("Bajo qué aviso de privacidad; si no, el vigente."))
def confirm(contact_id: int, source: str, purposes: tuple[str, ...], evidence: str, notice: str | None) -> None:
    """Ask a person by e-mail to confirm."""
    with opened() as platform, platform.transaction() as session:
        contact = people.get(session, contact_id)
        asked = confirming.ask_to_confirm(
            platform,
            session,
            contact.id,
            Channel.EMAIL,
            purposes or (consent.ALL,),
            notice=notice,
            source=source,
            evidence=evidence,
            by=operator(),
        )
        details = {"channel": Channel.EMAIL.value, "purpose": ", ".join(asked.ask.purposes)}
        audit.note(session, platform.clock.now(), operator(), "consent.ask", f"contact:{contact.id}", details)
        day = f"{asked.ask.until.astimezone(ZoneInfo(contact.timezone)):%Y-%m-%d %H:%M}"
        click.echo(
            _(
                "Se preguntará por correo a «%(name)s» en cuanto haya quien envíe. Puede contestar hasta el %(day)s.",
                name=contact.name,
                day=day,
            )
        )


@click.command(
    help=_(
        "Lista los consentimientos que vencen pronto; quien los ve queda en la bitácora.\n\n"
        "Ejemplo: outreach contacts expiring --days 30"
    )
)
@click.option("--days", default=expiring_.SOON_DAYS, type=COUNT, help=_("En cuántos días; si no, 60."))
@click.option("--json", "as_json", is_flag=True, help=_("Escribe el resultado como JSON."))
def expiring(days: int, *, as_json: bool) -> None:
    """List the consents that end within so many days."""
    with opened() as platform:
        now = platform.clock.now()
        with platform.transaction() as session:
            found = expiring_.soon(session, now, days, size=_EVERYTHING)
            audit.note(session, now, operator(), "contacts.ending", details={"shown": len(found)})
        zone = ZoneInfo(platform.settings.zone)
    if as_json:
        rows = [
            {
                "id": one.contact.id,
                "name": one.contact.name,
                "channel": one.entry.channel,
                "purpose": one.entry.purpose,
                "until": one.entry.until.isoformat() if one.entry.until else None,
            }
            for one in found
        ]
        print_json(rows)
        return
    if not found:
        click.echo(_("Ninguno vence en ese plazo."))
        return
    table(
        ["ID", _("Nombre"), _("Vía"), _("Finalidad"), _("Hasta")],
        [
            [
                str(one.contact.id),
                one.contact.name,
                one.entry.channel,
                one.entry.purpose,
                f"{one.entry.until.astimezone(zone):%Y-%m-%d}" if one.entry.until else "",
            ]
            for one in found
        ],
    )


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


COMMANDS = (consent_, optin, withdraw, optout, confirm, expiring)
