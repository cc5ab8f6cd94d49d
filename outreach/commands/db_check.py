"""`outreach db check`: one line for each invariant of the installation."""

from collections.abc import Iterable

import click

from outreach import database
from outreach.clock import SystemClock
from outreach.config import Settings
from outreach.i18n import gettext as _
from outreach.safekeeping.checks import Answer, check
from outreach.terminal import print_json
from outreach.words.safekeeping import INVARIANTS, KINDS

HOLDS, BROKEN, REMARK = "✓", "✗", "·"


@click.command(
    "check",
    help=_(
        "Comprueba que nada se perdió ni se repitió, sin detener a nadie: una línea por regla, con ✓ o ✗, cuántos "
        "renglones la rompen y algunos de sus números. Sale con 1 si alguna no se cumple; · es sólo un aviso.\n\n"
        "Ejemplo: outreach db check"
    ),
)
@click.option("--json", "as_json", is_flag=True, help=_("Escribe el resultado como JSON."))
def command(*, as_json: bool) -> int:
    """Ask every invariant and tell how it stands."""
    settings = Settings.read()
    found = answers(settings)
    whole = all(answer.holds for answer in found)
    if as_json:
        print_json({"ok": whole, "checks": [_plain(answer) for answer in found]})
    else:
        show(found)
        click.echo(_("Todo está en orden.") if whole else _("Hay reglas que no se cumplen. Vea docs/operations.md."))
    return 0 if whole else 1


def answers(settings: Settings) -> list[Answer]:
    """Return how each invariant of the settings' installation stands; nothing is made, changed or upgraded."""
    engine = database.connect(settings.database)
    try:
        database.existing(engine)
        return list(check(engine, SystemClock().now(), settings.zone))
    finally:
        engine.dispose()


def show(found: Iterable[Answer]) -> None:
    """Print one line an invariant, and one for each remark that there is to make."""
    for answer in found:
        if answer.remark and not answer.found:
            continue
        mark = HOLDS if not answer.found else REMARK if answer.remark else BROKEN
        line = f"{mark} {_(INVARIANTS[answer.code])}"
        if answer.found:
            kind = f"{_(KINDS[answer.of])} " if answer.of else ""
            shown = ", ".join(str(example) for example in answer.examples)
            more = ", …" if answer.found > len(answer.examples) else ""
            line += f": {answer.found:,} ({kind}{shown}{more})"
        click.echo(line)


def _plain(answer: Answer) -> dict[str, object]:
    return {
        "name": answer.code,
        "says": _(INVARIANTS[answer.code]),
        "ok": answer.holds,
        "remark": answer.remark,
        "found": answer.found,
        "of": answer.of,
        "examples": list(answer.examples),
    } | answer.details
