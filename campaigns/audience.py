"""Networks, segments and people, minus exclusions, become deliveries: who by which way, who not, and why."""

from collections.abc import Sequence
from datetime import datetime, time
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Select,
    String,
    Subquery,
    and_,
    case,
    cast,
    exists,
    func,
    insert,
    literal,
    not_,
    null,
    or_,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import Session

from campaigns import due
from campaigns.bulk import bulk_insert
from campaigns.calendar import out_of_quiet
from campaigns.content import in_language
from campaigns.models import AudienceRule, Campaign, Content, Delivery, GroupTask, Run
from campaigns.states import DeliveryState
from campaigns.templates import APPROVED, AUTHENTICATION, MARKETING
from contacts import consent, pointers, segments
from contacts.base import UtcDateTime
from contacts.models import Address, Channel, Contact, Membership

LANGUAGES = ("es", "en")


def people(session: Session, campaign_id: int, at: datetime) -> Select[int]:
    """Return the select of contact ids that a campaign speaks to at a moment, each once, exclusions taken out.

    Segments are asked at that moment: who no longer matches is not spoken to.
    """
    return select(Contact.id).where(*_spoken_to(session, campaign_id, at))


def _spoken_to(session: Session, campaign_id: int, at: datetime) -> tuple[ColumnElement[bool], ...]:
    def members(*, excluded: bool) -> Select[int]:
        return (
            select(Membership.contact_id)
            .join(AudienceRule, AudienceRule.network_id == Membership.network_id)
            .where(
                AudienceRule.campaign_id == campaign_id,
                AudienceRule.excluded.is_(excluded),
                Membership.since <= at,
                or_(Membership.until.is_(None), Membership.until > at),
            )
        )

    named = (
        select(pointers.person())
        .join(AudienceRule, AudienceRule.contact_id == Contact.id)
        .where(AudienceRule.campaign_id == campaign_id)
    )
    found = _filters(session, campaign_id, excluded=False)
    matching = [segments.chosen(session, wanted, at).correlate(None) for wanted in found]
    everybody = union_all(members(excluded=False), named, *matching).subquery()
    return (
        Contact.id.in_(select(everybody.c[0])),
        Contact.id.not_in(members(excluded=True)),
        *[not_(segments.condition(session, wanted, at)) for wanted in _filters(session, campaign_id, excluded=True)],
        pointers.present(),
    )


def _filters(session: Session, campaign_id: int, *, excluded: bool) -> list[segments.Filter]:
    stored = select(segments.Segment.filter).where(
        segments.Segment.id.in_(
            select(AudienceRule.segment_id).where(
                AudienceRule.campaign_id == campaign_id, AudienceRule.excluded.is_(excluded)
            )
        )
    )
    return [segments.Filter.from_json(each) for each in session.scalars(stored)]


def plan(
    session: Session, campaign: Campaign, version: int, due_at: datetime, quiet: tuple[time, time] | None
) -> Select[Any]:
    """Return the select behind a run: contact_id, channel, address, state, reason, route, due_at for every person.

    The first channel, in the campaign's order, that the gate lets pass is the person's way; `route` says why the
    preferred one was not. Who may not be written to at all is `skipped`, with the preferred channel's reason. The
    same person twice (same name, same address) is written to once.
    """
    channels = [Channel(name) for name in campaign.channels]
    gates: list[ColumnElement[Any]] = []
    for number, channel in enumerate(channels):
        gates += [
            consent.refusal(Contact.id, channel, campaign.purpose, due_at).label(f"no{number}"),
            consent.usable_address(Contact.id, channel).label(f"to{number}"),
        ]
    # MATERIALIZED: the gate is asked once a person, not once for every column that uses its answer.
    asked = (
        select(Contact.id, Contact.name, Contact.timezone, Contact.language, *gates)
        .where(*_spoken_to(session, campaign.id, due_at))
        .order_by(Contact.id)  # and so are the deliveries numbered
        .cte("asked")
        .prefix_with("MATERIALIZED")
    )
    ruled, whys = asked, [asked.c[f"no{number}"] for number in range(len(channels))]
    if Channel.WHATSAPP in channels:
        answers = [
            _whatsapp_rule(session, campaign, version, asked, number) if channel == Channel.WHATSAPP else whys[number]
            for number, channel in enumerate(channels)
        ]
        ruled = (
            select(asked, *[answer.label(f"why{number}") for number, answer in enumerate(answers)])
            .cte("ruled")
            .prefix_with("MATERIALIZED")
        )
        whys = [ruled.c[f"why{number}"] for number in range(len(channels))]
    chosen = [(why.is_(None), number) for number, why in enumerate(whys)]
    channel_of = case(*[(free, literal(channels[n].value)) for free, n in chosen], else_=literal(channels[0].value))
    address_of = func.coalesce(case(*[(free, ruled.c[f"to{n}"]) for free, n in chosen], else_=ruled.c.to0), "")
    reason_of = case(*[(free, literal("")) for free, _n in chosen], else_=whys[0])
    route_of = case((and_(whys[0].is_not(None), or_(*[free for free, _n in chosen])), whys[0]), else_=literal(""))
    routed = select(
        ruled.c.id.label("contact_id"),
        ruled.c.name,
        ruled.c.timezone,
        channel_of.label("channel"),
        address_of.label("address"),
        reason_of.label("reason"),
        route_of.label("route"),
    ).subquery("routed")
    twins = _twins(routed, channels)
    twice = and_(routed.c.reason == "", routed.c.contact_id.in_(select(twins.c.contact_id)))
    reason = case((twice, literal("duplicate_person")), else_=routed.c.reason)
    return select(
        routed.c.contact_id,
        routed.c.channel,
        routed.c.address,
        case((reason == "", literal(DeliveryState.PLANNED.value)), else_=literal(DeliveryState.SKIPPED.value)).label(
            "state"
        ),
        reason.label("reason"),
        routed.c.route,
        _due(session, people(session, campaign.id, due_at), due_at, quiet, routed).label("due_at"),
    )


