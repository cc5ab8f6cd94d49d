"""A campaign's life until it runs, and a person's hand on it while it does: create, edit, schedule, pause, cancel."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from campaigns import calendar, content, due, templates
from campaigns.calendar import Schedule
from campaigns.checking import faults
from campaigns.drafts import Draft
from campaigns.models import AudienceRule, Campaign, Run
from campaigns.people import find_people
from campaigns.runs import cancel_run
from campaigns.states import CampaignState, RunState, guard
from contacts import segments
from contacts.errors import Refused, refuse
from contacts.models import Network


def create(session: Session, draft: Draft, *, at: datetime, by: str) -> Campaign:
    """Make a campaign in draft. Refuses with everything that `faults` finds."""
    templates.learn(session, draft.templates, at=at)  # undone with the rest when the draft is refused
    if found := faults(session, draft):
        raise Refused(found)
    campaign = Campaign(created_at=at, created_by=by, state=CampaignState.DRAFT, version=1)
    session.add(campaign)
    _write(session, campaign, draft)
    return campaign


def hold(session: Session, campaign: Campaign) -> None:
    """Read a campaign anew and keep it as it is: other hands wait until the caller's transaction has ended."""
    session.flush()  # reading anew would forget what is not yet written
    session.refresh(campaign, with_for_update=True)


def edit(session: Session, campaign: Campaign, draft: Draft, *, at: datetime) -> None:
    """Write a campaign anew as its next version. Only a draft or a scheduled campaign.

    Refuses `campaign_running` and `campaign_automatic`. Runs that have begun keep the version they began with.
    """
    hold(session, campaign)
    _by_hand(campaign)
    if campaign.state not in {CampaignState.DRAFT, CampaignState.SCHEDULED}:
        raise refuse("campaign_running", "campaña", campaign.id, state=campaign.state.value)
    templates.learn(session, draft.templates, at=at)
    if found := faults(session, draft, but=campaign):
        raise Refused(found)
    campaign.version += 1
    _write(session, campaign, draft)
    if campaign.state == CampaignState.SCHEDULED:
        _aim(campaign, after=at)


def _by_hand(campaign: Campaign) -> None:
    """Refuse `campaign_automatic`: whom the platform's own mails go to, and what they say, is no person's to choose."""
    if campaign.confirms or campaign.links:
        raise refuse("campaign_automatic", "campaña", campaign.id)


def _write(session: Session, campaign: Campaign, draft: Draft) -> None:
    campaign.key = draft.key
    campaign.title = draft.title.strip()
    campaign.clase = draft.clase.strip()
    campaign.tema = draft.tema.strip()
    campaign.informacion = draft.informacion.strip()
    campaign.cuenta = draft.cuenta.strip()
    campaign.purpose = draft.purpose
    campaign.channels = [channel.value for channel in draft.channels]
    campaign.extra = dict(draft.extra)
    campaign.timezone = draft.timezone
    campaign.schedule = draft.schedule.to_json()
    campaign.when_late = draft.when_late
    campaign.priority = draft.priority
    session.flush()
    session.execute(delete(AudienceRule).where(AudienceRule.campaign_id == campaign.id))
    networks = {network.name: network.id for network in session.scalars(select(Network))}
    known = segments.by_name(session, (*draft.segments, *draft.without_segments))
    people = find_people(session, draft.people)
    session.add_all(
        [AudienceRule(campaign_id=campaign.id, network_id=networks[name]) for name in dict.fromkeys(draft.networks)]
        + [
            AudienceRule(campaign_id=campaign.id, network_id=networks[name], excluded=True)
            for name in dict.fromkeys(draft.without_networks)
        ]
        + [
            AudienceRule(campaign_id=campaign.id, segment_id=segment_id, excluded=excluded)
            for names, excluded in ((draft.segments, False), (draft.without_segments, True))
            for segment_id in dict.fromkeys(known[name].id for name in names)
        ]
        + [
            AudienceRule(campaign_id=campaign.id, contact_id=contact_id)
            for contact_id in sorted({contact_id for text in draft.people for contact_id in people[text]})
        ]
    )
    content.save(session, campaign, draft.contents)


