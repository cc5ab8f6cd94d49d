"""When a campaign will have left, as far as pace and the 24 h budget of its WhatsApp number can tell."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from campaigns import budget, lines
from campaigns.lines import Senders
from campaigns.models import Campaign, Delivery, Run
from campaigns.states import WAITING, CampaignState, RunState
from contacts.models import Channel


@dataclass(frozen=True, slots=True)
class Forecast:
    """When the last WhatsApp message of a campaign leaves, and whether the 24 hours are what makes it wait."""

    at: datetime
    limit: int  # people in 24 h; 0 where they make nobody wait
    goes_on: datetime | None = None  # while nobody more may be written to: when the next may


def of(
    session: Session, campaign: Campaign, senders: Senders, *, limit: int, rate: int, at: datetime
) -> Forecast | None:
    """Return the forecast of a campaign that is being sent; None when no WhatsApp message of it waits.

    `limit`: people to whom the number may write first in 24 h, `rate`: messages a second; 0: any number. Runs take
    turns, so of every other one as much leaves meanwhile as of this one.
    """
    if campaign.state != CampaignState.SENDING or Channel.WHATSAPP not in campaign.channels:
        return None
    waiting = {
        row.id: row.people
        for row in session.execute(
            select(Campaign.id, func.count().label("people"))
            .select_from(Delivery)
            .join(Run, Run.id == Delivery.run_id)
            .join(Campaign, Campaign.id == Run.campaign_id)
            .where(
                Delivery.state.in_(sorted(WAITING)),
                Delivery.channel == Channel.WHATSAPP,
                Run.state == RunState.SENDING,
                Campaign.state == CampaignState.SENDING,
            )
            .group_by(Campaign.id)
        )
    }
    own = waiting.get(campaign.id, 0)
    if not own:
        return None
    people = sum(min(own, others) for others in waiting.values())
    sender = senders.of(Channel.WHATSAPP, campaign.cuenta)
    line = lines.seen(session, Channel.WHATSAPP, sender)
    begins = max(at, line.closed_until) if line and line.closed_until else at
    ends = begins + timedelta(seconds=people / rate) if rate else begins
    free = budget.left(session, line, limit, at) if limit else people
    if people <= free:
        return Forecast(ends, 0)
    rounds, place = divmod(people - free - 1, limit)
    first = budget.next_place(session, sender, place) or begins + budget.WINDOW  # a place that is only taken now
    goes_on = None if free else budget.next_place(session, sender, 0)
    return Forecast(max(ends, first + rounds * budget.WINDOW), limit, goes_on)
