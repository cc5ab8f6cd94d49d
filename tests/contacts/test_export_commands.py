"""People leave by a command, and come back by another: lists, and everything."""

import csv
import io
import json

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from contacts.models import Contact
from outreach.audit import AuditEntry

WHY = ("--why", "gafetes del evento del 15")
PASSWORD = "caballo pila grapa"


@pytest.fixture
def filled(cast, platform):
    cast.person(
        "Citlali Jacaranda", correo="citlali@example.org", whatsapp="+13125550142", city="Chicago", country="US"
    )
    cast.person("=Beto Cedro", correo="beto@example.org", city="Madrid", country="ES", network="Ruta Chilanga")
    cast.person("Inés Ñandú", whatsapp="+525555550123", city="Puebla")
    return platform


def last(platform) -> AuditEntry:
    with platform.reading() as session:
        return session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()


def rows(path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))


def test_a_list_leaves_as_its_name_says_and_the_log_knows_why(outreach, filled, tmp_path):
    assert "Diga para qué es el archivo" in outreach("export", tmp_path / "a.csv").err
    told = outreach("export", tmp_path / "a.csv", *WHY)
    assert (told.code, told.out) == (0, f"3 personas en {tmp_path / 'a.csv'}.\n")
    assert (tmp_path / "a.csv").stat().st_mode & 0o077 == 0
    assert rows(tmp_path / "a.csv")[1]["nombre"] == "'=Beto Cedro"
    entry = last(filled)
    assert entry.action == "contacts.export"
    assert entry.who.startswith("terminal")
    assert entry.details["reason"] == "gafetes del evento del 15"
    assert outreach("export", tmp_path / "a.xlsx", "--network", "ruta chilanga", *WHY, "--json").json["people"] == 1
    assert load_workbook(tmp_path / "a.xlsx")["Personas"]["A2"].value == "=Beto Cedro"
    outreach("export", tmp_path / "a.vcf", "--country", "España", *WHY)
    assert (tmp_path / "a.vcf").read_text().count("BEGIN:VCARD") == 1
    outreach("export", tmp_path / "a.jsonl", "--search", "chicago", "--no-addresses", *WHY)
    assert "addresses" not in json.loads((tmp_path / "a.jsonl").read_text().splitlines()[1])
    outreach("export", tmp_path / "b.csv", "--masked", "--delimiter", "punto-y-coma", "--no-bom", *WHY)
    assert (tmp_path / "b.csv").read_text().splitlines()[1].startswith("Citlali Jacaranda;c•••@example.org;")
    outreach("segments", "create", "Puebla", "--city", "Puebla")
    outreach("export", tmp_path / "c.csv", "--segment", "puebla", *WHY)
    assert rows(tmp_path / "c.csv")[0]["whatsapp"] == "+525555550123"
    assert not list(tmp_path.glob(".*.part"))


@pytest.mark.parametrize(
    "words",
    [
        ["export"],
        ["export", "a.csv", *WHY, "--network", "Nadie"],
        ["export", "a.csv", *WHY, "--on", "2025-06-01"],
        ["export", "a.csv", *WHY, "--on", "ayer", "--network", "Ruta Chilanga"],
        ["export", "a.csv", *WHY, "--organization", "Nadie"],
        ["export", "a.csv", *WHY, "--segment", "Nadie"],
        ["export", "no/hay/a.csv", *WHY],
        ["export", "a.csv", *WHY, "--password-file", "nada.txt"],
        ["export", "--all", "a.jsonl", *WHY, "--network", "Ruta Chilanga"],
        ["import", "--all", "nada.jsonl"],
        ["import", "--all", "a.jsonl", "--strict"],
    ],
)
@pytest.mark.only_on("sqlite")
def test_what_cannot_be_meant_is_refused_and_leaves_no_file(outreach, filled, tmp_path, words):
    told = outreach(*words)
    assert told.code == 2
    assert told.err.strip()
    assert "Traceback" not in told.err
    assert not (tmp_path / "folder" / "a.csv").exists()


