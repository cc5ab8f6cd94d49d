"""The mail that asks a person to confirm their consent: a delivery like any other, of a campaign of the house's own.

There is no second way to send. The campaign has no audience; a request adds one delivery to its run of the day, and
from there on register, claim, gate, pace, evidence and doubts are those of every letter. The gate (asked about
`consent.CONFIRMATION`) lets it pass for who was asked and may still answer, and for nobody else.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import literal, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from campaigns import content, due, planning
from campaigns.drafts import ContentDraft
from campaigns.models import Campaign, Content, Delivery, Run
from campaigns.states import CampaignState, DeliveryState, RunState, guard
from contacts import asking, consent
from contacts.asking import Ask
from contacts.errors import Refused
from contacts.models import Channel, Purpose

#: What the register says of it. No table of the informe counts this kind: it is no communication to the community.
KEY, KIND = "confirmacion-de-consentimiento", "confirmacion"
TITLE = "Confirmación de consentimiento"
INFORMATION = "Solicitud para confirmar el consentimiento"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request to confirm, and the delivery of the mail that makes it."""

    ask: Ask
    delivery_id: int


def ask_to_confirm(
    session: Session,
    contact_id: int,
    channel: Channel,
    purposes: Collection[Purpose | str],
    *,
    notice: str | None,
    letters: Sequence[ContentDraft],
    source: str,
    at: datetime,
    days: int,
    zone: str,
    evidence: str = "",
    by: str = "",
) -> Asked:
    """Ask a person by e-mail to confirm what they consent to; they have `days`, and get no second mail before.

    `letters` is what the mail says, in each language; `zone` the institution's, whose days part the runs. Refuses as
    `contacts.asking.ask` does, and what `content` finds wrong with the letters; nothing is written then.
    """
    with session.begin_nested():
        campaign = _campaign(session, at, zone, by)
        planning.hold(session, campaign)  # before people and deliveries, as everywhere
        asked = asking.ask(
            session,
            contact_id,
            channel,
            purposes,
            notice=notice,
            source=source,
            at=at,
            days=days,
            evidence=evidence,
            by=by,
        )
        write(session, campaign, letters)
        run = _run(session, campaign, at)
        address = session.scalar(select(consent.usable_address(literal(asked.contact_id), channel)))
        delivery = Delivery(
            run_id=run.id,
            contact_id=asked.contact_id,
            channel=channel,
            address=address or "",
            state=DeliveryState.PLANNED,
            due_at=at,
            changed_at=at,
        )
        session.add(delivery)
        session.flush()
    due.announce(session, [run.id])
    return Asked(asked, delivery.id)


def _campaign(session: Session, at: datetime, zone: str, by: str) -> Campaign:
    """Return the campaign of these mails, made the first time, and again when somebody cancelled it."""
    wanted = select(Campaign).where(Campaign.confirms.is_(True), Campaign.state != CampaignState.CANCELLED)
    found = session.scalars(wanted.order_by(Campaign.id).limit(1)).first()
    if found is not None:
        return found
    taken = session.scalars(select(Campaign).where(Campaign.key == KEY)).first()
    made = Campaign(
        key=None if taken else KEY,
        title=TITLE,
        clase=KIND,
        informacion=INFORMATION,
        purpose=Purpose.NOTICES,
        channels=[Channel.EMAIL.value],
        state=CampaignState.SENDING,
        timezone=zone,
        confirms=True,
        created_at=at,
        created_by=by,
    )
    try:
        with session.begin_nested():
            session.add(made)
    except IntegrityError:  # somebody made it at this moment
        return session.scalars(wanted.order_by(Campaign.id).limit(1)).one()
    return made


def write(session: Session, campaign: Campaign, letters: Sequence[ContentDraft]) -> None:
    """Let the campaign say this: a new version where it said something else."""
    wanted = {draft.language: (draft.subject, content.mail_parts(draft)[1], draft.mjml) for draft in letters}
    stored = session.scalars(
        select(Content).where(Content.campaign_id == campaign.id, Content.version == campaign.version)
    ).all()
    if wanted == {each.language: (each.subject, each.text, each.mjml) for each in stored}:
        return
    if found := content.faults(letters, [Channel.EMAIL], session, asking=True):
        raise Refused(found)
    if stored:
        campaign.version += 1
    content.save(session, campaign, letters)


def _run(session: Session, campaign: Campaign, at: datetime) -> Run:
    """Return the run of the day, opened again where it had ended: one line of the register, however many ask."""
    run = session.scalars(
        select(Run).where(Run.campaign_id == campaign.id).order_by(Run.due_at.desc(), Run.id.desc()).limit(1)
    ).first()
    zone = ZoneInfo(campaign.timezone)
    today = run is not None and run.due_at.astimezone(zone).date() == at.astimezone(zone).date()
    if run is None or not today or run.version != campaign.version or run.state == RunState.CANCELLED:
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
