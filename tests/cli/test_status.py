"""`outreach campaigns status`: one line for what is one thing to a person."""

import subprocess
import sys
from pathlib import Path

from sqlalchemy import select

from campaigns import planning
from campaigns.audience import prepare
from campaigns.drafts import ContentDraft, Draft
from campaigns.models import Delivery
from campaigns.states import DeliveryState
from contacts.models import Channel

PROGRAM = Path(sys.executable).with_name("outreach")


def test_what_is_claimed_and_what_is_being_called_are_told_as_one(platform, cast) -> None:
    for number in range(5):
        cast.person(f"Persona {number}", correo=f"p{number}@example.org")
    now = platform.clock.now()
    draft = Draft(
        title="Aviso",
        clase="difusion",
        informacion="Aviso",
        channels=(Channel.EMAIL,),
        networks=("Red Voto Chilango",),
        contents=(ContentDraft(subject="Aviso", text="Hola"),),
    )
    with platform.transaction() as session:
        campaign = planning.create(session, draft, at=now, by="pruebas")
        prepare(session, planning.send_now(session, campaign, at=now), at=now, quiet=None)
        for number, row in enumerate(session.scalars(select(Delivery).order_by(Delivery.id))):
            row.state = (DeliveryState.CLAIMED, DeliveryState.CALLING)[number % 2]
        shown = str(campaign.id)
    settings = platform.settings
    environment = {"OUTREACH_DATA": str(settings.data), "DATABASE_URL": settings.database_url, "PATH": ""}
    asked = [PROGRAM, "campaigns", "status", shown]
    done = subprocess.run(asked, env=environment, check=False, capture_output=True, text=True)
    assert [line.strip() for line in done.stdout.splitlines()[:2]] == ["Aviso: Enviándose", "5  Enviándose"]
