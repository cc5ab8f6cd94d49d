"""The queue of a PostgreSQL installation: Procrastinate, one job for each chunk of deliveries.

A job only says that there is work. Which rows are taken, and from which run first, the claim decides; so a lost job is
put in again by the next tick, and a doubled one finds nothing to do.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

import procrastinate
import psycopg
from procrastinate.exceptions import ConnectorException
from sqlalchemy import URL, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from campaigns import due
from campaigns.lines import Senders
from contacts.models import Channel
from outreach import database

TASK, QUEUE = "chunk", "envios"
AT_ONCE = 5000  # jobs that one change of state puts in for a run and channel; the ticks bring the rest
ENOUGH = 50  # jobs of a run and channel that wait: a tick adds none
POLL_SECONDS = 2.0  # between two looks for jobs, where no notification comes
BEAT_SECONDS, GONE_SECONDS = 4.0, 15.0  # how often the queue hears of a worker, and when it takes it for dead
GRACE_SECONDS = 2.0  # for jobs under way when the connection is lost: what they do goes on without it

# What it says of connections and of its own end is said once, in plain words, by whoever runs it.
for library in ("procrastinate", "psycopg.pool"):
    logging.getLogger(library).setLevel(logging.CRITICAL)


def put_in(
    session: Session,
    senders: Senders,
    *,
    at: datetime,
    sizes: Mapping[Channel, int],
    runs: Collection[int] | None = None,
) -> int:
    """Put in a job for each chunk that may be claimed and has none, in the caller's transaction; return how many.

    `runs` narrows it to those that a change of state gave work to. None asks of all: what a tick does, which sees to
    it that enough jobs wait.
    """
    found = list(due.waiting(session, senders, at=at, sizes=sizes, runs=runs, most=ENOUGH if runs is None else AT_ONCE))
    if not found:
        return 0
    waiting = {
        (run_id, channel): jobs for run_id, channel, jobs in session.execute(text(_WAITING), {"waiting": "todo"})
    }
    jobs: list[dict[str, Any]] = [
        {"run_id": some.run_id, "channel": some.channel.value}
        for some in found
        for _chunk in range(some.chunks - waiting.get((some.run_id, some.channel.value), 0))
    ]
    if jobs:
        session.flush()
        connection = session.connection().connection.driver_connection
        app = procrastinate.App(connector=procrastinate.PsycopgConnector())
        try:
            app.configure_task(TASK, queue=QUEUE, connection=connection).batch_defer(*jobs)
        except ConnectorException as error:
            raise OperationalError(None, None, error.__cause__ or error) from error
    return len(jobs)


_WAITING = """
SELECT (args->>'run_id')::bigint, args->>'channel', count(*)
FROM procrastinate_jobs WHERE status = :waiting GROUP BY 1, 2
"""


class Runner:
    """Takes jobs out, so many at once, over one connection to the server at a time."""

    def __init__(self, url: URL, perform: Callable[[str], Awaitable[None]], threads: int) -> None:
        words = {word: str(value) for word, value in database.limits(url).items()}
        address = url.set(drivername="postgresql").update_query_dict(words)
        self._address = address.render_as_string(hide_password=False)
        self._perform = perform
        self._threads = threads
        self._stopped = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: list[asyncio.Task[None]] = []

    def run(self, ready: Callable[[], None]) -> None:
        """Run jobs until `stop`. Returns or raises earlier when the server is gone; then it may be run again.

        `ready` is called when the server has answered.
        """
        try:
            asyncio.run(self._run(ready))
        except asyncio.CancelledError:
            pass
        except (ConnectorException, psycopg.OperationalError) as error:
            raise OperationalError(None, None, error.__cause__ or error) from error
        finally:
            self._loop, self._tasks = None, []

    def stop(self) -> None:
        """Take no further jobs; from any thread, and harmless when none runs."""
        self._stopped = True
        loop, tasks = self._loop, self._tasks
        if loop is not None:
            with suppress(RuntimeError):  # it has just ended by itself
                for task in tasks:
                    loop.call_soon_threadsafe(task.cancel)

    async def _run(self, ready: Callable[[], None]) -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _loop, _context: None)  # a job's end that could not be written down
        connector = procrastinate.PsycopgConnector(
            conninfo=self._address, min_size=1, max_size=4, timeout=10, configure=_bound
        )
        app = procrastinate.App(connector=connector)

        @app.task(name=TASK, queue=QUEUE)
        async def chunk(run_id: int, channel: str) -> None:  # noqa: ARG001 — the claim says which run is next
            await self._perform(channel)

        async with app.open_async():
            ready()
            self._tasks = [
                loop.create_task(
                    app.run_worker_async(
                        queues=[QUEUE],
                        concurrency=self._threads,
                        install_signal_handlers=False,
                        delete_jobs="always",
                        fetch_job_polling_interval=POLL_SECONDS,
                        shutdown_graceful_timeout=GRACE_SECONDS,
                        update_heartbeat_interval=BEAT_SECONDS,
                        stalled_worker_timeout=GONE_SECONDS,
                    )
                ),
                loop.create_task(_take_up_stalled(app)),
            ]
            self._loop = loop
            try:
                if not self._stopped:
                    await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in self._tasks:
                    task.cancel()
                ends = await asyncio.gather(*self._tasks, return_exceptions=True)
            for end in ends:
                if isinstance(end, Exception):
                    raise end


async def _bound(connection: "psycopg.AsyncConnection[Any]") -> None:
    await connection.execute(database.BOUND)
    await connection.commit()


async def _take_up_stalled(app: procrastinate.App) -> None:
    """Let others have the jobs of workers that have not been heard of."""
    while True:
        await asyncio.sleep(BEAT_SECONDS)
        for job in await app.job_manager.get_stalled_jobs(task_name=TASK, seconds_since_heartbeat=GONE_SECONDS):
            with suppress(ConnectorException):  # another worker did it a moment before
                await app.job_manager.retry_job(job)
