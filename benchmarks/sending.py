"""How fast a run starts and leaves, beside what the same database does with nothing around it."""

import os
import re
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

from sqlalchemy import func, select, text

from benchmarks.population import NOW, campaign, populated
from benchmarks.table import Figure
from campaigns import audience
from campaigns.models import Delivery, Run
from campaigns.states import DeliveryState
from outreach.channels.email import SendGridCarrier
from outreach.engine import Engine
from outreach.platform import Platform

BATCH = 1000


@contextmanager
def simulator() -> Iterator[str]:
    """Run the simulator as its own process, so that it is not what is measured; give its address."""
    program = Path(sys.executable).with_name("outreach")
    process = subprocess.Popen([program, "simulator", "--port", "0"], stdout=subprocess.PIPE, text=True, env=os.environ)
    assert process.stdout is not None
    try:
        for line in process.stdout:
            if found := re.search(r"http://127\.0\.0\.1:\d+", line):
                yield found[0]
                return
    finally:
        process.terminate()
        process.wait(10)


def measure(people: int) -> list[Figure]:
    """Measure the start of a run and its sending, each beside its ceiling."""
    with tempfile.TemporaryDirectory() as folder:
        platform = populated(Path(folder), people)
        started, bare = _start(platform, campaign(platform), people)
        sent, ceiling = _send(platform, people)
        platform.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [
        Figure(
            "start of a run: deliveries written, gate asked",
            people / started,
            "rows/s",
            "bare INSERT … SELECT",
            people / bare,
        ),
        Figure(
            "e-mail run through the SendGrid SDK", people / sent, "people/s", "claim and mark alone", people / ceiling
        ),
        Figure("peak memory of the sending process", peak, "MiB", "", None),
    ]


def _start(platform: Platform, run_id: int, people: int) -> tuple[float, float]:
    begin = perf_counter()
    with platform.transaction() as session:
        audience.prepare(session, session.get_one(Run, run_id), at=NOW, quiet=None)
    started = perf_counter() - begin
    begin = perf_counter()
    with platform.transaction() as session:
        session.execute(text("CREATE TABLE bare AS SELECT * FROM delivery WHERE 0"))
        session.execute(text("CREATE UNIQUE INDEX uq_bare ON bare (run_id, contact_id)"))
        session.execute(text("INSERT INTO bare SELECT * FROM delivery"))
    assert people
    return started, perf_counter() - begin


def _send(platform: Platform, people: int) -> tuple[float, float]:
    from contacts.models import Channel

    with simulator() as url:
        carrier = SendGridCarrier("SG.medida", base_url=url, installation="medida00", batch_size=BATCH)
        engine = Engine(platform, {Channel.EMAIL: carrier})
        begin = perf_counter()
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda _n: engine.drain(), range(2)))
        sent = perf_counter() - begin
    with platform.reading() as session:
        accepted = session.scalar(
            select(func.count()).select_from(Delivery).where(Delivery.state == DeliveryState.ACCEPTED)
        )
    if accepted != people:
        raise RuntimeError(f"{accepted} of {people} accepted: a figure of a sending that failed is none")
    return sent, _claim_alone(platform)


def _claim_alone(platform: Platform) -> float:
    """Claim and mark every row in batches, and nothing else: the database's own pace."""
    with platform.transaction() as session:
        session.execute(text("UPDATE delivery SET state = 'planned'"))
    begin = perf_counter()
    while True:
        with platform.transaction() as session:
            taken = session.execute(
                text(
                    "UPDATE delivery SET state = 'claimed' WHERE id IN (SELECT id FROM delivery"
                    " WHERE state = 'planned' LIMIT :n) RETURNING id"
                ),
                {"n": BATCH},
            ).all()
        if not taken:
            return perf_counter() - begin
        with platform.transaction() as session:
            low, high = min(row[0] for row in taken), max(row[0] for row in taken)
            session.execute(
                text("UPDATE delivery SET state = 'accepted' WHERE id BETWEEN :low AND :high AND state = 'claimed'"),
                {"low": low, "high": high},
            )
