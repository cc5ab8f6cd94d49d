"""What became of a campaign: counts, progress, and one row per person."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from campaigns.models import Campaign, Delivery, GroupTask, Run
from campaigns.states import CampaignState, DeliveryState, RunState
from contacts.models import Contact

#: The header of a log. `estado` and `motivo` are codes; the moments are ISO 8601 in UTC, empty when there is none.
COLUMNS = (
    "campana",
    "corrida",
    "envio",
    "nombre",
    "direccion",
    "canal",
    "estado",
    "motivo",
    "detalle",
    "via",
    "intentos",
    "aceptado",
    "cambio",
    "id_proveedor",
)


def counts(session: Session, campaign_id: int) -> dict[str, int]:
    """Return how many deliveries are in each state, in the order of their life; states without any are left out."""
    counted = session.execute(
        select(Delivery.state, func.count())
        .join(Run, Run.id == Delivery.run_id)
        .where(Run.campaign_id == campaign_id)
        .group_by(Delivery.state)
    )
    found = {row[0]: row[1] for row in counted}
    return {state.value: found[state] for state in DeliveryState if state in found}


def tasks_left(session: Session, campaign_id: int) -> int:
    """Return how many group posts wait for a person."""
    unpublished = (
        select(func.count())
        .select_from(GroupTask)
        .join(Run, Run.id == GroupTask.run_id)
        .where(Run.campaign_id == campaign_id, Run.state == RunState.SENDING, GroupTask.published_at.is_(None))
    )
    return session.scalar(unpublished) or 0


def progress(session: Session, campaign: Campaign, *, at: datetime, doubt_seconds: int) -> str:
    """Return `finished`, `working`, or `fault` when a fault of the sender stopped it.

    A doubt older than `doubt_seconds` waits for a person and no longer counts as work.
    """
    if campaign.state == CampaignState.PAUSED and campaign.pause_reason not in {"", "person"}:
        return "fault"
    if campaign.state in {CampaignState.FINISHED, CampaignState.CANCELLED}:
        return "finished"
    if campaign.state == CampaignState.SENDING and campaign.next_due_at is None:
        young = at - timedelta(seconds=doubt_seconds)
        waiting = session.scalar(
            select(func.count())
            .select_from(Delivery)
            .join(Run, Run.id == Delivery.run_id)
            .where(
                Run.campaign_id == campaign.id,
                Delivery.state.in_([DeliveryState.PLANNED, DeliveryState.CLAIMED, DeliveryState.CALLING])
                | ((Delivery.state == DeliveryState.IN_DOUBT) & (Delivery.changed_at > young)),
            )
        )
        unprepared = session.scalar(
            select(func.count())
            .select_from(Run)
            .where(Run.campaign_id == campaign.id, Run.state == RunState.SENDING, Run.prepared_at.is_(None))
        )
        if not waiting and not unprepared and not tasks_left(session, campaign.id):
            return "finished"
    return "working"


def rows(session: Session, campaign_id: int) -> Iterator[tuple[str, ...]]:
    """Yield a row of texts per person and run, in `COLUMNS`' order, without holding them all."""
    found = session.execute(
        select(
            Run.campaign_id,
            Run.id,
            Delivery.id,
            Contact.name,
            Delivery.address,
            Delivery.channel,
            Delivery.state,
            Delivery.reason,
            Delivery.detail,
            Delivery.route,
            Delivery.attempts,
            Delivery.accepted_at,
            Delivery.changed_at,
            Delivery.provider_id,
        )
        .join(Run, Run.id == Delivery.run_id)
        .join(Contact, Contact.id == Delivery.contact_id)
        .where(Run.campaign_id == campaign_id)
        .order_by(Run.id, Delivery.id)
        .execution_options(yield_per=2000)
    )
    for row in found:
        yield tuple(_text(value) for value in row)


def _text(value: object) -> str:
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, datetime) else str(value)


def campaigns(session: Session, state: str | None = None) -> list[Campaign]:
    """Return the campaigns, newest first."""
    wanted = select(Campaign).order_by(Campaign.id.desc())
    return list(session.scalars(wanted.where(Campaign.state == CampaignState(state)) if state else wanted))
