"""How fast personalised mail leaves over SMTP, with a durable row a person, beside a peer and beside smtplib alone."""

import multiprocessing
import smtplib
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import perf_counter, process_time

from sqlalchemy import func, select

from benchmarks.extent import Extent
from benchmarks.mail_sink import sink
from benchmarks.population import NOW, campaign, populated
from benchmarks.stands import apart, database
from benchmarks.table import Figure
from campaigns import audience
from campaigns.models import Delivery, Run
from campaigns.states import DeliveryState
from contacts.models import Channel
from outreach.channels.smtp import SmtpCarrier
from outreach.channels.smtp_address import SmtpServer
from outreach.channels.smtp_journal import Journal
from outreach.config import Settings
from outreach.engine import Engine
from outreach.platform import Platform

MAILS = 20_000
THREADS = 4  # as installed
PROCESSES = 2  # of the peer and of smtplib alone: one a core
GOAL = 4_000.0
PEER = ("django-post_office==3.12.0", "Django==5.2.19")
PEER_PROGRAM = Path(__file__).parent / "peers" / "django_post_office.py"
PATIENCE = 600  # seconds for installing the peer, and for its sending
WORDS = "La Consulta de Presupuesto Participativo se acerca. "
TEXT = "Hola, {{ nombre }}:\n\n" + WORDS * 92 + "\n\nBaja: {{ baja }}\n"  # 6 KB on the wire


def measure(extent: Extent) -> list[Figure]:
    """Measure a run over SMTP on each database, the peer's and smtplib's own pace at the same sink."""
    mails = extent.at_most(MAILS)
    peer, name = _peer(mails)
    figures = [_ours(kind, mails, extent.seed, name, peer) for kind in extent.databases]
    return [
        *figures,
        Figure(
            f"the same, {extent.databases[0]}, beside smtplib alone",
            figures[0].value,
            "mails/s",
            beside=f"smtplib, skeleton built once, no database, {PROCESSES} processes",
            other=_plain(mails),
        ),
    ]


def _ours(kind: str, mails: int, seed: int, name: str, peer: float | None) -> Figure:
    with sink() as taker, database(kind) as settings:
        platform = populated(settings, mails, seed=seed)
        run_id = campaign(platform, TEXT, plain_only=True)
        with platform.transaction() as session:
            audience.prepare(session, session.get_one(Run, run_id), at=NOW, quiet=None)
        platform.close()
        sent = apart(send, settings, taker.port)
        count, octets = taker.counted()
    if (sent.value["accepted"], count) != (mails, mails):
        raise RuntimeError(f"the sink took {count} and the log says {sent.value['accepted']}, of {mails}")
    return Figure(
        f"e-mail over SMTP, {mails:,} mails of {octets / mails / 1000:.1f} KB, {kind}",
        mails / sent.value["seconds"],
        "mails/s",
        goal=GOAL,
        beside=name,
        other=peer,
        more={"cpu_microseconds_a_mail": sent.value["cpu"] / mails * 1e6},
    )


def send(settings: Settings, port: int) -> dict[str, float]:
    """Send what is planned, in this process; return how many were accepted and how long it took."""
    platform = Platform(settings)
    server, journal = SmtpServer("127.0.0.1", port, encrypted="no"), Journal(settings.data / "smtp", "medida00")
    carrier = SmtpCarrier(server, installation="medida00", journal=journal)
    engine = Engine(platform, {Channel.EMAIL: carrier})
    begin, busy = perf_counter(), process_time()
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda _n: engine.drain(), range(THREADS)))
    seconds, cpu = perf_counter() - begin, process_time() - busy
    carrier.close()
    with platform.reading() as session:
        accepted = session.scalar(
            select(func.count()).select_from(Delivery).where(Delivery.state == DeliveryState.ACCEPTED)
        )
    platform.close()
    return {"accepted": accepted or 0, "seconds": seconds, "cpu": cpu}


def _peer(mails: int) -> tuple[float | None, str]:
    """Return the peer's mails a second and its name; None and why where it cannot be had."""
    name = f"{PEER[0].replace('==', ' ')}, its own SQLite, {PROCESSES} processes"
    with tempfile.TemporaryDirectory(prefix="vc-peer-") as folder, sink() as taker:
        python = Path(folder) / "bin" / "python"
        try:
            for command in (
                [sys.executable, "-m", "venv", folder],
                [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PEER],
            ):
                subprocess.run(command, check=True, capture_output=True, text=True, timeout=PATIENCE)
        except (subprocess.SubprocessError, OSError) as error:
            said = (getattr(error, "stderr", "") or str(error)).strip().splitlines()
            return None, f"{name}: not installed ({said[-1] if said else type(error).__name__})"
        command = [str(python), str(PEER_PROGRAM), folder, str(taker.port), str(mails), str(PROCESSES)]
        said = subprocess.run(command, check=True, capture_output=True, text=True, timeout=PATIENCE).stdout.split()
        seconds, logged = float(said[-2]), int(said[-1])
        count, _octets = taker.counted()
    if (count, logged) != (mails, mails):
        raise RuntimeError(f"the sink took {count} of the peer's mails and its log says {logged}, of {mails}")
    return mails / seconds, name


def _plain(mails: int) -> float:
    """Return the mails a second of smtplib with nothing around it."""
    with sink() as taker, multiprocessing.get_context("spawn").Pool(PROCESSES) as pool:
        pool.map(_nothing, range(PROCESSES))  # the processes have started
        begin = perf_counter()
        pool.starmap(_hand_over, [(taker.port, mails // PROCESSES)] * PROCESSES, chunksize=1)
        return mails // PROCESSES * PROCESSES / (perf_counter() - begin)


def _nothing(_number: int) -> None:
    """Be there."""


def _hand_over(port: int, mails: int) -> None:
    skeleton = (
        b"From: Voto Chilango <votochilango@example.org>\r\nTo: <p%d@example.org>\r\nSubject: Aviso para Persona %d\r\n"
        b'MIME-Version: 1.0\r\nContent-Type: text/plain; charset="utf-8"\r\n\r\nHola, Persona %d:\r\n\r\n'
        + b"\r\n".join([WORDS.encode()] * 110)
        + b"\r\n\r\nBaja: https://example.org/baja/%d\r\n"
    )
    with smtplib.SMTP("127.0.0.1", port, "localhost") as server:
        for n in range(mails):
            server.sendmail("votochilango@example.org", [f"p{n}@example.org"], skeleton % (n, n, n, n))
