"""`outreach rehearse` and `outreach demo` as somebody at a terminal meets them."""

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest

OUTREACH = [sys.executable, "-c", "from outreach.cli import main; main()"]
QUIET = {"PATH": os.environ["PATH"], "OUTREACH_LANG": "es"}


def ask(folder: Path, *arguments: object, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*OUTREACH, *map(str, arguments)],
        cwd=folder,
        env=QUIET | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_a_rehearsal_tells_what_went_and_writes_the_informe(tmp_path, write_plan):
    done = ask(tmp_path, "rehearse", write_plan(tmp_path / "plan"), "--out", "informe")
    assert (done.returncode, done.stderr) == (0, "")
    assert "con mensaje, y el simulador recibió 13, uno por cada uno" in done.stdout
    assert "Omitido: No consta que haya aceptado recibir estos mensajes" in done.stdout
    assert "2025-06-01 10:00  Junio: Programada" in done.stdout
    assert {path.suffix for path in (tmp_path / "informe").iterdir()} >= {".docx", ".xlsx", ".csv", ".html", ".json"}
    informe = json.loads((tmp_path / "informe" / "todo.json").read_text(encoding="utf-8"))
    assert informe["digest"] in done.stdout
    assert len(informe["tables"][0]["rows"]) == 6
    assert sorted(path.name for path in tmp_path.iterdir()) == ["informe", "plan"]  # no data left behind


def test_a_program_reads_the_outcome_as_json(tmp_path, write_plan):
    plan = write_plan(tmp_path / "plan")
    done = ask(tmp_path, "rehearse", plan, "--from", "2025-05-13", "--to", "2025-05-13", "--out", "informe", "--json")
    told = json.loads(done.stdout)
    assert done.returncode == 0
    assert told["from"] == told["to"] == "2025-05-13"
    assert told["proof"] == told["proof"] | {"holds": True, "contradictions": []}
    assert told["skipped"]["whatsapp"]["marketing_us"] == 1
    assert Path(told["files"][0]).name == "todo.docx"


def test_keys_in_the_environment_change_nothing(tmp_path, write_plan):
    keys = {
        "SENDGRID_API_KEY": "SG.real",
        "SENDGRID_WEBHOOK_KEY": "x",
        "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "TWILIO_AUTH_TOKEN": "y",
        "OUTREACH_SENDGRID_URL": "http://127.0.0.1:9",
        "OUTREACH_TWILIO_URL": "http://127.0.0.1:9",
        "DATABASE_URL": f"sqlite:///{tmp_path / 'mine.sqlite3'}",
        "OUTREACH_DATA": str(tmp_path / "mine"),
    }
    done = ask(tmp_path, "rehearse", write_plan(tmp_path / "plan"), "--out", "informe", "--json", **keys)
    assert json.loads(done.stdout)["proof"]["messages"] == 13
    assert not (tmp_path / "mine").exists()
    assert not (tmp_path / "mine.sqlite3").exists()


