"""Who may be written to: the verbs of the ledger of consent, and the questions to the ONE gate over it.

The gate is one SQL expression (`contacts.gate`): lists are made with it, claims check it again, and `may_contact` asks
it for one person.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, literal, select
from sqlalchemy.orm import Session

from contacts import notices, pointers, sharing, terms
from contacts.errors import Fault, Refused
from contacts.gate import ALL, CHANNELS, CONFIRMATION, EXPIRED, KINDS, REASONS, ending, newest, refusal, usable_address
from contacts.models import Address, Channel, ConsentEntry, Contact, Decision, EvidenceKind, Purpose
from contacts.stopwords import stop_word

__all__ = [
    "ALL",
    "CHANNELS",
    "CLOCK",
    "CONFIRMATION",
    "EXPIRED",
    "KINDS",
    "REASONS",
    "Verdict",
    "ends",
    "grant",
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

CLOCK = "clock"  # where a session carries what tells the present moment (`Session.info`); the composition root puts it


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate says of one person: yes, or no with a code of `REASONS`."""

    allowed: bool
    reason: str = ""


def standing(session: Session, contact_id: int) -> dict[tuple[Channel, Purpose], str]:
    """Return the newest decision of a person for each channel and purpose, "" where there is none."""
    pairs = [(channel, purpose) for channel in CHANNELS for purpose in Purpose]
    said = session.execute(select(*[newest(literal(contact_id), *pair) for pair in pairs])).one()
    return {pair: decision or "" for pair, decision in zip(pairs, said, strict=True)}


def ends(session: Session, contact_id: int) -> dict[tuple[Channel, Purpose], datetime]:
    """Return when the consents of a person end, by channel and purpose; one without an end is left out."""
    pairs = [(channel, purpose) for channel in CHANNELS for purpose in Purpose]
    stated = session.execute(select(*[ending(literal(contact_id), *pair) for pair in pairs])).one()
    return {pair: until for pair, until in zip(pairs, stated, strict=True) if until is not None}


def mark(session: Session) -> int:
    """Return where the ledger ends at this moment, for `left_since`."""
    return session.scalar(select(func.max(ConsentEntry.id))) or 0


def left_since(end: int) -> Select[int]:
    """Return the select of contact ids that withdrew something after the ledger had this end. Cheap: they are few."""
    return select(ConsentEntry.contact_id).where(
        ConsentEntry.id > end, ConsentEntry.decision == Decision.WITHDRAWN.value
    )


def may_contact(
    session: Session, contact_id: int, channel: Channel, purpose: Purpose | str, at: datetime | None = None
) -> Verdict:
    """Ask the gate for one person, at a moment or now. Who is unknown has no address."""
    reason = session.scalar(select(refusal(literal(contact_id), channel, purpose, at or _now(session))))
    return Verdict(reason is None, reason or "")


def verdicts(session: Session, contact_id: int, at: datetime | None = None) -> dict[tuple[Channel, Purpose], Verdict]:
    """Ask the gate for one person, every channel and every purpose, at a moment or now: what a page shows."""
    pairs = [(channel, purpose) for channel in CHANNELS for purpose in Purpose]
    asked = [refusal(literal(contact_id), *pair, at or _now(session)) for pair in pairs]
    reasons = session.execute(select(*asked)).one()
    return {pair: Verdict(reason is None, reason or "") for pair, reason in zip(pairs, reasons, strict=True)}


def _now(session: Session) -> datetime:
    clock: Callable[[], datetime] = session.info[CLOCK]
    return clock()


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
    kind: EvidenceKind = EvidenceKind.NOTE,
    file: str = "",
    until: datetime | None = None,
    asked_id: int | None = None,
    imported: bool = False,
    by: str = "",
) -> ConsentEntry:
    """Append one line to the ledger: what a person said, where, when, what shows it, and who wrote it down.

    A number that points to somebody means that person: the link in an old letter is theirs too. `channel` and
    `purpose` may be "*". A grant without `notice_version` is under the current notice; it counts before the moment
    `until`, which may be none. `file` names a kept picture or PDF. Refuses `consent_channel`, `consent_purpose`,
    `consent_source`, `consent_until` (a withdrawal has no end, and an end comes later).
    """
    faults = []
    if channel not in {*CHANNELS, ALL}:
        faults.append(Fault("consent_channel", "canal", str(channel)))
    if purpose not in {*Purpose, ALL}:
        faults.append(Fault("consent_purpose", "finalidad", str(purpose)))
    if not source.strip():
        faults.append(Fault("consent_source", "fuente", source))
    if until is not None and (until <= at or decision is Decision.WITHDRAWN):
        faults.append(Fault("consent_until", "hasta", f"{until:%Y-%m-%d}"))
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
        evidence_kind=kind,
        evidence_file=file,
        at=at,
        until=until,
        asked_id=asked_id,
        imported=imported,
        recorded_by=by,
    )
    session.add(entry)
    session.flush()
    if decision is Decision.GRANTED and not imported:  # who says yes is written to again where they had said no
        kinds = [kind for way, theirs in KINDS.items() if channel in {way, ALL} for kind in theirs]
        sharing.reopen(session, entry.contact_id, kinds, at=at, by=by)
    return entry


def grant(
    session: Session,
    contact_id: int,
    channel: Channel | str,
    purpose: Purpose | str,
    *,
    source: str,
    at: datetime,
    until: datetime | None = None,
    **more: Any,
) -> list[ConsentEntry]:
    """Append a consent that holds as long as the installation's terms say, or until a stated moment; see `record`.

    A consent to everything has a line of its own for each purpose whose term differs.
    """
    held = terms.of(session)
    alone = terms.apart(held) if purpose == ALL and until is None else []
    return [
        record(
            session,
            contact_id,
            channel,
            each,
            Decision.GRANTED,
            source=source,
            at=at,
            until=until or terms.end(held, each, at),
            **more,
        )
        for each in (purpose, *alone)
    ]


def withdraw(
    session: Session,
    contact_id: int,
    channel: Channel | str,
    *,
    source: str,
    at: datetime,
    purpose: Purpose | str = ALL,
    evidence: str = "",
    kind: EvidenceKind = EvidenceKind.NOTE,
    file: str = "",
    by: str = "",
) -> ConsentEntry:
    """Close a channel ("*": all) for one person, for every purpose or one. In force from this transaction's end."""
    shown: dict[str, Any] = {"evidence": evidence, "kind": kind, "file": file}
    return record(session, contact_id, channel, purpose, Decision.WITHDRAWN, source=source, at=at, by=by, **shown)


def withdraw_address(
    session: Session,
    value: str,
    channel: Channel,
    *,
    source: str,
    at: datetime,
    evidence: str = "",
    kind: EvidenceKind = EvidenceKind.NOTE,
    by: str = "",
) -> list[int]:
    """Close a channel for everybody who has this address: whoever reads it asked for quiet. Return their ids.

    The address itself is closed as well: it stays so for who says yes with another one.
    """
    people = session.scalars(
        select(pointers.person().label("person"))
        .join(Address, Address.contact_id == Contact.id)
        .where(Address.kind.in_(KINDS[channel]), Address.value == value)
        .distinct()
        .order_by("person")
    ).all()
    sharing.close(session, [value], reason=sharing.SAID, at=at, evidence=evidence)
    for contact_id in people:
        withdraw(session, contact_id, channel, source=source, evidence=evidence, kind=kind, at=at, by=by)
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
