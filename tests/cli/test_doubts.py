"""What is in doubt, at the terminal: listed with its evidence, decided by group, one by one, or all."""

import json
import subprocess
import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from campaigns import planning
from campaigns.audience import prepare
from campaigns.drafts import ContentDraft, Draft
from campaigns.models import Delivery
from campaigns.states import DeliveryState
from contacts.models import Channel
from outreach.audit import AuditEntry

PROGRAM = Path(sys.executable).with_name("outreach")


@dataclass
class Doubtful:
    """A campaign with five deliveries in doubt, of two calls."""

    platform: object
    campaign: int

    def __call__(self, *words: str):
        settings = self.platform.settings
        environment = {"OUTREACH_DATA": str(settings.data), "DATABASE_URL": settings.database_url, "PATH": ""}
        command = [PROGRAM, "campaigns", "doubts", str(self.campaign), *words]
        return subprocess.run(command, env=environment, check=False, capture_output=True, text=True)

    @property
    def states(self) -> list[str]:
        with self.platform.reading() as session:
            return [row.value for row in session.scalars(select(Delivery.state).order_by(Delivery.id))]


@pytest.fixture
def doubtful(platform, cast) -> Doubtful:
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
            row.state, row.reason, row.detail = DeliveryState.IN_DOUBT, "connection_lost", "ConnectionResetError"
            row.called_at, row.changed_at = now + timedelta(seconds=number // 3), now + timedelta(seconds=5)
        return Doubtful(platform, campaign.id)


def test_they_are_listed_by_call_with_what_is_known(doubtful) -> None:
    done = doubtful()
    assert done.returncode == 0
    assert "La conexión se cortó durante el envío" in done.stdout
    found = json.loads(doubtful("--json").stdout)
    assert [group["deliveries"] for group in found] == [3, 2]
    assert [(group["reason"], group["called_with"], group["heard_of"], group["likely"]) for group in found] == [
        ("connection_lost", 3, 0, ""),
        ("connection_lost", 2, 0, ""),
    ]
    assert all(group["group"] in done.stdout for group in found)


def test_one_call_is_decided_and_noted(doubtful) -> None:
    key = json.loads(doubtful("--json").stdout)[1]["group"]
    done = doubtful("--group", key, "--again")
    assert (done.returncode, done.stdout.strip()) == (0, "2 envíos salen de nuevo.")
    assert doubtful.states == ["in_doubt"] * 3 + ["planned"] * 2
    with doubtful.platform.reading() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "campaign.decide")).one()
    assert entry.who.startswith("terminal")
    assert (entry.details["groups"], entry.details["moved"]) == ([key], 2)


def test_all_of_one_cause_are_decided_together(doubtful) -> None:
    cause = json.loads(doubtful("--json").stdout)[0]["group"].rsplit("/", 1)[0]
    assert json.loads(doubtful("--group", cause, "--sent", "--json").stdout)["moved"] == 5
    assert doubtful.states == ["accepted"] * 5
    assert doubtful().stdout.strip() == "De todos los envíos de esta campaña se sabe si salieron."


def test_one_delivery_is_decided_alone_and_the_rest_at_once(doubtful) -> None:
    with doubtful.platform.reading() as session:
        first = session.scalars(select(Delivery.id).order_by(Delivery.id)).first()
    assert doubtful("--delivery", str(first), "--sent").stdout.strip() == "1 envío quedó como salido."
    assert doubtful.states == ["accepted"] + ["in_doubt"] * 4
    told = json.loads(doubtful("--all", "--again", "--json").stdout)
    assert told == {"campaign": doubtful.campaign, "sent": False, "moved": 4, "left": 0}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--sent",), "--group"),
        (("--all",), "--sent"),
        (("--all", "--sent", "--again"), "--sent"),
        (("--group", "x/correo", "--sent"), "«x/correo» no es un grupo"),
        (("--group", "1/carta", "--sent"), "no es un grupo"),
        (("--group", "1/correo/a/b/c/d", "--sent"), "no es un grupo"),
        (("--group", "1/correo/a/ayer", "--sent"), "no es un grupo"),
        (("--group", "1/correo/a/0001-01-01T00:00:00+14:00", "--sent"), "no es un grupo"),
        (("--group", "99", "--sent"), "no se cambió nada"),
        (("--group", "9" * 30, "--sent"), "no se cambió nada"),
        (("--delivery", "99", "--again"), "no se cambió nada"),
    ],
)
def test_what_is_unclear_changes_nothing_and_says_what_to_write(doubtful, words, said) -> None:
    done = doubtful(*words)
    assert done.returncode == 2
    assert said in done.stderr
    assert doubtful.states == ["in_doubt"] * 5
