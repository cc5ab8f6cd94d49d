"""The register of requests about one's own data (ARCO): who asks what, until when, and what may follow what."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Select, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from contacts import erasing, unifying
from contacts.base import Base, BigId, vocabulary
from contacts.erasing import Leaving
from contacts.errors import refuse
from contacts.models import Contact
from contacts.tracing import GONE


class Right(StrEnum):
    """What somebody asks for."""

    ACCESS = "acceso"
    RECTIFICATION = "rectificacion"
    CANCELLATION = "cancelacion"
    OPPOSITION = "oposicion"


class RequestState(StrEnum):
    """How far a request has come."""

    OPEN = "abierta"
    EXTENDED = "prorrogada"
    ANSWERED = "contestada"


class Standing(StrEnum):
    """Where a request stands on a day: its state, or `OVERDUE`, which no row keeps because the day says it."""

    OPEN = "abierta"
    EXTENDED = "prorrogada"
    ANSWERED = "contestada"
    OVERDUE = "vencida"


S = RequestState

MOVES: dict[RequestState, frozenset[RequestState]] = {
    S.OPEN: frozenset({S.EXTENDED, S.ANSWERED}),
    S.EXTENDED: frozenset({S.ANSWERED}),  # once: no arrow leads back to itself
    S.ANSWERED: frozenset(),
}
WAITING = (S.OPEN, S.EXTENDED)


class RightsRequest(Base):
    """One request: who asks for what, how we know that it is they, until when, and what was answered."""

    __tablename__ = "rights_request"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    folio: Mapped[str] = mapped_column(unique=True)  # ARCO-2025-0001
    kind: Mapped[Right] = mapped_column(vocabulary(Right))
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"), index=True)  # None: of nobody we keep
    requester: Mapped[str] = mapped_column(default="")  # their name, as they gave it
    reply_to: Mapped[str] = mapped_column(default="")  # where the answer goes
    detail: Mapped[str] = mapped_column(default="")  # what they ask for, in their words
    identity: Mapped[str] = mapped_column(default="")  # how it was checked that it is they; "" not yet
    received_on: Mapped[date]
    term: Mapped[int]  # working days
    due_on: Mapped[date] = mapped_column(index=True)  # of the extension, once there is one
    state: Mapped[RequestState] = mapped_column(vocabulary(RequestState), default=RequestState.OPEN)
    extended_at: Mapped[datetime | None]
    extended_days: Mapped[int] = mapped_column(default=0)  # working days
    extended_why: Mapped[str] = mapped_column(default="")
    extended_by: Mapped[str] = mapped_column(default="")
    answer: Mapped[str] = mapped_column(default="")
    answered_at: Mapped[datetime | None]  # when it was sent
    answered_by: Mapped[str] = mapped_column(default="")
    executed_at: Mapped[datetime | None]  # what was asked for is done
    executed_by: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(default="")

    contact: Mapped[Contact | None] = relationship()

    def standing(self, today: date) -> Standing:
        """Return where it stands on a day: `OVERDUE` when nobody has answered and its last day is over."""
        return Standing.OVERDUE if self.state in WAITING and today > self.due_on else Standing(self.state.value)


def find(session: Session, folio: str | int) -> RightsRequest:
    """Return a request by its folio or its number. Refuses `request_unknown`."""
    text = str(folio).strip()
    same = RightsRequest.id == int(text) if text.isdecimal() and len(text) < 10 else RightsRequest.folio == text.upper()  # noqa: PLR2004 — digits
    request = session.scalar(select(RightsRequest).where(same))
    if request is None:
        raise refuse("request_unknown", "solicitud", text)
    return request


def hold(session: Session, request_id: int) -> RightsRequest:
    """Return a request, kept for the caller's transaction: two hands at once see each other. Refuses as `find`."""
    request = session.scalar(
        select(RightsRequest)
        .where(RightsRequest.id == request_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if request is None:
        raise refuse("request_unknown", "solicitud", request_id)
    return request


def listed(kind: str = "", state: str = "", *, today: date) -> Select[RightsRequest]:
    """Return the select of requests of a kind and a standing («vencida» too); what waits first, by its day."""
    wanted = select(RightsRequest)
    if kind in set(Right):
        wanted = wanted.where(RightsRequest.kind == Right(kind))
    if state == Standing.OVERDUE:
        wanted = wanted.where(RightsRequest.state.in_(WAITING), RightsRequest.due_on < today)
    elif state in {Standing.OPEN, Standing.EXTENDED}:
        wanted = wanted.where(RightsRequest.state == RequestState(state), RightsRequest.due_on >= today)
    elif state == Standing.ANSWERED:
        wanted = wanted.where(RightsRequest.state == RequestState.ANSWERED)
    answered = RightsRequest.state == RequestState.ANSWERED
    return wanted.order_by(answered, RightsRequest.due_on, RightsRequest.id)


def pressing(session: Session, until: date) -> list[RightsRequest]:
    """Return what nobody has answered and is due by a day, the most pressing first."""
    due = select(RightsRequest).where(RightsRequest.state.in_(WAITING), RightsRequest.due_on <= until)
    return list(session.scalars(due.order_by(RightsRequest.due_on, RightsRequest.id)))


def of_contact(session: Session, contact_id: int) -> list[RightsRequest]:
    """Return the requests of a person, newest first."""
    mine = select(RightsRequest).where(RightsRequest.contact_id == contact_id)
    return list(session.scalars(mine.order_by(RightsRequest.received_on.desc(), RightsRequest.id.desc())))


def counts(session: Session, today: date) -> dict[Standing, int]:
    """Return how many requests stand where, today."""
    told = dict.fromkeys(Standing, 0)
    late = func.count().filter(RightsRequest.due_on < today)
    for state, count, past in session.execute(
        select(RightsRequest.state, func.count(), late).group_by(RightsRequest.state)
    ):
        overdue = past if state in WAITING else 0
        told[Standing.OVERDUE] += overdue
        told[Standing(state.value)] += count - overdue
    return told


unifying.goes_along(RightsRequest.contact_id)


@erasing.before
def _forget_requests(session: Session, leaving: Leaving) -> None:
    """Keep of the requests of an erased person only what proves that they were attended: folio, kind, days."""
    for request in of_contact(session, leaving.contact_id):
        request.requester, request.reply_to, request.detail = GONE, "", ""
        request.identity = GONE if request.identity else ""
        request.answer = GONE if request.answer else ""
        request.extended_why = GONE if request.extended_why else ""
