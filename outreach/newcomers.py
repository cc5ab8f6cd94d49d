"""What came by the public forms is looked at here, after whoever sent it was answered: who is known, who is asked.

One transaction an entry: what is written and the mail that follows are one. Who is known gets a link to their own
preferences instead of a second row; who is not becomes a person without consent, and is asked to confirm. Whoever lets
the time for that pass is forgotten.
"""

import logging
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from contacts import formentries, linkrequests, people, suppression
from contacts.erasing import Erased
from contacts.errors import Refused
from contacts.formentries import EntryKind, FormEntry
from contacts.linkrequests import LinkUse
from contacts.models import Address, AddressKind, Affiliation, Channel, ConsentEntry, Contact, Decision, Membership
from contacts.requests import RightsRequest
from outreach import audit, confirming, erasing, limits, linking
from outreach.audit import SELF
from outreach.platform import Platform

log = logging.getLogger(__name__)
AT_ONCE = 50  # entries of one tick
FORGOTTEN_AT_ONCE = 5  # an erasure looks through every table
SOURCE = "página para unirse"
HOUSE = "outreach"  # who did it, in the audit log: the platform by itself


def process_entries(platform: Platform) -> int:
    """Look at what waits, oldest first; return how many entries were looked at."""
    with platform.reading() as session:
        numbers = formentries.waiting(session, AT_ONCE)
    for number in numbers:
        try:
            with platform.transaction() as session:
                if entry := formentries.take(session, number):
                    _handle(platform, session, entry)
        except DBAPIError:
            raise  # the surroundings, not the entry: later
        except Exception:  # one strange entry must not stop the others
            log.exception("form entry %s", number)
            with platform.transaction() as session:
                formentries.failed(session, number, at=platform.clock.now())
    return len(numbers)


def _handle(platform: Platform, session: Session, entry: FormEntry) -> None:
    now = platform.clock.now()
    address = str(entry.said.get("email", ""))
    holders = people.holders(session, [address]) if address else []
    if entry.kind is EntryKind.DATA:
        formentries.done(entry, _link(platform, session, holders, LinkUse.DATA), at=now)
    elif entry.kind is EntryKind.PREFERENCES:
        formentries.done(entry, _link(platform, session, holders, LinkUse.PREFERENCES), at=now)
    elif not holders:
        outcome = _newcomer(platform, session, entry)
        formentries.done(entry, outcome, at=now, keep=outcome == "asked")
    elif again := next((one for one in holders if _unconfirmed(session, one)), None):
        outcome = _again(platform, session, entry, again)
        formentries.done(entry, outcome, at=now, keep=outcome == "asked")
    else:
        formentries.done(entry, _link(platform, session, holders, LinkUse.PREFERENCES), at=now)


def _link(platform: Platform, session: Session, holders: Sequence[Contact], use: LinkUse) -> str:
    """Send each of those who share an address a link of their own; return what became of it."""
    outcome = "unknown"
    for person in holders:
        try:
            linking.send(platform, session, person.id, use)
            audit.note(session, platform.clock.now(), SELF, f"link.{use}", f"contact:{person.id}")
            outcome = "linked"
        except Refused as refused:
            outcome = refused.faults[0].code if outcome != "linked" else outcome
    return outcome


def _newcomer(platform: Platform, session: Session, entry: FormEntry) -> str:
    """Make a person without consent of an entry and ask them to confirm; return what became of it."""
    said = {name: str(value) for name, value in entry.said.items() if isinstance(value, str)}
    now = platform.clock.now()
    if suppression.suppressed(session, [(AddressKind.EMAIL, said["email"], said["name"])]):
        return "suppressed"
    try:
        with session.begin_nested():
            person = people.add(
                session,
                {
                    "nombre": said["name"],
                    "correo": said["email"],
                    "pais": said.get("country", ""),
                    "ciudad": said.get("city", ""),
                    "zona": said.get("timezone", ""),
                    "idioma": said.get("language", ""),
                },
                at=now,
            )
            audit.note(session, now, SELF, "contacts.add", f"contact:{person.id}", {"form_entry": entry.id})
            _ask(platform, session, entry, person)
    except Refused as refused:  # nobody is left behind whom nobody asked
        return refused.faults[0].code
    return "asked"


