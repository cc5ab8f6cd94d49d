"""How commands end: by a fault of ours, by Ctrl-C, by a pipe that closes, by a screen with other letters."""

import json
import logging
import os
import pty
import re
import select
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path
from time import monotonic

import pytest

from outreach import i18n, notebook, troubles

PROGRAM = Path(sys.executable).with_name("outreach")
FOLIO = re.compile(r"Folio ([0-9A-F]{4}-[0-9A-F]{2})\.")


def waited(condition, seconds: float = 60) -> bool:
    """Whether something came about within so many seconds."""
    end, pause = monotonic() + seconds, threading.Event()
    while monotonic() < end:
        if condition():
            return True
        pause.wait(0.02)
    return False


# ---------------------------------------------------------------- faults of ours


def test_a_fault_of_ours_is_a_sentence_with_a_folio_and_the_rest_is_in_the_log(shell, error_log) -> None:
    assert shell("db", "upgrade").code == 0
    assert error_log() == ""
    with closing(sqlite3.connect(shell.folder / "var" / "outreach.sqlite3")) as connection:
        connection.execute("ALTER TABLE address RENAME TO elsewhere")
    answer = shell("contacts", "add", "Amaranta Secreta", "--correo", "amaranta.secreta@example.org")
    assert (answer.code, answer.out) == (1, "")
    assert answer.lines == [
        (
            "Algo falló de nuestro lado. Lo que ya estaba guardado sigue guardado. "
            f"Folio {FOLIO.findall(answer.err)[0]}. "
            f"El detalle está en {shell.folder / 'var' / 'errores.log'}; envíelo a quien mantiene la plataforma."
        )
    ]
    log = error_log()
    assert f" {FOLIO.findall(answer.err)[0]} ERROR " in log.splitlines()[0]
    assert "Traceback (most recent call last)" in log
    assert "no such table: address" in log
    assert "ecreta" not in log
    assert (shell.folder / "var" / "errores.log").stat().st_mode & 0o777 == 0o600
    english = shell("contacts", "add", "Teo Secreto", "--correo", "teo.secreto@example.org", OUTREACH_LANG="en")
    assert english.err.startswith("Something failed on our side.")
    assert error_log().count("Traceback (most recent call last)") == 2 * log.count("Traceback (most recent call last)")


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OUTREACH_LANG", raising=False)
    monkeypatch.setenv("OUTREACH_DATA", str(tmp_path / "datos"))
    monkeypatch.setattr(sys, "argv", ["outreach"])
    return tmp_path / "datos"


def test_what_breaks_in_a_thread_is_told_once_a_kind_and_noted_each_time(data, capsys) -> None:
    def fall() -> None:
        raise ArithmeticError("a thread broke")

    def run() -> int:
        for _ in range(3):
            thread = threading.Thread(target=fall)
            thread.start()
            thread.join()
        for _ in range(2):
            try:
                fall()
            except ArithmeticError:
                logging.getLogger("somebody").exception("a tick failed")
        logging.getLogger("somebody").warning("no person needs to read this")
        return 0

    assert troubles.guarded(run) == 0
    said = capsys.readouterr().err
    assert len(FOLIO.findall(said)) == 2
    assert "Traceback" not in said
    log = (data / "errores.log").read_text(encoding="utf-8")
    assert log.count("ArithmeticError: a thread broke") == 5
    assert "no person needs to read this" in log
    assert all(folio in log for folio in FOLIO.findall(said))


def test_a_web_page_s_folio_is_the_one_in_the_log(data, capsys) -> None:
    with notebook.opened():
        logging.getLogger("web").error("%s GET home", "ABCD-12", exc_info=ValueError("x"), extra={"folio": "ABCD-12"})
    assert "Folio ABCD-12." in capsys.readouterr().err
    assert " ABCD-12 ERROR web: ABCD-12 GET home" in (data / "errores.log").read_text(encoding="utf-8")


