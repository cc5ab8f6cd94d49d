"""The mail that brings a link to who asked for it: a delivery like any other, of a campaign of the house's own.

As with the mail that asks to confirm (`campaigns.confirming`) there is no second way to send: a request adds one
delivery to a run of the day, and from there on register, claim, gate, pace, evidence and doubts are those of every
letter. The gate lets it pass for who asked not long ago (`contacts.linkrequests`), and for nobody else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import exists, literal, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from campaigns import confirming, due, planning
from campaigns.drafts import ContentDraft
from campaigns.models import Campaign, Delivery, Run
from campaigns.states import CampaignState, DeliveryState, RunState, guard
from contacts import consent, linkrequests
from contacts.errors import refuse
from contacts.linkrequests import LinkUse
from contacts.models import Channel, Purpose

#: What the register says of these mails. No table of the informe counts this kind.
KIND = "enlace"


@dataclass(frozen=True, slots=True)
class Told:
    """How a campaign of the house's own is called: its key, its title, and its line in the register."""

    key: str
    title: str
    information: str


TOLD = {
    LinkUse.PREFERENCES: Told("enlace-a-preferencias", "Enlace a las preferencias", "Envío del enlace a preferencias"),
    LinkUse.DATA: Told("enlace-a-mis-datos", "Enlace a los datos propios", "Envío del enlace a los datos propios"),
}


def send(
    session: Session, contact_id: int, use: LinkUse, *, letters: Sequence[ContentDraft], at: datetime, zone: str
) -> int:
    """Let a mail with a link go to a person by their e-mail; return the delivery.

    `letters` is what it says, in each language; `zone` the institution's, whose days part the runs. Refuses as
    `contacts.linkrequests.ask` does, and `link_refused` with the gate's reason; nothing is written then.
    """
    with session.begin_nested():
        campaign = _campaign(session, use, at, zone)
        planning.hold(session, campaign)  # before people and deliveries, as everywhere
        linkrequests.ask(session, contact_id, use, at=at)
        verdict = consent.may_contact(session, contact_id, Channel.EMAIL, use, at)
        if not verdict.allowed:
            raise refuse("link_refused", "persona", contact_id, gate=verdict.reason)
        confirming.write(session, campaign, letters)
        run = _run(session, campaign, contact_id, at)
        address = session.scalar(select(consent.usable_address(literal(contact_id), Channel.EMAIL)))
        delivery = Delivery(
            run_id=run.id,
            contact_id=contact_id,
            channel=Channel.EMAIL,
            address=address or "",
            state=DeliveryState.PLANNED,
            due_at=at,
            changed_at=at,
        )
        session.add(delivery)
        session.flush()
    due.announce(session, [run.id])
    return delivery.id


def _campaign(session: Session, use: LinkUse, at: datetime, zone: str) -> Campaign:
    """Return the campaign of these mails, made the first time, and again when somebody cancelled it."""
    wanted = (
        select(Campaign)
        .where(Campaign.links == use.value, Campaign.state != CampaignState.CANCELLED)
        .order_by(Campaign.id)
    )
    found = session.scalars(wanted.limit(1)).first()
    if found is not None:
        return found
    told = TOLD[use]
    taken = session.scalars(select(Campaign).where(Campaign.key == told.key)).first()
    made = Campaign(
        key=None if taken else told.key,
        title=told.title,
        clase=KIND,
        informacion=told.information,
        purpose=Purpose.NOTICES,
        channels=[Channel.EMAIL.value],
        state=CampaignState.SENDING,
        timezone=zone,
        links=use.value,
        created_at=at,
        created_by="",
    )
    try:
        with session.begin_nested():
            session.add(made)
    except IntegrityError:  # somebody made it at this moment
        return session.scalars(wanted.limit(1)).one()
    return made


def _run(session: Session, campaign: Campaign, contact_id: int, at: datetime) -> Run:
    """Return the run of the day, opened again where it had ended; another where this person was written to in it."""
    mine = exists().where(Delivery.run_id == Run.id, Delivery.contact_id == contact_id)
    run = session.scalars(
        select(Run)
        .where(Run.campaign_id == campaign.id, Run.version == campaign.version, Run.state != RunState.CANCELLED, ~mine)
        .order_by(Run.due_at.desc(), Run.id.desc())
        .limit(1)
    ).first()
    zone = ZoneInfo(campaign.timezone)
    if run is None or run.due_at.astimezone(zone).date() != at.astimezone(zone).date():
        run = Run(campaign=campaign, due_at=at, version=campaign.version, state=RunState.SENDING, prepared_at=at)
        session.add(run)
    elif run.state == RunState.FINISHED:
        guard(run.state, RunState.SENDING)
        run.state, run.finished_at = RunState.SENDING, None
    if campaign.state in {CampaignState.FINISHED, CampaignState.SCHEDULED}:
        guard(campaign.state, CampaignState.SENDING)
        campaign.state = CampaignState.SENDING
    session.flush()
    return run
