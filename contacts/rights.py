"""Requests about one's own personal data (ARCO): their clock, and what is done with them.

Access, rectification, cancellation, opposition: the law gives the institution a term in working days, which it may
lengthen once, with a reason, up to as long again (LGPDPPSO 2025, and the law of Mexico City; the days are settings).
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from secrets import token_hex

from sqlalchemy.orm import Session

from contacts import consent, erasing, workdays
from contacts.consent import ALL
from contacts.erasing import Erased
from contacts.errors import Fault, Refused, refuse
from contacts.models import Contact
from contacts.requests import (
    MOVES,
    RequestState,
    Right,
    RightsRequest,
    Standing,
    counts,
    find,
    hold,
    listed,
    of_contact,
    pressing,
)

__all__ = [
    "MOVES",
    "Asked",
    "RequestState",
    "Right",
    "RightsRequest",
    "Standing",
    "Terms",
    "answer",
    "cancel",
    "counts",
    "done",
    "extend",
    "find",
    "hold",
    "identify",
    "listed",
    "move",
    "of_contact",
    "oppose",
    "pressing",
    "ready",
    "receive",
]

LONGEST = 5_000  # letters of a text


@dataclass(frozen=True, slots=True)
class Terms:
    """The institution's clock: its term in working days, and the days on which it is closed besides the official."""

    days: int = 20
    closed: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a request says when it comes in. Of a person we keep, `contact_id`; of another one, `requester`."""

    kind: Right | str
    received_on: date
    contact_id: int | None = None
    requester: str = ""
    reply_to: str = ""
    detail: str = ""
    identity: str = ""


def receive(session: Session, asked: Asked, terms: Terms, *, today: date, at: datetime, by: str) -> RightsRequest:
    """Write a request down; its clock begins on the working day after it was received, and is kept with it.

    Refuses `right_kind`, `request_future`, `requester_missing`, `person_unknown`, `person_erased`, `field_long`.
    """
    faults = [
        Fault("field_long", where, text[:60], details={"most": LONGEST})
        for where, text in (
            ("solicitante", asked.requester),
            ("respuesta_a", asked.reply_to),
            ("detalle", asked.detail),
            ("identidad", asked.identity),
        )
        if len(text) > LONGEST
    ]
    if asked.kind not in set(Right):
        faults.append(Fault("right_kind", "tipo", str(asked.kind)))
    if asked.received_on > today:
        faults.append(Fault("request_future", "recibida", f"{asked.received_on}", details={"today": f"{today}"}))
    contact = session.get(Contact, asked.contact_id) if asked.contact_id is not None else None
    if asked.contact_id is not None and contact is None:
        faults.append(Fault("person_unknown", "persona", str(asked.contact_id)))
    elif contact is not None and contact.erased_at is not None:
        faults.append(Fault("person_erased", "persona", str(asked.contact_id)))
    elif contact is None and not asked.requester.strip():
        faults.append(Fault("requester_missing", "solicitante"))
    if faults:
        raise Refused(faults)
    request = RightsRequest(
        folio=token_hex(8),  # until its number is known
        kind=Right(asked.kind),
        contact_id=asked.contact_id,
        requester=asked.requester.strip() or (contact.name if contact else ""),
        reply_to=asked.reply_to.strip(),
        detail=asked.detail.strip(),
        identity=asked.identity.strip(),
        received_on=asked.received_on,
        term=terms.days,
        due_on=workdays.after(asked.received_on, terms.days, terms.closed),
        state=RequestState.OPEN,
        created_at=at,
        created_by=by,
    )
    session.add(request)
    session.flush()
    request.folio = f"ARCO-{asked.received_on.year}-{request.id:04}"
    session.flush()
    return request


def move(request: RightsRequest, target: RequestState) -> None:
    """Bring a request to another state. Refuses `request_state` where no arrow leads."""
    if target not in MOVES[request.state]:
        raise refuse("request_state", "estado", request.folio)
    request.state = target


def identify(request: RightsRequest, how: str) -> None:
    """Note how it was checked that whoever asks is that person. Refuses `identity_missing`, `field_long`."""
    request.identity = _text(how, refuse("identity_missing", "identidad"))


def extend(
    request: RightsRequest, *, days: int, why: str, closed: Collection[date], today: date, at: datetime, by: str
) -> None:
    """Lengthen the term once, by at most as many working days as it had, while it runs.

    Refuses `request_state`, `extension_days`, `extension_late`, `extension_reason`, `field_long`.
    """
    if not 1 <= days <= request.term:
        raise refuse("extension_days", "dias", days, most=request.term)
    if request.state is RequestState.OPEN and today > request.due_on:
        raise refuse("extension_late", "dias", f"{request.due_on}")
    reason = _text(why, refuse("extension_reason", "motivo"))
    move(request, RequestState.EXTENDED)
    request.extended_at, request.extended_days, request.extended_why, request.extended_by = at, days, reason, by
    request.due_on = workdays.after(request.received_on, request.term + days, closed)


def answer(request: RightsRequest, *, text: str, at: datetime, by: str) -> None:
    """Note the answer that was sent, and when; late is better than never. Refuses `request_state`, `answer_missing`."""
    said = _text(text, refuse("answer_missing", "respuesta"))
    move(request, RequestState.ANSWERED)
    request.answer, request.answered_at, request.answered_by = said, at, by


def oppose(session: Session, request: RightsRequest, *, source: str, at: datetime, by: str) -> None:
    """Do what an opposition asks for: consent is withdrawn for every way and purpose. Refuses as `ready`."""
    contact_id = ready(request, Right.OPPOSITION)
    consent.withdraw(session, contact_id, ALL, source=source, evidence=request.folio, at=at, by=by)
    request.executed_at, request.executed_by = at, by


def cancel(session: Session, request: RightsRequest, *, at: datetime, by: str) -> Erased:
    """Do what a cancellation asks for: the person is erased, and of the request only what proves that it was attended.

    Refuses as `ready`, and `person_erased`.
    """
    contact_id = ready(request, Right.CANCELLATION)
    request.executed_at, request.executed_by = at, by
    session.flush()
    return erasing.erase(session, contact_id, at=at, why=request.folio)


def done(request: RightsRequest, *, at: datetime, by: str) -> None:
    """Note that an access or a rectification was given. Refuses as `ready`."""
    ready(request, request.kind)
    request.executed_at, request.executed_by = at, by


def ready(request: RightsRequest, kind: Right) -> int:
    """Return of whom, when a request may be carried out.

    Refuses `request_kind`, `request_nobody` (of nobody we keep), `request_executed`, `identity_unchecked`.
    """
    if request.kind is not kind:
        raise refuse("request_kind", "tipo", request.folio)
    if request.contact_id is None:
        raise refuse("request_nobody", "persona", request.folio)
    if request.executed_at is not None:
        raise refuse("request_executed", "solicitud", request.folio, by=request.executed_by)
    if not request.identity:
        raise refuse("identity_unchecked", "identidad", request.folio)
    return request.contact_id


def _text(text: str, missing: Refused) -> str:
    said = text.strip()
    if not said:
        raise missing
    if len(said) > LONGEST:
        raise refuse("field_long", missing.faults[0].where, said[:60], most=LONGEST)
    return said