def _aim(campaign: Campaign, *, after: datetime) -> None:
    """Set when the campaign is due next: the first of its moments after one that is past."""
    schedule = Schedule.from_json(campaign.schedule)
    campaign.next_due_at = calendar.next_after(schedule, campaign.timezone, after)


def schedule(session: Session, campaign: Campaign, *, at: datetime) -> datetime:
    """Let a draft go out at its moments; return the first one. Refuses `schedule_empty` and `schedule_past`."""
    hold(session, campaign)
    _by_hand(campaign)
    guard(campaign.state, CampaignState.SCHEDULED)
    moments = calendar.occurrences(Schedule.from_json(campaign.schedule), campaign.timezone)
    if not moments:
        raise refuse("schedule_empty", "cuando", campaign.id)
    first = next((moment for moment in moments if moment > at), None)
    if first is None:
        raise refuse("schedule_past", "cuando", moments[-1].isoformat(), now=at.isoformat())
    campaign.state = CampaignState.SCHEDULED
    campaign.next_due_at = first
    session.flush()
    return first


def send_now(session: Session, campaign: Campaign, *, at: datetime) -> Run:
    """Start one sending at this moment, whatever the schedule says. A person asked: no quiet hours.

    A draft becomes scheduled on the way. A campaign of one date has been sent with this, before it or instead of it;
    one that recurs keeps its further dates. Refuses where the campaign cannot run (`campaign_ended`,
    `campaign_paused`), while one of its sendings is under way (`campaign_sending`), and while one waits for a person's
    word (`campaign_held`): it may have gone to everybody already, or may yet.
    """
    hold(session, campaign)  # two hands at once: the second one sees what the first did
    _by_hand(campaign)
    if campaign.state == CampaignState.PAUSED:
        raise refuse("campaign_paused", "campaña", campaign.id)
    if campaign.state in {CampaignState.FINISHED, CampaignState.CANCELLED}:
        raise refuse("campaign_ended", "campaña", campaign.id, state=campaign.state.value)
    if _open_runs(session, campaign, RunState.SENDING):  # two hands on one button must not write to everybody twice
        raise refuse("campaign_sending", "campaña", campaign.id)
    if _open_runs(session, campaign, RunState.HELD):
        raise refuse("campaign_held", "campaña", campaign.id)
    if campaign.state == CampaignState.DRAFT:
        campaign.state = CampaignState.SCHEDULED
    moments = calendar.occurrences(Schedule.from_json(campaign.schedule), campaign.timezone)
    coming = [moment for moment in moments if moment > at]
    campaign.next_due_at = coming[0] if len(moments) > 1 and coming else None
    return _open_run(session, campaign, at, ignores_quiet_hours=True)


def _open_run(session: Session, campaign: Campaign, due_at: datetime, *, ignores_quiet_hours: bool = False) -> Run:
    if campaign.state != CampaignState.SENDING:
        guard(campaign.state, CampaignState.SENDING)
        campaign.state = CampaignState.SENDING
    run = Run(
        campaign=campaign,
        due_at=due_at,
        version=campaign.version,
        state=RunState.SENDING,
        ignores_quiet_hours=ignores_quiet_hours,
    )
    session.add(run)
    session.flush()
    return run


def start_due(session: Session, *, at: datetime, late_minutes: int) -> list[Run]:
    """Open a run for every campaign that is due, and aim it at its next moment.

    A moment that passed more than `late_minutes` ago while nothing ran is resolved by the campaign's own choice:
    `send` sends once for all that was missed, `skip` notes it as missed, `ask` holds the run for a person.
    """
    due = session.scalars(
        select(Campaign)
        .where(Campaign.next_due_at <= at, Campaign.state.in_([CampaignState.SCHEDULED, CampaignState.SENDING]))
        .order_by(Campaign.next_due_at, Campaign.id)
        .with_for_update()
    )
    opened = []
    for campaign in due:
        latest = pass_by(campaign, at=at)
        if (at - latest).total_seconds() <= late_minutes * 60 or campaign.when_late == "send":
            opened.append(_open_run(session, campaign, latest))
        else:
            state = RunState.HELD if campaign.when_late == "ask" else RunState.MISSED
            session.add(Run(campaign=campaign, due_at=latest, version=campaign.version, state=state))
            settle(session, campaign)
    session.flush()
    return opened


