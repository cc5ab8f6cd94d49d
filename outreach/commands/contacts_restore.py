"""What `outreach contacts import` reads besides lists: everything at once (`--all`), and files under a password."""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import click

from contacts.errors import refuse
from outreach import audit
from outreach.commands import passwords
from outreach.exports import sealing
from outreach.i18n import gettext as _
from outreach.i18n import ngettext
from outreach.platform import opened
from outreach.safekeeping import people_dump
from outreach.terminal import operator, print_json

MOST_UNSEALED = 1 << 30  # bytes of a list once it is open
_OWN = ("everything", "other_secret", "asks", "password_file", "password_stdin")


def also(command: click.Command) -> click.Command:
    """Give the command that imports a list these two ways more; a list itself is its own business."""
    bring = command.callback
    assert bring is not None

    def _import(**said: Any) -> None:
        own = {name: said.pop(name) for name in _OWN}
        ways = {name: own[name] for name in ("asks", "password_file", "password_stdin")}
        password = passwords.said(twice=False, **ways)
        if own["everything"]:
            _alone(said)
            _restore(said["file"], password, other_secret=own["other_secret"], as_json=said["as_json"])
            return
        with _unsealed(said["file"], password) as file:
            bring(**{**said, "file": file})

    command.callback = _import
    for option in (
        click.option(
            "--all",
            "everything",
            is_flag=True,
            help=_("Trae todo lo de un outreach contacts export --all, a una instalación vacía."),
        ),
        click.option(
            "--other-secret",
            is_flag=True,
            help=_("Con --all: tráelo aunque aquí no se reconozcan las direcciones suprimidas."),
        ),
        passwords.options(_("Pregunta la contraseña del archivo.")),
    ):
        option(command)
    return command


def _alone(said: dict[str, Any]) -> None:
    """Refuse `export_all_alone` with what only makes sense for a list."""
    context = click.get_current_context()
    for parameter in context.command.params:
        name = parameter.name or ""
        source = context.get_parameter_source(name)
        if name in said and name not in {"file", "as_json"} and source is click.core.ParameterSource.COMMANDLINE:
            raise refuse("export_all_alone", "--all", parameter.opts[0])


@contextmanager
def _unsealed(file: Path, password: str) -> Iterator[Path]:
    """Give a block the file itself, or what is in a sealed one, for as long as the block lasts."""
    if not sealing.sealed(file):
        yield file
        return
    if not password:
        raise refuse("seal_needs", "", file.name)
    with tempfile.TemporaryDirectory(prefix="outreach-") as folder:  # for its owner alone
        yield sealing.unseal(file, password, Path(folder), MOST_UNSEALED)


@contextmanager
def _bytes_of(file: Path, password: str) -> Iterator[IO[bytes]]:
    """Open a file, sealed or not. Refuses `file_missing`, `file_unreadable`, and what `sealing.opened` refuses."""
    try:
        if not sealing.sealed(file):
            with file.open("rb") as plain:
                yield plain
            return
    except FileNotFoundError:
        raise refuse("file_missing", "", file) from None
    except OSError as error:
        raise refuse("file_unreadable", "", file, reason=str(error.strerror or error)) from None
    if not password:
        raise refuse("seal_needs", "", file.name)
    with sealing.opened(file, password) as (_name, inside):
        yield inside


def _restore(file: Path, password: str, *, other_secret: bool, as_json: bool) -> None:
    with (
        opened() as platform,
        _bytes_of(file, password) as inside,
        click.progressbar(length=0, label=_("Trayendo renglones"), file=sys.stderr) as bar,
        platform.transaction() as session,
    ):

        def begin(total: int) -> None:
            bar.length = total

        brought = people_dump.read(session, inside, other_secret=other_secret, begin=begin, tell=bar.update)
        total = sum(brought.values())
        details = {"file": file.name, "rows": total, "persons": brought["contact"]}
        audit.note(session, platform.clock.now(), operator(), "contacts.import_all", details=details)
    if as_json:
        print_json({"rows": total, "tables": brought})
        return
    for name, count in brought.items():
        if count:
            click.echo(f"{name}: {count:,}")
    click.echo(ngettext("%(n)s renglón, igual que en el archivo.", "%(n)s renglones, igual que en el archivo.", total))
