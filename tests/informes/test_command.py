"""From a register file to an informe's files, by the command line alone: what a person does every quarter."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from outreach import cli
from outreach.audit import AuditEntry
from outreach.config import Settings
from outreach.platform import Platform

GOLDEN = Path(__file__).parents[1] / "golden" / "informes"
REFERENCE = Path(__file__).parents[3] / "shared" / "reference"
QUARTER = ("--from", "2026-07-01", "--to", "2026-09-30")

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Type a command; returns its exit code, what it printed, and what it said beside."""
    monkeypatch.setenv("OUTREACH_DATA", str(settings.data))
    monkeypatch.setenv("DATABASE_URL", settings.database_url)

    def type_in(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["outreach", *map(str, words)])
        code = 0
        try:
            cli.main()
        except SystemExit as leaving:
            code = int(leaving.code or 0)
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return type_in


def test_a_quarter_comes_out_as_written_down_by_hand(run: Run, tmp_path: Path) -> None:
    assert run("register", "import", GOLDEN / "registro.csv")[0] == 0
    out = tmp_path / "nueva" / "carpeta"
    code, printed, beside = run("informe", "build", GOLDEN / "definicion.toml", *QUARTER, "--out", out)
    assert code == 0
    wanted = json.loads((GOLDEN / "esperado.json").read_text(encoding="utf-8"))
    built = json.loads((out / "definicion.json").read_text(encoding="utf-8"))
    assert built["title"] == wanted["title"]
    assert built["tables"] == wanted["tables"]
    files = {path.name for path in out.iterdir()}
    assert files == {
        *(f"definicion.{form}" for form in ("docx", "xlsx", "html", "json")),
        *(f"definicion-{table['id']}.csv" for table in wanted["tables"]),
        "definicion-datos.txt",
    }
    assert {Path(line).name for line in printed.splitlines()} == files
    assert "reuniones: La tabla no tiene renglones" in beside
    assert [warning["code"] for warning in built["warnings"] if warning["table"] == "reuniones"] == ["remark_empty"]


def test_the_published_quarter_comes_out_in_every_cell(run: Run, tmp_path: Path) -> None:
    if not REFERENCE.exists():
        pytest.skip(f"the published quarter is not beside the repository ({REFERENCE.name})")
    quarter = REFERENCE / "q2-2025"
    assert run("register", "import", quarter / "register.csv")[0] == 0
    period = ("--from", "2025-04-01", "--to", "2025-06-30", "--format", "json,docx,xlsx,csv,html")
    assert run("informe", "build", quarter / "definition.toml", *period, "--out", tmp_path)[0] == 0
    compared = subprocess.run(
        [sys.executable, REFERENCE / "compare_informe.py", tmp_path / "definition.json", quarter / "expected.json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert compared.stdout.splitlines()[-1] == "177 of 177 cells as published"


def test_json_tells_a_program_files_digest_and_warnings(run: Run, tmp_path: Path, platform: Platform) -> None:
    run("register", "import", GOLDEN / "registro.csv")
    code, printed, _ = run(
        "informe", "build", GOLDEN / "definicion.toml", *QUARTER, "--format", "json", "--out", tmp_path, "--json"
    )
    told = json.loads(printed)
    assert code == 0
    assert told["files"] == [str(tmp_path / "definicion.json")]
    assert told["digest"] == json.loads((tmp_path / "definicion.json").read_text(encoding="utf-8"))["digest"]
    with platform.reading() as session:
        noted = session.scalars(select(AuditEntry).where(AuditEntry.action == "informe.build")).one()
    assert (noted.subject, noted.details["digest"]) == ("informe:definicion", told["digest"])


def test_everything_wrong_with_a_request_is_told_and_nothing_is_written(run: Run, tmp_path: Path) -> None:
    bad = tmp_path / "mala.toml"
    bad.write_text('title = "x"\ncolor = 1\n', encoding="utf-8")
    code, printed, beside = run(
        *("informe", "build", bad, "--from", "2025-06-31", "--to", "hoy"),
        *("--format", "pdf,odt", "--out", tmp_path / "salida"),
    )
    assert (code, printed) == (2, "")
    told = beside.splitlines()
    assert len(told) == 6
    assert told[0].startswith("--from dice «2025-06-31»")
    assert told[1].startswith("--to dice «hoy»")
    assert told[2] == (
        "Esta versión todavía no hace PDF. Puede pedir: docx, xlsx, csv, html, json. Word guarda un docx como PDF."
    )
    assert told[3].startswith("No hay formato «odt»")
    assert "mala.toml, renglón 2, color: No existe la clave «color»" in beside
    assert not (tmp_path / "salida").exists()


def test_a_period_that_ends_before_it_begins_is_refused(run: Run, tmp_path: Path) -> None:
    code, _, beside = run(
        *("informe", "build", "trimestral", "--from", "2025-06-30", "--to", "2025-04-01", "--out", tmp_path / "x")
    )
    assert code == 2
    assert beside == "El periodo empieza el 2025-06-30 y termina antes, el 2025-04-01.\n"


def test_a_shipped_definition_goes_by_its_name_from_any_folder(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, printed, _ = run("informe", "check", "trimestral")
    assert code == 0
    assert "correspondencia" in printed
    code, printed, _ = run("informe", "check", "trimestral", "--json")
    assert "por-mes" in json.loads(printed)["tables"]


def test_check_knows_the_fields_of_the_register(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "campos.toml"
    path.write_text(
        'title = "x"\n[[table]]\nid = "t"\ntitle = "T"\nrows = "each"\nwhere = { organizacion = "A" }\n'
        'columns = [{ header = "x", value = "tipo" }]\n',
        encoding="utf-8",
    )
    code, _, beside = run("informe", "check", path)
    assert code == 2
    assert "renglón 6" in beside
    assert "renglón 7" in beside
    run("register", "import", GOLDEN / "registro.csv")
    assert run("informe", "check", path)[0] == 0


def test_help_shows_an_example(run: Run) -> None:
    for words in (("informe", "build", "--help"), ("informe", "check", "--help")):
        assert "Ejemplo: outreach informe" in run(*words)[1]
