"""What a person decides about the messages they get: by which way, about what, in which language, at what hour.

Each change is a line of the ledger in the person's own words; what they leave as it was gets none.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import literal, select
from sqlalchemy.orm import Session

from contacts import consent, gate, places, pointers
from contacts.errors import Fault, Refused, refuse
from contacts.models import AddressState, Channel, Contact, Decision, EvidenceKind, Purpose

SOURCE = "página de preferencias"
ALL = consent.ALL

Pair = tuple[Channel, Purpose]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a page says. `shown` are the ways it offered: what was not offered is not changed."""

    granted: frozenset[Pair]
    shown: tuple[Channel, ...]
    language: str
    timezone: str


@dataclass(frozen=True, slots=True)
class Changed:
    """What came of it: ways and purposes that were opened and closed (`correo/eventos`, `correo/*`), fields changed."""

    opened: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether anything changed."""
        return bool(self.opened or self.closed or self.fields)


def person(session: Session, contact_id: int, *, hold: bool = False) -> Contact:
    """Return the person whom a number means, for the caller's transaction with `hold`.

    Refuses `person_unknown`, also for who was forgotten.
    """
    if hold:
        wanted = select(Contact).where(Contact.id == pointers.follow(session, contact_id))
        wanted = wanted.with_for_update(key_share=True).execution_options(populate_existing=True)
    else:
        number = pointers.followed(session, [contact_id]).get(contact_id, contact_id)
        wanted = select(Contact).where(Contact.id == number)
    found = session.scalar(wanted)
    if found is None or found.erased_at is not None:
        raise refuse("person_unknown", "persona", contact_id)
    return found


def reachable(contact: Contact) -> tuple[Channel, ...]:
    """Return the ways by which a person has an address that has not been complained about."""
    kinds = {each.kind for each in contact.addresses}
    spam = {each.kind for each in contact.addresses if each.state is AddressState.COMPLAINED}
    return tuple(channel for channel, kind in consent.CHANNELS.items() if kind in kinds - spam)


def standing(session: Session, contact_id: int, at: datetime) -> Mapping[Pair, str]:
    """Return what holds of a person's word at a moment: `granted`, `withdrawn`, `expired`, or "" for none."""
    pairs = [(channel, purpose) for channel in consent.CHANNELS for purpose in Purpose]
    said = session.execute(select(*[gate.newest(literal(contact_id), *pair, at) for pair in pairs])).one()
    return {pair: decision or "" for pair, decision in zip(pairs, said, strict=True)}


def change(session: Session, contact_id: int, wanted: Wanted, *, at: datetime, evidence: str, notice: str) -> Changed:
    """Do what a person decided. `evidence` says by what they did; `notice` is the version that the page showed.

    Refuses, writing nothing: `person_unknown`, `timezone_unknown`, `language_other`.
    """
    contact = person(session, contact_id, hold=True)
    language, timezone, faults = contact.language, contact.timezone, list[Fault]()
    try:
        language = places.language(wanted.language) or language
    except Refused as refused:
        faults += refused.faults
    try:
        timezone = places.timezone(wanted.timezone) or timezone
    except Refused as refused:
        faults += refused.faults
    if faults:
        raise Refused(faults)
    now = standing(session, contact.id, at)
    shown: dict[str, Any] = {"source": SOURCE, "at": at, "evidence": evidence, "kind": EvidenceKind.LINK}
    opened: list[str] = []
    closed: list[str] = []
    for channel in wanted.shown:
        for purpose in _together(channel, wanted.granted, now, Decision.GRANTED):
            consent.grant(session, contact.id, channel, purpose, notice_version=notice, **shown)
            opened.append(f"{channel}/{purpose}")
        for purpose in _together(channel, wanted.granted, now, Decision.WITHDRAWN):
            consent.withdraw(session, contact.id, channel, purpose=purpose, **shown)
            closed.append(f"{channel}/{purpose}")
    fields = [
        name
        for name, is_new in (("language", language != contact.language), ("timezone", timezone != contact.timezone))
        if is_new
    ]
    contact.language, contact.timezone = language, timezone
    session.flush()
    return Changed(tuple(opened), tuple(closed), tuple(fields))


def _together(channel: Channel, granted: Collection[Pair], now: Mapping[Pair, str], decision: Decision) -> list[str]:
    """Return the purposes of a way that need a line with this decision; ("*",) where it is for all of them."""
    opens = decision is Decision.GRANTED
    mine = [purpose for purpose in Purpose if ((channel, purpose) in granted) is opens]
    stand = {Decision.GRANTED.value} if opens else {Decision.WITHDRAWN.value, ""}
    missing = [purpose for purpose in mine if now[channel, purpose] not in stand]
    return [ALL] if missing and len(mine) == len(Purpose) else list(missing)


def leave(session: Session, contact_id: int, channel: Channel | str, *, at: datetime, evidence: str) -> Changed:
    """Close a way ("*": all) for a person. Who has left it already gets no second line. Refuses `person_unknown`."""
    contact = person(session, contact_id, hold=True)
    now = standing(session, contact.id, at)
    ways = tuple(consent.CHANNELS) if channel == ALL else (Channel(channel),)
    if all(now[way, purpose] == Decision.WITHDRAWN for way in ways for purpose in Purpose):
        return Changed()
    consent.withdraw(session, contact.id, channel, source=SOURCE, evidence=evidence, kind=EvidenceKind.LINK, at=at)
    return Changed(closed=(f"{channel}/{ALL}",))
