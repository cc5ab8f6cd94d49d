"""The columns of a table of people: those that `outreach contacts import` reads again."""

from collections.abc import Callable

from contacts.models import AddressKind, Role
from outreach.exports.rows import Person

NUMBERS = ("telefono", "whatsapp")
ADDRESSES = ("correo", *NUMBERS)

_CELLS: dict[str, Callable[[Person], str]] = {
    "nombre": lambda one: one.name,
    "correo": lambda one: ";".join(one.of(AddressKind.EMAIL)),
    "telefono": lambda one: ";".join(one.of(AddressKind.PHONE)),
    "whatsapp": lambda one: ";".join(one.of(AddressKind.WHATSAPP, AddressKind.SCOPED)),
    "pais": lambda one: one.country,
    "ciudad": lambda one: one.city,
    "idioma": lambda one: one.language,
    "zona": lambda one: one.timezone,
    "organizacion": lambda one: one.organization,
    "red": lambda one: ";".join(name.replace(";", ",") for name in one.networks),
    "etiquetas": lambda one: ";".join(one.tags),
    "rol": lambda one: {Role.LEADER: "liderazgo", Role.MEMBER: "integrante"}.get(one.role, "") if one.role else "",
    "desde": lambda one: one.since.isoformat() if one.since else "",
    "ficha": lambda one: str(one.id),
}


def columns(*, addresses: bool, network: bool) -> tuple[str, ...]:
    """Return the columns of a table: without addresses there are none, and a role is one in a network."""
    left_out = set() if addresses else set(ADDRESSES)
    left_out |= set() if network else {"rol", "desde"}
    return tuple(name for name in _CELLS if name not in left_out)


def cells(one: Person, columns: tuple[str, ...]) -> list[str]:
    """Return the cells of a person."""
    return [_CELLS[name](one) for name in columns]
