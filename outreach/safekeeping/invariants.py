"""What must hold of deliveries, runs, campaigns and receipts, as questions for the rows that break it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, and_, case, cast, exists, func, or_, select, type_coerce
from sqlalchemy.orm import Session, aliased
from sqlalchemy.types import String

from campaigns.budget import Conversation
from campaigns.channels import EventKind
from campaigns.indexed import NAMED
from campaigns.lines import SenderLine
from campaigns.models import Campaign, Delivery, GroupTask, Receipt, Run, WebhookBatch
from campaigns.states import LEFT, WAITING, CampaignState, DeliveryState, RunState
from contacts.models import Channel, Contact

STALE = timedelta(minutes=10)  # a lease lasts 90 seconds, and a tick comes twice a second
WAITED = timedelta(minutes=5)  # a webhook that nobody has read for so long

D, R, C, E = DeliveryState, RunState, CampaignState, EventKind
_BEGUN = (D.CLAIMED, D.CALLING)
_NEVER_TAKEN = (D.PLANNED, D.CLAIMED, D.CALLING, D.IN_DOUBT, D.SKIPPED)

#: Where a delivery may stand after a provider has told this: there, further on, or at an end it had reached before.
_ENDS = frozenset({D.READ, D.BOUNCED, D.FAILED, D.SKIPPED})
AFTER: dict[EventKind, frozenset[DeliveryState]] = {
    E.ACCEPTED: _ENDS | {D.ACCEPTED, D.DELIVERED},
    E.DELIVERED: _ENDS | {D.DELIVERED},
    E.READ: _ENDS,
    E.BOUNCED: _ENDS,
    E.FAILED: _ENDS | {D.DELIVERED},
}
#: Only a provider's own word brings a delivery here.
TOLD: dict[DeliveryState, EventKind] = {
    D.DELIVERED: E.DELIVERED,
    D.READ: E.READ,
    D.BOUNCED: E.BOUNCED,
}


@dataclass(frozen=True, slots=True)
class Question:
    """One invariant. `ask` returns the select of the ids that break it; `of` is what the ids number."""

    code: str
    of: str
    ask: Callable[[datetime], Select[Any]]
    remark: bool = False  # a thing to know, which breaks nothing


def _ids(*where: ColumnElement[bool]) -> Select[Any]:
    return select(Delivery.id).where(*where)


def _one_delivery(_at: datetime) -> Select[Any]:
    return select(func.min(Delivery.id)).group_by(Delivery.run_id, Delivery.contact_id).having(func.count() > 1)


def _one_message(_at: datetime) -> Select[Any]:
    """Ask for one message with two deliveries: Twilio's number is of one message, SendGrid's of a whole call."""
    return select(func.min(Delivery.id)).where(NAMED).group_by(Delivery.provider_id).having(func.count() > 1)


def _states_known(_at: datetime) -> Select[Any]:
    return select(Delivery.id).where(type_coerce(Delivery.state, String).not_in([state.value for state in D]))


def _leases(_at: datetime) -> Select[Any]:
    held = or_(Delivery.worker == "", Delivery.lease_until.is_(None))
    left = or_(Delivery.worker != "", Delivery.lease_until.is_not(None))
    return _ids(or_(and_(Delivery.state.in_(_BEGUN), held), and_(Delivery.state.not_in(_BEGUN), left)))


def _stale(at: datetime) -> Select[Any]:
    return _ids(Delivery.state.in_(_BEGUN), Delivery.lease_until < at - STALE)


def _traces(_at: datetime) -> Select[Any]:
    """Hold that a delivery was taken by the provider if and only if the moment is noted."""
    left = and_(Delivery.state.in_(LEFT), Delivery.accepted_at.is_(None))
    not_left = and_(Delivery.state.in_(_NEVER_TAKEN), Delivery.accepted_at.is_not(None))
    return _ids(or_(left, not_left))


def _doubts(_at: datetime) -> Select[Any]:
    return _ids(Delivery.state == D.IN_DOUBT, Delivery.reason == "")


def _reasons(_at: datetime) -> Select[Any]:
    return _ids(Delivery.state.in_([D.SKIPPED, D.FAILED, D.BOUNCED]), Delivery.reason == "")


def _logged(_at: datetime) -> Select[Any]:
    """Ask what the log, which joins a delivery with its run, its campaign and its person, would not show."""
    shown = exists().where(Run.id == Delivery.run_id, Campaign.id == Run.campaign_id, Contact.id == Delivery.contact_id)
    return _ids(~shown)


def _told() -> Any:
    """Return, for each delivery with receipts, which kinds there are."""
    kinds = {*AFTER, *TOLD.values()}
    return (
        select(
            Receipt.delivery_id,
            *[func.max(cast(Receipt.kind == kind.value, Integer)).label(kind.value) for kind in sorted(kinds)],
        )
        .where(Receipt.delivery_id.is_not(None))
        .group_by(Receipt.delivery_id)
        .subquery()
    )


def _behind(_at: datetime) -> Select[Any]:
    """Ask what stands where no order of its receipts could have left it."""
    told = _told()
    behind = [and_(told.c[kind.value] == 1, Delivery.state.not_in(states)) for kind, states in AFTER.items()]
    return select(Delivery.id).join(told, told.c.delivery_id == Delivery.id).where(or_(*behind))


def _ahead(_at: datetime) -> Select[Any]:
    """Ask what is further on than any of its receipts says."""
    missing = []
    for state, kind in TOLD.items():
        heard = exists().where(Receipt.delivery_id == Delivery.id, Receipt.kind == kind.value)
        missing.append(and_(Delivery.state == state, ~heard))
    return _ids(or_(*missing))


def _receipts_once(_at: datetime) -> Select[Any]:
    return select(func.min(Receipt.id)).group_by(Receipt.provider, Receipt.event_id).having(func.count() > 1)


def _ended_runs(_at: datetime) -> Select[Any]:
    """Ask for work left where a run has ended; what a cancellation caught in the air comes back by its lease."""
    work = exists().where(Delivery.run_id == Run.id, Delivery.state.in_(WAITING))
    planned = exists().where(Delivery.run_id == Run.id, Delivery.state == D.PLANNED)
    return select(Run.id).where(
        or_(and_(Run.state.in_([R.FINISHED, R.MISSED, R.HELD]), work), and_(Run.state == R.CANCELLED, planned))
    )


def _idle_runs(at: datetime) -> Select[Any]:
    """Ask for runs under way in which nothing is left to do, and which nobody has ended."""
    busy = exists().where(Delivery.run_id == Run.id, Delivery.state.in_([*WAITING, D.IN_DOUBT]))
    lately = exists().where(Delivery.run_id == Run.id, Delivery.changed_at > at - STALE)
    posts = exists().where(GroupTask.run_id == Run.id, GroupTask.published_at.is_(None))
    return select(Run.id).where(Run.state == R.SENDING, Run.prepared_at < at - STALE, ~busy, ~posts, ~lately)


def _unprepared_runs(_at: datetime) -> Select[Any]:
    written = exists().where(Delivery.run_id == Run.id)
    return select(Run.id).where(Run.prepared_at.is_(None), written)


def _campaigns(_at: datetime) -> Select[Any]:
    """Hold a campaign's state to its runs and to its next moment."""

    def has(*states: RunState) -> ColumnElement[bool]:
        run = aliased(Run)
        return exists().where(run.campaign_id == Campaign.id, run.state.in_(states))

    opened = has(R.SENDING, R.HELD)
    return select(Campaign.id).where(
        case(
            (Campaign.state == C.SENDING, ~opened),
            (Campaign.state == C.SCHEDULED, or_(has(R.SENDING), and_(Campaign.next_due_at.is_(None), ~has(R.HELD)))),
            (Campaign.state.in_([C.DRAFT, C.FINISHED, C.CANCELLED]), opened),
            else_=False,
        )
    )


