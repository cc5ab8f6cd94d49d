"""What the fate of one message says about the address and the person, carried to where the gate looks."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from campaigns.channels import EventKind
from campaigns.models import Delivery
from contacts import consent
from contacts.models import Address, AddressKind, AddressState, Channel

#: What our code says about the address itself. Others (full mailbox, block) speak of one message only.
_ADDRESS_GONE = {
    "hard_bounce": AddressState.BOUNCED,
    "invalid_address": AddressState.BOUNCED,
    "domain_unknown": AddressState.BOUNCED,
    "dropped_bounced": AddressState.BOUNCED,
    "dropped_complained": AddressState.COMPLAINED,
    "no_whatsapp": AddressState.UNREACHABLE,
    "unreachable": AddressState.UNREACHABLE,
}

#: What says that the person wants no more by this way: they told the provider, and we mirror its list.
_PERSON_LEFT = frozenset({"blocked_by_person", "dropped_complained", "dropped_unsubscribed", "opted_out_at_provider"})


@dataclass(frozen=True, slots=True)
class Reader:
    """Who was written to, by which way, where."""

    contact_id: int
    channel: Channel
    address: str


def draw(
    session: Session,
    reader: Reader,
    *,
    kind: EventKind,
    code: str,
    source: str,
    evidence: str,
    happened: datetime,
    at: datetime,
) -> None:
    """Close the channel for who left or complained, and mark the address as gone or as good.

    `happened` is the moment of the event, `at` the moment of writing it down.
    """
    if kind in {EventKind.COMPLAINED, EventKind.UNSUBSCRIBED} or code in _PERSON_LEFT:
        consent.withdraw(
            session, reader.contact_id, reader.channel, source=source, evidence=evidence, at=happened, by=source
        )
    state = AddressState.COMPLAINED if kind == EventKind.COMPLAINED else _ADDRESS_GONE.get(code)
    if state is None and kind in {EventKind.DELIVERED, EventKind.READ}:
        state = AddressState.VERIFIED
    if state is None:
        return
    address = AddressKind.EMAIL if reader.channel == Channel.EMAIL else AddressKind.WHATSAPP
    where = [Address.contact_id == reader.contact_id, Address.kind == address, Address.value == reader.address]
    if state == AddressState.VERIFIED:
        where.append(Address.state == AddressState.NEW)
    session.execute(
        update(Address)
        .where(*where)
        .values(state=state, state_reason=code, state_at=at)
        .execution_options(synchronize_session=False)
    )


def draw_from_refusals(session: Session, refused: dict[int, str], *, at: datetime) -> None:
    """Do the same for letters that the provider refused at once: delivery id → our code."""
    telling = {number: code for number, code in refused.items() if code in _ADDRESS_GONE or code in _PERSON_LEFT}
    if not telling:
        return
    rows = session.execute(
        select(Delivery.id, Delivery.contact_id, Delivery.channel, Delivery.address).where(Delivery.id.in_(telling))
    )
    for row in rows.all():
        draw(
            session,
            Reader(row.contact_id, row.channel, row.address),
            kind=EventKind.FAILED,
            code=telling[row.id],
            source=f"refused: {row.channel}",
            evidence=f"delivery:{row.id}",
            happened=at,
            at=at,
        )
