"""Passwords at a terminal: typed without being shown, or read from a file or from the input.

Never an argument: those stay in the history of the shell and in the list of processes.
"""

import sys
import warnings
from collections.abc import Callable
from getpass import GetPassWarning
from pathlib import Path
from typing import Any

import click

from contacts.errors import refuse
from outreach.i18n import gettext as _

Command = Callable[..., Any]
LONGEST = 4096  # octets of a line


def options(ask: str) -> Callable[[Command], Command]:
    """Give a command the three ways to say a password; `ask` is the help of the one that asks."""

    def _options(command: Command) -> Command:
        for option in (
            click.option("--password-stdin", is_flag=True, help=_("Lee la contraseña de la entrada, sin preguntarla.")),
            click.option(
                "--password-file",
                metavar=_("ARCHIVO"),
                type=click.Path(path_type=Path),
                help=_("Lee la contraseña del primer renglón de este archivo."),
            ),
            click.option("--password", "asks", is_flag=True, help=ask),
        ):
            command = option(command)
        return command

    return _options


def said(*, asks: bool, password_file: Path | None, password_stdin: bool, twice: bool) -> str:
    """Return the password that the options lead to, "" when none was named.

    Refuses `password_encoding`, `password_twice`, `password_terminal`, `export_password_file`.
    """
    if password_file:
        try:
            with password_file.open("rb") as file:
                return file.readline(LONGEST).decode().rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            reason = str(getattr(error, "strerror", "") or error)
            raise refuse("export_password_file", "--password-file", password_file, reason=reason) from None
    if password_stdin:
        return line_of_input()
    if not asks:
        return ""
    return typed_twice() if twice else typed(_("Contraseña"))


def line_of_input() -> str:
    """Return the first line of the input. Refuses `password_encoding`."""
    try:
        line = sys.stdin.readline()
        line.encode()  # some terminals hand bytes that are no letters through
    except UnicodeError:
        raise refuse("password_encoding", "--password-stdin") from None
    return line.rstrip("\r\n")


def typed_twice() -> str:
    """Ask for a new password, twice. Refuses `password_twice` and `password_terminal`."""
    first = typed(_("Contraseña"))
    if first != typed(_("Otra vez")):
        raise refuse("password_twice", "contraseña")
    return first


def typed(question: str) -> str:
    """Ask without showing what is typed. Refuses `password_terminal` where it would be shown, or nobody is."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", GetPassWarning)
        try:
            answer: str = click.prompt(question, hide_input=True, err=True)
        except GetPassWarning:
            click.echo(err=True)
            raise refuse("password_terminal", "--password-stdin") from None
    return answer
