"""The settings of an installation: read from the environment and a file, checked at the start, listed in one place."""

import os
from contextlib import suppress
from dataclasses import fields
from importlib import util
from io import StringIO
from pathlib import Path
from types import ModuleType

import pytest
from dotenv import dotenv_values
from hypothesis import given
from hypothesis import strategies as st

from contacts.errors import Refused
from outreach import config, i18n, words
from outreach.config import Settings, terminal_language

ROOT = Path(__file__).resolve().parents[2]
NAMES = [item.metadata["name"] for item in fields(Settings)]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder, and none of our variables in the environment."""
    monkeypatch.chdir(tmp_path)
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def tool() -> ModuleType:
    spec = util.spec_from_file_location("settings_tool", ROOT / "tools" / "settings.py")
    assert spec
    assert spec.loader
    module = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def faults(environment: dict[str, str] | None) -> list[tuple[str, str]]:
    with pytest.raises(Refused) as refused:
        Settings.read(environment)
    return [(fault.code, fault.where) for fault in refused.value.faults]


def said(environment: dict[str, str] | None = None) -> list[str]:
    with pytest.raises(Refused) as refused:
        Settings.read(environment)
    return words.explain_all(refused.value)


def test_the_page_of_settings_and_the_model_of_the_file_are_those_of_the_code(tool) -> None:
    assert (ROOT / "docs" / "settings.md").read_text(encoding="utf-8") == tool.page()
    assert (ROOT / ".env.example").read_text(encoding="utf-8") == tool.example()


def test_the_page_lists_every_setting_and_says_which_are_secret() -> None:
    rows = [line for line in (ROOT / "docs" / "settings.md").read_text(encoding="utf-8").splitlines() if "| `" in line]
    cells = [[cell.strip(" `") for cell in row.strip("|").split("|")] for row in rows]
    assert [row[0] for row in cells] == NAMES
    secret = {row[0] for row in cells if row[4]}
    assert secret == {"SENDGRID_API_KEY", "OUTREACH_SMTP_URL", "TWILIO_AUTH_TOKEN", "OUTREACH_SECRET_KEY"}
    assert all(row[2] and row[3] and row[2] != row[3] for row in cells)


def test_the_model_of_the_file_with_everything_switched_on_says_the_defaults() -> None:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    on = "\n".join(line[1:] for line in lines if line[:1] == "#" and line[1:2] not in {" ", ""})
    values = {name: value or "" for name, value in dotenv_values(stream=StringIO(on)).items()}
    assert list(values) == NAMES
    assert Settings.read(values) == Settings.read({})


def test_the_file_of_the_working_folder_is_read_and_the_environment_wins(folder, monkeypatch) -> None:
    (folder / ".env").write_text(
        "# ajustes\nOUTREACH_DATA=datos\nexport OUTREACH_THREADS=7\nOUTREACH_EMAIL_FROM_NAME='Voto Chilango, prueba'\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("OUTREACH_THREADS", "9")
    read = Settings.read()
    assert (read.data, read.threads, read.email_sender_name) == (folder / "datos", 9, "Voto Chilango, prueba")


def test_the_program_reads_the_file_its_language_included(shell) -> None:
    shell.write(".env", "\ufeffOUTREACH_DATA=datos\r\nOUTREACH_LANG=en\r\n")
    assert shell("user", "list").out.startswith("There are no accounts")
    assert (shell.folder / "datos" / "outreach.sqlite3").exists()
    assert shell("user", "list", OUTREACH_LANG="es").out.startswith("No hay cuentas")


def test_every_fault_is_told_at_once_with_its_variable_its_value_and_what_was_expected(shell) -> None:
    answer = shell(
        "db",
        "info",
        OUTREACH_DATA="~nadie/var",
        DATABASE_URL="postgres://ana:secreta@servidor/base",
        OUTREACH_PUBLIC_URL="ftp://ejemplo.mx",
        OUTREACH_TIMEZONE="Marte/Olimpo",
        OUTREACH_EMAIL_FROM="votochilango",
        OUTREACH_WHATSAPP_FROM="5555550100",
        OUTREACH_PROVIDER_TIMEOUT="0",
        OUTREACH_QUIET_HOURS="9 a 10",
        OUTREACH_EMAIL_BATCH="5000",
        OUTREACH_THREADS="mil",
        OUTREACH_LANG="fr",
    )
    assert (answer.code, answer.out) == (2, "")
    assert answer.lines == [
        "OUTREACH_DATA dice «~nadie/var» y debe ser una carpeta, como /srv/outreach.",
        (
            "DATABASE_URL dice «postgres://ana:***@servidor/base» y debe ser como "
            "sqlite:////srv/outreach/datos.sqlite3 o "
            "postgresql+psycopg://usuario:clave@servidor:5432/base."
        ),
        "OUTREACH_PUBLIC_URL dice «ftp://ejemplo.mx» y debe ser una dirección como https://ejemplo.mx.",
        "OUTREACH_TIMEZONE dice «Marte/Olimpo» y debe ser una zona como America/Mexico_City.",
        "OUTREACH_EMAIL_FROM dice «votochilango» y debe ser un correo como avisos@ejemplo.mx.",
        "OUTREACH_WHATSAPP_FROM dice «5555550100» y debe ser un número con + y país, como +525555550100.",
        "OUTREACH_PROVIDER_TIMEOUT dice «0» y debe ser un número entero de 1 a 600.",
        "OUTREACH_QUIET_HOURS dice «9 a 10» y deben ser horas como 21:00-08:00, o «no».",
        "OUTREACH_EMAIL_BATCH dice «5000» y debe ser un número entero de 1 a 1000.",
        "OUTREACH_THREADS dice «mil» y debe ser un número entero de 1 a 64.",
        "OUTREACH_LANG dice «fr» y debe ser es o en.",
    ]
    assert list(shell.folder.iterdir()) == []


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://u:clave@servidor:puerto/base",
        "postgresql://u@servidor/base",
        "mysql://u@servidor/base",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite://var/datos.sqlite3",
        "datos.sqlite3",
    ],
)
def test_an_address_of_a_database_that_is_none_is_told_without_its_password(url: str) -> None:
    [sentence] = said({"DATABASE_URL": url})
    assert sentence.startswith("DATABASE_URL dice «")
    assert "clave@" not in sentence.partition(" y debe ser")[0]


def test_the_database_is_in_the_data_folder_whatever_the_folder_is_called(folder) -> None:
    strange = folder / "100 % listo? #1"
    read = Settings.read({"OUTREACH_DATA": str(strange)})
    assert read.database.database == str(strange / "outreach.sqlite3")


def test_a_folder_with_a_strange_name_works(shell) -> None:
    assert shell("db", "upgrade", OUTREACH_DATA="100 % listo? #1").code == 0
    assert [path.name for path in shell.folder.iterdir()] == ["100 % listo? #1"]
    assert (shell.folder / "100 % listo? #1" / "outreach.sqlite3").exists()


def test_one_of_two_keys_that_go_together_is_refused() -> None:
    assert faults({"TWILIO_ACCOUNT_SID": "AC1"}) == [("setting_pair", "TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN")]


def test_what_no_key_holds_is_told_before_anybody_is_called() -> None:
    for name in ("SENDGRID_API_KEY", "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"):
        for strange in ("“SG.x”", "SG.\nx", "llavé"):
            assert ("setting_key", name) in faults({name: strange})
    assert faults({"OUTREACH_SENDGRID_URL": "https://example.org/ñ"}) == [("setting_url", "OUTREACH_SENDGRID_URL")]
    assert Settings.read({"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "nueva  vieja"}).twilio_tokens[0] == "nueva"


def test_bytes_that_are_no_letters_are_told(shell) -> None:
    answer = shell("db", "info", OUTREACH_EMAIL_FROM_NAME="Mar\udced\udca1a\udced")
    assert (answer.code, answer.lines) == (
        2,
        ["OUTREACH_EMAIL_FROM_NAME tiene letras que no están en UTF-8. Escríbala otra vez."],
    )


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (
            b"# ajustes\n\nOUTREACH_DATA var\nOUTREACH_THREADS=2\nSENDGRID_API_KEY: SG.secreta\n",
            [
                (
                    ".env, renglón 3: «OUTREACH_DATA» no es un ajuste: se escribe NOMBRE=valor, por ejemplo "
                    "OUTREACH_DATA=/srv/outreach."
                ),
                (
                    ".env, renglón 5: «SENDGRID_API_KEY» no es un ajuste: se escribe NOMBRE=valor, por ejemplo "
                    "OUTREACH_DATA=/srv/outreach."
                ),
            ],
        ),
        (
            "OUTREACH_THREADS=2\n# años\nOUTREACH_DATA=Año\n".encode("windows-1252"),
            [
                (
                    ".env, renglón 2: tiene letras que no están en UTF-8. "
                    "Guarde el archivo en UTF-8, o quite acentos y eñes."
                )
            ],
        ),
        (
            b"OUTREACH_THREADS=2\nOUTREACH_QUIET_HOUR=no\nOUTREACH_TIMEZONE=Marte\n",
            [
                (
                    ".env, renglón 2: No existe el ajuste «OUTREACH_QUIET_HOUR»; quizá sea OUTREACH_QUIET_HOURS. "
                    "Los que hay están en docs/settings.md."
                ),
                "OUTREACH_TIMEZONE dice «Marte» y debe ser una zona como America/Mexico_City.",
            ],
        ),
    ],
)
def test_a_file_with_mistakes_is_told_row_by_row_and_keeps_its_secrets(shell, content: bytes, lines: list[str]) -> None:
    (shell.folder / ".env").write_bytes(content)
    answer = shell("db", "info")
    assert (answer.code, answer.out, answer.lines) == (2, "", lines)
    assert [path.name for path in shell.folder.iterdir()] == [".env"]


def test_help_and_the_language_do_not_wait_for_a_file_to_be_mended(shell) -> None:
    shell.write(".env", "nada que ver\n")
    assert shell("--help", OUTREACH_LANG="en").out.startswith("Usage: outreach")
    assert shell("db", "info", OUTREACH_LANG="en").lines[0].startswith(".env, row 1: ")


def test_a_folder_called_like_the_file_is_somebody_s_virtual_environment(shell) -> None:
    (shell.folder / ".env").mkdir()
    assert shell("db", "upgrade").code == 0


def test_variables_of_other_programs_in_the_file_are_theirs(folder) -> None:
    (folder / ".env").write_text("COMPOSE_PROJECT_NAME=votochilango\nPOSTGRES_PASSWORD=\n", encoding="utf-8")
    assert Settings.read().threads == 4


def test_the_address_of_the_pages_comes_from_the_file_too(folder) -> None:
    from outreach.commands.serve import for_port

    assert for_port(Settings.read(), "0.0.0.0", 8001).public_url == "http://127.0.0.1:8001"
    (folder / ".env").write_text("OUTREACH_PUBLIC_URL=https://mensajes.ejemplo.mx/\n", encoding="utf-8")
    assert for_port(Settings.read(), "127.0.0.1", 8001).public_url == "https://mensajes.ejemplo.mx"


@given(st.dictionaries(st.sampled_from(NAMES), st.text(max_size=20), max_size=6))
def test_any_text_in_any_setting_is_read_or_refused_in_words(environment: dict[str, str]) -> None:
    try:
        Settings.read(environment)
    except Refused as refused:
        for fault, sentence in zip(refused.faults, words.explain_all(refused), strict=True):
            assert fault.code in words.tables(), fault
            assert fault.where in sentence
            assert sentence.encode()


@given(st.binary(max_size=60))
def test_any_file_is_read_or_refused_in_words(content: bytes) -> None:
    from outreach import surroundings

    refused: Refused | None = None
    with suppress(UnicodeDecodeError):
        text = content.decode("utf-8-sig")
        try:
            surroundings._parsed(text)
        except Refused as found:
            refused = found
    assert refused is None or all(".env, renglón" in sentence for sentence in words.explain_all(refused))


def test_the_terminal_speaks_spanish_unless_it_is_told_otherwise(folder, monkeypatch) -> None:
    assert terminal_language() == "es"
    monkeypatch.setenv("OUTREACH_LANG", "en_US")
    assert terminal_language() == "en"
    assert config.Settings.read().language == "en_US"
    assert i18n.choose(os.environ["OUTREACH_LANG"]) == "en"
