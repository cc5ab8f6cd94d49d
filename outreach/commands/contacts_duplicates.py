"""`outreach contacts duplicates`: people who may be there twice: list them, make one of two, and two again."""

import click

from contacts import duplicates, people, unifying
from contacts.errors import refuse
from contacts.sameness import LikePair
from outreach import audit
from outreach.i18n import gettext as _
from outreach.i18n import ngettext
from outreach.platform import opened
from outreach.terminal import COUNT, ROW, operator, print_json, table
from outreach.words.duplicates import FIELD_WORDS, reason_list

REASONS = {"correo": "same_email", "numero": "same_phone", "nombre": "like_name"}


@click.group(
    name="duplicates",
    help=_(
        "Personas que quizá están dos veces: verlas, unirlas, separarlas.\n\n"
        "Ejemplo: outreach contacts duplicates list --search"
    ),
)
def group() -> None:
    """Group of the commands on people who are there twice."""


@group.command(
    name="list",
    help=_(
        "Lista los pares que quizá son una persona, del más al menos parecido; quien los ve queda en la bitácora.\n\n"
        "Con --search se compara antes a todas las personas: correos, números, y nombres de la misma ciudad.\n\n"
        "Ejemplo: outreach contacts duplicates list --search --reason correo"
    ),
)
@click.option("--search", is_flag=True, help=_("Busca otra vez antes de listar."))
@click.option("--reason", type=click.Choice(list(REASONS)), help=_("Sólo los de este motivo."))
@click.option("--limit", default=50, type=COUNT, help=_("Cuántos, 0 para todos; si no, 50."))
@click.option("--json", "as_json", is_flag=True, help=_("Escribe el resultado como JSON."))
def list_(reason: str | None, limit: int, *, search: bool, as_json: bool) -> None:
    """List pairs, after a new search if asked."""
    with opened() as platform:
        if search:
            with platform.reading() as session:
                found = duplicates.search(session)
            with platform.transaction() as session:
                at, count = platform.clock.now(), duplicates.keep(session, found, at=platform.clock.now())
                audit.note(session, at, operator(), "contacts.find_duplicates", details={"pairs": count})
        with platform.transaction() as session:
            wanted = duplicates.proposed(REASONS[reason] if reason else "")
            pairs = list(session.scalars(wanted.limit(limit) if limit else wanted))
            ids = {number for pair in pairs for number in (pair.first_id, pair.second_id)}
            names = {number: people.get(session, number).name for number in sorted(ids)}
            audit.note(session, platform.clock.now(), operator(), "contacts.duplicates", details={"shown": len(names)})
            session.expunge_all()
    if as_json:
        print_json([_as_object(pair, names) for pair in pairs])
        return
    if not pairs:
        click.echo(_("No hay pares por revisar. Para comparar otra vez: outreach contacts duplicates list --search"))
        return
    table(
        ["ID", _("Nombre"), "ID", _("Nombre"), "%", _("Por qué")],
        [
            [
                str(pair.first_id),
                names[pair.first_id],
                str(pair.second_id),
                names[pair.second_id],
                str(pair.score),
                ", ".join(reason_list(pair)),
            ]
            for pair in pairs
        ],
    )


def _as_object(pair: LikePair, names: dict[int, str]) -> dict[str, object]:
    return {
        "people": [{"id": number, "name": names[number]} for number in (pair.first_id, pair.second_id)],
        "score": pair.score,
        "reasons": [name for name in duplicates.REASONS if getattr(pair, name)],
    }


