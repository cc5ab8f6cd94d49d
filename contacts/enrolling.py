"""People of a file into their networks, all at once: who is new there, who leads, who brought whom."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from contacts import lineage, networks, pointers
from contacts.addresses import normalise
from contacts.base import table_of
from contacts.bulk import insert_rows
from contacts.cards import Card
from contacts.errors import Fault
from contacts.folding import fold
from contacts.idsets import among, among_texts
from contacts.merging import Gathering, Person, Wish, chunks
from contacts.models import Contact, Membership, Network, Role

_COLUMNS = ("network_id", "contact_id", "role", "since", "brought_by_id")


@dataclass(slots=True)
class Enrolled:
    """What became of it."""

    memberships: int = 0
    networks: list[str] = field(default_factory=list)  # made now
    warnings: list[Fault] = field(default_factory=list)


@dataclass(slots=True)
class _Member:
    """A membership that stands in the database already."""

    id: int
    role: Role
    until: datetime | None
    brought_by_id: int | None


def enroll(session: Session, gathering: Gathering, bringers: "Bringers", *, at: datetime, file: str) -> Enrolled:
    """Join everybody to the networks that their rows name. Who left a network is not put back by a file.

    `bringers` tells who is meant by whoever brought them.

    Warns `left_before`, `brought_unknown`, `brought_several`, `brought_self`, `brought_round`. Refuses
    `network_closed`.
    """
    done = Enrolled()
    wishes = [(person, wish) for person in gathering.people for wish in person.wishes.values()]
    if not wishes:
        return done
    before = {fold(name) for name in session.scalars(select(Network.name))}
    named = networks.ensure_all(session, dict.fromkeys(wish.network for _, wish in wishes))
    networks.refuse_closed(named.values())
    done.networks = sorted({each.name for each in named.values() if fold(each.name) not in before})
    trees = _Trees(session, [named[wish.network] for _, wish in wishes if wish.brought_by])
    members = _members(session, [person.id for person in gathering.people if person.existed])
    new: list[tuple[object, ...]] = []
    changes: list[dict[str, object]] = []
    for person, wish in wishes:
        network = named[wish.network]
        brought_by_id, fault = bringers.find(wish.brought_by, person)
        member = members.get((person.id, network.id))
        if member is not None and member.until is not None:
            fault, details = "left_before", {"network": network.name, "day": f"{member.until:%Y-%m-%d}"}
            done.warnings.append(Fault(fault, "red", person.card.name, row=wish.row, file=file, details=details))
            continue
        if brought_by_id is not None and (member is None or member.brought_by_id is None):
            brought_by_id, fault = trees.put(network.id, person.id, brought_by_id)
        if fault:
            done.warnings.append(Fault(fault, "trajo", wish.brought_by, row=wish.row, file=file))
        if member is None:
            role = wish.role or Role.MEMBER
            new.append((network.id, person.id, role, at, brought_by_id))
        elif change := _change(member, wish, brought_by_id, at):
            changes.append(change)
        else:
            continue
        person.changed = person.existed
    insert_rows(session.connection(), table_of(Membership), _COLUMNS, new)
    if changes:
        session.execute(update(Membership), changes)
    done.memberships = len(new)
    return done


def _change(member: _Member, wish: Wish, brought_by_id: int | None, at: datetime) -> dict[str, object]:
    change: dict[str, object] = {}
    if wish.role is not None and wish.role is not member.role:
        change["role"] = wish.role
        change["led_since"] = at if wish.role is Role.LEADER else None
    if brought_by_id is not None and member.brought_by_id is None:
        change["brought_by_id"] = brought_by_id
    return {"id": member.id, **change} if change else {}


def _members(session: Session, ids: Sequence[int]) -> dict[tuple[int, int], _Member]:
    """Return the memberships of known people: the open one, else one that ended."""
    found: dict[tuple[int, int], _Member] = {}
    for some in chunks(ids):
        rows = session.execute(
            select(
                Membership.contact_id,
                Membership.network_id,
                Membership.id,
                Membership.role,
                Membership.until,
                Membership.brought_by_id,
            )
            .where(among(Membership.contact_id, some))
            .order_by(Membership.until.is_(None), Membership.until, Membership.id)
        )
        for contact_id, network_id, *rest in rows:
            found[contact_id, network_id] = _Member(*rest)  # type: ignore[arg-type]
    return found


class _Trees:
    """Who brought whom in the networks of a file, held until the import ends: no row may close a circle."""

    def __init__(self, session: Session, growing: Sequence[Network]) -> None:
        numbers = sorted({network.id for network in growing})
        lineage.hold(session, numbers)
        self._roots = {number: lineage.Roots(session, number) for number in numbers}

    def put(self, network_id: int, contact_id: int, brought_by_id: int) -> tuple[int | None, str]:
        """Return who brought a person and "", or None and the code of a warning."""
        fits = self._roots[network_id].put(contact_id, brought_by_id)
        return (brought_by_id, "") if fits else (None, "brought_round")


class Bringers:
    """Finds who is meant by a name or an address in the column `trajo`, once the people of the file are written."""

    def __init__(self, session: Session | None, rows: Sequence[tuple[int, Card]]) -> None:
        texts = sorted({card.brought_by for _number, card in rows if card.brought_by})
        self._answers: dict[str, set[int]] = {}
        if not texts or session is None:
            return
        names, values = {fold(text) for text in texts}, {normalise(text) for text in texts}
        gathering = Gathering(
            session,
            [
                (number, card)
                for number, card in rows
                if card.brought_by or card.key in names or any(each.value in values for each in card.addresses)
            ],
        )
        by_address: dict[str, set[int]] = {value: set(ids) for value, ids in gathering.holders.items()}
        by_name: dict[str, set[int]] = {}
        for person in gathering.people:
            by_name.setdefault(person.card.key, set()).add(person.id)
            for _, value in person.known:
                by_address.setdefault(value, set()).add(person.id)
        for some in chunks(texts):
            known = select(Contact.id, Contact.name).where(among_texts(Contact.name, some), pointers.present())
            for contact_id, name in session.execute(known):
                by_name.setdefault(fold(name), set()).add(contact_id)
        for text in texts:
            self._answers[fold(text)] = by_address.get(normalise(text)) or by_name.get(fold(text), set())

    @classmethod
    def nobody(cls) -> "Bringers":
        """Return one for a file that names nobody."""
        return cls(None, ())

    def find(self, text: str, person: Person) -> tuple[int | None, str]:
        """Return the id and "", or None and the code of a warning; None and "" when nobody is named."""
        if not text:
            return None, ""
        ids = self._answers.get(fold(text), set())
        if len(ids) > 1:
            return None, "brought_several"
        if not ids:
            return None, "brought_unknown"
        (bringer,) = ids
        return (None, "brought_self") if bringer == person.id else (bringer, "")
