"""What click says by itself, in the language of whoever reads: click asks the standard library's gettext for it."""

import gettext
import os
from pathlib import Path

import click

from outreach.i18n import gettext as _
from outreach.i18n import language

CATALOGUES = Path(__file__).parent / "translations" / "click"


def speak() -> None:
    """Let click speak the language in force; its texts are English, and a catalogue has their Spanish."""
    os.environ["LANGUAGE"] = language()  # what the standard library goes by, before any LC_… of the terminal
    gettext.bindtextdomain("messages", str(CATALOGUES))  # the domain in which click asks


def named(command: click.Command) -> click.Command:
    """Name what click leaves in English whatever the language: the parts of a usage line and the types of options."""
    command.options_metavar = _("[OPCIONES]")
    if isinstance(command, click.Group):
        command.subcommand_metavar = _("ORDEN [ARGUMENTOS]…")
        for each in command.commands.values():
            named(each)
    types = {
        "text": _("TEXTO"),
        "integer": _("NÚMERO"),
        "integer range": _("NÚMERO"),
        "float": _("NÚMERO"),
        "float range": _("NÚMERO"),
        "filename": _("ARCHIVO"),
    }
    for option in command.params:
        if isinstance(option, click.Option) and option.metavar is None:
            option.metavar = types.get(option.type.name)
    return command
