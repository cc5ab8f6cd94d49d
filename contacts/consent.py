"""Who may be written to: the ledger of consent and the ONE gate over it.

The gate is one SQL expression. Lists are made with it, claims check it again, and `may_contact` asks it for one
person: there is no second copy of the rule.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, String, case, cast, exists, func, literal, null, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from contacts import notices, pointers
from contacts.errors import Fault, Refused
from contacts.models import Address, AddressKind, AddressState, Channel, ConsentEntry, Contact, Decision, Purpose
from contacts.stopwords import stop_word

__all__ = [
    "CHANNELS",
    "REASONS",
    "Verdict",
    "ledger",
    "left_since",
    "mark",
    "may_contact",
    "record",
    "refusal",
    "standing",
    "stop_word",
    "usable_address",
    "verdicts",
    "withdraw",
    "withdraw_address",
]

#: The channels that write to one person, and what they need.
CHANNELS = {Channel.EMAIL: AddressKind.EMAIL, Channel.WHATSAPP: AddressKind.WHATSAPP}

#: Every answer of the gate but yes, in the order in which they are looked for.
REASONS = ("erased", "merged", "no_address", "opted_out", "no_consent", "complained", "bounced", "unreachable")

ALL = "*"

ContactId = ColumnElement[int] | InstrumentedAttribute[int]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate says of one person: yes, or no with a code of `REASONS`."""

    allowed: bool
    reason: str = ""


def refusal(contact_id: ContactId, channel: Channel, purpose: Purpose | str) -> ColumnElement[str | None]:
    """Return the SQL expression of the gate: the code why a person may not be written to, NULL when they may.

    `contact_id` is a column of the query around it. Of the ledger, entries for this channel or all, and this purpose
    or all, count; the newest by moment, then by id, decides. What an import says counts only where the person said
    nothing: it never overrides a withdrawal, not even one that reaches us late.
    """
    kind = CHANNELS[channel]
    address = aliased(Address)
    erased, merged = _gone(contact_id)
    # One look at all addresses of the kind. A complaint speaks of us, not of the mailbox, so it closes the channel.
    best = (
        select(
            func.min(
                case(
                    (address.state == AddressState.COMPLAINED, 0),
                    (address.state.in_([AddressState.NEW, AddressState.VERIFIED]), 1),
                    (address.state == AddressState.BOUNCED, 2),
                    else_=3,
                )
            )
        )
        .where(address.contact_id == contact_id, address.kind == kind)
        .correlate_except(address)
        .scalar_subquery()
    )
    said = case(
        {Decision.GRANTED.value: null(), Decision.WITHDRAWN.value: literal("opted_out")},
        value=func.coalesce(_newest(contact_id, channel, purpose), literal("")),
        else_=literal("no_consent"),
    )
    state = case({0: literal("complained"), 2: literal("bounced")}, value=best, else_=literal("unreachable"))
    reachable = case(  # `best` is looked up once for nearly everybody: the simple CASE evaluates its value once
        {1: said, -1: literal("no_address")},
        value=func.coalesce(best, -1),
        else_=func.coalesce(said, state),
    )
    return case((erased, literal("erased")), (merged, literal("merged")), else_=reachable)