def test_a_log_that_has_grown_makes_room_and_keeps_one_predecessor(data, monkeypatch) -> None:
    monkeypatch.setattr(notebook, "FULL", 300)
    with notebook.opened():
        for number in range(20):
            logging.getLogger("somebody").warning("note %s %s", number, "x" * 50)
    assert sorted(path.name for path in data.iterdir()) == ["errores.1.log", "errores.log"]
    assert "note 19" in (data / "errores.log").read_text(encoding="utf-8")
    assert all(path.stat().st_size < 600 for path in data.iterdir())


def test_where_the_data_folder_cannot_be_written_the_detail_is_kept_elsewhere(
    data, capsys, monkeypatch, tmp_path
) -> None:
    data.write_text("in its place", encoding="utf-8")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with notebook.opened():
        notebook.broke("a command broke", ArithmeticError("here"))
    [elsewhere] = tmp_path.glob("outreach-*errores.log")
    assert str(elsewhere) in capsys.readouterr().err
    assert "ArithmeticError: here" in elsewhere.read_text(encoding="utf-8")


def test_nothing_of_the_notebook_is_left_when_the_command_is_over(data) -> None:
    before = (list(logging.getLogger().handlers), threading.excepthook, sys.unraisablehook)
    assert troubles.guarded(lambda: 3) == 3
    assert (list(logging.getLogger().handlers), threading.excepthook, sys.unraisablehook) == before


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (FileNotFoundError(2, "", "plan.toml"), 2, "No existe plan.toml.\n"),
        (PermissionError(13, "", "plan.toml"), 2, "No hay permiso para usar plan.toml.\n"),
        (IsADirectoryError(21, "", "plan"), 2, "plan es una carpeta y debe ser un archivo.\n"),
        (OSError(30, "", "/mnt/x"), 2, "/mnt/x está en un disco en que no se puede escribir.\n"),
        (OSError(24, "", None), 1, "Hay demasiados archivos abiertos a la vez. "),
        (OSError(28, "", None), 1, "No hay espacio en el disco. "),
        (OSError(5, "", "/mnt/x"), 1, "El disco en que está /mnt/x está lleno o no responde bien. Revise el disco.\n"),
        (KeyboardInterrupt(), 130, ""),
        (BrokenPipeError(32, ""), 1, ""),
        (OSError(111, "connection refused"), 1, "Algo falló de nuestro lado. "),
        (RecursionError(), 1, "Algo falló de nuestro lado. "),
    ],
)
def test_whatever_is_raised_becomes_words_and_a_code(data, capsys, error: BaseException, code: int, said: str) -> None:
    def run() -> int:
        raise error

    assert troubles.guarded(run) == code
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith(said)
    assert bool(shown.err) == bool(said)
    assert (data / "errores.log").exists() == said.startswith("Algo")


def test_the_language_of_a_program_is_known_to_its_threads(data, capsys, monkeypatch) -> None:
    monkeypatch.setenv("OUTREACH_LANG", "en")

    def run() -> int:
        thread = threading.Thread(target=lambda: 1 // 0)
        thread.start()
        thread.join()
        return 0

    with i18n.speaking("es"):
        troubles.guarded(run)
    assert capsys.readouterr().err.startswith("Something failed on our side.")


# ---------------------------------------------------------------- Ctrl-C


def test_ctrl_c_ends_a_command_with_130_and_no_traceback(shell) -> None:
    process = shell.start("user", "add", "ana", "--password-stdin")
    assert waited((shell.folder / "var" / "outreach.sqlite3").exists)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err.strip()) == (130, b"", b"")
    assert json.loads(shell("user", "list", "--json").out) == []


def test_ctrl_c_in_the_middle_of_a_rehearsal_ends_it(shell) -> None:
    process = shell.start("demo", "--no-serve", "--out", "informe")
    assert waited((shell.folder / "var-demo" / "outreach.sqlite3").exists)
    process.send_signal(signal.SIGINT)
    _out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert b"Traceback" not in err
    assert not (shell.folder / "informe" / "trimestral.docx").exists()


# ---------------------------------------------------------------- pipes and screens


@pytest.fixture
def many(shell) -> None:
    rows = "".join(f"2025-04-09,correo,x,Comunicación {n} {'á' * 90}\n" for n in range(1500))
    shell.write("registro.csv", "fecha,canal,clase,informacion\n" + rows)
    assert shell("register", "import", "registro.csv").code == 0


