"""How fast a run starts and leaves, beside what the same database does with nothing around it."""

import gc
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter, process_time

from sqlalchemy import Connection, func, inspect, select, text

from benchmarks.extent import Extent
from benchmarks.population import NOW, campaign, populated, total
from benchmarks.stands import Spent, apart, database, simulator
from benchmarks.table import Figure
from campaigns import audience
from campaigns.models import Delivery, Run
from campaigns.states import DeliveryState
from contacts.models import Channel
from outreach.channels.email import SendGridCarrier
from outreach.config import Settings
from outreach.engine import Engine
from outreach.platform import Platform

PEOPLE = 1_000_000
BATCH = 1000  # SendGrid's most
THREADS = 2
START_SECONDS = {"sqlite": 6.0, "postgresql": 12.0}  # for a million deliveries
PACE = {"sqlite": 20_000.0, "postgresql": 10_000.0}  # people a second
MEMORY = 300.0  # MiB


def measure(extent: Extent) -> list[Figure]:
    """Measure the start of a run and its sending on each database, each beside its ceiling."""
    return [figure for kind in extent.databases for figure in _measure(kind, extent.at_most(PEOPLE), extent.seed)]


def _measure(kind: str, people: int, seed: int) -> list[Figure]:
    with database(kind) as settings:
        platform = populated(settings, people, seed=seed)
        run_id = campaign(platform)
        parts = _parts(platform, run_id)
        started, bare = _start(platform, run_id)
        platform.close()
        with simulator() as url:
            sent = apart(send, settings, url)
        if sent.value["accepted"] != people:
            raise RuntimeError(f"{sent.value['accepted']} of {people} accepted: no figure of a sending that failed")
        alone = apart(claim_alone, settings)
    million = total(people) / 1_000_000
    return [
        Figure(
            f"start of a run, {kind}: deliveries written, skips with reasons",
            started / million,
            "s a million",
            goal=START_SECONDS[kind],
            most=True,
            beside="bare INSERT…SELECT",
            other=bare / million,
        ),
        *[
            Figure(f"start of a run, {kind}: {part}", seconds / million, "s a million")
            for part, seconds in parts.items()
        ],
        Figure(
            f"e-mail run of {people:,} through SendGrid, {kind}",
            people / sent.value["seconds"],
            "people/s",
            goal=PACE[kind],
            beside="claim and mark alone",
            other=people / alone.value,
            more=_cost(sent, people),
        ),
        Figure(f"peak memory of the sending process, {kind}", sent.peak, "MiB", goal=MEMORY, most=True),
    ]


def _cost(sent: Spent, people: int) -> dict[str, float]:
    return {"cpu_microseconds_a_person": sent.value["cpu"] / people * 1e6}


def _parts(platform: Platform, run_id: int) -> dict[str, float]:
    """Return the seconds of what the start of a run consists of: the profile beside the figure."""
    with platform.reading() as session:
        run = session.get_one(Run, run_id)
        asked = audience.plan(session, run.campaign, run.version, NOW, None).subquery()
        begin = perf_counter()
        session.execute(select(func.count(), *[func.max(asked.c[name]) for name in ("address", "reason", "due_at")]))
        found = {"of it, to ask the gate of everybody": perf_counter() - begin}
    if platform.engine.dialect.name == "postgresql":
        with platform.sessions() as session:  # rolled back
            for name in inspect(session.connection()).get_foreign_keys("delivery"):
                session.execute(text(f"ALTER TABLE delivery DROP CONSTRAINT {name['name']}"))
            begin = perf_counter()
            audience.prepare(session, session.get_one(Run, run_id), at=NOW, quiet=None)
            found["the same where nobody checks, row by row, that run and person exist"] = perf_counter() - begin
        with platform.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE delivery"))
    return found


def _start(platform: Platform, run_id: int) -> tuple[float, float]:
    """Return the seconds that the start of a run takes, and those of copying what it wrote."""
    begin = perf_counter()
    with platform.transaction() as session:
        audience.prepare(session, session.get_one(Run, run_id), at=NOW, quiet=None)
    started = perf_counter() - begin
    begin = perf_counter()
    with platform.transaction() as session:
        _copy(session.connection())
    bare = perf_counter() - begin
    with platform.transaction() as session:
        session.execute(text("DROP TABLE bare"))
    return started, bare


def _copy(connection: Connection) -> None:
    connection.execute(text("CREATE TABLE bare AS SELECT * FROM delivery WHERE FALSE"))
    connection.execute(text("CREATE UNIQUE INDEX uq_bare ON bare (run_id, contact_id)"))
    connection.execute(text("INSERT INTO bare SELECT * FROM delivery"))


def send(settings: Settings, url: str) -> dict[str, float]:
    """Send what is planned, in this process; return how many were accepted and how long it took."""
    platform = Platform(settings)
    carrier = SendGridCarrier("SG.medida", base_url=url, installation="medida00", batch_size=BATCH)
    engine = Engine(platform, {Channel.EMAIL: carrier})
    gc.freeze()  # as every process of ours that sends does
    begin, busy = perf_counter(), process_time()
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda _n: engine.drain(), range(THREADS)))
    seconds, cpu = perf_counter() - begin, process_time() - busy
    with platform.reading() as session:
        accepted = session.scalar(
            select(func.count()).select_from(Delivery).where(Delivery.state == DeliveryState.ACCEPTED)
        )
    platform.close()
    return {"accepted": accepted or 0, "seconds": seconds, "cpu": cpu}


def claim_alone(settings: Settings) -> float:
    """Claim and mark every accepted row again in batches, and nothing else: the database's own pace, in seconds."""
    platform = Platform(settings)
    with platform.transaction() as session:
        session.execute(text("UPDATE delivery SET state = 'planned' WHERE state = 'accepted'"))
    if platform.engine.dialect.name == "postgresql":
        with platform.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE delivery"))
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
            break
        with platform.transaction() as session:
            low, high = min(row[0] for row in taken), max(row[0] for row in taken)
            session.execute(
                text("UPDATE delivery SET state = 'accepted' WHERE id BETWEEN :low AND :high AND state = 'claimed'"),
                {"low": low, "high": high},
            )
    seconds = perf_counter() - begin
    platform.close()
    return seconds
