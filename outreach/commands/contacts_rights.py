"""`outreach contacts rights`: requests about one's own data (ARCO), from their reception to their answer."""

from datetime import date, datetime

import click
from sqlalchemy.orm import Session

from contacts import rights
from contacts.rights import Asked, Right, RightsRequest, Standing
from outreach import audit, erasing
from outreach.commands import contacts_erase
from outreach.commands.contacts_erase import confirm, said
from outreach.i18n import gettext as _
from outreach.platform import Platform, opened
from outreach.terminal import ROW, local, operator, print_json, table
from outreach.words.contacts import RIGHTS, STANDINGS

_json = click.option("--json", "as_json", is_flag=True, help=_("Escribe el resultado como JSON."))
_DAY = click.DateTime(["%Y-%m-%d"])


@click.group(
    name="rights",
    help=_(
        "Solicitudes de derechos ARCO: acceso, rectificación, cancelación y oposición.\n\n"
        "Ejemplo: outreach contacts rights list --state vencida"
    ),
)
def rights_() -> None:
    """Group of the commands on requests."""


def _today(platform: Platform) -> date:
    return date.fromisoformat(local(platform.clock.now(), platform.settings.zone)[:10])


def _as_object(one: RightsRequest, today: date) -> dict[str, object]:
    return {
        "folio": one.folio,
        "kind": one.kind,
        "state": one.standing(today),
        "contact_id": one.contact_id,
        "requester": one.requester,
        "reply_to": one.reply_to,
        "detail": one.detail,
        "identity": one.identity,
        "received_on": one.received_on.isoformat(),
        "due_on": one.due_on.isoformat(),
        "extended_days": one.extended_days,
        "extended_why": one.extended_why,
        "answer": one.answer,
        "answered_at": one.answered_at.isoformat() if one.answered_at else None,
        "executed_at": one.executed_at.isoformat() if one.executed_at else None,
    }


def _note(platform: Platform, session: Session, action: str, one: RightsRequest, **details: object) -> None:
    subject = f"contact:{one.contact_id}" if one.contact_id else f"request:{one.folio}"
    audit.note(session, platform.clock.now(), operator(), f"rights.{action}", subject, {"folio": one.folio, **details})


@rights_.command(
    name="list",
    help=_(
        "Lista las solicitudes: primero las que faltan, por su fecha límite.\n\n"
        "Ejemplo: outreach contacts rights list --kind acceso"
    ),
)
@click.option("--kind", type=click.Choice([*map(str, Right)]), help=_("Sólo las de este derecho."))
@click.option("--state", type=click.Choice([*map(str, Standing)]), help=_("Sólo las que están así."))
@_json
def list_(kind: str | None, state: str | None, *, as_json: bool) -> None:
    """List requests."""
    with opened() as platform:
        today = _today(platform)
        with platform.transaction() as session:
            found = list(session.scalars(rights.listed(kind or "", state or "", today=today)))
            audit.note(session, platform.clock.now(), operator(), "rights.list", details={"shown": len(found)})
    if as_json:
        print_json([_as_object(one, today) for one in found])
        return
    if not found:
        click.echo(_("No hay solicitudes así. Anote una con: outreach contacts rights add"))
        return
    table(
        [_("Folio"), _("Derecho"), _("Estado"), _("Recibida"), _("Límite"), _("Solicitante")],
        [
            [
                one.folio,
                _(RIGHTS[one.kind]),
                _(STANDINGS[one.standing(today)]),
                str(one.received_on),
                str(one.due_on),
                one.requester,
            ]
            for one in found
        ],
    )


@rights_.command(
    help=_(
        "Anota una solicitud y calcula su fecha límite en días hábiles.\n\n"
        'Ejemplo: outreach contacts rights add cancelacion --contact 12 --received 2025-06-20 --identity "credencial"'
    )
)
@click.argument("kind", metavar=_("DERECHO"), type=click.Choice([*map(str, Right)]))
@click.option("--contact", "contact_id", type=ROW, help=_("Número de la persona en la base."))
@click.option("--name", default="", help=_("Nombre de quien la pide, si no está en la base."))
@click.option("--reply-to", default="", metavar=_("TEXTO"), help=_("Adónde se manda la respuesta."))
@click.option("--detail", default="", metavar=_("TEXTO"), help=_("Qué pide, en sus palabras."))
@click.option("--identity", default="", metavar=_("TEXTO"), help=_("Cómo se comprobó su identidad."))
@click.option("--received", type=_DAY, help=_("Día en que se recibió; si no, hoy."))
@_json
def add(
    kind: str, contact_id: int | None, name: str, received: datetime | None, *, as_json: bool, **texts: str
) -> None:
    """Write a request down."""
    with opened() as platform, platform.transaction() as session:
        today = _today(platform)
        asked = Asked(
            kind=kind,
            received_on=received.date() if received else today,
            contact_id=contact_id,
            requester=name,
            **texts,
        )
        one = rights.receive(
            session, asked, platform.settings.terms, today=today, at=platform.clock.now(), by=operator()
        )
        _note(platform, session, "receive", one, kind=one.kind.value)
        if as_json:
            print_json(_as_object(one, today))
        else:
            click.echo(_("Solicitud %(folio)s, con fecha límite %(day)s.", folio=one.folio, day=one.due_on))


