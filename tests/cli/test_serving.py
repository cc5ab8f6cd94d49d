"""`outreach serve` as a process: it says where it is, it is well, it ends when it is told to."""

import re
import signal
import socket
import sqlite3
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path
from time import monotonic

import pytest

ROOT = Path(__file__).resolve().parents[2]


def test_where_mail_leaves_by_a_server_nothing_says_that_all_is_simulated(shell, serving, free_port) -> None:
    port = free_port()
    shell.environment["OUTREACH_SMTP_URL"] = f"smtp://127.0.0.1:{free_port()}"
    with serving(shell, port) as process:
        said = [process.stdout.readline().decode() for _ in range(2)]
        assert said[1].startswith("Simulador sólo de WhatsApp: el correo sale de verdad. Buzón de salida:")
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/entrar") as answer:
            page = answer.read().decode()
        assert "el correo sale de verdad" in page
        assert "nada sale de este equipo" not in page
        process.send_signal(signal.SIGTERM)
        process.wait(30)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serve_says_where_it_is_and_ends_within_ten_seconds_with_0(
    shell, serving, free_port, number: signal.Signals
) -> None:
    port = free_port()
    with serving(shell, port) as process:
        said = [process.stdout.readline().decode() for _ in range(2)]
        assert said[0] == f"Voto Chilango escucha en http://127.0.0.1:{port}\n"
        assert said[1].startswith("Sin llaves: nada sale de este equipo.")
        process.send_signal(number)
        began = monotonic()
        assert process.wait(30) == 0
        assert monotonic() - began < 10
        assert process.stderr.read() == b""
    with pytest.raises(ConnectionRefusedError), closing(socket.create_connection(("127.0.0.1", port), 2)):
        pass


def test_a_port_that_is_taken_and_a_host_that_is_none_are_told(shell) -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        answer = shell("serve", "--port", str(port))
    assert (answer.code, answer.lines) == (
        2,
        [f"No se puede escuchar en el puerto {port}: otro programa lo está usando. Elija otro con --port."],
    )
    for host in ("no-hay.invalid", "192.0.2.1"):
        answer = shell("serve", "--host", host, "--port", str(port))
        assert (answer.code, answer.lines) == (
            2,
            [f"No se puede escuchar en «{host}»: no es una dirección de este equipo. Use una como 127.0.0.1."],
        )


def test_what_breaks_while_serving_is_told_once_and_noted_and_serving_goes_on(
    shell, error_log, serving, free_port, within
) -> None:
    port = free_port()
    with serving(shell, port) as process:
        with closing(sqlite3.connect(shell.folder / "var" / "outreach.sqlite3", timeout=30)) as connection:
            connection.execute("ALTER TABLE delivery RENAME TO elsewhere")
        assert within(30, lambda: error_log().count("Traceback (most recent call last)") > 4)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=10) as answer:
            assert answer.status == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
        said = process.stderr.read().decode()
    assert "Traceback" not in said
    sentences = said.splitlines()
    assert 1 <= len(sentences) <= 3  # the tick, the workers: each kind once
    assert all(re.match(r"Algo falló de nuestro lado\. .* Folio \w{4}-\w{2}\.", line) for line in sentences)


def test_a_broken_page_shows_the_folio_that_the_log_has(shell, error_log, serving, free_port) -> None:
    port = free_port()
    with serving(shell, port, "--no-engine") as process:
        with closing(sqlite3.connect(shell.folder / "var" / "outreach.sqlite3", timeout=30)) as connection:
            connection.execute("ALTER TABLE account RENAME TO elsewhere")
        with pytest.raises(urllib.error.HTTPError) as broken:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/entrar", timeout=10)
        with broken.value as page:
            shown = page.read().decode()
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
        said = process.stderr.read().decode()
    assert (broken.value.code, "Traceback" in shown + said) == (500, False)
    [folio] = set(re.findall(r"[0-9A-F]{4}-[0-9A-F]{2}", shown))
    assert f"Folio {folio}." in said
    assert f" {folio} ERROR outreach.web.errors: {folio} GET door.enter" in error_log()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_scheduler_alone_ends_with_0(shell, number: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, ROOT / "scheduler.py"],
        cwd=shell.folder,
        env={"PATH": "", "LANG": "C.UTF-8"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout
        assert process.stderr
        assert process.stdout.readline().decode() == "El programador está en marcha. Ctrl-C lo termina.\n"
        process.send_signal(number)
        assert process.wait(30) == 0
        assert process.stderr.read() == b""


def test_the_scheduler_alone_tells_a_wrong_setting_in_words(shell) -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "scheduler.py"],
        cwd=shell.folder,
        env={"PATH": "", "OUTREACH_TIMEZONE": "Marte"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "OUTREACH_TIMEZONE dice «Marte» y debe ser una zona como America/Mexico_City.\n"


@pytest.mark.parametrize(("words", "code"), [(["--help"], 0), (["--threads", "8"], 2)])
def test_the_scheduler_takes_no_arguments_and_does_not_send_because_of_one(shell, words, code) -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "scheduler.py", *words],
        env=shell.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, "Uso: python scheduler.py" in done.stdout + done.stderr) == (code, True)
    assert "está en marcha" not in done.stdout
