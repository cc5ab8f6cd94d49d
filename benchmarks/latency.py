"""From the moment for which a message was scheduled to the provider's call, on a real and idle `outreach serve`.

A campaign to one person each, every one at a second of its own; the simulator, in its own process, writes down when the
call came.
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from benchmarks.extent import Extent
from benchmarks.population import NETWORK, populated
from benchmarks.stands import database, simulator
from benchmarks.table import Figure
from campaigns import planning
from campaigns.calendar import Schedule
from campaigns.drafts import ContentDraft, Draft
from contacts.models import Channel
from outreach.clock import SystemClock
from outreach.config import Settings
from outreach.platform import Platform
from outreach.simulator.journal import Journal

MESSAGES = 40
GOAL = 1.0  # seconds, at the 95th percentile
HEAD_START = timedelta(seconds=12)  # for the process to be up and idle
APART = timedelta(seconds=1.37)  # no whole second: every phase of a tick is met
PATIENCE = timedelta(seconds=60)


def measure(extent: Extent) -> list[Figure]:
    """Measure one process on each database."""
    return [figure for kind in extent.databases for figure in _measure(kind, extent.at_most(MESSAGES), extent.seed)]


def _measure(kind: str, messages: int, seed: int) -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="vc-bench-") as folder, database(kind) as settings:
        kept = Path(folder) / "received"
        platform = populated(replace(settings, quiet_hours=None), 1, seed=seed)
        with simulator("--keep", str(kept)) as url, _serving(settings, url):
            moments = _scheduled(platform, messages)
            SystemClock().wait(moments[-1])
            _wait_for(url, messages)
        platform.close()
        waits = sorted((came - due).total_seconds() for came, due in zip(_arrivals(kept), moments, strict=True))
    at_95 = waits[max(0, round(len(waits) * 0.95) - 1)]
    more = {"median": waits[len(waits) // 2], "most": waits[-1]}
    work = f"scheduled moment to provider call, {kind}, 95th percentile"
    return [Figure(work, at_95, "s", GOAL, most=True, more=more)]


def _scheduled(platform: Platform, messages: int) -> list[datetime]:
    """Schedule as many campaigns to one person, each at its own moment; return the moments.

    A person schedules whole minutes; here each is aimed between two, so that not all come at once.
    """
    now = SystemClock().now()
    tomorrow = (now + timedelta(days=1)).replace(tzinfo=None)
    first = now + HEAD_START
    moments = [first + number * APART for number in range(messages)]
    with platform.transaction() as session:
        for number, moment in enumerate(moments):
            draft = Draft(
                title=f"Medida {number}",
                clase="difusion",
                informacion="Medida",
                channels=(Channel.EMAIL,),
                networks=(NETWORK,),
                timezone="UTC",
                schedule=Schedule(moments=(tomorrow,)),
                contents=(ContentDraft(subject="Aviso", text=f"Aviso {number}"),),
            )
            campaign = planning.create(session, draft, at=now, by="medidas")
            planning.schedule(session, campaign, at=now)
            campaign.next_due_at = moment
    return moments


class _serving:  # noqa: N801 — used as a block
    """`outreach serve` on a free port, for a block."""

    def __init__(self, settings: Settings, url: str) -> None:
        with closing(socket.socket()) as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        told = {
            "OUTREACH_DATA": str(settings.data),
            "DATABASE_URL": settings.database_url,
            "SENDGRID_API_KEY": "SG.medida",
            "OUTREACH_SENDGRID_URL": url,
        }
        told["SENDGRID_WEBHOOK_KEY"] = _key(url)
        self._environment = os.environ | told

    def __enter__(self) -> None:
        program = Path(sys.executable).with_name("outreach")
        self._process = subprocess.Popen(
            [str(program), "serve", "--port", str(self._port)],
            env=self._environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        clock = SystemClock()
        until = clock.now() + PATIENCE
        while clock.now() < until:
            try:
                with urlopen(f"http://127.0.0.1:{self._port}/healthz"):
                    return
            except URLError:
                clock.wait(clock.now() + timedelta(seconds=0.1))
        raise RuntimeError("outreach serve did not start")

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(60)


def _key(url: str) -> str:
    with urlopen(f"{url}/_keys") as answer:
        return str(json.load(answer)["SENDGRID_WEBHOOK_KEY"])


def _wait_for(url: str, messages: int) -> None:
    clock = SystemClock()
    until = clock.now() + PATIENCE
    while clock.now() < until:
        with urlopen(f"{url}/_counts") as answer:
            if json.load(answer)["messages"][Channel.EMAIL.value] >= messages:
                return
        clock.wait(clock.now() + timedelta(seconds=0.2))
    raise RuntimeError("not every message arrived: no figure of a sending that failed")


def _arrivals(kept: Path) -> list[datetime]:
    journal = Journal(kept)
    try:
        return sorted(datetime.fromisoformat(record.values["at"]) for record in journal.read() if record.kind == "mail")
    finally:
        journal.close()
