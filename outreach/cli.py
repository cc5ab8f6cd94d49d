"""The command line: `outreach`. Each command lives in outreach/commands and is read only when it is called."""

import atexit
import gc
import sys
from importlib import import_module

import click

from outreach import clickwords, troubles
from outreach.i18n import gettext
from outreach.words import N_

COMMANDS = {
    "campaigns": N_("Campañas: escribirlas, programarlas, enviarlas y seguirlas."),
    "contacts": N_("Las personas, sus redes y su consentimiento."),
    "db": N_("La base de datos de la instalación."),
    "demo": N_("Demostración con el segundo trimestre de 2025 y personas ficticias."),
    "informe": N_("Los informes: sus tablas salen solas del registro."),
    "register": N_("El registro de comunicaciones: lo enviado y lo anotado a mano."),
    "rehearse": N_("Ensaya un plan completo en tiempo virtual, con su informe."),
    "resume": N_("Permite de nuevo el envío después de «stop»."),
    "serve": N_("Sirve las páginas y envía lo que toca."),
    "simulator": N_("Hace las veces de SendGrid y de Twilio en este equipo."),
    "stop": N_("Detiene de inmediato todo el envío de la instalación."),
    "user": N_("Las cuentas del personal."),
    "worker": N_("Envía junto a otros, en este equipo y en otros; con PostgreSQL."),
}


class Outreach(click.Group):
    """Finds commands by name in outreach/commands/NAME.py, where each is called `command`."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Every command there is."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Read one command's module."""
        if cmd_name not in COMMANDS:
            return None
        gc.disable()  # reading modules makes a hundred thousand objects and no rubbish
        try:
            command: click.Command = import_module(f"outreach.commands.{cmd_name}").command
        finally:
            gc.enable()
        return clickwords.named(command)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a command, or say which one may have been meant."""
        try:
            return super().resolve_command(ctx, args)
        except click.exceptions.NoSuchCommand as unknown:
            raise click.exceptions.NoSuchCommand(unknown.command_name, possibilities=COMMANDS, ctx=ctx) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Say what each command is for without reading any."""
        with formatter.section(gettext("Órdenes")):
            formatter.write_dl([(name, gettext(about)) for name, about in COMMANDS.items()])


def main() -> None:
    """Run the command line: exit 2 and plain words for what the reader can mend, never a traceback."""
    atexit.register(gc.freeze)  # nor is it worth looking for rubbish when everything goes: a fifth of a second
    if code := troubles.guarded(_run):
        sys.exit(code)


def _run() -> int:
    clickwords.speak()
    outreach = Outreach(
        name="outreach",
        help=gettext(
            "Mensajes a la ciudadanía de la Ciudad de México en el extranjero, su registro y sus informes.\n\n"
            "Ejemplo: outreach campaigns --help"
        ),
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    )
    try:
        code = clickwords.named(outreach)(standalone_mode=False)  # click hands back what a command left with
    except click.Abort:  # the line with ^C is closed already
        return troubles.INTERRUPTED
    except click.ClickException as error:
        error.show()
        return error.exit_code
    return code if isinstance(code, int) else 0
