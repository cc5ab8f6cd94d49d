"""What surrounds the program goes wrong: database, data folder, disk. Words and an exit code, never a traceback."""

import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.pool import Pool

from outreach import cli, database
from outreach.config import Settings


def changed(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(statement)
        connection.commit()


@pytest.fixture
def kept(shell) -> Path:
    """The database of an installation that has begun."""
    assert shell("db", "upgrade").code == 0
    return shell.folder / "var" / "outreach.sqlite3"


@pytest.fixture
def type_here(shell, monkeypatch, capsys) -> Callable[..., tuple[int, str]]:
    """Type a command in this process, for what cannot be done to another one; returns its code and its stderr."""
    monkeypatch.chdir(shell.folder)
    for name in ("OUTREACH_DATA", "DATABASE_URL", "OUTREACH_LANG"):
        monkeypatch.delenv(name, raising=False)

    def _type(*words: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["outreach", *words])
        code = 0
        try:
            cli.main()
        except SystemExit as leaving:
            code = int(leaving.code or 0)
        said = capsys.readouterr().err
        assert "Traceback" not in said
        return code, said

    return _type


@contextmanager
def pragma(text: str) -> Iterator[None]:
    """Every connection of this process has this pragma: a disk that is nearly full, a patience that is short."""

    def _set(connection, *_others) -> None:
        connection.execute(f"PRAGMA {text}")

    event.listen(Pool, "checkout", _set)
    try:
        yield
    finally:
        event.remove(Pool, "checkout", _set)


# ---------------------------------------------------------------- the database


def test_a_server_that_nobody_answers_at_is_told_without_its_password(shell) -> None:
    answer = shell("db", "info", DATABASE_URL="postgresql+psycopg://ana:secreta@127.0.0.1:1/base")
    assert (answer.code, answer.out, len(answer.lines)) == (2, "", 1)
    assert answer.err.startswith("No se puede usar la base de datos postgresql+psycopg://ana:***@127.0.0.1:1/base: ")
    assert answer.err.endswith("Revise DATABASE_URL.\n")
    assert "secreta" not in answer.err


def test_a_driver_that_is_not_installed_is_named(type_here, monkeypatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql+psycopg://ana@127.0.0.1:1/base")
    monkeypatch.setitem(sys.modules, "psycopg", None)
    code, said = type_here("db", "info")
    assert code == 2
    assert "Instálelo con make setup-escala, o quite DATABASE_URL." in said


def test_a_database_of_a_newer_version_is_left_alone(shell, kept) -> None:
    changed(kept, "UPDATE alembic_version SET version_num = '9999'")
    before = kept.read_bytes()
    newest = database.revisions()[-1]
    for words in (["db", "upgrade"], ["campaigns", "list"], ["serve", "--port", "1"]):
        answer = shell(*words)
        assert (answer.code, answer.out) == (2, "")
        assert answer.err == (
            f"La base de datos {kept} es de una versión más nueva (9999) que este programa ({newest}). "
            "Actualice el programa.\n"
        )
    assert kept.read_bytes() == before


def test_a_file_that_is_no_database_is_left_alone(shell) -> None:
    path = shell.write("notas.txt", "Pendientes de la semana\n" * 100)
    answer = shell("db", "upgrade", DATABASE_URL="sqlite:///notas.txt")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith("El archivo notas.txt no es una base de datos de SQLite.")
    assert path.read_text(encoding="utf-8") == "Pendientes de la semana\n" * 100


def test_the_database_of_another_program_is_left_alone(shell) -> None:
    path = shell.folder / "otra.sqlite3"
    changed(path, "CREATE TABLE moz_places (id INTEGER)")
    answer = shell("db", "upgrade", DATABASE_URL=f"sqlite:///{path}")
    assert answer.code == 2
    assert "es de otro programa: tiene la tabla «moz_places» y no las nuestras" in answer.err
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("moz_places",)]


def test_an_empty_file_becomes_a_database(shell) -> None:
    (shell.folder / "nueva.sqlite3").touch()
    assert shell("db", "upgrade", DATABASE_URL="sqlite:///nueva.sqlite3").code == 0


def test_a_damaged_database_is_told(shell, kept) -> None:
    whole = kept.read_bytes()
    kept.write_bytes(whole[:100] + b"\x5a" * (len(whole) - 100))
    answer = shell("db", "info")
    assert answer.code == 2
    assert "está dañada. Detenga el servicio y repóngala del respaldo." in answer.err


@pytest.mark.parametrize("url", ["sqlite:///no/hay/datos.sqlite3", "sqlite:////"])
def test_a_database_that_cannot_be_opened_is_told(shell, url: str) -> None:
    answer = shell("db", "info", DATABASE_URL=url)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith("No se puede abrir la base de datos ")


def test_a_database_that_is_busy_for_too_long_is_told_and_is_nobody_s_mistake(type_here, kept) -> None:
    with closing(sqlite3.connect(kept, isolation_level=None)) as other, pragma("busy_timeout=20"):
        other.execute("BEGIN IMMEDIATE")
        code, said = type_here("contacts", "list")
    assert (code, said) == (1, f"Otro programa tiene ocupada la base de datos {kept}. Intente de nuevo en un minuto.\n")


def test_a_full_disk_is_told_and_nothing_is_half_done(type_here, shell, kept) -> None:
    rows = "".join(f"2025-04-09,correo,x,Comunicación {n} {'x' * 200}\n" for n in range(400))
    shell.write("registro.csv", "fecha,canal,clase,informacion\n" + rows)
    with closing(sqlite3.connect(kept)) as connection:
        [pages] = connection.execute("PRAGMA page_count").fetchone()
    with pragma(f"max_page_count={pages}"):
        code, said = type_here("register", "import", "registro.csv")
    assert code == 1
    assert said.startswith("No hay espacio en el disco.")
    assert shell("register", "imports", "--json").out == "[]\n"


def test_many_first_commands_at_once_make_one_installation(shell) -> None:
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _n: shell("db", "info", "--json"), range(6)))
    assert [(answer.code, answer.err) for answer in answers] == [(0, "")] * 6
    assert len({answer.out for answer in answers}) == 1
    assert not list((shell.folder / "var").glob(".secret*"))


