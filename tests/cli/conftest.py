"""A shell in an empty folder, as whoever works at the terminal has it: the installed program and nothing else."""

import ctypes
import os
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Any

import pytest

PROGRAM = Path(sys.executable).with_name("outreach")


def without_privileges() -> None:
    """Give up root's way around permissions (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH) in what is started next."""
    for capability in (1, 2):
        if ctypes.CDLL(None).prctl(24, capability, 0, 0, 0):  # PR_CAPBSET_DROP
            raise OSError("this root cannot give up its privileges")


@dataclass(frozen=True)
class Answer:
    """What a command left: its exit code and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.err.splitlines()


@dataclass
class Shell:
    """Runs the program in a folder; the environment has nothing but what a test puts there."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    ordinary: bool = False  # as a user whom permissions hold back, even where the tests run as root

    def __call__(self, *words: str | Path, typed: bytes = b"", **variables: str) -> Answer:
        done = subprocess.run(
            [PROGRAM, *words],
            cwd=self.folder,
            env=self._environment(variables),
            input=typed,
            capture_output=True,
            check=False,
            timeout=120,
            preexec_fn=without_privileges if self.ordinary and os.geteuid() == 0 else None,
        )
        answer = Answer(done.returncode, done.stdout.decode(), done.stderr.decode())
        assert "Traceback" not in answer.out + answer.err
        return answer

    def start(self, *words: str | Path, **variables: str) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [PROGRAM, *words],
            cwd=self.folder,
            env=self._environment(variables),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def _environment(self, variables: Mapping[str, str]) -> dict[str, str]:
        return {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": str(self.folder)} | self.environment | variables


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    folder = tmp_path / "carpeta"
    folder.mkdir()
    return Shell(folder)


@pytest.fixture
def error_log(shell: Shell) -> Callable[[], str]:
    """What a programmer finds in the data folder; "" when nothing was written."""

    def _read() -> str:
        path = shell.folder / "var" / "errores.log"
        return path.read_text(encoding="utf-8") if path.exists() else ""

    return _read


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _well(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _within(seconds: float, condition) -> bool:
    end, pause = monotonic() + seconds, Event()
    while not condition():
        if monotonic() > end:
            return False
        pause.wait(0.05)
    return True


@contextmanager
def _serving(shell, port: int, *words: str) -> Iterator["subprocess.Popen[bytes]"]:
    with shell.start("serve", "--port", str(port), *words) as process:
        try:
            assert _within(60, lambda: _well(port) or process.poll() is not None)
            assert process.poll() is None, process.stderr.read().decode()
            yield process
        finally:
            process.kill()


@pytest.fixture
def free_port() -> Callable[[], int]:
    return _free_port


@pytest.fixture
def within() -> Callable[..., bool]:
    """Whether something comes about within so many seconds."""
    return _within


@pytest.fixture
def serving() -> Callable[..., Any]:
    """A block in which `outreach serve` answers at a port."""
    return _serving
