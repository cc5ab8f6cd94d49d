"""Consent that the people of a file gave elsewhere, into the ledger, all at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import product

from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts import consent, terms
from contacts.base import table_of
from contacts.bulk import insert_rows
from contacts.errors import Fault
from contacts.idsets import among
from contacts.merging import Gathering, Person, chunks
from contacts.models import AddressKind, Channel, ConsentEntry, Contact, Decision, EvidenceKind, Purpose

ALL = consent.ALL
_COLUMNS = (
    "contact_id",
    "channel",
    "purpose",
    "decision",
    "source",
    "notice_version",
    "evidence",
    "evidence_kind",
    "evidence_file",
    "imported",
    "at",
    "until",
    "recorded_by",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """Consent that the people of a file gave elsewhere.

    Where, when, under which notice (None: the current one), to which channels and purposes ("*": all).
    """

    source: str
    at: datetime
    notice: str | None = None
    channels: tuple[str, ...] = (consent.ALL,)
    purposes: tuple[str, ...] = (consent.ALL,)

    def faults(self, at: datetime) -> list[Fault]:
        """Return what is wrong with it at a moment.

        Codes: `consent_source`, `consent_date`, `consent_channel`, `consent_purpose`.
        """
        faults = []
        if not self.source.strip():
            faults.append(Fault("consent_source", "--consent-source", self.source))
        if self.at > at:
            today = f"{at.astimezone(self.at.tzinfo):%Y-%m-%d}"
            faults.append(Fault("consent_date", "--consent-date", f"{self.at:%Y-%m-%d}", details={"today": today}))
        for code, where, said, known in (
            ("consent_channel", "--consent-channel", self.channels, {*map(str, consent.CHANNELS), consent.ALL}),
            ("consent_purpose", "--consent-purpose", self.purposes, {*map(str, Purpose), consent.ALL}),
        ):
            faults += [Fault(code, where, value) for value in said or ("",) if value not in known]
        return faults


def grant(
    session: Session, gathering: Gathering, given: Given, *, notice: str, by: str, file: str
) -> tuple[int, list[Fault]]:
    """Enter the consent of everybody, under a notice; return how many lines were written, and warnings.

    A channel that the person withdrew from stays closed, and so does one that somebody with the same address withdrew
    from: they may be one person under two names (warning `consent_kept`). Who is in the ledger already with this
    source and notice gets no second line.
    """
    ids = sorted(gathering.known)
    closed = _closed(session, ids, given.at)
    entered = _entered(session, ids, given.source, notice)
    asked = set(consent.CHANNELS) if consent.ALL in given.channels else {Channel(each) for each in given.channels}
    held = terms.of(session)
    # To everything: what holds for another time has a line of its own.
    purposes = (consent.ALL, *terms.apart(held)) if consent.ALL in given.purposes else given.purposes
    lines: list[tuple[object, ...]] = []
    source = given.source.strip()
    warnings: list[Fault] = []
    for person in gathering.people:
        shut = _shut(person, gathering, closed) & asked
        if shut:
            ways = ", ".join(sorted(shut))
            warnings.append(
                Fault("consent_kept", "", person.card.name, row=person.row, file=file, details={"ways": ways})
            )
        left = [str(channel) for channel in consent.CHANNELS if channel in asked - shut]
        open_ways = [consent.ALL] if len(left) == len(consent.CHANNELS) else left
        for way, purpose in product(open_ways, purposes):
            if entered and any((person.id, ours, what) in entered for ours in (way, ALL) for what in (purpose, ALL)):
                continue
            person.changed = person.existed
            lines.append(
                (
                    person.id,
                    way,
                    purpose,
                    Decision.GRANTED,
                    source,
                    notice,
                    f"{file}:{person.row}",
                    EvidenceKind.FILE,
                    "",
                    True,
                    given.at,
                    terms.end(held, purpose, given.at),
                    by,
                )
            )
    insert_rows(session.connection(), table_of(ConsentEntry), _COLUMNS, lines)
    return len(lines), warnings


def _shut(person: Person, gathering: Gathering, closed: dict[int, set[Channel]]) -> set[Channel]:
    """Return the channels that this person, or who shares an address of that channel, withdrew from."""
    if not closed:
        return set()
    shut = set(closed.get(person.id, ()))
    for kind, value in person.known:
        for holder in gathering.holders.get(value, ()):
            shut |= {way for way in closed.get(holder, ()) if consent.CHANNELS[way] is _as_written_to(kind)}
    return shut


def _as_written_to(kind: AddressKind) -> AddressKind:
    return AddressKind.EMAIL if kind is AddressKind.EMAIL else AddressKind.WHATSAPP


def _closed(session: Session, ids: Sequence[int], at: datetime) -> dict[int, set[Channel]]:
    """Ask the gate which channels these people are opted out of, for one purpose at least."""
    withdrew: set[int] = set()
    for some in chunks(ids):
        withdrew.update(
            session.scalars(
                select(ConsentEntry.contact_id).where(
                    among(ConsentEntry.contact_id, some), ConsentEntry.decision == Decision.WITHDRAWN
                )
            )
        )
    closed: dict[int, set[Channel]] = {}
    if not withdrew:  # nearly always: to put the gate's question together costs more than to ask it
        return closed
    for channel in consent.CHANNELS:
        gates = [consent.refusal(Contact.id, channel, purpose, at) for purpose in Purpose]
        for some in chunks(sorted(withdrew)):
            for contact_id, *reasons in session.execute(select(Contact.id, *gates).where(among(Contact.id, some))):
                if "opted_out" in reasons:
                    closed.setdefault(contact_id, set()).add(channel)
    return closed


def _entered(session: Session, ids: Iterable[int], source: str, notice: str) -> set[tuple[int, str, str]]:
    """Return who is in the ledger with this very source and notice, for which channel and which purpose."""
    entered: set[tuple[int, str, str]] = set()
    for some in chunks(sorted(ids)):
        rows = session.execute(
            select(ConsentEntry.contact_id, ConsentEntry.channel, ConsentEntry.purpose).where(
                among(ConsentEntry.contact_id, some),
                ConsentEntry.imported.is_(True),
                ConsentEntry.source == source.strip(),
                ConsentEntry.notice_version == notice,
            )
        )
        entered.update((contact_id, channel, purpose) for contact_id, channel, purpose in rows)
    return entered
