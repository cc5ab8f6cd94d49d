"""`outreach contacts edit` and `address`: a person's card, and what is done with one of their addresses."""

import click
from sqlalchemy.orm import Session

from contacts import address_book, address_history, people, sharing, tagging
from contacts.errors import refuse
from contacts.models import Address, AddressState, Contact
from outreach import audit
from outreach.i18n import gettext as _
from outreach.platform import opened
from outreach.terminal import ROW, local, operator, print_json, table
from outreach.words.addresses import change_reason, change_words, means
from outreach.words.contacts import ADDRESS_KINDS, ADDRESS_STATES

MARKS = {
    "rebota": AddressState.BOUNCED,
    "inalcanzable": AddressState.UNREACHABLE,
    "baja": AddressState.OPTED_OUT,
}
_reason = click.option("--reason", required=True, metavar=_("MOTIVO"), help=_("Por qué; queda en su historia."))
_person = click.argument("contact_id", metavar="ID", type=ROW)
_which = click.argument("address", metavar=_("DIRECCIÓN"))


@click.command(
    help=_(
        "Cambia lo que dice la ficha de una persona. Lo que no se nombra queda como está; con un texto vacío, un dato "
        "se vacía, y la zona o el idioma se proponen de nuevo según dónde vive.\n\n"
        'Ejemplo: outreach contacts edit 12 --pais Canadá --ciudad Toronto --reason "lo dijo por teléfono"'
    )
)
@_person
@click.option("--nombre", help=_("Su nombre."))
@click.option("--pais", help=_("País en que vive: su nombre o su clave."))
@click.option("--ciudad", help=_("Ciudad en que vive."))
@click.option("--zona", help=_("Zona horaria; vacía, la que se propone."))
@click.option("--idioma", help=_("es o en; vacío, el que se propone."))
@click.option("--organizacion", help=_("Organización a la que pertenece."))
@click.option("--etiquetas", help=_("Sus etiquetas, todas, separadas con punto y coma."))
@click.option("--reason", default="", metavar=_("MOTIVO"), help=_("Por qué; queda en la bitácora."))
def edit(contact_id: int, etiquetas: str | None, reason: str, **fields: str | None) -> None:
    """Edit one person."""
    with opened() as platform, platform.transaction() as session:
        at, by = platform.clock.now(), operator()
        contact = _someone(session, contact_id)
        said = {name: text for name, text in fields.items() if text is not None}
        people.edit(session, contact, said)
        if etiquetas is not None:
            tagging.put(session, contact_id, tagging.split(etiquetas), at=at, by=by)
        changed = [*said, *(["etiquetas"] if etiquetas is not None else [])]
        details = {name: value for name, value in (("fields", changed), ("reason", reason[:200])) if value}
        audit.note(session, at, by, "contacts.edit", f"contact:{contact_id}", details)
        zone, tongue = people.proposed(contact)
    click.echo(_("Persona %(id)s, «%(name)s».", id=contact.id, name=contact.name))
    where = _("se propone") if zone else _("dicha")
    click.echo(_("  Zona horaria: %(zone)s (%(how)s)", zone=contact.timezone, how=where))
    word = _("inglés") if contact.language == "en" else _("español")
    click.echo(_("  Idioma: %(language)s (%(how)s)", language=word, how=_("se propone") if tongue else _("dicho")))


def _someone(session: Session, contact_id: int) -> Contact:
    contact = people.get(session, contact_id)
    if contact.merged_into_id is not None:
        raise refuse("merge_done", "persona", contact_id, into=contact.merged_into_id)
    if contact.erased_at is not None:
        raise refuse("person_erased", "persona", contact_id)
    return contact


@click.group(
    name="address",
    help=_(
        "Las direcciones de una persona: agregar, corregir, comprobar, marcar, cerrar, quitar; y su historia.\n\n"
        'Ejemplo: outreach contacts address add 12 whatsapp "+1 212 555 0142" --reason "lo dio por correo"'
    ),
)
def address() -> None:
    """Group of the commands on addresses."""


def _one(session: Session, contact: Contact, text: str) -> Address:
    from contacts.addresses import normalise

    value = normalise(text)
    found = [one for one in contact.addresses if one.value == value]
    if not found:
        raise refuse("address_unknown", "dirección", text)
    return address_book.get(session, contact.id, found[0].id)


@address.command(
    name="add",
    help=_(
        "Da otra dirección a una persona. Se dice cómo se guarda, y quién más la tiene.\n\n"
        'Ejemplo: outreach contacts address add 12 correo ana@example.org --reason "lo dio por teléfono"'
    ),
)
@_person
@click.argument("kind", metavar=_("CLASE"), type=click.Choice(["correo", "telefono", "whatsapp"]))
@_which
@_reason
def add(contact_id: int, kind: str, address: str, reason: str) -> None:
    """Add an address."""
    with opened() as platform, platform.transaction() as session:
        contact, at = _someone(session, contact_id), platform.clock.now()
        made = address_book.add(session, contact, kind, address, reason=reason, at=at, by=operator())
        _noted(session, platform.clock.now(), contact_id, "add", made)
        others = sharing.with_whom(session, [made])[made.id]
        _told(made, others)


def _noted(session: Session, at: object, contact_id: int, act: str, one: Address) -> None:
    details = {"address": one.kind.value}
    audit.note(session, at, operator(), f"contacts.address.{act}", f"contact:{contact_id}", details)  # type: ignore[arg-type]


def _told(one: Address, others: list[Contact]) -> None:
    click.echo(
        _(
            "%(kind)s: %(value)s (%(state)s)",
            kind=_(ADDRESS_KINDS[one.kind]),
            value=one.value,
            state=_(ADDRESS_STATES[one.state]),
        )
    )
    for other in others:
        click.echo(_("  La tiene también «%(name)s», ficha %(id)s.", name=other.name, id=other.id))


