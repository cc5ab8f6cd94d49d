"""What became of each address, line by line: appended, never changed, and only where a state changes.

A line says from which state to which, when, why (a code), what shows it, and who.

The first good news of an address, that a letter was delivered, comes by the hundred thousand and is no line yet: it
stands in the address itself (`state`, `state_at`), and becomes a line when the next change comes. To write it at once
would make the reading of what providers tell a quarter slower. Who reads a history sees it as a line all the same.
"""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from contacts import address_states
from contacts.address_states import Says
from contacts.base import Base, BigId
from contacts.models import Address, AddressState

DELIVERED = "delivered"  # the reason of the first good news


class AddressChange(Base):
    """One line. It outlives its address, so it does not refer to it; who is erased takes their lines along."""

    __tablename__ = "address_change"
    __table_args__ = (Index("ix_address_change_contact_id", "contact_id", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    address_id: Mapped[int] = mapped_column(BigId)
    value: Mapped[str] = mapped_column(default="")  # what it was, where the address itself does not say so any more
    origin: Mapped[str] = mapped_column(default="")  # an AddressState; "" where there was no address
    target: Mapped[str] = mapped_column(default="")  # an AddressState; "" where there is none any more
    reason: Mapped[str] = mapped_column(default="")  # a code, of ours or of a provider
    evidence: Mapped[str] = mapped_column(default="")  # the event's id, the message's, or what staff wrote
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(default="")  # an account; "" for a provider or the person


def line(
    session: Session,
    address: Address,
    origin: AddressState | None,
    target: AddressState | None,
    *,
    reason: str,
    at: datetime,
    evidence: str = "",
    by: str = "",
    value: str = "",
) -> None:
    """Append a line about an address that has its number."""
    session.add(
        AddressChange(
            contact_id=address.contact_id,
            address_id=address.id,
            value=value,
            origin=origin.value if origin else "",
            target=target.value if target else "",
            reason=reason,
            evidence=evidence,
            at=at,
            by=by,
        )
    )


def first_news(address: Address) -> bool:
    """Tell whether an address is known to be good by a delivery alone, of which there is no line yet."""
    return address.state is AddressState.VERIFIED and not address.state_reason and address.state_at is not None


def write_first_news(session: Session, address: Address) -> None:
    """Append the line of the first good news, before another change hides it."""
    if first_news(address) and address.state_at is not None:
        line(session, address, AddressState.NEW, AddressState.VERIFIED, reason=DELIVERED, at=address.state_at)


def move(
    session: Session,
    address: Address,
    target: AddressState,
    says: Says,
    *,
    reason: str,
    at: datetime,
    evidence: str = "",
    by: str = "",
) -> None:
    """Write down what became known of an address, with its line. Refuses what `address_states.guard` does."""
    origin = address.state
    address_states.guard(origin, target, says)
    session.flush()  # it has its number from here on
    write_first_news(session, address)
    session.flush()
    address.state, address.state_reason, address.state_at = target, reason, at
    line(session, address, origin, target, reason=reason, at=at, evidence=evidence, by=by)


def of_contact(session: Session, contact_id: int, address_id: int | None = None) -> list[tuple[AddressChange, str]]:
    """Return the lines of a person (of one address), the newest first, each with the address that it speaks of.

    The last news of an address that is no line yet is there too, without a number.
    """
    rows = session.execute(
        select(AddressChange, Address.value)
        .outerjoin(Address, Address.id == AddressChange.address_id)
        .where(AddressChange.contact_id == contact_id)
        .order_by(AddressChange.at.desc(), AddressChange.id.desc())
    )
    told = [(change, change.value or value or "") for change, value in rows]
    newest: dict[int, str] = {}
    for change, _value in told:
        newest.setdefault(change.address_id, change.target)
    for address in session.scalars(select(Address).where(Address.contact_id == contact_id)):
        if address.state_at is not None and newest.get(address.id) != address.state.value:
            good = first_news(address)
            unwritten = AddressChange(
                contact_id=contact_id,
                address_id=address.id,
                value="",
                origin=AddressState.NEW.value if good else "",
                target=address.state.value,
                reason=address.state_reason or (DELIVERED if good else ""),
                evidence="",
                at=address.state_at,
                by="",
            )
            told.append((unwritten, address.value))
    if address_id is not None:
        told = [each for each in told if each[0].address_id == address_id]
    return sorted(told, key=lambda each: (each[0].at, each[0].id is None, each[0].id or 0), reverse=True)
