"""What the commands on networks and organizations share: kinds and roles as they are typed, and who is meant."""

import click
from sqlalchemy.orm import Session

from contacts import choosing
from contacts.models import Contact, NetworkKind, Role
from outreach.i18n import gettext as _

ROLES = {"liderazgo": Role.LEADER, "integrante": Role.MEMBER}
KINDS = {"lista": NetworkKind.LIST, "grupo": NetworkKind.WHATSAPP_GROUP, "observacion": NetworkKind.OBSERVERS}

as_json_option = click.option("--json", "as_json", is_flag=True, help=_("Escribe el resultado como JSON."))


def kind_word(kind: NetworkKind) -> str:
    """Return what a network is, in the language in force."""
    return {
        NetworkKind.LIST: _("lista"),
        NetworkKind.WHATSAPP_GROUP: _("grupo de WhatsApp"),
        NetworkKind.OBSERVERS: _("red de observación"),
    }[kind]


def role_word(role: Role) -> str:
    """Return what a person is in a network, in the language in force."""
    return _("liderazgo") if role is Role.LEADER else _("integrante")


def somebody(session: Session, text: str, where: str, network_id: int | None = None) -> Contact:
    """Return the person whom a word of a command means. Refuses as `choosing.person` does."""
    return choosing.person(session, text, where, network_id)