# ---------------------------------------------------------------- the data folder


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ("notas.txt", "notas.txt no es una carpeta"),
        ("notas.txt/datos", "notas.txt/datos no es una carpeta, o pasa por algo que no lo es."),
        ("vuelta/datos", "vuelta/datos es un enlace que da vueltas sobre sí mismo."),
        ("/proc/datos", "No existe /proc/datos."),
        ("d" * 300, "es demasiado largo."),
    ],
)
def test_a_data_folder_that_cannot_be_one_is_told_with_its_setting(shell, data: str, why: str) -> None:
    shell.write("notas.txt", "x")
    (shell.folder / "vuelta").symlink_to("vuelta")
    answer = shell("campaigns", "list", OUTREACH_DATA=data)
    assert (answer.code, answer.out) == (2, "")
    first, second = answer.lines
    assert first.endswith("no se puede usar. Elija otra con OUTREACH_DATA, o pida permiso de escribir ahí.")
    assert why in second


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe\x00"])
def test_a_secret_that_was_lost_is_never_made_up_again_in_silence(shell, kept, content: bytes) -> None:
    secret = shell.folder / "var" / "secret"
    secret.write_bytes(content)
    answer = shell("campaigns", "list")
    assert answer.code == 2
    assert answer.err.startswith(f"El archivo {secret} debía tener el secreto de la instalación")
    assert secret.read_bytes() == content


def test_the_secret_is_its_owner_s_alone(shell, kept) -> None:
    secret = shell.folder / "var" / "secret"
    assert secret.stat().st_mode & 0o777 == 0o600
    assert len(secret.read_text(encoding="ascii")) > 40


@pytest.fixture
def guest(shell) -> Iterator[Any]:
    """A shell of somebody who is not allowed everything."""
    shell.ordinary = True
    try:
        shell("--help")
    except subprocess.SubprocessError:
        pytest.skip("root cannot give up its privileges here")
    yield shell
    for path in shell.folder.rglob("*"):
        path.chmod(0o755)


def test_a_folder_without_permission_is_told(guest) -> None:
    (guest.folder / "var").mkdir(mode=0o555)
    answer = guest("campaigns", "list")
    assert answer.code == 2
    assert answer.lines[0].startswith(f"La carpeta de datos {guest.folder / 'var'} no se puede usar.")
    assert answer.lines[1].startswith("No hay permiso para usar ")


def test_a_database_without_permission_is_told(guest) -> None:
    assert guest("db", "upgrade").code == 0
    (guest.folder / "var" / "outreach.sqlite3").chmod(0o444)
    (guest.folder / "var").chmod(0o555)
    answer = guest("contacts", "list")
    assert answer.code == 2
    assert "Revise " in answer.err
    (guest.folder / "var" / "outreach.sqlite3").chmod(0o000)
    assert guest("contacts", "list").err.startswith("No se puede abrir la base de datos ")


def test_files_without_permission_are_told(guest) -> None:
    for name in ("datos.csv", "campana.toml", ".env"):
        guest.write(name, "x\n").chmod(0o000)
    assert guest("db", "info").lines == ["No hay permiso para usar .env."]
    (guest.folder / ".env").unlink()
    for words in (["contacts", "import"], ["register", "import"], ["campaigns", "create"], ["informe", "check"]):
        name = "campana.toml" if words[0] in {"campaigns", "informe"} else "datos.csv"
        answer = guest(*words, name)
        assert (answer.code, answer.out) == (2, "")
        assert name in answer.err
    (guest.folder / "informe").mkdir(mode=0o555)
    period = ("--from", "2025-04-01", "--to", "2025-06-30")
    answer = guest("informe", "build", "trimestral", *period, "--out", "informe")
    assert (answer.code, answer.lines) == (
        2,
        ["No se puede escribir en «informe»: no hay permiso. Escriba una carpeta suya, nueva o no."],
    )


# ---------------------------------------------------------------- versions


def test_the_names_of_the_migrations_are_their_versions_and_the_last_is_the_newest() -> None:
    from alembic.script import ScriptDirectory

    engine = database.connect(Settings.read({}).database)
    scripts = ScriptDirectory.from_config(database.migration_config(engine))
    assert database.revisions() == [one.revision for one in reversed(list(scripts.walk_revisions()))]
    assert database.revisions()[-1] == scripts.get_current_head()