def _twins(routed: Subquery, channels: Sequence[Channel]) -> CTE:
    """Return who is somebody else again: same address and same name is one person, however often they were imported.

    Only addresses that several people have are looked at: to sort a million rows by name would find no more.
    """
    shared = (
        select(Address.value)
        .where(Address.kind.in_([consent.CHANNELS[channel] for channel in channels]))
        .group_by(Address.kind, Address.value)
        .having(func.count() > 1)
    )
    twin = func.row_number().over(
        partition_by=(routed.c.channel, routed.c.address, func.lower(routed.c.name), routed.c.reason == ""),
        order_by=routed.c.contact_id,
    )
    several = select(routed.c.contact_id, twin.label("twin")).where(routed.c.address.in_(shared)).subquery()
    return select(several.c.contact_id).where(several.c.twin > 1).cte("twins").prefix_with("MATERIALIZED")


def _whatsapp_rule(session: Session, campaign: Campaign, version: int, asked: Any, number: int) -> ColumnElement[Any]:
    """Add what templates forbid to what the gate said.

    Only approved templates open a conversation, and since April 2025 marketing templates do not reach numbers of
    the United States (Twilio error 63049). +1 is shared by many countries: the number's own region decides.
    """
    contents = list(
        session.scalars(select(Content).where(Content.campaign_id == campaign.id, Content.version == version))
    )
    read = {language: in_language(contents, language).template for language in LANGUAGES}
    unapproved = [text for text, template in read.items() if template is None or template.status != APPROVED]
    of = {text: template.category for text, template in read.items() if template is not None}
    marketing = [text for text, category in of.items() if category == MARKETING]
    codes = [text for text, category in of.items() if category == AUTHENTICATION]
    in_the_states = exists().where(
        Address.contact_id == asked.c.id,
        Address.kind.in_(consent.KINDS[Channel.WHATSAPP]),
        Address.value == asked.c[f"to{number}"],
        Address.region == "US",
    )
    refused = asked.c[f"no{number}"]
    return case(
        (refused.is_not(None), refused),
        (asked.c.language.in_(unapproved), literal("template_not_approved")),
        (and_(asked.c.language.in_(marketing), in_the_states), literal("marketing_us")),
        # Meta delivers no authentication template to who shows no number (business-scoped user ids, 2026).
        (
            and_(asked.c.language.in_(codes), ~asked.c[f"to{number}"].startswith("+")),
            literal("authentication_needs_number"),
        ),
        else_=cast(null(), String),
    )


def _due(
    session: Session, ids: Select[int], due_at: datetime, quiet: tuple[time, time] | None, seen: Any
) -> ColumnElement[Any]:
    """Return when each person's message may go: WhatsApp waits for the reader's own morning."""
    moment = type_coerce(literal(due_at, UtcDateTime), UtcDateTime)
    zones = session.scalars(select(Contact.timezone).where(Contact.id.in_(ids)).distinct()).all() if quiet else []
    later = {zone: out_of_quiet(due_at, zone, quiet) for zone in zones}
    waits = [
        (and_(seen.c.channel == Channel.WHATSAPP.value, seen.c.timezone == zone), literal(then, UtcDateTime))
        for zone, then in sorted(later.items())
        if then != due_at
    ]
    return type_coerce(case(*waits, else_=moment), UtcDateTime) if waits else moment


def prepare(session: Session, run: Run, *, at: datetime, quiet: tuple[time, time] | None) -> None:
    """Write a run's deliveries, one row a person, in one statement; or its tasks, where the channel is a group.

    Done once: a prepared run is left as it is.
    """
    if run.prepared_at is not None:
        return
    campaign = run.campaign
    if campaign.channels == [Channel.GROUP.value]:
        networks = session.scalars(
            select(AudienceRule.network_id).where(
                AudienceRule.campaign_id == campaign.id,
                AudienceRule.network_id.is_not(None),
                AudienceRule.excluded.is_(False),
            )
        )
        session.add_all(GroupTask(run_id=run.id, network_id=network_id) for network_id in networks if network_id)
    else:
        moment = max(run.due_at, at)  # a late run does not wake anybody either
        hours = None if run.ignores_quiet_hours else quiet
        chosen = plan(session, campaign, run.version, moment, hours).subquery()
        columns = ["contact_id", "channel", "address", "state", "reason", "route", "due_at"]
        constants = {"detail": "", "worker": "", "provider_id": ""}
        rows = select(
            literal(run.id),
            *[chosen.c[name] for name in columns],
            *[literal(text) for text in constants.values()],
            literal(0),
            literal(at, UtcDateTime),
        )
        into = ["run_id", *columns, *constants, "attempts", "changed_at"]
        with bulk_insert(session):
            session.execute(insert(Delivery).from_select(into, rows, include_defaults=False))
    run.prepared_at = at
    session.flush()
    due.announce(session, [run.id])
