"""What is known of an address, and who may say so: one enum (in `models`), one table of arrows, one guard.

«Shared by two people» is no state of this table: it is asked of the addresses each time (`contacts.sharing`), for a
shared address has all the other states too, and stops being shared when a row goes.
"""

from enum import StrEnum

from contacts.errors import refuse
from contacts.models import AddressState


class Says(StrEnum):
    """Who an arrow is for."""

    PROVIDER = "provider"  # what a service told of a message
    PERSON = "person"  # they wrote to us, or said yes or no
    STAFF = "staff"


A = AddressState
_PROVIDER, _PERSON, _STAFF = frozenset({Says.PROVIDER}), frozenset({Says.PERSON}), frozenset({Says.STAFF})
_TOLD = _PROVIDER | _STAFF
_ANYBODY = frozenset(Says)

Moves = dict[AddressState, dict[AddressState, frozenset[Says]]]

MOVES: Moves = {
    A.NEW: {
        A.VERIFIED: _ANYBODY,
        A.BOUNCED: _TOLD,
        A.UNREACHABLE: _TOLD,
        A.COMPLAINED: _PROVIDER,
        A.OPTED_OUT: _ANYBODY,
        A.CLOSED: _STAFF,
    },
    A.VERIFIED: {
        A.NEW: _STAFF,  # it was corrected: another address, of which nothing is known
        A.BOUNCED: _TOLD,
        A.UNREACHABLE: _TOLD,
        A.COMPLAINED: _PROVIDER,
        A.OPTED_OUT: _ANYBODY,
        A.CLOSED: _STAFF,
    },
    # A bounce is not taken back by a late «delivered» of an earlier letter: only by who writes from there, or staff.
    A.BOUNCED: {
        A.NEW: _STAFF,
        A.VERIFIED: _PERSON | _STAFF,
        A.UNREACHABLE: _TOLD,
        A.COMPLAINED: _PROVIDER,
        A.OPTED_OUT: _ANYBODY,
        A.CLOSED: _STAFF,
    },
    A.UNREACHABLE: {
        A.NEW: _STAFF,
        A.VERIFIED: _PERSON | _STAFF,
        A.BOUNCED: _TOLD,
        A.COMPLAINED: _PROVIDER,
        A.OPTED_OUT: _ANYBODY,
        A.CLOSED: _STAFF,
    },
    A.COMPLAINED: {},  # nothing hides a complaint
    A.OPTED_OUT: {
        A.NEW: _PERSON,  # they said yes again; that a message bounces, or that staff closes it, would hide their word
        A.COMPLAINED: _PROVIDER,
    },
    A.CLOSED: {
        A.NEW: _STAFF,
        A.OPTED_OUT: _ANYBODY,
        A.COMPLAINED: _PROVIDER,
    },
}

#: By these a person is written to.
USABLE = frozenset({A.NEW, A.VERIFIED})
#: What the person said with it: it is neither corrected, nor closed, nor removed, or nobody would know any more.
LAST_WORD = frozenset({A.COMPLAINED, A.OPTED_OUT})


def may_move(origin: AddressState, target: AddressState, says: Says) -> bool:
    """Whether an arrow leads from one state to the other for who says so."""
    return says in MOVES[origin].get(target, frozenset())


def guard(origin: AddressState, target: AddressState, says: Says) -> None:
    """Raise `address_state` where no arrow leads, `address_last_word` where the person had the last word."""
    if may_move(origin, target, says):
        return
    if origin in LAST_WORD and says is Says.STAFF:
        raise refuse("address_last_word", "estado", origin.value, target=target.value)
    raise refuse("address_state", "estado", origin.value, target=target.value)


def sources(target: AddressState, says: Says) -> frozenset[AddressState]:
    """Every state an arrow leads from: what a bulk UPDATE asks for."""
    return frozenset(origin for origin, targets in MOVES.items() if says in targets.get(target, frozenset()))