@group.command(
    help=_(
        "Une fichas de una misma persona: la primera queda, las otras llevan a ella. Se puede deshacer.\n\n"
        "Se conservan todas las direcciones, redes, consentimientos, mensajes y envíos. Con --keep se dice de qué "
        "ficha queda un dato: nombre, pais, ciudad, zona, idioma, organizacion.\n\n"
        "Ejemplo: outreach contacts duplicates merge 12 48 --keep nombre=48"
    )
)
@click.argument("survivor", metavar="ID", type=ROW)
@click.argument("others", metavar=_("OTRA"), type=ROW, nargs=-1, required=True)
@click.option("--keep", multiple=True, metavar=_("DATO=ID"), help=_("De qué ficha queda un dato. Puede repetirse."))
def merge(survivor: int, others: tuple[int, ...], keep: tuple[str, ...]) -> None:
    """Make people one."""
    choices = {}
    for text in keep:
        name, equals, number = text.partition("=")
        if not equals or not number.isdecimal():
            raise refuse("keep_form", "--keep", text)
        choices[name.strip()] = int(number)
    with opened() as platform, platform.transaction() as session:
        at, who = platform.clock.now(), operator()
        done = unifying.merge(session, survivor, others, choices=choices, at=at, by=who)
        details = {"people": [survivor, *others], "merge": done.id}
        audit.note(session, at, who, "contacts.merge", f"contact:{survivor}", details)
        click.echo(
            _(
                "Unión %(id)s: ahora son una persona, la ficha %(survivor)s, «%(name)s». "
                "Para separarlas: outreach contacts duplicates undo %(id)s",
                id=done.id,
                survivor=survivor,
                name=people.get(session, survivor).name,
            )
        )


@group.command(
    help=_(
        "Deshace una unión: vuelven a ser las personas que eran. Lo que llegó después se queda en la ficha que quedó, "
        "y las bajas de entonces valen para todas.\n\nEjemplo: outreach contacts duplicates undo 3"
    )
)
@click.argument("merge_id", metavar=_("UNIÓN"), type=ROW)
def undo(merge_id: int) -> None:
    """Make two people of one again."""
    with opened() as platform, platform.transaction() as session:
        at, who = platform.clock.now(), operator()
        undone = unifying.undo(session, merge_id, at=at, by=who)
        survivor = undone.merge.survivor_id
        details = {"people": [survivor, *undone.people], "merge": merge_id}
        audit.note(session, at, who, "contacts.unmerge", f"contact:{survivor}", details)
    numbers = ", ".join(map(str, (survivor, *undone.people)))
    click.echo(_("Son otra vez personas distintas: fichas %(numbers)s.", numbers=numbers))
    if undone.fields:
        fields = ", ".join(_(FIELD_WORDS[name]) for name in undone.fields)
        click.echo(_("Alguien cambió después: %(fields)s. Así se queda.", fields=fields))
    if undone.withdrawals:
        click.echo(
            ngettext(
                "%(n)s baja posterior vale para todas: no se sabe cuál la pidió.",
                "%(n)s bajas posteriores valen para todas: no se sabe cuál las pidió.",
                undone.withdrawals,
            )
        )


@group.command(
    help=_(
        "Anota que dos no son la misma persona: no se vuelven a proponer. Con --undo se quita lo anotado.\n\n"
        "Ejemplo: outreach contacts duplicates dismiss 12 48"
    )
)
@click.argument("one", metavar="ID", type=ROW)
@click.argument("other", metavar=_("OTRA"), type=ROW)
@click.option("--undo", "back", is_flag=True, help=_("Quita lo anotado: quizá sí son la misma."))
def dismiss(one: int, other: int, *, back: bool) -> None:
    """Note that two are not the same person, or take it back."""
    with opened() as platform, platform.transaction() as session:
        at, who = platform.clock.now(), operator()
        if back and not duplicates.reconsider(session, one, other):
            raise refuse("dismissed_not", "persona", one, other=other)
        if not back:
            duplicates.dismiss(session, one, other, at=at, by=who)
        action = "contacts.reconsider" if back else "contacts.dismiss"
        audit.note(session, at, who, action, f"contact:{one}", {"people": [one, other]})
    if back:
        click.echo(_("Las fichas %(one)s y %(other)s quizá son de la misma persona.", one=one, other=other))
    else:
        click.echo(_("Las fichas %(one)s y %(other)s no son de la misma persona.", one=one, other=other))


COMMANDS = (group,)