@address.command(
    name="correct",
    help=_(
        "Escribe una dirección de otro modo: es otra, y nada se sabe de ella todavía.\n\n"
        'Ejemplo: outreach contacts address correct 12 ana@exmple.org ana@example.org --reason "errata"'
    ),
)
@_person
@_which
@click.argument("new", metavar=_("NUEVA"))
@_reason
def correct(contact_id: int, address: str, new: str, reason: str) -> None:
    """Correct an address."""
    with opened() as platform, platform.transaction() as session:
        contact, at = _someone(session, contact_id), platform.clock.now()
        one = _one(session, contact, address)
        address_book.correct(session, contact, one, new, reason=reason, at=at, by=operator())
        _noted(session, at, contact_id, "correct", one)
        _told(one, sharing.with_whom(session, [one])[one.id])


def _act(contact_id: int, text: str, name: str, reason: str, state: AddressState | None = None) -> None:
    with opened() as platform, platform.transaction() as session:
        contact, at, by = _someone(session, contact_id), platform.clock.now(), operator()
        one = _one(session, contact, text)
        _noted(session, at, contact_id, name, one)
        if name == "remove":
            address_book.remove(session, contact, one, reason=reason, at=at, by=by)
            click.echo(_("Se quitó %(value)s; su historia se queda.", value=one.value))
            return
        if state is not None:
            address_book.mark(session, one, state, reason=reason, at=at, by=by)
        else:
            verbs = {"verify": address_book.verify, "close": address_book.close, "reopen": address_book.reopen}
            verbs[name](session, one, reason=reason, at=at, by=by)
        _told(one, [])


@address.command(
    name="verify",
    help=_(
        "Dice que una dirección está comprobada.\n\n"
        'Ejemplo: outreach contacts address verify 12 ana@example.org --reason "contestó por teléfono"'
    ),
)
@_person
@_which
@_reason
def verify(contact_id: int, address: str, reason: str) -> None:
    """Verify an address."""
    _act(contact_id, address, "verify", reason)


@address.command(
    name="mark",
    help=_(
        "Dice qué tiene una dirección: rebota, no se alcanza, o la persona pidió la baja en ella.\n\n"
        'Ejemplo: outreach contacts address mark 12 ana@example.org rebota --reason "el buzón ya no existe"'
    ),
)
@_person
@_which
@click.argument("state", metavar=_("ESTADO"), type=click.Choice(list(MARKS)))
@_reason
def mark(contact_id: int, address: str, state: str, reason: str) -> None:
    """Mark an address."""
    _act(contact_id, address, "mark", reason, MARKS[state])


@address.command(
    name="close",
    help=_(
        "Cierra una dirección: se conserva y no se usa.\n\n"
        'Ejemplo: outreach contacts address close 12 ana@example.org --reason "dejó ese trabajo"'
    ),
)
@_person
@_which
@_reason
def close(contact_id: int, address: str, reason: str) -> None:
    """Close an address."""
    _act(contact_id, address, "close", reason)


@address.command(
    name="reopen",
    help=_(
        "Vuelve a usar una dirección que se cerró o que falló, como si fuera nueva.\n\n"
        'Ejemplo: outreach contacts address reopen 12 ana@example.org --reason "la usa otra vez"'
    ),
)
@_person
@_which
@_reason
def reopen(contact_id: int, address: str, reason: str) -> None:
    """Open an address again."""
    _act(contact_id, address, "reopen", reason)


@address.command(
    name="remove",
    help=_(
        "Quita una dirección de la ficha; su historia se queda.\n\n"
        'Ejemplo: outreach contacts address remove 12 ana@example.org --reason "era de otra persona"'
    ),
)
@_person
@_which
@_reason
def remove(contact_id: int, address: str, reason: str) -> None:
    """Remove an address."""
    _act(contact_id, address, "remove", reason)


@address.command(
    name="history",
    help=_(
        "Muestra las direcciones de una persona, qué se sabe de cada una y cómo se supo; quien lo ve queda en la "
        "bitácora.\n\nEjemplo: outreach contacts address history 12"
    ),
)
@_person
@click.option("--json", "as_json", is_flag=True, help=_("Escribe el resultado como JSON."))
def history(contact_id: int, *, as_json: bool) -> None:
    """Show what became of a person's addresses."""
    with opened() as platform, platform.transaction() as session:
        contact = _someone(session, contact_id)
        lines = address_history.of_contact(session, contact_id)
        shared = sharing.with_whom(session, contact.addresses)
        audit.note(session, platform.clock.now(), operator(), "contacts.show", f"contact:{contact_id}")
        zone = platform.settings.zone
        if as_json:
            print_json(
                {
                    "addresses": [
                        {
                            "kind": one.kind,
                            "value": one.value,
                            "state": one.state,
                            "reason": one.state_reason,
                            "provider_spelling": one.spelled,
                            "shared_with": [other.id for other in shared[one.id]],
                        }
                        for one in contact.addresses
                    ],
                    "history": [
                        {
                            "at": change.at.isoformat(),
                            "address": value,
                            "from": change.origin,
                            "to": change.target,
                            "reason": change.reason,
                            "evidence": change.evidence,
                            "by": change.by,
                        }
                        for change, value in lines
                    ],
                }
            )
            return
        for one in contact.addresses:
            _told(one, shared[one.id])
            click.echo(f"  {means(one.state)}")
    if lines:
        table(
            [_("Fecha"), _("Dirección"), _("Cambio"), _("Por qué"), _("Quién")],
            [
                [local(change.at, zone), value or "–", change_words(change), change_reason(change.reason), change.by]
                for change, value in lines
            ],
        )


COMMANDS = (edit, address)
