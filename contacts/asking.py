"""Consent in two steps: a person is asked by a mail to confirm, and a consent stands only once they did.

What was asked is a line of the ledger for each purpose (`Decision.ASKED`) and no consent: the gate passes over it, but
for the one letter that asks. The first line of a request gives it its number; its further purposes and the consent
that answers point to it (`asked_id`). The letter itself is the business of `campaigns.confirming`.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from contacts import consent, notices, pointers, suppression
from contacts.errors import Fault, Refused, refuse
from contacts.models import Address, Channel, ConsentEntry, Contact, Decision, EvidenceKind, Purpose

#: What the ledger calls the source of a consent that was confirmed.
SOURCE = "confirmación por correo"

ALL = consent.ALL


@dataclass(frozen=True, slots=True)
class Ask:
    """A request to confirm: whom, what about, under which notice, and until when they may answer."""

    id: int
    contact_id: int
    channel: Channel
    purposes: tuple[str, ...]
    notice_version: str
    at: datetime
    until: datetime


def ask(
    session: Session,
    contact_id: int,
    channel: Channel,
    purposes: Collection[Purpose | str],
    *,
    notice: str | None,
    source: str,
    at: datetime,
    days: int,
    evidence: str = "",
    by: str = "",
) -> Ask:
    """Write down that a person is asked to confirm; they have `days` for it, and are not asked again before.

    The person, and whoever has the same address, is held for the caller's transaction: of two who ask at once the
    second is refused. `notice` is a version, None the current one. Refuses, writing nothing: `person_unknown`,
    `consent_channel` (only e-mail proves whose an address is), `consent_purpose`, `consent_source`,
    `address_suppressed`, `confirm_asked` (details: `until`), `confirm_needless` (they have consented to all of it), and
    `confirm_refused` with the gate's reason.
    """
    if channel is not Channel.EMAIL:
        raise refuse("consent_channel", "canal", channel)
    wanted = _purposes(purposes)
    contact_id = pointers.follow(session, contact_id)
    contact = session.get(Contact, contact_id)
    if contact is None:
        raise refuse("person_unknown", "persona", contact_id)
    held = _hold(session, contact, channel)
    written = [(each.kind, each.value) for each in contact.addresses if each.kind == consent.CHANNELS[channel]]
    if faults := suppression.faults(session, contact.name, written):
        raise Refused(faults)
    if pending := _last(session, held, channel, at - timedelta(days=days)):
        raise refuse("confirm_asked", "persona", contact_id, until=f"{pending.at + timedelta(days=days):%Y-%m-%d}")
    if all(consent.may_contact(session, contact_id, channel, each, at).allowed for each in _each(wanted)):
        raise refuse("confirm_needless", "persona", contact_id)
    version = notices.current(session, at).version if notice is None else notices.named(session, notice, at).version
    until = at + timedelta(days=days)
    with session.begin_nested():  # who may not be asked leaves nothing behind
        first: ConsentEntry | None = None
        for purpose in wanted:
            entry = consent.record(
                session,
                contact_id,
                channel,
                purpose,
                Decision.ASKED,
                source=source,
                at=at,
                notice_version=version,
                evidence=evidence,
                until=until,
                asked_id=first.id if first else None,
                by=by,
            )
            first = first or entry
        assert first is not None
        verdict = consent.may_contact(session, contact_id, channel, consent.CONFIRMATION, at)
        if not verdict.allowed:
            raise Refused([Fault("confirm_refused", "persona", str(contact_id), details={"gate": verdict.reason})])
    return Ask(first.id, contact_id, channel, tuple(wanted), version, at, until)


def _purposes(purposes: Collection[Purpose | str]) -> list[str]:
    wanted = list(dict.fromkeys(map(str, purposes)))
    strange = [each for each in wanted if each not in {*Purpose, ALL}]
    if strange or not wanted:
        raise refuse("consent_purpose", "finalidad", ", ".join(strange))
    return [ALL] if ALL in wanted or len(wanted) == len(Purpose) else wanted


def _each(wanted: Sequence[str]) -> Sequence[str]:
    return list(map(str, Purpose)) if ALL in wanted else wanted


def _hold(session: Session, contact: Contact, channel: Channel) -> list[int]:
    """Keep a person, and everybody with an address of theirs, for the transaction; return their numbers."""
    kind = consent.CHANNELS[channel]
    values = [each.value for each in contact.addresses if each.kind == kind]
    sharing = select(Address.contact_id).where(Address.kind == kind, Address.value.in_(values))
    people = select(Contact.id).where(or_(Contact.id == contact.id, Contact.id.in_(sharing))).order_by(Contact.id)
    return list(session.scalars(people.with_for_update(key_share=True)))


def _last(session: Session, people: Sequence[int], channel: Channel, since: datetime) -> ConsentEntry | None:
    return session.scalar(
        select(ConsentEntry)
        .where(
            ConsentEntry.contact_id.in_(people),
            ConsentEntry.channel == channel.value,
            ConsentEntry.decision == Decision.ASKED,
            ConsentEntry.at > since,
        )
        .order_by(ConsentEntry.at.desc())
        .limit(1)
    )


def waiting(session: Session, contact_ids: Collection[int], channel: Channel, at: datetime) -> dict[int, Ask]:
    """Return, of these people, what each is asked and may still answer: the newest."""
    asked = session.scalars(
        select(ConsentEntry)
        .where(
            ConsentEntry.contact_id.in_(contact_ids),
            ConsentEntry.channel == channel.value,
            ConsentEntry.decision == Decision.ASKED,
            ConsentEntry.asked_id.is_(None),
            ConsentEntry.until > at,
        )
        .order_by(ConsentEntry.at, ConsentEntry.id)
    )
    return {entry.contact_id: _ask(session, entry) for entry in asked}


def find(session: Session, ask_id: int) -> Ask:
    """Return a request to confirm by its number. Refuses `confirm_unknown`."""
    entry = session.get(ConsentEntry, ask_id)
    if entry is None or entry.decision is not Decision.ASKED or entry.asked_id is not None:
        raise refuse("confirm_unknown", "enlace", ask_id)
    return _ask(session, entry)


def _ask(session: Session, entry: ConsentEntry) -> Ask:
    further = session.scalars(
        select(ConsentEntry.purpose)
        .where(
            ConsentEntry.contact_id == entry.contact_id,
            ConsentEntry.asked_id == entry.id,
            ConsentEntry.decision == Decision.ASKED,
        )
        .order_by(ConsentEntry.id)
    )
    until = entry.until
    assert until is not None
    purposes = (entry.purpose, *further)
    return Ask(entry.id, entry.contact_id, Channel(entry.channel), purposes, entry.notice_version, entry.at, until)


def check(session: Session, ask_id: int, at: datetime) -> Ask:
    """Return a request that may be answered now.

    Refuses `confirm_unknown`; `confirm_used`, when it was answered; `confirm_gone`, when the person asked to be
    forgotten; `confirm_withdrawn`, when they said no to something of it since; and `confirm_late`.
    """
    asked = find(session, ask_id)
    answer = select(ConsentEntry.id).where(
        ConsentEntry.contact_id == asked.contact_id,
        ConsentEntry.asked_id == ask_id,
        ConsentEntry.decision == Decision.GRANTED,
    )
    if session.scalar(answer.limit(1)) is not None:
        raise refuse("confirm_used", "enlace", ask_id)
    if session.get_one(Contact, asked.contact_id).erased_at is not None:
        raise refuse("confirm_gone", "enlace", ask_id)
    standing = consent.standing(session, asked.contact_id)
    if any(standing[asked.channel, Purpose(each)] == Decision.WITHDRAWN for each in _each(asked.purposes)):
        raise refuse("confirm_withdrawn", "enlace", ask_id)
    if at >= asked.until:
        raise refuse("confirm_late", "enlace", ask_id)
    return asked


def confirm(session: Session, ask_id: int, *, at: datetime, evidence: str) -> list[ConsentEntry]:
    """Take the answer of a person: from now on they have consented to what they were asked. Refuses as `check` does.

    `evidence` says by what they answered: the fingerprint of the link. Of two who answer at once the second is refused.
    """
    person = find(session, ask_id).contact_id
    session.execute(select(Contact.id).where(Contact.id == person).with_for_update(key_share=True)).all()
    asked = check(session, ask_id, at)
    return [
        entry
        for purpose in asked.purposes
        for entry in consent.grant(
            session,
            asked.contact_id,
            asked.channel,
            purpose,
            source=SOURCE,
            at=at,
            notice_version=asked.notice_version,
            evidence=evidence,
            kind=EvidenceKind.LINK,
            asked_id=ask_id,
        )
    ]