def test_what_was_rehearsed_can_be_kept_and_looked_at(tmp_path, write_plan):
    ask(tmp_path, "rehearse", write_plan(tmp_path / "plan"), "--out", "informe", "--data", "ensayo")
    listed = ask(tmp_path, "campaigns", "list", "--json", OUTREACH_DATA=str(tmp_path / "ensayo"))
    assert {campaign["title"] for campaign in json.loads(listed.stdout)} == {
        "Aviso", "Paso", "Promoción", "Cartel", "Junio"
    }  # fmt: skip
    again = ask(tmp_path, "rehearse", tmp_path / "plan" / "plan.toml", "--out", "informe", "--data", "ensayo")
    assert (again.returncode, again.stderr) == (2, "«ensayo» ya existe y no está vacía: dé una carpeta nueva.\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--from", "2025-05-32"], "«2025-05-32» no es un día."),
        (["--from", "2025-05-14", "--to", "2025-05-12"], "«2025-05-12», es anterior al primero, 2025-05-14."),
        (["--definition", "nada.toml"], "nada.toml"),
    ],
)
def test_wrong_days_and_definitions_are_refused_before_anything_is_done(tmp_path, write_plan, arguments, said):
    done = ask(tmp_path, "rehearse", write_plan(tmp_path / "plan"), "--out", "informe", *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert not (tmp_path / "informe").exists()


def test_a_plan_that_is_not_there_is_refused(tmp_path):
    done = ask(tmp_path, "rehearse", "nada.toml", "--out", "informe")
    assert (done.returncode, done.stderr) == (2, "No existe el archivo «nada.toml», o no se puede leer.\n")


# ---------------------------------------------------------------- demo, with the small plan in place of the quarter

SMALL = """
import sys
from pathlib import Path
from outreach.commands import demo
demo.SAMPLES = Path(sys.argv.pop(1))
from outreach.cli import main
main()
"""
LIVE = """\
titulo = "En vivo"
clase = "invitacion"
informacion = "Algo de hoy"
canales = ["correo"]
redes = ["Red"]
[correo]
asunto = "Hoy"
texto = "Hoy"
"""


@pytest.fixture
def demo(tmp_path, write_plan):
    samples = tmp_path / "muestras"
    write_plan(samples / "2025-q2")
    (samples / "demo").mkdir()
    (samples / "demo" / "1.toml").write_text(LIVE, encoding="utf-8")
    return [sys.executable, "-c", SMALL, str(samples), "demo"]


def test_a_demonstration_serves_and_ends_cleanly(tmp_path, demo):
    port = free_port()
    with subprocess.Popen(
        [*demo, "--port", str(port)], cwd=tmp_path, env=QUIET, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        lines = []
        for line in process.stdout:
            lines.append(line)
            if "entre como" in line:
                break
        assert f"Abra http://127.0.0.1:{port} y entre como demo con la contraseña jacaranda-2025." in lines[-1]
        assert "var-demo/informe/todo.docx" in lines[-1]
        with urlopen(f"http://127.0.0.1:{port}/healthz", timeout=10) as answer:
            assert answer.status == 200
        outbox = next(line.split(": ")[-1].strip() for line in lines if "/_outbox" in line)
        with urlopen(outbox, timeout=10) as answer:  # what the rehearsal sent can still be looked at
            assert "ana@example.org" in answer.read().decode()
        second = subprocess.run(
            [*demo, "--no-serve"], cwd=tmp_path, env=QUIET, capture_output=True, text=True, timeout=60, check=False
        )
        assert second.returncode == 2
        assert "La demostración ya corre" in second.stderr
        process.send_signal(signal.SIGINT)
        rest, wrong = process.communicate(timeout=30)
    assert (process.returncode, wrong) == (0, "")
    assert "Traceback" not in rest


def test_a_demonstration_without_serving_writes_the_informe_into_its_folder(tmp_path, demo):
    done = subprocess.run(
        [*demo, "--no-serve", "--out", "aqui"],
        cwd=tmp_path, env=QUIET, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "aqui" / "todo.json").exists()
    assert "Informe: aqui/todo.docx" in done.stdout.splitlines()[-1]


def test_a_folder_that_is_not_the_demonstrations_is_not_touched(tmp_path, demo):
    (tmp_path / "var-demo").mkdir()
    (tmp_path / "var-demo" / "mio.txt").write_text("no borrar")
    done = subprocess.run(
        [*demo, "--no-serve"], cwd=tmp_path, env=QUIET, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 2
    assert "no es de la demostración" in done.stderr
    assert (tmp_path / "var-demo" / "mio.txt").read_text() == "no borrar"


def test_a_taken_port_is_told_before_anything_is_thrown_away(tmp_path, demo):
    (tmp_path / "var-demo").mkdir()
    (tmp_path / "var-demo" / "demo.lock").touch()
    (tmp_path / "var-demo" / "antes.txt").touch()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run(
            [*demo, "--port", str(port)],
            cwd=tmp_path,
            env=QUIET,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 2
    assert str(port) in done.stderr
    assert (tmp_path / "var-demo" / "antes.txt").exists()
