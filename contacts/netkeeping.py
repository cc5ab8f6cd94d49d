"""A network is made, changed, closed, and opened again. Who is in it stands in `contacts.networks`."""

from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from contacts import pointers
from contacts.cards import LONGEST
from contacts.errors import refuse
from contacts.folding import clean, fold
from contacts.models import Contact, Membership, Network, NetworkKind

LONGEST_DESCRIPTION = 1_000  # letters


def create(session: Session, name: str, kind: str, description: str = "") -> Network:
    """Make a network. Refuses `network_name`, `network_kind`, `field_long`, and `network_taken`."""
    network = Network(name=_name(session, name), kind=_kind(kind), description=_description(description))
    session.add(network)
    session.flush()
    return network


def edit(session: Session, network: Network, *, name: str, kind: str, description: str) -> dict[str, str]:
    """Change what a network is called, what it is and what it is for; return what was changed, as it was before.

    Refuses as `create` does.
    """
    before = {"name": network.name, "kind": str(network.kind), "description": network.description}
    network.name = _name(session, name, but=network.id)
    network.kind, network.description = _kind(kind), _description(description)
    session.flush()
    now = {"name": network.name, "kind": str(network.kind), "description": network.description}
    return {key: value for key, value in before.items() if value != now[key]}


def close(session: Session, network: Network, *, at: datetime) -> int:
    """Close a network: everybody's membership ends, and is kept; nobody joins it any more. Return how many ended.

    Refuses `network_closed`.
    """
    _hold(session, network)
    if network.closed_at is not None:
        raise refuse("network_closed", "red", network.name)
    network.closed_at = at
    ended = session.execute(
        update(Membership)
        .where(Membership.network_id == network.id, Membership.until.is_(None))
        .values(until=at)
        .execution_options(synchronize_session=False)
        .returning(Membership.id)
    ).all()
    session.flush()
    session.expire_all()
    return len(ended)


def reopen(session: Session, network: Network) -> int:
    """Undo the closing of a network: whoever was in it until then is in it again, as if it had not been closed.

    Who was erased or merged since stays out. Return how many are back. Refuses `network_open`.
    """
    _hold(session, network)
    if network.closed_at is None:
        raise refuse("network_open", "red", network.name)
    once = (  # who was there twice and is one by now ended twice
        select(func.max(Membership.id))
        .where(
            Membership.network_id == network.id,
            Membership.until == network.closed_at,
            Membership.contact_id.not_in(select(Contact.id).where(~pointers.present())),
        )
        .group_by(Membership.contact_id)
    )
    back = session.execute(
        update(Membership)
        .where(Membership.id.in_(once))
        .values(until=None)
        .execution_options(synchronize_session=False)
        .returning(Membership.id)
    ).all()
    network.closed_at = None
    session.flush()
    session.expire_all()
    return len(back)


def _hold(session: Session, network: Network) -> None:
    """Wait for whoever else is changing this network, and see it as they left it."""
    session.refresh(network, with_for_update=True)


def _name(session: Session, text: str, but: int = 0) -> str:
    plain = clean(text)
    if not fold(plain) or len(plain) > LONGEST:
        raise refuse("network_name", "nombre", plain[:60], most=LONGEST)
    for number, name in session.execute(select(Network.id, Network.name)):
        if number != but and fold(name) == fold(plain):
            raise refuse("network_taken", "nombre", name)
    return plain


def _kind(text: str) -> NetworkKind:
    try:
        return NetworkKind(text)
    except ValueError:
        raise refuse("network_kind", "tipo", text[:40], allowed=", ".join(NetworkKind)) from None


def _description(text: str) -> str:
    plain = clean(text)
    if len(plain) > LONGEST_DESCRIPTION:
        raise refuse("field_long", "descripcion", plain[:60], most=LONGEST_DESCRIPTION)
    return plain
