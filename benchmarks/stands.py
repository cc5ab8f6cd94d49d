"""What a measure stands on: a database of either kind on the disk, simulators, and processes of its own."""

import multiprocessing
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from outreach.config import Settings

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "postgres"))  # the server from the wheel

#: As an installation has it: on the disk, and a commit waits for the disk.
SERVER = (
    "fsync=on",
    "synchronous_commit=on",
    "autovacuum=on",
    "shared_buffers=256MB",
    "max_wal_size=4GB",
    "work_mem=32MB",
)


@contextmanager
def database(kind: str) -> Iterator[Settings]:
    """Give settings over an empty database, SQLite or PostgreSQL, that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="vc-bench-") as folder:
        if kind == "sqlite":
            yield Settings.read({"OUTREACH_DATA": folder})
            return
        from postgres_server import PostgresServer

        server = PostgresServer(options=SERVER, place=tempfile.gettempdir())
        try:
            yield Settings.read({"OUTREACH_DATA": folder, "DATABASE_URL": server.create("measure")})
        finally:
            server.close()


@contextmanager
def simulator(*arguments: str) -> Iterator[str]:
    """Run the simulator as its own process, so that it is not what is measured; give its address."""
    program = Path(sys.executable).with_name("outreach")
    command = [str(program), "simulator", "--port", "0", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=os.environ)
    assert process.stdout is not None
    try:
        for line in process.stdout:
            if found := re.search(r"http://127\.0\.0\.1:\d+", line):
                yield found[0]
                return
        raise RuntimeError("the simulator did not start")
    finally:
        process.terminate()
        process.wait(60)


@dataclass(frozen=True, slots=True)
class Spent:
    """What a function gave back in a process of its own, and what that took."""

    value: Any
    seconds: float  # on the clock on the wall, the start of the process left out
    cpu: float  # seconds of the process on a core, all its threads together
    peak: float  # MiB of memory, at most


def apart(function: Callable[..., Any], *arguments: Any) -> Spent:
    """Call a function of a module in a fresh process: its memory and its time are its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_timed, (function, arguments))


def _timed(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Spent:
    begun, busy = perf_counter(), process_time()
    value = function(*arguments)
    return Spent(value, perf_counter() - begun, process_time() - busy, peak_memory())


def peak_memory() -> float:
    """Return the most memory that this process held, in MiB: Linux's own count, which starts with the process."""
    status = Path("/proc/self/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found[1]) / 1024 if found else 0.0
