"""A plan goes into a platform by the same verbs that staff use: networks, people, templates, campaigns."""

from datetime import datetime, time

from sqlalchemy.orm import Session

from campaigns import calendar, planning, templates
from campaigns.calendar import to_utc
from campaigns.files import located
from contacts import importing, networks, notices
from contacts.errors import Fault, Refused
from contacts.spreadsheets import read_sheet
from outreach.plans import Plan
from outreach.rehearsal.stage import Stage


def load(stage: Stage, plan: Plan, begins: datetime) -> None:
    """Bring in everything that a plan needs; campaigns whose moments all lie before `begins` are left out.

    Refuses with every fault of the campaigns at once, each at its line of the plan.
    """
    now = stage.clock.now()
    with stage.platform.transaction() as session:
        if plan.notice_version:
            notices.publish(session, plan.notice_version, plan.notice_text, now)
        _people(session, plan, now)
        templates.learn(session, plan.templates, at=now)
        _campaigns(session, plan, now, begins)
    for template in (*plan.templates, *(one for draft, _path in plan.campaigns for one in draft.templates)):
        stage.simulator.add_template(
            template.name,
            template.body,
            sid=template.sid,
            category=template.category,
            language=template.language,
        )


def _people(session: Session, plan: Plan, now: datetime) -> None:
    for network in plan.networks:
        networks.ensure(session, network.name, network.kind, network.description)
    for group in plan.people:
        given = None
        if group.consent:
            at = to_utc(datetime.combine(group.consent_day, time()), plan.zone) if group.consent_day else now
            given = importing.Given(source=group.consent, at=at, notice=plan.notice_version or None)
        importing.import_people(
            session,
            read_sheet(group.file),
            at=now,
            by=plan.team.notes,
            file=group.file.name,
            network=group.network,
            given=given,
            strict=True,
        )


def _campaigns(session: Session, plan: Plan, now: datetime, begins: datetime) -> None:
    faults: list[Fault] = []
    for draft, path in plan.campaigns:
        moments = calendar.occurrences(draft.schedule, draft.timezone)
        if moments and moments[-1] < begins:
            continue
        try:
            campaign = planning.create(session, draft, at=now, by=plan.team.notes)
            if moments:
                planning.schedule(session, campaign, at=now)
        except Refused as refused:
            faults += located(refused, plan.file, path).faults
    if faults:
        raise Refused(faults)
