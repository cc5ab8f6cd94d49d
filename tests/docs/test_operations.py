"""Every command of docs/operations.md is given as it stands there; what only root can do is held to who would do it."""

import configparser
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from time import monotonic

import click
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from postgres_server import NoPostgres, PostgresServer

from outreach import cli, config
from outreach.clock import SystemClock

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
UNITS = ROOT / "deploy" / "systemd"
NGINX = ROOT / "deploy" / "nginx" / "outreach.conf"
PROGRAM = Path(sys.executable).with_name("outreach")
INSTALLED = "/opt/outreach/.venv/bin/outreach"
SERVER = "postgresql+psycopg://outreach@db.example.org:5432/outreach"
PEOPLE = 30
#: What root does, and nobody else need: none of it is ours to prove.
ROOTS = {"apt-get", "git", "install", "ln", "make", "nginx", "su", "systemctl", "useradd"}
CAMPAIGN = """titulo = "Aviso"
clase = "difusion"
informacion = "Envío de un aviso"
canales = ["correo"]
redes = ["Red Voto Chilango"]
[correo]
asunto = "Aviso para {{ nombre }}"
texto = "Hola, {{ nombre }}"
"""
#: For a machine without curl: what the page asks of it, and no more.
CURL = """#!{python}
import sys, urllib.error, urllib.request
words = sys.argv[1:]
data = words[words.index("--data") + 1].encode() if "--data" in words else None
try:
    with urllib.request.urlopen(words[-1], data) as answer:
        status, body = answer.status, answer.read()
except urllib.error.HTTPError as error:
    status, body = error.code, error.read()
sys.stdout.write(str(status) if "--write-out" in words else body.decode())
sys.exit(22 if "--fail" in words and status >= 400 else 0)
"""


@dataclass(frozen=True)
class Block:
    """A block of the page: its language, its text, and in what surroundings it is given."""

    language: str
    text: str
    where: str


def blocks(*languages: str) -> list[Block]:
    found = re.findall(r"(?:<!-- test: (\w+) -->\n)?```(\w+)\n(.*?)```", PAGE, re.DOTALL)
    return [Block(language, text, where) for where, language, text in found if language in languages]


def test_every_block_is_of_a_kind_that_a_test_reads() -> None:
    assert {block.language for block in blocks(*re.findall(r"^```(\w+)", PAGE, re.MULTILINE))} <= {
        "console",
        "ini",
        "sh",
    }
    assert len(blocks("sh")) >= 10


# ------------------------------------------------------------------ what anybody can do: done


class Sandbox:
    """A folder, a shell that keeps its variables from block to block, and the processes that a block needs."""

    def __init__(self, folder: Path, url: str, programs: Path) -> None:
        self.folder = folder
        self.port = _free_port()
        self.url = url
        tools = folder / ".bin"
        tools.mkdir()
        (tools / "outreach").symlink_to(PROGRAM)
        if shutil.which("curl") is None:
            (tools / "curl").write_text(CURL.format(python=sys.executable), encoding="utf-8")
            (tools / "curl").chmod(0o755)
        self.environment = {
            "PATH": f"{tools}:{programs}:/usr/local/bin:/usr/bin:/bin",
            "HOME": str(folder),
            "LANG": "C.UTF-8",
        }

    def do(self, block: str) -> subprocess.CompletedProcess[str]:
        """Give a block to the shell; what it exports is there for the next one."""
        ready = block.replace("127.0.0.1:8000", f"127.0.0.1:{self.port}").replace(SERVER, f"'{self.url}'")
        kept = self.folder / ".environment"
        done = subprocess.run(
            ["/bin/sh", "-eu", "-c", f"{ready}\nenv -0 > {shlex.quote(str(kept))}"],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=240,
        )
        assert done.returncode == 0, f"{ready}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
        assert "Traceback" not in done.stdout + done.stderr
        pairs = (pair.partition("=") for pair in kept.read_text().split("\0") if pair)
        self.environment = {
            name: value for name, _equals, value in pairs if name not in {"_", "PWD", "SHLVL", "OLDPWD"}
        }
        return done

    @contextmanager
    def serving(self) -> Iterator[None]:
        """`outreach serve`, for a block."""
        with (self.folder / "serve.log").open("ab") as log:
            process = subprocess.Popen(
                [PROGRAM, "serve", "--port", str(self.port)],
                cwd=self.folder, env=self.environment, stdout=log, stderr=log,
            )  # fmt: skip
        try:
            assert _within(60, self._well), (self.folder / "serve.log").read_text()[-2000:]
            yield
        finally:
            process.terminate()
            assert process.wait(30) == 0, (self.folder / "serve.log").read_text()[-2000:]

    @contextmanager
    def sending(self) -> Iterator[None]:
        """A campaign under way, for a block."""
        rows = "".join(f"Persona {n},p{n}@example.org\n" for n in range(PEOPLE))
        (self.folder / "personas.csv").write_text(f"nombre,correo\n{rows}", encoding="utf-8")
        (self.folder / "campana.toml").write_text(CAMPAIGN, encoding="utf-8")
        self.do(
            "outreach contacts import personas.csv --network 'Red Voto Chilango' --consent-source prueba\n"
            "outreach campaigns create campana.toml"
        )
        with self.serving():
            self.do("outreach campaigns send 1 --now")
            yield

    def _well(self) -> bool:
        with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=2) as answer:
            return bool(answer.status == 200)
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _within(seconds: float, true) -> bool:
    end, pause = monotonic() + seconds, Event()
    while not true():
        if monotonic() > end:
            return False
        pause.wait(0.05)
    return True


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    try:
        server = PostgresServer()
    except NoPostgres as error:
        pytest.skip(f"PostgreSQL does not run here: {error}")
    folder = tmp_path / "casa"
    folder.mkdir()
    yield Sandbox(folder, server.create("outreach"), server.programs)
    server.close()


