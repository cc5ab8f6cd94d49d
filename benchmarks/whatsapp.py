"""WhatsApp at the rate of its sender, against a receiver with its own clock: how much of it is used, and never above.

What counts is when the receiver got each message: the simulator writes that down, in a process of its own, before the
100 ms that it takes to answer.
"""

import json
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from time import time
from typing import Any
from urllib.request import Request, urlopen

from sqlalchemy import Select, func, insert, select

from benchmarks.extent import Extent
from benchmarks.population import NETWORK, NOW, populated, total
from benchmarks.stands import apart, database, simulator
from benchmarks.table import Figure
from campaigns import audience, planning, templates
from campaigns.drafts import ContentDraft, Draft
from campaigns.models import Delivery, Run
from campaigns.states import DeliveryState
from contacts.base import table_of
from contacts.models import Address, AddressKind, Channel, Contact
from outreach import faultpoints
from outreach.channels.whatsapp import TwilioCarrier
from outreach.config import Settings
from outreach.engine import Engine
from outreach.platform import Platform
from outreach.simulator.journal import Journal

MESSAGES = 10_000
RATE = 80  # messages a second, the default of the settings
LATENCY = 100  # milliseconds
USED = 0.98  # of the allowance, at least
JITTER = 1.02  # what a receiver may see above it
BODY = "Hola {{1}}, hay un aviso para usted."


def measure(extent: Extent) -> list[Figure]:
    """Measure the default number of threads, and one alone, on each database."""
    return [
        figure
        for kind in extent.databases
        for threads, messages in ((4, MESSAGES), (1, MESSAGES // 10))
        for figure in _measure(kind, extent.at_most(messages), threads, extent.seed)
    ]


def _measure(kind: str, people: int, threads: int, seed: int) -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="vc-bench-") as folder, database(kind) as settings:
        kept = Path(folder) / "received"
        with simulator("--latency", str(LATENCY), "--keep", str(kept)) as url:
            own = replace(settings, twilio_url=url, whatsapp_budget=0, quiet_hours=None, threads=threads)
            platform = populated(own, people, seed=seed)
            _prepare(platform, people, _template(url))
            platform.close()
            spent = apart(send, own, url)
        moments = arrivals(kept)
    if not len(moments) == spent.value["accepted"] == spent.value["asked"]:
        raise RuntimeError(f"{len(moments)} arrived of {spent.value}: no figure of a sending that failed")
    rate = (len(moments) - 1) / (moments[-1] - moments[0])
    most, above = windows(moments, RATE * JITTER)
    released, _above = windows(spent.value["released"], RATE)
    name = f"WhatsApp, {kind}, {threads} threads" if threads > 1 else f"WhatsApp, {kind}, one thread"
    more = {"cpu_milliseconds_a_message": spent.cpu / people * 1000}
    return [
        Figure(f"{name}: used", rate, "messages/s", RATE * USED, beside="the allowance", other=RATE, more=more),
        Figure(f"{name}: most in one second, as released", released, "messages", RATE, most=True, other=RATE),
        Figure(f"{name}: most in one second, as received", most, "messages", RATE * JITTER, most=True, other=RATE),
        Figure(f"{name}: windows above", above, "windows", 0, most=True),
    ]


def _template(url: str) -> str:
    asked = {"name": "aviso", "body": BODY, "category": "UTILITY"}
    request = Request(f"{url}/_templates", json.dumps([asked]).encode(), {"Content-Type": "application/json"})
    with urlopen(request) as answer:
        return str(json.load(answer)["sids"][0])


def _prepare(platform: Platform, people: int, sid: str) -> None:
    """Give everybody a number, and write the deliveries of a run."""
    with platform.transaction() as session:
        contacts = session.scalars(select(Contact.id).order_by(Contact.id).limit(total(people))).all()
        session.execute(
            insert(table_of(Address)),
            [
                {
                    "contact_id": one,
                    "kind": AddressKind.WHATSAPP,
                    "value": f"+5255{10_000_044 + one * 100}",
                    "region": "MX",
                }
                for one in contacts
            ],
        )
        templates.put(
            session, sid, name="aviso", language="es", category="UTILITY", status="approved", body=BODY, at=NOW
        )
        draft = Draft(
            title="Medida",
            clase="difusion",
            informacion="Medida",
            channels=(Channel.WHATSAPP,),
            networks=(NETWORK,),
            contents=(ContentDraft(template=sid, template_values={"1": "{{ nombre }}"}),),
        )
        run = planning.send_now(session, planning.create(session, draft, at=NOW, by="medidas"), at=NOW)
        audience.prepare(session, session.get_one(Run, run.id), at=NOW, quiet=None)


def send(settings: Settings, url: str) -> dict[str, Any]:
    """Send what is planned, in this process, in real time.

    Returns how many were to be written to, how many were, and when each call began.
    """
    platform = Platform(settings)
    carrier = TwilioCarrier(
        "AC" + "0" * 32, "medida", installation="medida00", public_url="http://127.0.0.1:9", base_url=url
    )
    engine = Engine(platform, {Channel.WHATSAPP: carrier})
    released: list[float] = []

    def release(place: str) -> None:
        if place == "call.before":
            released.append(time())

    with faultpoints.heard(release), ThreadPoolExecutor(settings.threads) as pool:
        list(pool.map(lambda _n: engine.drain(), range(settings.threads)))
    carrier.close()
    with platform.reading() as session:
        counts = {row.state: row.number for row in session.execute(_states())}
    platform.close()
    asked = sum(number for state, number in counts.items() if state != DeliveryState.SKIPPED)
    return {"asked": asked, "accepted": counts.get(DeliveryState.ACCEPTED, 0), "released": sorted(released)}


def _states() -> Select[Any, Any]:
    return select(Delivery.state, func.count().label("number")).group_by(Delivery.state)


def arrivals(kept: Path) -> list[float]:
    """Return when the receiver got each message, in seconds, in their order."""
    journal = Journal(kept)
    try:
        texts = [record.values for record in journal.read() if record.kind == "text"]
    finally:
        journal.close()
    return sorted(datetime.fromisoformat(text["at"]).timestamp() for text in texts)


def windows(moments: list[float], allowed: float) -> tuple[int, int]:
    """Return the most messages in any second that begins with one, and how many such seconds hold more than allowed."""
    most = above = end = 0
    for begin, moment in enumerate(moments):
        while end < len(moments) and moments[end] < moment + 1:
            end += 1
        most = max(most, end - begin)
        above += end - begin > allowed
    return most, above
