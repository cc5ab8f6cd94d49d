"""Networks: lists of ours and WhatsApp groups; who is in them, who leads, and who brought whom."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Select, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from contacts import lineage, pointers
from contacts.cards import LONGEST
from contacts.errors import refuse
from contacts.folding import clean, fold
from contacts.models import Contact, Leadership, Membership, Network, NetworkKind, Role


def ensure(session: Session, name: str, kind: NetworkKind = NetworkKind.LIST, description: str = "") -> Network:
    """Return the network of that name, accents and capitals aside, making it the first time.

    Refuses `network_name` (empty or longer than 200 letters).
    """
    return ensure_all(session, [name], kind, description)[name]


def ensure_all(
    session: Session, names: Iterable[str], kind: NetworkKind = NetworkKind.LIST, description: str = ""
) -> dict[str, Network]:
    """Return the networks of these names, as `ensure` does, with one look at the table."""
    known = {fold(network.name): network for network in session.scalars(select(Network))}
    answer = {}
    for name in names:
        plain = clean(name)
        if not fold(plain) or len(plain) > LONGEST:
            raise refuse("network_name", "red", plain, most=LONGEST)
        network = known.get(fold(plain))
        if network is None:
            network = known[fold(plain)] = Network(name=plain, kind=kind, description=description)
            session.add(network)
        answer[name] = network
    session.flush()
    return answer


def refuse_closed(networks: Iterable[Network]) -> None:
    """Refuse `network_closed`: nobody joins any more."""
    for network in networks:
        if network.closed_at is not None:
            raise refuse("network_closed", "red", network.name)


def find(session: Session, name: str) -> Network:
    """Return the network of that name, accents and capitals aside. Refuses `network_unknown`."""
    networks = list(session.scalars(select(Network).order_by(Network.name)))
    for network in networks:
        if fold(network.name) == fold(name):
            return network
    raise refuse("network_unknown", "red", name, allowed=", ".join(network.name for network in networks) or "–")


def membership(session: Session, contact_id: int, network_id: int) -> Membership | None:
    """Return the open membership of a person in a network."""
    return session.scalar(
        select(Membership).where(
            Membership.contact_id == contact_id, Membership.network_id == network_id, Membership.until.is_(None)
        )
    )


def join(
    session: Session,
    contact_id: int,
    network_id: int,
    *,
    at: datetime,
    role: Role | None = None,
    brought_by_id: int | None = None,
) -> Membership:
    """Bring a person into a network, or change the role of who is in it already; who brought them is kept once said.

    `at` is when they joined, or took the role: a past moment that somebody names, or now. A number that points to
    somebody means that person. Being in a network is not consent. Refuses `network_closed`, `person_unknown`,
    `person_erased`, `member_overlap` (they were in it at that moment already), and as `bring` and `lead` do.
    """
    contact_id = _person(session, contact_id)
    if brought_by_id is not None and pointers.follow(session, brought_by_id) == contact_id:
        raise refuse("brought_self", "trajo", contact_id)
    refuse_closed([session.get_one(Network, network_id)])
    member = membership(session, contact_id, network_id)
    if member is None:
        last = session.scalar(
            select(func.max(Membership.until)).where(
                Membership.contact_id == contact_id, Membership.network_id == network_id
            )
        )
        if last is not None and at < last:
            raise refuse("member_overlap", "desde", _day(at), until=_day(last))
        member = Membership(contact_id=contact_id, network_id=network_id, role=role or Role.MEMBER, since=at)
        session.add(member)
        session.flush()
    elif role is not None and role is not member.role:
        lead(session, contact_id, network_id, role, at=at)
    if member.brought_by_id is None and brought_by_id is not None:
        bring(session, member, brought_by_id)
    session.flush()
    return member


def _person(session: Session, contact_id: int) -> int:
    """Return the person whom a number means. Refuses `person_unknown` and `person_erased`."""
    contact = session.get(Contact, pointers.follow(session, contact_id))
    if contact is None:
        raise refuse("person_unknown", "persona", contact_id)
    if contact.erased_at is not None:
        raise refuse("person_erased", "persona", contact_id)
    return contact.id


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d}"


def bring(session: Session, member: Membership, brought_by_id: int | None) -> None:
    """Say who brought a member into the network; None: nobody did.

    Refuses `brought_self`, `brought_circle` (that person was brought by this one, also through others),
    `person_unknown` and `person_erased`.
    """
    if brought_by_id is not None:
        brought_by_id = _person(session, brought_by_id)
        if brought_by_id == member.contact_id:
            raise refuse("brought_self", "trajo", member.contact_id)
        lineage.hold(session, [member.network_id])
        if lineage.closes(session, member.network_id, member.contact_id, brought_by_id):
            who, whom = (session.get_one(Contact, each).name for each in (brought_by_id, member.contact_id))
            raise refuse("brought_circle", "trajo", who, person=whom)
    member.brought_by_id = brought_by_id
    session.flush()


def leave(session: Session, contact_id: int, network_id: int, *, at: datetime) -> Membership:
    """End a membership; it stays as history, and who led led until then.

    Refuses `member_unknown` and `left_order` (before they joined or began to lead).
    """
    member = _member(session, contact_id, network_id)
    began = max([member.since, *_led(session, member)])
    if at < began:
        raise refuse("left_order", "hasta", _day(at), since=_day(began))
    member.until = at
    session.flush()
    return member


def _member(session: Session, contact_id: int, network_id: int) -> Membership:
    member = membership(session, pointers.follow(session, contact_id), network_id)
    if member is None:
        raise refuse("member_unknown", "persona", contact_id)
    return member


def _led(session: Session, member: Membership) -> list[datetime]:
    """Return the moments that a new span of leading cannot be before: when they began to lead, and ceased to."""
    ended = session.scalar(select(func.max(Leadership.until)).where(Leadership.membership_id == member.id))
    return [moment for moment in (member.led_since, ended) if moment is not None]


def lead(
    session: Session, contact_id: int, network_id: int, role: Role = Role.LEADER, *, at: datetime | None = None
) -> Membership:
    """Make a member a leader of the network from a moment on, or a plain member again; when they led is kept.

    Without `at` what was known is corrected: a leader as long as they are in it, or one who never led. Refuses
    `member_unknown` and `led_order` (before they joined, or within a span in which they led already).
    """
    member = _member(session, contact_id, network_id)
    began = member.led_since or member.since
    earliest = max([member.since, *_led(session, member)])
    if role is member.role:
        return member
    if at is not None and at < earliest:
        raise refuse("led_order", "desde" if role is Role.LEADER else "hasta", _day(at), since=_day(earliest))
    if role is Role.LEADER:
        member.led_since = at if at is not None and at > member.since else None
    else:
        if at is not None:
            session.add(Leadership(membership_id=member.id, since=began, until=at))
        member.led_since = None
    member.role = role
    session.flush()
    return member


def members_on(network_id: int, at: datetime) -> Select[Membership]:
    """Return the select of the memberships that a network had at a moment, people who were forgotten left out.

    Each person once: who was there twice and is one by now may have two spans that overlap.
    """
    other = aliased(Membership)
    again = exists().where(
        other.network_id == network_id,
        other.contact_id == Membership.contact_id,
        other.id < Membership.id,
        other.since <= at,
        or_(other.until.is_(None), other.until > at),
    )
    return (
        select(Membership)
        .join(Contact, Contact.id == Membership.contact_id)
        .where(
            Membership.network_id == network_id,
            Membership.since <= at,
            or_(Membership.until.is_(None), Membership.until > at),
            pointers.present(),
            ~again,
        )
        .order_by(Membership.role != Role.LEADER, Contact.name, Contact.id)
    )


def members(session: Session, network_id: int, at: datetime) -> list[Membership]:
    """Return who was in a network at a moment: leaders first, then by name."""
    return list(session.scalars(members_on(network_id, at)))


def brought_by(session: Session, contact_id: int, network_id: int | None = None) -> list[Contact]:
    """Return the people whom somebody brought into a network, or into any, by name."""
    who = select(Membership.contact_id).where(Membership.brought_by_id == contact_id)
    if network_id is not None:
        who = who.where(Membership.network_id == network_id)
    return list(
        session.scalars(
            select(Contact).where(Contact.id.in_(who), pointers.present()).order_by(Contact.name, Contact.id)
        )
    )