def pass_by(campaign: Campaign, *, at: datetime) -> datetime:
    """Aim a campaign that is due at its next moment; return the last of those that have passed by now."""
    since = campaign.next_due_at or at
    moments = calendar.occurrences(Schedule.from_json(campaign.schedule), campaign.timezone)
    campaign.next_due_at = next((moment for moment in moments if moment > at), None)
    return max((moment for moment in moments if since <= moment <= at), default=since)


def release(session: Session, run: Run) -> None:
    """Let a held run go out after all: a person said so."""
    _hold_run(session, run)
    guard(run.state, RunState.SENDING)
    run.state = RunState.SENDING
    if run.campaign.state == CampaignState.SCHEDULED:
        run.campaign.state = CampaignState.SENDING
    session.flush()


def drop(session: Session, run: Run) -> None:
    """Let a held run pass: a person said so."""
    _hold_run(session, run)
    guard(run.state, RunState.MISSED)
    run.state = RunState.MISSED
    settle(session, run.campaign)


def _hold_run(session: Session, run: Run) -> None:
    hold(session, run.campaign)
    session.refresh(run)


def pause(session: Session, campaign: Campaign, *, reason: str = "person") -> None:
    """Stop claiming for a campaign at once. `reason` is `person`, or the code of the fault that stopped it."""
    hold(session, campaign)
    guard(campaign.state, CampaignState.PAUSED)
    campaign.state = CampaignState.PAUSED
    campaign.pause_reason = reason
    session.flush()


def resume(session: Session, campaign: Campaign) -> None:
    """Go on where it stopped: sending when a run is under way, else waiting for its next moment, or for a word.

    One whose last run ended meanwhile, or was let pass, has finished.
    """
    hold(session, campaign)
    running = _open_runs(session, campaign, RunState.SENDING)
    target = CampaignState.SENDING if running else CampaignState.SCHEDULED
    guard(campaign.state, target)
    campaign.state = target
    campaign.pause_reason = ""
    session.flush()
    settle(session, campaign)
    due.announce(session, running)


def cancel(session: Session, campaign: Campaign, *, at: datetime) -> None:
    """End it: nothing that is not yet at the provider goes out. What is planned is left out with its reason."""
    hold(session, campaign)
    guard(campaign.state, CampaignState.CANCELLED)
    campaign.state = CampaignState.CANCELLED
    campaign.next_due_at = None
    for run in session.scalars(
        select(Run).where(Run.campaign_id == campaign.id, Run.state.in_([RunState.HELD, RunState.SENDING])),
        execution_options={"populate_existing": True},
    ):
        guard(run.state, RunState.CANCELLED)
        run.state = RunState.CANCELLED
        cancel_run(session, run, at=at)
    session.flush()


def settle(session: Session, campaign: Campaign) -> None:
    """After a run ended: a campaign with moments left waits for the next, one without has finished."""
    hold(session, campaign)
    if campaign.state not in {CampaignState.SENDING, CampaignState.SCHEDULED}:
        return
    if _open_runs(session, campaign, RunState.SENDING, RunState.HELD):
        return
    target = CampaignState.SCHEDULED if campaign.next_due_at else CampaignState.FINISHED
    if target != campaign.state:
        guard(campaign.state, target)
        campaign.state = target
    session.flush()


def _open_runs(session: Session, campaign: Campaign, *states: RunState) -> Iterable[int]:
    return session.scalars(select(Run.id).where(Run.campaign_id == campaign.id, Run.state.in_(states))).all()


def find(session: Session, campaign_id: int) -> Campaign:
    """Return a campaign by its number. Refuses `campaign_unknown`."""
    campaign = session.get(Campaign, campaign_id)
    if campaign is None:
        raise refuse("campaign_unknown", "campaña", campaign_id)
    return campaign