@rights_.command(
    help=_("Muestra una solicitud; quien la ve queda en la bitácora.\n\nEjemplo: outreach contacts rights show 3")
)
@click.argument("folio", metavar=_("FOLIO"))
@_json
def show(folio: str, *, as_json: bool) -> None:
    """Show one request."""
    with opened() as platform:
        with platform.transaction() as session:
            one = rights.find(session, folio)
            _note(platform, session, "show", one)
        today, zone, authority = _today(platform), platform.settings.zone, platform.settings.arco_authority
    if as_json:
        print_json(_as_object(one, today) | {"authority": authority})
        return
    click.echo(f"{one.folio}: {_(RIGHTS[one.kind])}, {_(STANDINGS[one.standing(today)])}")
    for name, value in (
        (_("Solicitante"), one.requester),
        (_("Persona"), str(one.contact_id or "")),
        (_("Responder a"), one.reply_to),
        (_("Pide"), one.detail),
        (_("Identidad"), one.identity),
        (_("Recibida"), str(one.received_on)),
        (_("Límite"), str(one.due_on)),
        (_("Prórroga"), one.extended_why),
        (_("Hecho"), local(one.executed_at, zone)),
        (_("Respuesta"), one.answer),
        (_("Enviada"), local(one.answered_at, zone)),
        (_("Se reclama ante"), authority),
    ):
        if value:
            click.echo(f"  {name}: {value}")


@rights_.command(
    help=_(
        "Anota cómo se comprobó que quien pide es esa persona.\n\n"
        'Ejemplo: outreach contacts rights identify ARCO-2025-0003 "credencial para votar"'
    )
)
@click.argument("folio", metavar=_("FOLIO"))
@click.argument("how", metavar=_("CÓMO"))
def identify(folio: str, how: str) -> None:
    """Note how identity was checked."""
    with opened() as platform, platform.transaction() as session:
        one = rights.hold(session, rights.find(session, folio).id)
        rights.identify(one, how)
        _note(platform, session, "identify", one)
    click.echo(_("Anotado en %(folio)s.", folio=one.folio))


@rights_.command(
    help=_(
        "Prorroga una solicitud, una vez y a lo más por otro tanto.\n\n"
        'Ejemplo: outreach contacts rights extend ARCO-2025-0003 10 --reason "hay que buscar en papel"'
    )
)
@click.argument("folio", metavar=_("FOLIO"))
@click.argument("days", metavar=_("DÍAS"), type=click.IntRange(0, 1000))
@click.option("--reason", required=True, metavar=_("MOTIVO"), help=_("Por qué."))
def extend(folio: str, days: int, reason: str) -> None:
    """Lengthen the term."""
    with opened() as platform, platform.transaction() as session:
        one = rights.hold(session, rights.find(session, folio).id)
        closed = platform.settings.non_working_days
        at, today = platform.clock.now(), _today(platform)
        rights.extend(one, days=days, why=reason, closed=closed, today=today, at=at, by=operator())
        _note(platform, session, "extend", one, days=days)
    click.echo(_("Nueva fecha límite de %(folio)s: %(day)s.", folio=one.folio, day=one.due_on))


@rights_.command(
    help=_(
        "Anota la respuesta que se envió, y cierra la solicitud.\n\n"
        'Ejemplo: outreach contacts rights answer ARCO-2025-0003 "Se suprimieron sus datos."'
    )
)
@click.argument("folio", metavar=_("FOLIO"))
@click.argument("text", metavar=_("TEXTO"))
def answer(folio: str, text: str) -> None:
    """Note an answer."""
    with opened() as platform, platform.transaction() as session:
        one = rights.hold(session, rights.find(session, folio).id)
        rights.answer(one, text=text, at=platform.clock.now(), by=operator())
        _note(platform, session, "answer", one)
    click.echo(_("Contestada: %(folio)s.", folio=one.folio))


@rights_.command(
    help=_(
        "Hace lo que pide una solicitud: la oposición retira todo consentimiento; la cancelación suprime a la persona "
        "y no se puede deshacer.\n\n"
        "Ejemplo: outreach contacts rights execute ARCO-2025-0003"
    )
)
@click.argument("folio", metavar=_("FOLIO"))
@click.option("--yes", is_flag=True, help=_("No pregunta antes de suprimir."))
def execute(folio: str, *, yes: bool) -> None:
    """Carry a request out."""
    with opened() as platform:
        with platform.reading() as session:
            one = rights.find(session, folio)
            rights.ready(one, one.kind)
        if one.kind is Right.CANCELLATION and one.contact_id:
            confirm(platform, one.contact_id, yes=yes)
        erased = None
        with platform.transaction() as session:
            erasing.begin(session)
            one = rights.hold(session, one.id)
            at, who = platform.clock.now(), operator()
            if one.kind is Right.CANCELLATION:
                erased = rights.cancel(session, one, at=at, by=who)
                erasing.noted(session, erased, at=at, by=who, why=one.folio)
            elif one.kind is Right.OPPOSITION:
                source = _("oposición %(folio)s", folio=one.folio)
                rights.oppose(session, one, source=source, at=at, by=who)
            else:
                rights.done(one, at=at, by=who)
            _note(platform, session, "execute", one, kind=one.kind.value)
        if erased:
            erasing.settle(platform.settings.data, platform.engine, erased)
            said(erased)
    click.echo(_("Hecho lo que pide %(folio)s. Falta contestar, si no se ha hecho.", folio=one.folio))


for each in contacts_erase.OF_RIGHTS:
    rights_.add_command(each)

COMMANDS = (rights_,)