def _again(platform: Platform, session: Session, entry: FormEntry, person: Contact) -> str:
    """Ask once more somebody who let it pass, for what they say now; return what became of it."""
    try:
        _ask(platform, session, entry, person)
    except Refused as refused:
        return refused.faults[0].code
    return "asked"


def _ask(platform: Platform, session: Session, entry: FormEntry, person: Contact) -> None:
    purposes = entry.said.get("purposes", [])
    asked = confirming.ask_to_confirm(
        platform,
        session,
        person.id,
        Channel.EMAIL,
        [str(each) for each in purposes] if isinstance(purposes, list) else [],
        notice=str(entry.said["notice"]),
        source=SOURCE,
        evidence=f"entrada {entry.id}",
    )
    for older in formentries.of_contact(session, person.id):
        older.said = {}  # what they say now is what they may confirm
    entry.contact_id, entry.asked_id = person.id, asked.ask.id


def _unconfirmed(session: Session, person: Contact) -> bool:
    """Whether somebody is only there because a form named them, and has not confirmed anything yet."""
    by_form = select(FormEntry.id).where(FormEntry.contact_id == person.id, FormEntry.asked_id.is_not(None)).limit(1)
    said = (
        select(ConsentEntry.id)
        .where(ConsentEntry.contact_id == person.id, ConsentEntry.decision != Decision.ASKED)
        .limit(1)
    )
    return session.scalar(by_form) is not None and session.scalar(said) is None


def tidy(platform: Platform) -> int:
    """Forget who let the time to confirm pass, and what was counted; return how many people were forgotten.

    Nothing keeps them from coming again. Who has become somebody meanwhile, in a network or with a request, stays.
    """
    now = platform.clock.now()
    with platform.transaction() as session:
        limits.forget_old(session, at=now)
        linkrequests.forget_old(session, at=now)
        gone = _let_go(session, now)
    for number in gone:
        with platform.transaction() as session:
            done = _forget(session, number, now)
        erasing.settle(platform.settings.data, platform.engine, done)
    return len(gone)


def _let_go(session: Session, now: datetime) -> Sequence[int]:
    pending = exists().where(
        ConsentEntry.contact_id == Contact.id, ConsentEntry.decision == Decision.ASKED, ConsentEntry.until > now
    )
    said = exists().where(ConsentEntry.contact_id == Contact.id, ConsentEntry.decision == Decision.GRANTED)
    by_form = exists().where(FormEntry.contact_id == Contact.id, FormEntry.asked_id.is_not(None))
    somebody = [exists().where(table.contact_id == Contact.id) for table in (Affiliation, Membership, RightsRequest)]
    merged = select(Contact.merged_into_id).where(Contact.merged_into_id.is_not(None))
    return session.scalars(
        select(Contact.id)
        .where(
            Contact.erased_at.is_(None),
            Contact.merged_into_id.is_(None),
            Contact.id.not_in(merged),
            by_form,
            ~pending,
            ~said,
            *[~each for each in somebody],
        )
        .order_by(Contact.id)
        .limit(FORGOTTEN_AT_ONCE)
    ).all()


def _forget(session: Session, contact_id: int, now: datetime) -> Erased:
    """Forget a person who never confirmed. Their address may come back, unless they asked not to be asked again."""
    written = session.execute(
        select(Contact.name, Address.kind, Address.value).join(Address).where(Contact.id == contact_id)
    ).all()
    left = select(ConsentEntry.id).where(
        ConsentEntry.contact_id == contact_id, ConsentEntry.decision == Decision.WITHDRAWN
    )
    stays_away = session.scalar(left.limit(1)) is not None
    done = erasing.erase(session, contact_id, at=now, by=HOUSE)
    for row in [] if stays_away else written:
        suppression.lift(session, row.kind, row.value, row.name)
    audit.note(session, now, HOUSE, "join.lapse", f"contact:{contact_id}")
    return done