def test_every_command_does_what_the_page_says_in_its_order(sandbox: Sandbox) -> None:
    for block in blocks("sh"):
        if block.where == "serving":
            with sandbox.serving():
                sandbox.do(block.text)
        elif block.where == "sending":
            with sandbox.sending():
                sandbox.do(block.text)
        else:
            sandbox.do(block.text)
    assert sandbox.environment["DATABASE_URL"] == sandbox.url
    told = sandbox.do("outreach db info --json")
    assert f'"contacts": {PEOPLE}' in told.stdout
    kept = {path.name for path in sandbox.folder.iterdir()}
    assert {"respaldo.zip", "desde-postgresql.zip", "fuera-de-casa.dump"} <= kept
    assert "prueba" not in kept


# ------------------------------------------------------------------ what root does: held to who would do it


def parsed(words: list[str]) -> None:
    """Let our command line read a command, without doing it."""
    command: click.Command | None = cli.Outreach(name="outreach")
    while isinstance(command, click.Group):
        command, words = command.get_command(click.Context(command), words[0]), words[1:]
    assert command is not None
    command.make_context("outreach", list(words))


def unit_of(name: str) -> Path:
    """The file of a unit; outreach-worker@1 is made from outreach-worker@."""
    return UNITS / re.sub(r"@[^.]*", "@", name if "." in name else f"{name}.service")


def test_each_command_for_root_names_what_there_is() -> None:
    targets = re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    lines = [line for block in blocks("console") for line in block.text.splitlines()]
    assert lines
    for line in lines:
        assert line.startswith("# "), line
        words = shlex.split(line[2:])
        assert words[0] in ROOTS, line
        for path in re.findall(r"/opt/outreach/((?:deploy|docs|\.env)\S*)", line):
            assert (ROOT / path).is_file(), line
        for unit in re.findall(r"\boutreach[\w-]*(?:@\d*)?(?:\.service|\.timer)", line):
            assert unit_of(unit).is_file(), line
        if words[0] == "systemctl":
            named = [word for word in words[2:] if word.startswith("outreach")]
            assert [unit for unit in named if not unit_of(unit).is_file()] == [], line
        for ours in re.findall(rf"{INSTALLED} ([^\"]+)\"", line):
            parsed(shlex.split(ours))
        if words[0] == "make":
            assert words[-1] in targets, line


def test_each_command_named_in_a_sentence_exists() -> None:
    sentences = re.sub(r"```.*?```", "", PAGE, flags=re.DOTALL)
    named = re.findall(r"`outreach ((?:[a-z-]+ ?)*)[^`]*`", sentences)
    assert len(named) > 10
    for words in named:
        command: click.Command | None = cli.Outreach(name="outreach")
        for word in words.split():
            if isinstance(command, click.Group):
                command = command.get_command(click.Context(command), word)
                assert command is not None, words


def test_each_variable_of_the_settings_exists() -> None:
    names = {line.partition("=")[0] for block in blocks("ini") for line in block.text.splitlines()}
    assert names <= set(config.names())
    for block in blocks("ini"):
        config.Settings.read(dict(line.split("=", 1) for line in block.text.splitlines()))