def _orphan_openings(_at: datetime) -> Select[Any]:
    """Ask for people counted in a number's budget for a letter that does not exist."""
    return select(Conversation.delivery_id).where(~exists().where(Delivery.id == Conversation.delivery_id))


def _budgets(_at: datetime) -> Select[Any]:
    """Hold each number's count of people to the people."""
    counted = select(func.count()).where(Conversation.sender == SenderLine.sender).scalar_subquery()
    return select(SenderLine.sender).where(SenderLine.channel == Channel.WHATSAPP, SenderLine.opened != counted)


def _waiting_batches(at: datetime) -> Select[Any]:
    return select(WebhookBatch.id).where(WebhookBatch.processed_at.is_(None), WebhookBatch.received_at < at - WAITED)


def _faulted_batches(_at: datetime) -> Select[Any]:
    return select(WebhookBatch.id).where(WebhookBatch.fault != "")


def _open_doubts(_at: datetime) -> Select[Any]:
    return _ids(Delivery.state == D.IN_DOUBT)


def _held_runs(_at: datetime) -> Select[Any]:
    return select(Run.id).where(Run.state == R.HELD)


QUESTIONS = (
    Question("one_delivery", "delivery", _one_delivery),
    Question("one_message", "delivery", _one_message),
    Question("states_known", "delivery", _states_known),
    Question("leases", "delivery", _leases),
    Question("stale_leases", "delivery", _stale),
    Question("traces", "delivery", _traces),
    Question("doubt_reason", "delivery", _doubts),
    Question("end_reason", "delivery", _reasons),
    Question("logged", "delivery", _logged),
    Question("receipts_once", "receipt", _receipts_once),
    Question("receipts_forward", "delivery", _behind),
    Question("receipts_heard", "delivery", _ahead),
    Question("runs_ended", "run", _ended_runs),
    Question("runs_idle", "run", _idle_runs),
    Question("runs_prepared", "run", _unprepared_runs),
    Question("campaign_runs", "campaign", _campaigns),
    Question("openings", "delivery", _orphan_openings),
    Question("budgets", "", _budgets),
    Question("batches_waiting", "batch", _waiting_batches),
    Question("batches_faulted", "batch", _faulted_batches, remark=True),
    Question("doubts_open", "delivery", _open_doubts, remark=True),
    Question("runs_held", "run", _held_runs, remark=True),
)


def breaking(session: Session, question: Question, at: datetime, *, examples: int) -> tuple[int, list[object]]:
    """Return how many rows break an invariant, and the first few of their ids (or names)."""
    asked = question.ask(at).subquery()
    found = session.scalar(select(func.count()).select_from(asked)) or 0
    if not found:
        return 0, []
    return found, list(session.scalars(select(asked.c[0]).order_by(asked.c[0]).limit(examples)))
