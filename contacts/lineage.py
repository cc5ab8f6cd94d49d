"""Who brought whom into a network: trees, one below each person whom nobody brought, and never a circle.

A person has one place in a network's trees: what their newest membership of it says. Whoever writes who brought
somebody holds the network's row, so that two who do so at once cannot close a circle between them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import BigInteger, ColumnElement, exists, literal, select
from sqlalchemy.orm import Session, aliased

from contacts import pointers
from contacts.models import Contact, Membership, Network, Role


def hold(session: Session, network_ids: Sequence[int]) -> None:
    """Wait until nobody else is writing who brought whom into these networks, until the caller's transaction ends."""
    session.execute(select(Network.id).where(Network.id.in_(network_ids)).order_by(Network.id).with_for_update())


def _newest() -> ColumnElement[bool]:
    """Return the condition that a membership is the last that this person had in its network."""
    later = aliased(Membership)
    return ~exists().where(
        later.network_id == Membership.network_id, later.contact_id == Membership.contact_id, later.id > Membership.id
    )


def above(session: Session, network_id: int, contact_id: int) -> set[int]:
    """Return a person, who brought them, who brought those, and so on. Ends where a circle would begin."""
    up = select(literal(contact_id, BigInteger()).label("number")).cte("up", recursive=True)
    up = up.union(
        select(Membership.brought_by_id).where(
            Membership.network_id == network_id,
            Membership.contact_id == up.c.number,
            Membership.brought_by_id.is_not(None),
            _newest(),
        )
    )
    return set(session.scalars(select(up.c.number)))


def closes(session: Session, network_id: int, contact_id: int, brought_by_id: int) -> bool:
    """Tell whether a circle would close: whether the person brought, also through others, who is to have brought them.

    Call `hold` before, and write in the same transaction.
    """
    return contact_id in above(session, network_id, brought_by_id)


class Roots:
    """The trees of a network while many people are put into them: finds a circle without walking the whole tree.

    For rows that come from a file: each person gets a bringer at most once, and had none before.
    """

    def __init__(self, session: Session, network_id: int) -> None:
        self._up = {number: bringer for number, bringer, _here, _role in edges(session, network_id) if bringer}

    def _root(self, number: int) -> int:
        path: set[int] = set()
        while (parent := self._up.get(number, number)) != number and number not in path:  # no circle, were there one
            path.add(number)
            number = parent
        for each in path:
            self._up[each] = number
        return number

    def put(self, contact_id: int, brought_by_id: int) -> bool:
        """Put a person below another; False, and nothing is done, where that would close a circle."""
        if self._root(brought_by_id) == contact_id:
            return False
        self._up[contact_id] = brought_by_id
        return True


def edges(session: Session, network_id: int) -> Iterator[tuple[int, int | None, bool, Role]]:
    """Yield of everybody who was ever in a network: number, who brought them, whether they are in it, role."""
    rows = session.execute(
        select(Membership.contact_id, Membership.brought_by_id, Membership.until.is_(None), Membership.role)
        .where(Membership.network_id == network_id, _newest())
        .order_by(Membership.contact_id)
    )
    gone = set(session.scalars(select(Contact.id).where(Contact.erased_at.is_not(None))))
    merged = pointers.everybody(session)
    for number, bringer, here, role in rows:
        if number not in merged:
            yield number, bringer, bool(here) and number not in gone, role


@dataclass(frozen=True, slots=True)
class Node:
    """A person in a tree: how many they brought themselves, how many stand below them, and their people to show.

    Both count who is in the network now. Who left stands in the tree as long as somebody below is there.
    """

    contact_id: int
    leads: bool
    here: bool
    direct: int
    below: int
    brought: tuple["Node", ...] = ()
    hidden: int = 0  # of those they brought, how many are not in `brought`


class Grove:
    """The trees of a network, read once."""

    def __init__(self, session: Session, network_id: int) -> None:
        self._children: dict[int, list[int]] = {}
        self._here: set[int] = set()
        self._leads: set[int] = set()
        self._up: dict[int, int] = {}
        for number, bringer, here, role in edges(session, network_id):
            if here:
                self._here.add(number)
                if role is Role.LEADER:
                    self._leads.add(number)
            if bringer is not None:
                self._children.setdefault(bringer, []).append(number)
                self._up[number] = bringer
        self._below = self._count()

    def _count(self) -> dict[int, int]:
        """Count who is below each person, from the leaves upwards; a circle that is there all the same ends it."""
        below: dict[int, int] = {}
        waiting = {number: len(children) for number, children in self._children.items()}
        leaves = [number for number in self._up if number not in waiting]
        while leaves:
            number = leaves.pop()
            parent = self._up.get(number)
            if parent is None:
                continue
            below[parent] = below.get(parent, 0) + below.get(number, 0) + (number in self._here)
            waiting[parent] -= 1
            if not waiting[parent]:
                leaves.append(parent)
        return below

    @property
    def alone(self) -> int:
        """Return how many are in the network whom nobody brought and who brought nobody."""
        return sum(1 for number in self._here if number not in self._up and number not in self._children)

    @property
    def leaders(self) -> list[int]:
        """Return who leads, whoever has the most people below first."""
        return sorted(self._leads, key=self._rank)

    @property
    def others(self) -> list[int]:
        """Return who does not lead, was brought by nobody and has somebody below: further roots."""
        roots = (number for number in self._children if number not in self._up and number not in self._leads)
        return sorted((number for number in roots if self._below.get(number)), key=self._rank)

    def _rank(self, number: int) -> tuple[int, int]:
        return -self._below.get(number, 0), number

    def path(self, number: int) -> list[int]:
        """Return who stands above a person, the topmost first."""
        found: list[int] = []
        while (parent := self._up.get(number)) is not None and parent not in found:
            found.append(parent)
            number = parent
        return found[::-1]

    def known(self, number: int) -> bool:
        """Tell whether a person stands in these trees."""
        return number in self._here or number in self._up or number in self._children

    def node(self, number: int, *, levels: int, most: int) -> Node:
        """Return a person with those below, so many levels deep and so many people each; the largest trees first."""
        children = sorted(
            (each for each in self._children.get(number, ()) if each in self._here or self._below.get(each)),
            key=self._rank,
        )
        shown = children[:most] if levels else []
        return Node(
            contact_id=number,
            leads=number in self._leads,
            here=number in self._here,
            direct=sum(1 for each in children if each in self._here),
            below=self._below.get(number, 0),
            brought=tuple(self.node(each, levels=levels - 1, most=most) for each in shown),
            hidden=len(children) - len(shown),
        )


def numbers(nodes: Sequence[Node]) -> Iterator[int]:
    """Yield everybody who is shown in some trees."""
    for node in nodes:
        yield node.contact_id
        yield from numbers(node.brought)


def names(session: Session, contact_ids: Sequence[int]) -> Mapping[int, Contact]:
    """Return people by their number, those who were forgotten left out."""
    wanted = sorted(set(contact_ids))
    found: dict[int, Contact] = {}
    for start in range(0, len(wanted), 5_000):
        rows = session.scalars(
            select(Contact).where(Contact.id.in_(wanted[start : start + 5_000]), Contact.erased_at.is_(None))
        )
        found |= {contact.id: contact for contact in rows}
    return found
