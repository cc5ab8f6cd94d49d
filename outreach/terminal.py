"""What the commands share: who runs them, tables, JSON."""

import getpass
import json
from collections.abc import Iterable, Sequence

import click


def operator() -> str:
    """Return who works at the terminal, for the audit log."""
    try:
        return f"terminal:{getpass.getuser()}"
    except (KeyError, OSError):  # a container without a name for its user
        return "terminal"


def print_json(value: object) -> None:
    """Print a value as JSON, for programs."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a plain table: columns two spaces apart, as wide as they need."""
    lines = [[" ".join(str(cell).split()) for cell in row] for row in (headers, *rows)]
    widths = [max(len(line[number]) for line in lines) for number in range(len(headers))]
    for line in lines:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
