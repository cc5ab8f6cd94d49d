"""What the pages about campaigns read."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from campaigns.models import AudienceRule, Campaign, Content, Delivery, GroupTask, Run
from campaigns.states import CampaignState, DeliveryState
from contacts import pointers
from contacts.models import Contact
from outreach.web.queries.text import holds


def count_by_state(session: Session) -> dict[CampaignState, int]:
    """Return how many campaigns are in each state."""
    return dict(session.execute(select(Campaign.state, func.count()).group_by(Campaign.state)).all())


def listed(
    session: Session, states: Sequence[CampaignState], text: str, offset: int, limit: int
) -> tuple[int, list[Campaign]]:
    """Return how many campaigns there are of these states whose title holds the text, and some of them.

    What is sending comes first, then what is to come by its moment, then the newest.
    """
    wanted = select(Campaign)
    if states:
        wanted = wanted.where(Campaign.state.in_(states))
    if text:
        wanted = wanted.where(or_(holds(Campaign.title, text), holds(Campaign.informacion, text)))
    total = session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    page = wanted.order_by(
        Campaign.state != CampaignState.SENDING,
        Campaign.next_due_at.is_(None),
        Campaign.next_due_at,
        Campaign.id.desc(),
    )
    return total, list(session.scalars(page.offset(offset).limit(limit)))


def last_runs(session: Session, campaign_ids: Sequence[int]) -> dict[int, Run]:
    """Return the newest run of each campaign that has one."""
    newest = (
        select(Run.campaign_id, func.max(Run.due_at).label("due_at"))
        .where(Run.campaign_id.in_(campaign_ids))
        .group_by(Run.campaign_id)
        .subquery()
    )
    runs = session.scalars(
        select(Run).join(newest, (Run.campaign_id == newest.c.campaign_id) & (Run.due_at == newest.c.due_at))
    )
    return {run.campaign_id: run for run in runs}


def audience(session: Session, campaign_id: int) -> list[AudienceRule]:
    """Return the lines of a campaign's audience."""
    return list(
        session.scalars(
            select(AudienceRule)
            .where(AudienceRule.campaign_id == campaign_id)
            .options(
                joinedload(AudienceRule.network),
                joinedload(AudienceRule.contact),
                joinedload(AudienceRule.segment),
            )
            .order_by(AudienceRule.excluded, AudienceRule.id)
        )
    )


def contents(session: Session, campaign_id: int, version: int) -> list[Content]:
    """Return what a version of a campaign says, Spanish first."""
    return list(
        session.scalars(
            select(Content)
            .where(Content.campaign_id == campaign_id, Content.version == version)
            .options(joinedload(Content.template))
            .order_by(Content.language != "es", Content.language)
        )
    )


def tasks(session: Session, run_ids: Sequence[int]) -> list[GroupTask]:
    """Return the group tasks of some runs, those that wait first."""
    return list(
        session.scalars(
            select(GroupTask)
            .where(GroupTask.run_id.in_(run_ids))
            .options(joinedload(GroupTask.network), joinedload(GroupTask.run))
            .order_by(GroupTask.published_at.is_not(None), GroupTask.id)
        )
    )


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the log is narrowed to; "" means everything."""

    run_ids: Sequence[int]
    states: Sequence[DeliveryState] = ()
    channel: str = ""
    reason: str = ""
    country: str = ""
    text: str = ""
    addresses: bool = True  # look for the text in them too

    def narrow(self, rows: Select[tuple[Delivery]]) -> Select[tuple[Delivery]]:
        """Return the select with these conditions."""
        conditions: list[ColumnElement[bool]] = [Delivery.run_id.in_(self.run_ids)]
        if self.states:
            conditions.append(Delivery.state.in_(self.states))
        if self.channel:
            conditions.append(Delivery.channel == self.channel)
        if self.reason:
            conditions.append(Delivery.reason == self.reason)
        if self.country:
            conditions.append(Contact.country == ("" if self.country == "–" else self.country))
        if self.text:
            reached = [holds(Delivery.address, self.text)] if self.addresses else []
            conditions.append(or_(holds(Contact.name, self.text), *reached))
        return rows.join(Contact, Contact.id == Delivery.contact_id).where(*conditions)


def log(session: Session, wanted: Wanted, offset: int, limit: int) -> tuple[int, list[Delivery]]:
    """Return how many rows of the log are wanted, and some of them, the last changed first."""
    rows = wanted.narrow(select(Delivery))
    total = session.scalar(select(func.count()).select_from(rows.with_only_columns(Delivery.id).subquery())) or 0
    page = (
        rows.options(joinedload(Delivery.contact), joinedload(Delivery.run))
        .order_by(Delivery.changed_at.desc(), Delivery.id.desc())
        .offset(offset)
        .limit(limit)
    )
    return total, list(session.scalars(page))


def of_contact(session: Session, contact_id: int, limit: int) -> list[Delivery]:
    """Return the last deliveries to a person, the newest first."""
    return list(
        session.scalars(
            select(Delivery)
            .where(Delivery.contact_id.in_(pointers.numbers(session, contact_id)))
            .options(joinedload(Delivery.run).joinedload(Run.campaign))
            .order_by(Delivery.changed_at.desc(), Delivery.id.desc())
            .limit(limit)
        )
    )


def of_segment(session: Session, segment_id: int) -> list[tuple[Campaign, bool]]:
    """Return the campaigns that name a segment in their audience, the newest first, and whether they leave it out."""
    return list(
        session.execute(
            select(Campaign, AudienceRule.excluded)
            .join(AudienceRule)
            .where(AudienceRule.segment_id == segment_id)
            .order_by(Campaign.id.desc())
        )
    )


def of_network(session: Session, network_id: int, limit: int) -> list[Campaign]:
    """Return the campaigns that a network is in, the newest first."""
    return list(
        session.scalars(
            select(Campaign)
            .join(AudienceRule)
            .where(AudienceRule.network_id == network_id, AudienceRule.excluded.is_(False))
            .options(selectinload(Campaign.runs))
            .order_by(Campaign.id.desc())
            .limit(limit)
        )
    )
