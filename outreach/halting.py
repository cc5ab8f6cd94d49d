"""A campaign that cannot go on is paused with the reason, so that a person looks at it and the others go on."""

import logging

from campaigns import planning
from campaigns.models import Campaign
from campaigns.states import CampaignState
from outreach import audit
from outreach.platform import Platform

log = logging.getLogger(__name__)


def halt(platform: Platform, campaign_id: int, code: str, detail: str) -> None:
    """Pause a campaign that is being sent, and note why; one that is not is left as it is."""
    with platform.transaction("pause") as session:
        campaign = session.get_one(Campaign, campaign_id)
        if campaign.state != CampaignState.SENDING:
            return
        log.error("campaign %s paused: %s %s", campaign_id, code, detail)
        planning.pause(session, campaign, reason=code)
        told = {"reason": code, "detail": detail}
        audit.note(session, platform.clock.now(), "sistema", "campaign.pause", f"campaign:{campaign_id}", told)
