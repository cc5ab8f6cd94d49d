"""`outreach simulator`, as somebody runs it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

OUTREACH = Path(sys.executable).with_name("outreach")


@contextmanager
def running(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run it; gives the process and its first line."""
    process = subprocess.Popen(
        [OUTREACH, "simulator", "--port", "0", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout
    try:
        yield process, process.stdout.readline()
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def test_it_says_where_it_is_and_how_to_use_it_and_ends_at_ctrl_c(tmp_path: Path, mail_to) -> None:
    keep = str(tmp_path / "simulador")
    for count in (1, 2):
        with running("--json", "--keep", keep) as (process, line):
            told = json.loads(line)
            headers = {"Authorization": f"Bearer {told['settings']['SENDGRID_API_KEY']}"}
            url = told["settings"]["OUTREACH_SENDGRID_URL"]
            answer = requests.post(f"{url}/v3/mail/send", json=mail_to("ana@example.org"), headers=headers, timeout=10)
            assert answer.status_code == 202
            assert requests.get(f"{url}/_counts", timeout=10).json()["deliveries"] == {"1": count}
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=20)
            assert (process.returncode, err) == (0, "El simulador terminó.\n")


def test_killed_outright_it_still_knows_what_it_had_answered_for(tmp_path: Path, mail_to) -> None:
    keep = str(tmp_path / "simulador")
    with running("--json", "--keep", keep) as (process, line):
        url = json.loads(line)["url"]
        for _ in range(3):
            headers = {"Authorization": "Bearer SG.x"}
            requests.post(f"{url}/v3/mail/send", json=mail_to("ana@example.org"), headers=headers, timeout=10)
        process.kill()
        process.communicate()
    with running("--json", "--keep", keep) as (_, line):
        assert requests.get(f"{json.loads(line)['url']}/_counts", timeout=10).json()["deliveries"] == {"1": 3}


def test_without_json_it_speaks_to_a_person() -> None:
    with running() as (process, line):
        assert line.startswith("El simulador escucha en http://127.0.0.1:")
        process.terminate()
        assert process.stdout
        out = process.stdout.read()
        assert process.wait(20) == 0
    assert "/_outbox" in out
    assert "SENDGRID_WEBHOOK_KEY=MFkw" in out


def test_a_port_that_is_taken_ends_it_with_two_and_words(simulator) -> None:
    done = subprocess.run(
        [OUTREACH, "simulator", "--port", str(simulator.port)], capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 2
    assert f"No se puede escuchar en el puerto {simulator.port}" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_file_that_cannot_keep_ends_it_with_two_and_words(tmp_path: Path) -> None:
    file = tmp_path / "lista.csv"
    file.write_text("nombre,correo\n")
    done = subprocess.run(
        [OUTREACH, "simulator", "--port", "0", "--keep", file], capture_output=True, text=True, timeout=30, check=False
    )
    assert (done.returncode, f"El simulador no puede guardar en «{file}»" in done.stderr) == (2, True)


def test_its_help_has_an_example() -> None:
    environment = os.environ | {"OUTREACH_LANG": "es"}
    done = subprocess.run(
        [OUTREACH, "simulator", "--help"], capture_output=True, text=True, timeout=30, check=True, env=environment
    )
    assert "Ejemplo: outreach simulator --port 9000" in done.stdout