def test_every_unit_says_a_command_that_our_program_understands() -> None:
    files = sorted(UNITS.iterdir())
    assert {file.name for file in files} >= {"outreach.service", "outreach-worker@.service", "outreach-backup.timer"}
    for file in files:
        unit = configparser.RawConfigParser(strict=False)
        unit.optionxform = str  # type: ignore[assignment, method-assign]
        unit.read_string(file.read_text(encoding="utf-8"))
        if file.suffix == ".timer":
            assert file.with_suffix(".service").is_file()
            continue
        service = unit["Service"]
        assert service["User"] == "outreach"
        assert service["EnvironmentFile"] == "/etc/outreach/outreach.env"
        words = shlex.split(service["ExecStart"].replace("%%", "%"))
        if words[:2] == ["/bin/sh", "-c"]:
            words = shlex.split(words[2])[1:]
        assert words[0] == INSTALLED, file.name
        parsed(words[1:])
        if "TimeoutStopSec" in service:
            assert int(service["TimeoutStopSec"]) > 10, "what is under way has ten seconds to end"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here: the units are parsed above")
def test_systemd_understands_every_unit(tmp_path: Path) -> None:
    for file in UNITS.iterdir():
        text = file.read_text(encoding="utf-8").replace(INSTALLED, str(PROGRAM))
        (tmp_path / file.name.replace("@.", "@1.")).write_text(text, encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", *map(str, sorted(tmp_path.iterdir()))],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def directives(text: str) -> list[list[str]]:
    """Read nginx's language: words that end with `;`, blocks in braces. Fails where it is not closed."""
    bare = re.sub(r"#.*", "", text)
    depth, found, words = 0, [], []
    for token in re.findall(r'"[^"]*"|[{};]|[^\s{};]+', bare):
        if token in {"{", "}", ";"}:
            if words:
                found.append(words)
            depth += {"{": 1, "}": -1, ";": 0}[token]
            assert depth >= 0
            words = []
        else:
            words.append(token)
    assert depth == 0
    assert words == []
    return found


def test_nginx_is_told_of_every_webhook_and_of_no_body_smaller_than_ours() -> None:
    from outreach.web import public
    from outreach.web.security import LARGER, LARGEST_BODY
    from outreach.webhooks.receiving import LARGEST, PATHS

    told = directives(NGINX.read_text(encoding="utf-8"))
    sizes = [words[1] for words in told if words[0] == "client_max_body_size"]
    assert sizes == [f"{LARGEST_BODY >> 20}m", f"{LARGEST >> 20}m", "72m", f"{public.LARGEST_BODY >> 10}k"]
    assert max(LARGER.values()) < 72 << 20
    assert ["location", "/contactos/importar/"] in told
    assert all(path.startswith("/webhooks/") for path in PATHS.values())
    assert ["location", "/webhooks/"] in told
    assert ["proxy_set_header", "X-Forwarded-For", "$remote_addr"] in told
    assert ["proxy_set_header", "Host", "$host"] in told


def certificate(folder: Path) -> None:
    """A certificate that nobody need believe."""
    key, now = ec.generate_private_key(ec.SECP256R1()), SystemClock().now()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mensajes.example.org")])
    signed = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(datetime(2025, 1, 1, tzinfo=UTC)).not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    (folder / "fullchain.pem").write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    (folder / "privkey.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


NGINX_PROGRAM = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


@pytest.mark.skipif(NGINX_PROGRAM is None, reason="no nginx here (.ci/run installs it): its file is parsed above")
def test_nginx_understands_its_file(tmp_path: Path) -> None:
    assert NGINX_PROGRAM
    certificate(tmp_path)
    text = NGINX.read_text(encoding="utf-8").replace("/etc/letsencrypt/live/mensajes.example.org", str(tmp_path))
    (tmp_path / "site.conf").write_text(text, encoding="utf-8")
    (tmp_path / "nginx.conf").write_text(
        f"pid {tmp_path}/pid; error_log {tmp_path}/error.log; events {{}} "
        f"http {{ access_log off; include {tmp_path}/site.conf; }}\n",
        encoding="utf-8",
    )
    done = subprocess.run(
        [NGINX_PROGRAM, "-t", "-p", tmp_path, "-c", tmp_path / "nginx.conf"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "syntax is ok" in done.stderr, done.stderr  # whether it may listen at 443 here is another question