@pytest.mark.parametrize("words", [["register", "export", "-"], ["register", "list"], ["register", "list", "--json"]])
def test_a_pipe_that_closes_early_is_no_failure_to_tell_of(shell, many, words: list[str]) -> None:
    with shell.start(*words) as process:
        assert process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 1


def test_a_pipe_that_nobody_reads_at_all_is_no_failure_to_tell_of(shell) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    process = subprocess.run(
        [PROGRAM, "db", "info"],
        cwd=shell.folder,
        env={"PATH": ""},
        stdout=writing,
        stderr=subprocess.PIPE,
        check=False,
        timeout=60,
    )
    os.close(writing)
    assert (process.returncode, process.stderr) == (1, b"")


def test_an_output_that_is_full_is_told(shell) -> None:
    with Path("/dev/full").open("wb") as full:
        process = subprocess.run(
            [PROGRAM, "db", "info"],
            cwd=shell.folder,
            env={"PATH": ""},
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
            timeout=60,
        )
    assert process.returncode == 1
    assert process.stderr.decode().startswith("No hay espacio en el disco.")


def test_what_other_programs_read_is_utf_8_whatever_the_terminal_has(shell, many) -> None:
    for variables in ({"PYTHONIOENCODING": "latin-1"}, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}):
        assert "Comunicación 7 á" in shell("register", "export", "-", **variables).out
        assert "Órdenes:" in shell("--help", **variables).out


def test_a_name_that_is_no_text_is_told(shell) -> None:
    answer = shell("register", "import", "a\udced\udcf1o.csv")
    assert (answer.code, answer.out) == (2, "")
    assert "tiene letras que no están en UTF-8" in answer.err


# ---------------------------------------------------------------- passwords


def typed(shell, words: list[str], answers: list[str]) -> tuple[int, str]:
    """Run a command at a terminal and type the answers; return its code and all that the screen showed."""
    child, screen = pty.fork()
    if child == 0:
        os.chdir(shell.folder)
        os.execve(PROGRAM, ["outreach", *words], {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"})
    shown = b""
    given = 0
    while select.select([screen], [], [], 60)[0]:
        try:
            read = os.read(screen, 4096)
        except OSError:
            break
        if not read:
            break
        shown += read
        # The blank after the colon comes when nothing is shown any more; what is typed before is thrown away.
        if given < len(answers) and len(re.findall("(?:Contraseña|Otra vez): ".encode(), shown)) > given:
            os.write(screen, answers[given].encode() + b"\n")
            given += 1
    else:
        os.kill(child, signal.SIGKILL)
    _child, status = os.waitpid(child, 0)
    os.close(screen)
    return os.waitstatus_to_exitcode(status), shown.decode()


def test_a_password_typed_at_the_terminal_is_asked_twice_and_never_shown(shell) -> None:
    code, shown = typed(shell, ["user", "add", "ana"], ["clave-larga-2025", "clave-larga-2025"])
    assert code == 0, shown
    assert "Contraseña:" in shown
    assert "Otra vez:" in shown
    assert "Cuenta «ana» agregada." in shown
    assert "clave-larga" not in shown
    code, shown = typed(shell, ["user", "password", "ana"], ["clave-larga-2025", "otra-larga-2025"])
    assert code == 2
    assert "Las dos contraseñas no son iguales." in shown


def test_ctrl_c_at_the_password_adds_nobody(shell) -> None:
    code, shown = typed(shell, ["user", "add", "ana"], ["\x03"])
    assert code == 130
    assert "Traceback" not in shown


def test_without_a_terminal_the_password_is_not_asked_for(shell) -> None:
    process = subprocess.run(
        [PROGRAM, "user", "add", "ana"],
        cwd=shell.folder,
        env={"PATH": ""},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=60,
        start_new_session=True,
    )
    assert process.returncode == 2
    assert "Désela por la entrada con --password-stdin." in process.stderr.decode()


def test_a_password_that_is_no_text_is_told(shell) -> None:
    answer = shell("user", "add", "ana", "--password-stdin", typed=b"\xff\xfe una clave larga\n")
    assert (answer.code, answer.lines) == (2, ["La contraseña tiene letras que no están en UTF-8."])