def test_a_list_leaves_through_a_pipe(outreach, filled):
    told = outreach("export", "-", "--format", "jsonl", *WHY)
    lines = [json.loads(line) for line in told.out.splitlines()]
    assert (lines[0]["people"], len(lines)) == (3, 4)


def test_a_list_under_a_password_comes_back_with_it(outreach, filled, tmp_path):
    (tmp_path / "clave.txt").write_text(f"{PASSWORD}\n")
    (tmp_path / "otra.txt").write_text("otra cosa distinta\n")
    told = outreach("export", tmp_path / "a.csv", *WHY, "--password-file", tmp_path / "clave.txt")
    assert told.out == f"3 personas en {tmp_path / 'a.csv.zip'}.\n"
    assert PASSWORD not in str(last(filled).details)
    assert not (tmp_path / "a.csv").exists()
    sealed = tmp_path / "a.csv.zip"
    assert "tiene contraseña" in outreach("import", sealed).err
    assert "no abre" in outreach("import", sealed, "--password-file", tmp_path / "otra.txt").err
    again = outreach("import", sealed, "--password-file", tmp_path / "clave.txt", "--dry-run", "--json")
    assert again.code == 0, again.err
    assert again.json["rows"] == 3
    assert "corta" in outreach("export", tmp_path / "b.csv", *WHY, "--password-file", _short(tmp_path)).err


def _short(folder):
    (folder / "corta.txt").write_text("corta\n")
    return folder / "corta.txt"


def test_everything_leaves_and_comes_back_into_an_empty_installation(
    outreach, filled, databases, tmp_path, monkeypatch
):
    with filled.transaction() as session:
        session.scalars(select(Contact)).first().city = "París"
    (tmp_path / "clave.txt").write_text(PASSWORD)
    plain, sealed, again = tmp_path / "todo.jsonl", tmp_path / "todo.zip", tmp_path / "otra-vez.jsonl"
    assert outreach("export", "--all", plain, *WHY).code == 0
    assert last(filled).action == "contacts.export_all"
    outreach("export", "--all", sealed, *WHY, "--password-file", tmp_path / "clave.txt")
    assert "ya tiene datos" in outreach("import", "--all", plain).err
    there = databases.settings(tmp_path / "nueva")
    try:
        monkeypatch.setenv("OUTREACH_DATA", str(there.data))
        monkeypatch.setenv("DATABASE_URL", there.database_url)
        told = outreach("import", "--all", sealed, "--password-file", tmp_path / "clave.txt")
        assert told.code == 0, told.err
        assert "contact: 3" in told.out
        outreach("export", "--all", again, *WHY)
        assert again.read_bytes().splitlines()[1:-1] == plain.read_bytes().splitlines()[1:-1]
        assert len(outreach("list", "--json").json) == 3
    finally:
        databases.forget(there)


@pytest.mark.parametrize("form", ["csv", "xlsx", "vcf"])
def test_a_list_that_is_imported_elsewhere_leaves_there_as_the_same_list(
    outreach, filled, databases, tmp_path, monkeypatch, form
):
    out, before, after = tmp_path / f"lista.{form}", tmp_path / "antes.csv", tmp_path / "despues.csv"
    outreach("export", out, *WHY)
    outreach("export", before, *WHY)
    there = databases.settings(tmp_path / "nueva")
    try:
        monkeypatch.setenv("OUTREACH_DATA", str(there.data))
        monkeypatch.setenv("DATABASE_URL", there.database_url)
        told = outreach("import", out, "--json")
        assert told.code == 0, told.err + told.out
        outreach("export", after, *WHY)
        networks = {} if form != "vcf" else {"red": ""}  # a card has categories, which are no networks to us
        assert [row | networks for row in rows(after)] == [row | networks for row in rows(before)]
    finally:
        databases.forget(there)
