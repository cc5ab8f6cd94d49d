"""What the commands share: who runs them, tables, JSON."""

import getpass
import json
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import click

from outreach.i18n import gettext as _

MOST_ROWS = 2**31 - 1  # of a table, in every database


class Row(click.ParamType[int]):
    """The number by which lists show a row."""

    name = "integer"

    def convert(self, value: str | int, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the number; anything else is a mistake in the command."""
        if re.fullmatch(r"[0-9]{1,10}", str(value)) and 1 <= int(value) <= MOST_ROWS:
            return int(value)
        return self.fail(
            _("«%(value)s» debe ser un número como los que muestran las listas, por ejemplo 3.", value=value),
            param,
            ctx,
        )


ROW = Row()
COUNT = click.IntRange(0, 1_000_000)


def operator() -> str:
    """Return who works at the terminal, for the audit log."""
    try:
        return f"terminal:{getpass.getuser()}"
    except (KeyError, OSError):  # a container without a name for its user
        return "terminal"


def local(moment: datetime | None, zone: str) -> str:
    """Return a moment as a terminal shows it, in a named zone; "" for none."""
    return f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}" if moment else ""


def print_json(value: object) -> None:
    """Print a value as JSON, for programs."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a plain table: columns two spaces apart, as wide as they need."""
    lines = [[" ".join(str(cell).split()) for cell in row] for row in (headers, *rows)]
    widths = [max(len(line[number]) for line in lines) for number in range(len(headers))]
    for line in lines:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
