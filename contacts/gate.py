"""The ONE gate over the ledger of consent: a SQL expression that says why a person may not be written to.

Lists are made with it, claims check it again, and `contacts.consent.may_contact` asks it for one person: there is no
second copy of the rule. A consent with an end counts before that moment, so the gate is asked of a moment. What was
only asked (`contacts.asking`) is no word of the person, and lets one letter pass: that which asks.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, case, cast, exists, func, literal, null, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from contacts.linkrequests import LinkRequest, LinkUse
from contacts.models import Address, AddressKind, AddressState, Channel, ConsentEntry, Contact, Decision, Purpose

#: The channels that write to one person, and what they need.
CHANNELS = {Channel.EMAIL: AddressKind.EMAIL, Channel.WHATSAPP: AddressKind.WHATSAPP}

#: All that a channel writes to: a number before a business-scoped id, which is the way where there is no number.
KINDS = {
    Channel.EMAIL: (AddressKind.EMAIL,),
    Channel.WHATSAPP: (AddressKind.WHATSAPP, AddressKind.SCOPED),
}

#: Every answer of the gate but yes, in the order in which they are looked for.
REASONS = (
    "erased",
    "merged",
    "no_address",
    "opted_out",
    "consent_expired",
    "no_consent",
    "ask_over",
    "link_over",
    "complained",
    "bounced",
    "unreachable",
    "address_closed",
)

ALL = "*"

#: Stands in the place of a purpose for the one letter that may go to who has not consented: the one that asks them to.
CONFIRMATION = "confirmacion"

#: So do these for a mail that brings a link to who asked for it, consent or none (`contacts.linkrequests`).
LINKS = frozenset(map(str, LinkUse))

EXPIRED = "expired"  # what a grant says after its end

ContactId = ColumnElement[int] | InstrumentedAttribute[int]
Moment = datetime | ColumnElement[datetime]


def refusal(contact_id: ContactId, channel: Channel, purpose: Purpose | str, at: Moment) -> ColumnElement[str | None]:
    """Return the SQL expression of the gate: the code why a person may not be written to, NULL when they may.

    `contact_id` is a column of the query around it. Of the ledger, entries for this channel or all, and this purpose
    or all, count; the newest by moment, then by id, decides, as long as its end has not come at the moment `at`. What
    an import says counts only where the person said nothing: it never overrides a withdrawal, not even one that
    reaches us late.

    With `CONFIRMATION` in the place of a purpose it speaks of the letter that asks: who was asked and may still answer
    gets it, without consent; who withdrew what they are asked about does not. With one of `LINKS`, of the letter that
    brings a link: who asked for it gets it, whatever they said about others.
    """
    kinds = KINDS[channel]
    address = aliased(Address)
    erased, merged = _gone(contact_id)
    # One look at all addresses of the way. A complaint speaks of us, not of the mailbox, so it closes the channel.
    best = (
        select(
            func.min(
                case(
                    (address.state == AddressState.COMPLAINED, 0),
                    (address.state.in_([AddressState.NEW, AddressState.VERIFIED]), 1),
                    (address.state == AddressState.OPTED_OUT, 2),
                    (address.state == AddressState.BOUNCED, 3),
                    (address.state == AddressState.UNREACHABLE, 4),
                    else_=5,
                )
            )
        )
        .where(
            address.contact_id == contact_id, address.kind == kinds[0] if len(kinds) == 1 else address.kind.in_(kinds)
        )
        .correlate_except(address)
        .scalar_subquery()
    )
    answers = purpose == CONFIRMATION or purpose in LINKS  # they asked for this letter, by an address that they left
    if purpose == CONFIRMATION:
        said = _said_when_asked(contact_id, channel, at)
    elif purpose in LINKS:
        said = _said_of_a_link(contact_id, LinkUse(purpose), at)
    else:
        said = _said(contact_id, channel, purpose, at)
    state = case(
        {
            0: literal("complained"),
            2: literal("opted_out"),
            3: literal("bounced"),
            4: literal("unreachable"),
        },
        value=best,
        else_=literal("address_closed"),
    )
    reachable = case(  # `best` is looked up once for nearly everybody: the simple CASE evaluates its value once
        {1: said, -1: literal("no_address")} | ({2: said} if answers else {}),
        value=func.coalesce(best, -1),
        else_=func.coalesce(said, state),
    )
    return case((erased, literal("erased")), (merged, literal("merged")), else_=reachable)


def _said(contact_id: ContactId, channel: Channel, purpose: Purpose | str, at: Moment) -> ColumnElement[str | None]:
    return case(
        {
            Decision.GRANTED.value: null(),
            Decision.WITHDRAWN.value: literal("opted_out"),
            EXPIRED: literal("consent_expired"),
        },
        value=func.coalesce(newest(contact_id, channel, purpose, at), literal("")),
        else_=literal("no_consent"),
    )


def _said_when_asked(contact_id: ContactId, channel: Channel, at: Moment) -> ColumnElement[str | None]:
    """Return the answer about the letter that asks: once the person answered, or the time is over, it is late."""
    asked, answer = aliased(ConsentEntry), aliased(ConsentEntry)
    waits = (
        asked.contact_id == contact_id,
        asked.channel == channel.value,
        asked.decision == Decision.ASKED.value,
        asked.until > at,
    )

    def withdrew(purpose: Purpose) -> ColumnElement[bool]:
        mine = exists().where(*waits, asked.purpose.in_([purpose.value, ALL])).correlate_except(asked)
        return and_(mine, func.coalesce(newest(contact_id, channel, purpose), "") == Decision.WITHDRAWN.value)

    answered = (
        exists()
        .where(answer.asked_id == func.coalesce(asked.asked_id, asked.id), answer.decision == Decision.GRANTED.value)
        .where(answer.contact_id == asked.contact_id)
        .correlate(asked)
    )
    waiting = exists().where(*waits, ~answered).correlate_except(asked)
    left = or_(*[withdrew(purpose) for purpose in Purpose])
    return case((left, literal("opted_out")), (waiting, null()), else_=literal("ask_over"))


def _said_of_a_link(contact_id: ContactId, kind: LinkUse, at: Moment) -> ColumnElement[str | None]:
    """Return the answer about the letter that brings a link: it answers what somebody asked for not long ago."""
    asked = aliased(LinkRequest)
    wanted = (
        exists().where(asked.contact_id == contact_id, asked.kind == kind, asked.until > at).correlate_except(asked)
    )
    return case((wanted, null()), else_=literal("link_over"))


def _gone(contact_id: ContactId) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Return whether there is nobody left to write to: who was forgotten; whose row only points to somebody."""
    if contact_id is Contact.id:  # the query around it has the person in its hands
        return Contact.erased_at.is_not(None), Contact.merged_into_id.is_not(None)

    def known(column: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
        person = aliased(Contact)
        its = getattr(person, column.key)
        return exists().where(person.id == contact_id, its.is_not(None)).correlate_except(person)

    return known(Contact.erased_at), known(Contact.merged_into_id)


def ending(contact_id: ContactId, channel: Channel, purpose: Purpose | str) -> ColumnElement[datetime | None]:
    """Return the SQL expression of the end that the line in force states; NULL where it states none."""

    def one(*, imported: bool) -> ColumnElement[datetime | None]:
        entry = aliased(ConsentEntry)
        found = _lines(select(entry.until), entry, contact_id, channel, purpose, imported=imported)
        return found.correlate_except(entry).scalar_subquery()

    own = newest(contact_id, channel, purpose, imported=False)
    return case((own.is_not(None), one(imported=False)), else_=one(imported=True))


def newest(
    contact_id: ContactId,
    channel: Channel,
    purpose: Purpose | str,
    at: Moment | None = None,
    *,
    imported: bool | None = None,
) -> ColumnElement[str | None]:
    """Return the newest decision in force; `EXPIRED` for a grant that has ended by `at`, where one is given.

    `imported` narrows it to what files say of people, or to what people say themselves.
    """

    def one(*, imported: bool) -> ColumnElement[str | None]:
        entry = aliased(ConsentEntry)
        word: ColumnElement[str] = cast(entry.decision, String)
        if at is not None:
            word = case((entry.until <= at, literal(EXPIRED)), else_=word)
        found = _lines(select(word), entry, contact_id, channel, purpose, imported=imported)
        return found.correlate_except(entry).scalar_subquery()

    if imported is not None:
        return one(imported=imported)
    # Two looks, each at one end of an index, cost less than to sort what one look finds.
    return func.coalesce(one(imported=False), one(imported=True))


def _lines(
    wanted: Select[Any], entry: Any, contact_id: ContactId, channel: Channel, purpose: Purpose | str, *, imported: bool
) -> Select[Any]:
    return (
        wanted.where(
            entry.contact_id == contact_id,
            entry.imported.is_(imported),
            entry.decision != Decision.ASKED.value,
            entry.channel.in_([channel.value, ALL]),
            entry.purpose.in_([str(purpose), ALL]),
        )
        .order_by(entry.at.desc(), entry.id.desc())
        .limit(1)
    )


def usable_address(contact_id: ContactId, channel: Channel) -> ColumnElement[str | None]:
    """Return the SQL expression of the address to use: a verified one first, then the oldest; NULL without any.

    A business-scoped id is used by who has no number that works. Last comes one that they left: whether a letter may go
    there is the gate's to say, and one that they asked for may.
    """

    def oldest(kind: AddressKind, state: AddressState) -> ColumnElement[str | None]:
        address = aliased(Address)
        return (
            select(address.value)
            .where(address.contact_id == contact_id, address.kind == kind, address.state == state)
            .order_by(address.id)
            .limit(1)
            .correlate_except(address)
            .scalar_subquery()
        )

    good = [oldest(kind, state) for kind in KINDS[channel] for state in (AddressState.VERIFIED, AddressState.NEW)]
    return func.coalesce(*good, *[oldest(kind, AddressState.OPTED_OUT) for kind in KINDS[channel]])
