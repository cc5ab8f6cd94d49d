"""The command line: `outreach`. Each command lives in outreach/commands and is read only when it is called."""

import sys
from importlib import import_module

import click

from contacts.errors import Refused
from outreach import words
from outreach.i18n import from_environment, gettext, set_language

COMMANDS = (
    "campaigns",
    "contacts",
    "db",
    "demo",
    "informe",
    "register",
    "rehearse",
    "serve",
    "simulator",
    "user",
)


class Outreach(click.Group):
    """Finds commands by name in outreach/commands/NAME.py, where each is called `command`."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Every command there is."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Read one command's module."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"outreach.commands.{cmd_name}").command
        return command


def main() -> None:
    """Run the command line: exit 2 and plain words for what the reader can mend, never a traceback."""
    set_language(from_environment())
    outreach = Outreach(
        name="outreach",
        help=gettext("Mensajes a la ciudadanía de la Ciudad de México en el extranjero, su registro y sus informes."),
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    )
    try:
        code = outreach(standalone_mode=False)  # click hands back what a command left with
    except Refused as refused:
        for sentence in words.explain_all(refused):
            click.echo(sentence, err=True)
        sys.exit(2)
    except click.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    sys.exit(code if isinstance(code, int) else 0)
