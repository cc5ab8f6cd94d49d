"""Addresses and memberships of two people who become one: what only one has moves, what both have stays once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from contacts import lineage
from contacts.address_history import AddressChange
from contacts.base import table_of
from contacts.mergenotes import Changed, Note
from contacts.models import Address, AddressState, Membership, Role
from contacts.tagging import Tagged

_ADDRESS, _MEMBERSHIP, _TAGGED = table_of(Address), table_of(Membership), table_of(Tagged)

#: What is known of an address, from nothing to the worst: of two rows for one address the worse is true.
_KNOWN = (
    AddressState.NEW,
    AddressState.VERIFIED,
    AddressState.CLOSED,
    AddressState.UNREACHABLE,
    AddressState.BOUNCED,
    AddressState.OPTED_OUT,
    AddressState.COMPLAINED,
)
_TOLD = ("state", "state_reason", "state_at")


def addresses(note: Note, survivor_id: int, other: int) -> None:
    """Move the addresses of one to the other; of one that both have, the survivor's row learns the worse of both."""
    rows = note.session.execute(
        select(_ADDRESS)
        .where(_ADDRESS.c.contact_id.in_([survivor_id, other]))
        .order_by(_ADDRESS.c.id)
        .with_for_update()
    ).all()
    kept = {(row.kind, row.value): row for row in rows if row.contact_id == survivor_id}
    moving = []
    for row in rows:
        if row.contact_id != other:
            continue
        mine = kept.get((row.kind, row.value))
        if mine is None:
            moving.append(row.id)
        elif _KNOWN.index(row.state) > _KNOWN.index(mine.state):
            note.change(_ADDRESS, mine.id, {name: (getattr(mine, name), getattr(row, name)) for name in _TOLD})
    note.move(_ADDRESS, "contact_id", other, survivor_id, moving)


def share_states(note: Note, kept: Sequence[Changed], at: datetime) -> None:
    """Let whoever has an address back that both had know what became known of it since, if it is worse."""
    numbers = {number for table, number, _column in kept if table == "address"}
    for row in note.session.execute(select(_ADDRESS).where(_ADDRESS.c.id.in_(numbers))).all():
        worse = _KNOWN[: _KNOWN.index(row.state)]
        learning = (
            _ADDRESS.c.contact_id.in_(note.people),
            _ADDRESS.c.kind == row.kind,
            _ADDRESS.c.value == row.value,
            _ADDRESS.c.state.in_(worse),
        )
        for each in note.session.execute(select(_ADDRESS).where(*learning).order_by(_ADDRESS.c.id)).all():
            change = AddressChange(contact_id=each.contact_id, address_id=each.id, origin=each.state.value, at=at)
            change.target, change.reason, change.evidence = row.state.value, row.state_reason, "unmerged"
            note.session.add(change)
        note.session.execute(
            update(_ADDRESS).where(*learning).values(state=row.state, state_reason=row.state_reason, state_at=at)
        )


def tags(note: Note, survivor_id: int, other: int) -> None:
    """Move the tags that only one has; of one that both have, the other's row stays with the pointer."""
    have = select(_TAGGED.c.tag_id).where(_TAGGED.c.contact_id == survivor_id)
    mine = select(_TAGGED.c.id).where(_TAGGED.c.contact_id == other, _TAGGED.c.tag_id.not_in(have))
    note.move(_TAGGED, "contact_id", other, survivor_id, note.session.scalars(mine.order_by(_TAGGED.c.id)).all())


def memberships(note: Note, survivor_id: int, other: int) -> None:
    """Move the memberships of one to the other, and whom they brought.

    Of a network that both are in, the survivor's membership begins when the first of both did, leads if either led,
    and names whoever brought them; nobody is said to have brought themselves, nor through others.
    """
    column = _MEMBERSHIP.c
    rows = note.session.execute(
        select(_MEMBERSHIP).where(column.contact_id.in_([survivor_id, other])).order_by(column.id).with_for_update()
    ).all()
    opened = {row.network_id: row for row in rows if row.contact_id == survivor_id and row.until is None}
    moving = []
    for row in rows:
        if row.contact_id != other:
            continue
        mine = opened.get(row.network_id) if row.until is None else None
        if mine is None:
            moving.append(row.id)
            continue
        leads = Role.LEADER if Role.LEADER in {row.role, mine.role} else mine.role
        brought = mine.brought_by_id if mine.brought_by_id not in {None, other} else row.brought_by_id
        note.change(
            _MEMBERSHIP,
            mine.id,
            {
                "since": (mine.since, min(mine.since, row.since)),
                "role": (mine.role, leads),
                "led_since": (mine.led_since, _led_since(mine, row)),
                "brought_by_id": (mine.brought_by_id, brought),
            },
        )
    note.move(_MEMBERSHIP, "contact_id", other, survivor_id, moving)
    brought_by_other = select(column.id).where(column.brought_by_id == other).order_by(column.id)
    note.move(_MEMBERSHIP, "brought_by_id", other, survivor_id, note.session.scalars(brought_by_other).all())
    themselves = select(column.id).where(column.contact_id == survivor_id, column.brought_by_id == survivor_id)
    for number in note.session.scalars(themselves.order_by(column.id)).all():
        note.change(_MEMBERSHIP, number, {"brought_by_id": (survivor_id, None)})
    note.session.expire_all()
    open_ = select(column.network_id, column.id, column.brought_by_id).where(
        column.contact_id == survivor_id, column.brought_by_id.is_not(None)
    )
    for network_id, number, bringer in note.session.execute(open_.order_by(column.id)).all():
        lineage.hold(note.session, [network_id])
        if lineage.closes(note.session, network_id, survivor_id, bringer):
            note.change(_MEMBERSHIP, number, {"brought_by_id": (bringer, None)})


def _led_since(mine: Any, row: Any) -> datetime | None:
    """Return since when a person leads of whom two memberships speak; None: as long as they are in it."""
    led = [each.led_since or each.since for each in (mine, row) if each.role is Role.LEADER]
    return min(led) if led and min(led) > min(mine.since, row.since) else None
