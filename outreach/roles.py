"""What an account may do: a role, and the acts that it allows. Every page asks `may`."""

from enum import StrEnum


class AccountRole(StrEnum):
    """What somebody is here for."""

    READER = "reader"  # «consulta»: looks, and sees addresses masked
    STAFF = "staff"  # «operación»
    ADMIN = "admin"  # «titular»


class Act(StrEnum):
    """What pages let people do; each needs the one that it names in `outreach.web.access`."""

    LOOK = "look"
    ADDRESSES = "addresses"  # see them whole, and what may hold them: what people wrote, what providers told
    RIGHTS = "rights"  # the desk of requests about one's data
    EXPORT = "export"
    CHANGE = "change"


MAY: dict[AccountRole, frozenset[Act]] = {
    AccountRole.READER: frozenset({Act.LOOK}),
    AccountRole.STAFF: frozenset(Act),
    AccountRole.ADMIN: frozenset(Act),
}


def may(role: str, act: Act) -> bool:
    """Tell whether a role allows an act. A role that nobody knows allows nothing."""
    return role in MAY and act in MAY[AccountRole(role)]