def _gone(contact_id: ContactId) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Return whether there is nobody left to write to: who was forgotten; whose row only points to somebody."""
    if contact_id is Contact.id:  # the query around it has the person in its hands
        return Contact.erased_at.is_not(None), Contact.merged_into_id.is_not(None)

    def known(column: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
        person = aliased(Contact)
        its = getattr(person, column.key)
        return exists().where(person.id == contact_id, its.is_not(None)).correlate_except(person)

    return known(Contact.erased_at), known(Contact.merged_into_id)


def _newest(contact_id: ContactId, channel: Channel, purpose: Purpose | str) -> ColumnElement[str | None]:
    def newest(*, imported: bool) -> ColumnElement[str | None]:
        entry = aliased(ConsentEntry)
        return (
            select(cast(entry.decision, String))
            .where(
                entry.contact_id == contact_id,
                entry.imported.is_(imported),
                entry.channel.in_([channel.value, ALL]),
                entry.purpose.in_([str(purpose), ALL]),
            )
            .order_by(entry.at.desc(), entry.id.desc())
            .limit(1)
            .correlate_except(entry)
            .scalar_subquery()
        )

    # Two looks, each at one end of an index, cost less than to sort what one look finds.
    return func.coalesce(newest(imported=False), newest(imported=True))


def usable_address(contact_id: ContactId, channel: Channel) -> ColumnElement[str | None]:
    """Return the SQL expression of the address to use: a verified one first, then the oldest; NULL without any."""

    def oldest(state: AddressState) -> ColumnElement[str | None]:
        address = aliased(Address)
        return (
            select(address.value)
            .where(address.contact_id == contact_id, address.kind == CHANNELS[channel], address.state == state)
            .order_by(address.id)
            .limit(1)
            .correlate_except(address)
            .scalar_subquery()
        )

    return func.coalesce(oldest(AddressState.VERIFIED), oldest(AddressState.NEW))


def standing(session: Session, contact_id: int) -> dict[tuple[Channel, Purpose], str]:
    """Return the newest decision of a person for each channel and purpose, "" where there is none."""
    pairs = [(channel, purpose) for channel in CHANNELS for purpose in Purpose]
    said = session.execute(select(*[_newest(literal(contact_id), *pair) for pair in pairs])).one()
    return {pair: decision or "" for pair, decision in zip(pairs, said, strict=True)}


def mark(session: Session) -> int:
    """Return where the ledger ends at this moment, for `left_since`."""
    return session.scalar(select(func.max(ConsentEntry.id))) or 0


def left_since(end: int) -> Select[int]:
    """Return the select of contact ids that withdrew something after the ledger had this end. Cheap: they are few."""
    return select(ConsentEntry.contact_id).where(
        ConsentEntry.id > end, ConsentEntry.decision == Decision.WITHDRAWN.value
    )


def may_contact(session: Session, contact_id: int, channel: Channel, purpose: Purpose | str) -> Verdict:
    """Ask the gate for one person. Who is unknown has no address."""
    reason = session.scalar(select(refusal(literal(contact_id), channel, purpose)))
    return Verdict(reason is None, reason or "")


def verdicts(session: Session, contact_id: int) -> dict[tuple[Channel, Purpose], Verdict]:
    """Ask the gate for one person, every channel and every purpose: what a page shows."""
    pairs = [(channel, purpose) for channel in CHANNELS for purpose in Purpose]
    reasons = session.execute(select(*[refusal(literal(contact_id), *pair) for pair in pairs])).one()
    return {pair: Verdict(reason is None, reason or "") for pair, reason in zip(pairs, reasons, strict=True)}


def record(
    session: Session,
    contact_id: int,
    channel: Channel | str,
    purpose: Purpose | str,
    decision: Decision,
    *,
    source: str,
    at: datetime,
    notice_version: str | None = None,
    evidence: str = "",
    by: str = "",
) -> ConsentEntry:
    """Append one line to the ledger: what a person said, where, when, and who wrote it down.

    A number that points to somebody means that person: the link in an old letter is theirs too. `channel` and
    `purpose` may be "*". A grant without `notice_version` is under the current notice. Refuses `consent_channel`,
    `consent_purpose`, `consent_source`.
    """
    faults = []
    if channel not in {*CHANNELS, ALL}:
        faults.append(Fault("consent_channel", "canal", str(channel)))
    if purpose not in {*Purpose, ALL}:
        faults.append(Fault("consent_purpose", "finalidad", str(purpose)))
    if not source.strip():
        faults.append(Fault("consent_source", "fuente", source))
    if faults:
        raise Refused(faults)
    if notice_version is None:
        notice_version = notices.current(session, at).version if decision is Decision.GRANTED else ""
    entry = ConsentEntry(
        contact_id=pointers.follow(session, contact_id),
        channel=str(channel),
        purpose=str(purpose),
        decision=decision,
        source=source.strip(),
        notice_version=notice_version,
        evidence=evidence,
        at=at,
        recorded_by=by,
    )
    session.add(entry)
    session.flush()
    return entry


def withdraw(
    session: Session,
    contact_id: int,
    channel: Channel | str,
    *,
    source: str,
    at: datetime,
    evidence: str = "",
    by: str = "",
) -> ConsentEntry:
    """Close a channel ("*": all) for one person and every purpose. In force from this transaction's end."""
    return record(session, contact_id, channel, ALL, Decision.WITHDRAWN, source=source, evidence=evidence, at=at, by=by)


def withdraw_address(
    session: Session, value: str, channel: Channel, *, source: str, at: datetime, evidence: str = "", by: str = ""
) -> list[int]:
    """Close a channel for everybody who has this address: whoever reads it asked for quiet. Return their ids."""
    people = session.scalars(
        select(pointers.person().label("person"))
        .join(Address, Address.contact_id == Contact.id)
        .where(Address.kind == CHANNELS[channel], Address.value == value)
        .distinct()
        .order_by("person")
    ).all()
    for contact_id in people:
        withdraw(session, contact_id, channel, source=source, evidence=evidence, at=at, by=by)
    return list(people)


def ledger(session: Session, contact_id: int) -> list[ConsentEntry]:
    """Return what a person said, newest first."""
    return list(
        session.scalars(
            select(ConsentEntry)
            .where(ConsentEntry.contact_id == contact_id)
            .order_by(ConsentEntry.at.desc(), ConsentEntry.id.desc())
        )
    )
