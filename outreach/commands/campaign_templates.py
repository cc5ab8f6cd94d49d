"""`outreach campaigns templates`: the WhatsApp templates that a campaign may use."""

import re

import click
from sqlalchemy import select

from campaigns import templates
from campaigns.models import WhatsAppTemplate
from contacts.errors import Fault, Refused, refuse
from outreach import audit
from outreach.i18n import gettext as _
from outreach.i18n import ngettext
from outreach.platform import opened
from outreach.terminal import operator, print_json, table

CATEGORIES = ("UTILITY", "MARKETING", "AUTHENTICATION")


@click.group(
    name="templates",
    help=_("Las plantillas de WhatsApp que una campaña puede usar.\n\nEjemplo: outreach campaigns templates list"),
)
def command() -> None:
    """Group of the commands on templates."""


@command.command(name="list", help=_("Lista las plantillas.\n\nEjemplo: outreach campaigns templates list"))
@click.option("--json", "as_json", is_flag=True, help=_("Escribe el resultado como JSON."))
def list_(*, as_json: bool) -> None:
    """List what is known of templates."""
    with opened() as platform, platform.reading() as session:
        found = session.scalars(select(WhatsAppTemplate).order_by(WhatsAppTemplate.name)).all()
        if as_json:
            print_json(
                [
                    {
                        "sid": one.sid,
                        "name": one.name,
                        "language": one.language,
                        "category": one.category,
                        "status": one.status,
                        "body": one.body,
                    }
                    for one in found
                ]
            )
        elif not found:
            click.echo(_("No hay plantillas. Tráigalas con: outreach campaigns templates sync"))
        else:
            table(
                ["SID", _("Nombre"), _("Idioma"), _("Categoría"), _("Estado")],
                [[one.sid, one.name, one.language, one.category, one.status] for one in found],
            )


@command.command(
    help=_(
        "Anota una plantilla aprobada, o lo que cambió en ella.\n\n"
        "Ejemplo: outreach campaigns templates add HX0123456789abcdef0123456789abcdef --name aviso "
        '--category UTILITY --body "Hola {{1}}, hay un aviso para usted."'
    )
)
@click.argument("sid")
@click.option("--name", required=True, help=_("Nombre con que las campañas la llaman."))
@click.option("--category", required=True, type=click.Choice(CATEGORIES, case_sensitive=False), help=_("Categoría."))
@click.option("--body", required=True, help=_("Texto, con {{1}}, {{2}} … donde van los valores."))
@click.option("--language", default="es", show_default=True, help=_("Idioma: es o en."))
@click.option("--status", default="approved", show_default=True, help=_("Lo que Meta dice de ella."))
def add(sid: str, name: str, category: str, body: str, language: str, status: str) -> None:
    """Write a template down by hand."""
    faults = [
        Fault(code, where, value)
        for code, where, value, good in (
            ("template_sid", "SID", sid, re.fullmatch(r"HX[0-9a-fA-F]{32}", sid)),
            ("field_missing", "--name", name, name.strip()),
            ("field_missing", "--body", body, body.strip()),
            ("template_language", "--language", language, language in {"es", "en"}),
        )
        if not good
    ]
    if faults:
        raise Refused(faults)
    with opened() as platform, platform.transaction() as session:
        now = platform.clock.now()
        templates.put(session, sid, name=name, language=language, category=category, status=status, body=body, at=now)
        audit.note(session, now, operator(), "template.put", f"template:{sid}", {"category": category})
        click.echo(_("Plantilla «%(name)s» anotada.", name=name))


@command.command(help=_("Trae las plantillas de la cuenta de Twilio.\n\nEjemplo: outreach campaigns templates sync"))
def sync() -> None:
    """Poll the account now; the scheduler does it every hour."""
    from outreach.channels.twilio_polling import TwilioDesk  # Twilio's library, which no other command shall wait for
    from outreach.template_desk import poll

    with opened() as platform:
        settings = platform.settings
        if not settings.twilio_sid:
            raise refuse("twilio_keys_missing", "TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN")
        desk = TwilioDesk(
            settings.twilio_sid,
            settings.twilio_tokens[0],
            base_url=settings.twilio_url,
            timeout=settings.provider_timeout,
            clock=platform.clock,
        )
        n = poll(platform, desk)
        click.echo(ngettext("%(n)s plantilla al día.", "%(n)s plantillas al día.", n))
