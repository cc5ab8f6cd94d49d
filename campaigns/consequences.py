"""What the fate of messages says about addresses and people, carried to where the gate looks."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from campaigns.bulk import insert_rows
from campaigns.channels import EventKind
from campaigns.models import Delivery
from contacts import address_states, consent, pointers, sharing
from contacts.address_history import DELIVERED, AddressChange
from contacts.address_states import Says
from contacts.addresses import kind_of_way
from contacts.base import table_of
from contacts.idsets import among
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

#: From which states an address goes to another by what a provider tells, and in which order that is written: good
#: first, gone after it, a complaint last, so that whatever came first the worst is what remains.
_FROM = {
    state: sorted(address_states.sources(state, Says.PROVIDER))
    for state in (
        AddressState.VERIFIED,
        AddressState.BOUNCED,
        AddressState.UNREACHABLE,
        AddressState.OPTED_OUT,
        AddressState.COMPLAINED,
    )
}
_ORDER = list(_FROM)
_GOOD = frozenset({EventKind.DELIVERED, EventKind.READ})


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one message, and where it had gone. `happened` is the moment of the event."""

    contact_id: int
    channel: Channel
    address: str
    kind: EventKind
    code: str
    source: str
    evidence: str
    happened: datetime

    @property
    def leaves(self) -> bool:
        """Whether the person asked for no more."""
        return self.kind in {EventKind.COMPLAINED, EventKind.UNSUBSCRIBED} or self.code in _PERSON_LEFT

    @property
    def says(self) -> AddressState | None:
        """What it says of the address; None where it speaks of the message alone."""
        if self.kind == EventKind.COMPLAINED:
            return AddressState.COMPLAINED
        if gone := _ADDRESS_GONE.get(self.code):
            return gone
        if self.kind in _GOOD:
            return AddressState.VERIFIED
        return AddressState.OPTED_OUT if self.leaves else None


def matters(kind: EventKind, code: str) -> bool:
    """Whether an event says anything of the address or the person."""
    return kind not in {EventKind.ACCEPTED, EventKind.DEFERRED} or code in _ADDRESS_GONE or code in _PERSON_LEFT


def draw(session: Session, fates: Sequence[Fate], *, at: datetime) -> None:
    """Close the channel for who left or complained, and mark addresses as gone or as good; `at` is now.

    However many messages there are, those that say the same are written in one statement, and so are the lines of the
    addresses' histories. What became of a message to somebody who was there twice is said of the person they are by
    now. Who left by an address that somebody else has too left for both: the address is closed, for the other one
    without their ledger.
    """
    now = pointers.followed(session, (fate.contact_id for fate in fates)) if fates else {}
    fates = [replace(fate, contact_id=now.get(fate.contact_id, fate.contact_id)) for fate in fates] if now else fates
    left = [fate for fate in fates if fate.leaves]
    for fate in left:
        consent.withdraw(
            session,
            fate.contact_id,
            fate.channel,
            source=fate.source,
            evidence=fate.evidence,
            at=fate.happened,
            by=fate.source,
        )
    said: dict[tuple[AddressState, str], Told] = defaultdict(dict)
    for fate in fates:
        if state := fate.says:
            why = "" if state == AddressState.VERIFIED else fate.code or fate.kind.value
            theirs = said[state, why].setdefault(fate.contact_id, {})
            theirs[_KINDS.get(fate.channel) or kind_of_way(fate.address), fate.address] = fate.evidence
    for (state, why), people in sorted(said.items(), key=lambda each: (_ORDER.index(each[0][0]), each[0][1])):
        _mark(session, people, state, why, at)
    for fate in left:
        if fate.address:
            sharing.close(session, [fate.address], reason=f"shared_{fate.kind}", at=at, evidence=fate.evidence)


_KINDS = {Channel.EMAIL: AddressKind.EMAIL}  # of another way the address says what it is
#: By person and address: the event that told it.
Told = dict[int, dict[tuple[AddressKind, str], str]]


def _mark(session: Session, people: Told, state: AddressState, why: str, at: datetime) -> None:
    address = table_of(Address).c
    good = state is AddressState.VERIFIED  # the first good news stands in the address alone
    more = () if good else (address.state, address.state_reason, address.state_at)
    found = session.execute(
        select(address.id, address.contact_id, address.kind, address.value, *more)
        .where(among(address.contact_id, sorted(people)), address.state.in_(_FROM[state]))
        .order_by(address.id)
        .with_for_update()
    ).all()
    theirs = [row.id for row in found if (row.kind, row.value) in people[row.contact_id]]
    if theirs:
        if not good:
            _note(session, found, people, state, why, at)
        session.execute(
            update(table_of(Address))
            .where(among(address.id, theirs))
            .values(state=state, state_reason=why, state_at=at)
        )


def _note(session: Session, found: Sequence[Any], people: Told, state: AddressState, why: str, at: datetime) -> None:
    """Append a line for each address that changes, and one of the first good news before it, all in one statement."""
    lines = []
    for number, person, kind, value, before, because, since in found:
        evidence = people[person].get((kind, value))
        if evidence is None:
            continue
        whose = {"contact_id": person, "address_id": number, "value": "", "by": ""}
        if before is AddressState.VERIFIED and not because and since is not None:
            first = {"origin": AddressState.NEW.value, "target": before.value, "reason": DELIVERED, "evidence": ""}
            lines.append({**whose, **first, "at": since})
        news = {"origin": before.value, "target": state.value, "reason": why, "evidence": evidence}
        lines.append({**whose, **news, "at": at})
    insert_rows(session, table_of(AddressChange), lines)


def draw_from_refusals(session: Session, refused: dict[int, str], *, at: datetime) -> None:
    """Do the same for letters that the provider refused at once: delivery id → our code."""
    telling = {number: code for number, code in refused.items() if code in _ADDRESS_GONE or code in _PERSON_LEFT}
    if not telling:
        return
    rows = session.execute(
        select(Delivery.id, Delivery.contact_id, Delivery.channel, Delivery.address).where(Delivery.id.in_(telling))
    )
    fates: Iterable[Fate] = (
        Fate(
            contact_id=row.contact_id,
            channel=row.channel,
            address=row.address,
            kind=EventKind.FAILED,
            code=telling[row.id],
            source=f"refused: {row.channel}",
            evidence=f"delivery:{row.id}",
            happened=at,
        )
        for row in rows.all()
    )
    draw(session, list(fates), at=at)
