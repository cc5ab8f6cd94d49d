"""The exit code that a shell sees, of the installed program."""

import subprocess
import sys
from pathlib import Path

import pytest

from campaigns import planning
from campaigns.drafts import ContentDraft, Draft
from campaigns.states import CampaignState
from contacts.models import Channel

PROGRAM = Path(sys.executable).with_name("outreach")


def status(platform, campaign_id: int) -> int:
    settings = platform.settings
    environment = {"OUTREACH_DATA": str(settings.data), "DATABASE_URL": settings.database_url, "PATH": ""}
    return subprocess.run([PROGRAM, "campaigns", "status", str(campaign_id)], env=environment, check=False).returncode


@pytest.mark.parametrize(
    ("state", "reason", "code"),
    [
        (CampaignState.DRAFT, "", 3),
        (CampaignState.SCHEDULED, "", 3),
        (CampaignState.PAUSED, "person", 3),
        (CampaignState.PAUSED, "key_refused", 1),
        (CampaignState.FINISHED, "", 0),
    ],
)
def test_status_leaves_with_0_when_finished_3_while_working_and_1_when_a_fault_stopped_it(
    platform, cast, state: CampaignState, reason: str, code: int
) -> None:
    cast.person("Ana Jacaranda", correo="ana@example.org")
    draft = Draft(
        title="Aviso",
        clase="difusion",
        informacion="Aviso",
        channels=(Channel.EMAIL,),
        networks=("Red Voto Chilango",),
        contents=(ContentDraft(subject="Aviso", text="Hola"),),
    )
    with platform.transaction() as session:
        campaign = planning.create(session, draft, at=platform.clock.now(), by="pruebas")
        campaign.state, campaign.pause_reason = state, reason
    assert status(platform, campaign.id) == code


def test_a_campaign_that_does_not_exist_is_exit_2(platform) -> None:
    assert status(platform, 99) == 2
