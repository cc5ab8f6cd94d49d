"""A file of 100,000 people by `outreach contacts import`, the first time and again; and how fast rows are checked.

Beside it: reading the CSV and the bare INSERT of the same rows, and what GOV.UK Notify checks (its own figures). While
the file comes in, another process writes too, as a sending does: how long it had to wait is a figure of its own.
"""

import csv
import os
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from threading import Event, Thread
from time import perf_counter
from typing import Self

from sqlalchemy import insert, text

from benchmarks.extent import Extent
from benchmarks.stands import database
from benchmarks.table import Figure
from contacts import checking, columns
from contacts.base import table_of
from contacts.models import Address, AddressKind, ConsentEntry, Contact, Decision, Membership, Network
from contacts.peoplefiles import read_people
from outreach.config import Settings
from outreach.platform import Platform

ROWS = 100_000
GOAL = 10.0  # seconds
WAIT = 1.0  # seconds that another writer may wait
NOTIFY_MAIL, NOTIFY_PHONE = 27_800, 14_000  # rows a second, GOV.UK Notify
FIRST = ("Ana", "Beto", "Ceci", "Dani", "Eli", "Fer", "Gael", "Hilda", "Iris", "Joel", "Karla", "Luz")
LAST = ("Núñez", "Peña", "Luna", "Cantera", "Tezontle", "Jacaranda", "Nopal", "Ruiz", "Arce")
PLACES = (("Estados Unidos", "Chicago"), ("México", "CDMX"), ("España", "Madrid"))


def measure(extent: Extent) -> list[Figure]:
    """Measure the checking of rows, and a whole import on each database."""
    rows = extent.at_most(ROWS)
    with tempfile.TemporaryDirectory(prefix="vc-bench-") as folder:
        path = Path(folder) / "personas.csv"
        _write(path, rows, extent.seed)
        figures = _checking(Path(folder), rows, extent.seed)
        for kind in extent.databases:
            with database(kind) as settings:
                figures += _importing(kind, settings, path, rows)
    return figures


def _write(path: Path, rows: int, seed: int, only: str = "") -> None:
    """Write so many fictional people, two thirds of them with a number."""
    random = Random(seed)
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        writer = csv.writer(file)
        writer.writerow(["nombre", "correo", "whatsapp", "pais", "ciudad", "idioma", "red"])
        for n in range(rows):
            name = f"{random.choice(FIRST)} {random.choice(LAST)} {random.choice(LAST)}"
            mail = "" if only == "whatsapp" else f"persona{n}@example.org"
            number = (f"+1 312 555 {n % 10_000:04d}", f"55 {1000 + n // 10_000} {n % 10_000:04d}", "")[n % 3]
            if only == "whatsapp":
                number = f"55 {1000 + n // 10_000} {n % 10_000:04d}"
            elif only == "correo":
                number = ""
            writer.writerow([name, mail, number, *PLACES[n % 3], "es", "Red Voto Chilango"])


def _checking(folder: Path, rows: int, seed: int) -> list[Figure]:
    figures = []
    for only, word, peer in (("correo", "an e-mail address", NOTIFY_MAIL), ("whatsapp", "a number", NOTIFY_PHONE)):
        path = folder / f"{only}.csv"
        _write(path, rows, seed, only)
        sheet = read_people(path)
        found = columns.find(sheet.headers)
        with checking.without_collector():
            began = perf_counter()
            done = checking.check(sheet, found)
            seconds = perf_counter() - began
        assert len(done.people) == rows
        work = f"rows with {word} checked, all their other cells too"
        figures.append(Figure(work, rows / seconds, "rows/s", beside="GOV.UK Notify, published", other=peer))
    return figures


def _importing(kind: str, settings: Settings, path: Path, rows: int) -> list[Figure]:
    platform = Platform(settings)
    command = [str(Path(sys.executable).with_name("outreach")), "contacts", "import", str(path)]
    environment = os.environ | {"OUTREACH_DATA": str(settings.data), "DATABASE_URL": settings.database_url}
    seconds = []
    with _Neighbour(platform) as neighbour:
        for _time in range(2):
            began = perf_counter()
            done = [*command, "--consent-source", "medida", "--json"]
            subprocess.run(done, env=environment, check=True, stdout=subprocess.DEVNULL)
            seconds.append(perf_counter() - began)
    bare = _bare(platform, path)
    platform.close()
    ceiling = "CSV read and bare INSERT of the same rows"
    return [
        Figure(f"{rows:,} people imported, {kind}", seconds[0], "s", GOAL, True, ceiling, bare),
        Figure(f"the same file again, {kind}", seconds[1], "s", GOAL, most=True),
        Figure(f"longest wait of another writer meanwhile, {kind}", neighbour.longest, "s", WAIT, most=True),
    ]


class _Neighbour:
    """Writes a row ten times a second for a block, and keeps the longest time that took."""

    def __init__(self, platform: Platform) -> None:
        self._platform, self._ended = platform, Event()
        self._thread = Thread(target=self._run)
        self.longest = 0.0

    def _run(self) -> None:
        while not self._ended.wait(0.1):
            began = perf_counter()
            with self._platform.transaction() as session:
                session.execute(text("UPDATE kept SET value = value WHERE name = 'installation'"))
            self.longest = max(self.longest, perf_counter() - began)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()


def _bare(platform: Platform, path: Path) -> float:
    """Return the seconds that reading the CSV and writing the same rows takes, with nothing looked at."""
    now = datetime.now(UTC)
    with platform.transaction() as session:
        for table in (ConsentEntry, Membership, Address, Contact, Network):
            session.execute(table_of(table).delete())
        red = Network(name="Red")
        session.add(red)
        session.flush()
        network = red.id
    began = perf_counter()
    with path.open(newline="", encoding="utf-8-sig") as file:
        cells = list(csv.DictReader(file))
    with platform.transaction() as session:
        put = session.connection().execute
        person = {"timezone": "America/Mexico_City", "language": "es", "created_at": now}
        put(
            insert(table_of(Contact)),
            [
                person
                | {"id": n, "name": row["nombre"], "country": "MX", "city": row["ciudad"], "search_text": row["nombre"]}
                for n, row in enumerate(cells, 1)
            ],
        )
        kept = {"region": "", "state": "new", "state_reason": ""}
        kinds = (AddressKind.EMAIL, AddressKind.WHATSAPP)
        put(
            insert(table_of(Address)),
            [
                kept | {"contact_id": n, "kind": kind, "value": row[kind], "raw": row[kind]}
                for n, row in enumerate(cells, 1)
                for kind in kinds
                if row[kind]
            ],
        )
        member = {"network_id": network, "role": "member", "since": now}
        put(insert(table_of(Membership)), [member | {"contact_id": n} for n in range(1, len(cells) + 1)])
        consent = {"channel": "*", "purpose": "*", "decision": Decision.GRANTED, "source": "medida", "at": now}
        more = {"notice_version": "", "evidence": "", "imported": True, "recorded_by": ""}
        put(insert(table_of(ConsentEntry)), [consent | more | {"contact_id": n} for n in range(1, len(cells) + 1)])
    return perf_counter() - began
