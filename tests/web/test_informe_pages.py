"""The informe on screen: the same cells as in its files, warnings numbered and tied to their place."""

import json
import re
from io import BytesIO
from zipfile import ZipFile

import pytest

from contacts.folding import fold
from outreach.audit import AuditEntry

QUARTER = "desde=2025-04-01&hasta=2025-06-30"


def words(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text)).replace("&#34;", '"')


def test_every_definition_that_ships_can_be_chosen_for_a_quarter(maura, brought):
    page = maura.get("/informes/").text
    assert "/informes/trimestral?desde=2025-04-01&amp;hasta=2025-06-30" in page
    assert "Abril a junio de 2025" in page
    assert "En curso: hasta hoy" in page


def test_the_screen_shows_every_cell_of_the_file(maura, brought):
    page = maura.get(f"/informes/trimestral?{QUARTER}").text
    paper = words(page.split('<article class="vc-paper"')[1].split("</article>")[0])
    report = json.loads(maura.get(f"/informes/trimestral/archivo/json?{QUARTER}").data)
    assert fold(report["title"]) in fold(words(page))
    assert sum(len(table["rows"]) for table in report["tables"]) > 10
    for table in report["tables"]:
        for header in table["columns"] if table["rows"] else []:
            assert header in paper
        for row in table["rows"]:
            for cell in filter(None, row):
                assert re.sub(r"\s+", " ", cell) in paper, cell


def test_warnings_are_numbered_and_lead_to_their_place_and_back(maura, brought):
    page = maura.get(f"/informes/trimestral?{QUARTER}").text
    report = json.loads(maura.get(f"/informes/trimestral/archivo/json?{QUARTER}").data)
    count = len(report["warnings"])
    assert count > 3
    assert f"Antes de firmar: {count} avisos" in page
    anchors = {int(number) for number in re.findall(r'id="aviso-(\d+)"', page)}
    assert anchors == set(range(1, count + 1))
    for number in map(int, re.findall(r'href="#aviso-(\d+)"', page)):
        assert number in anchors
    for table in re.findall(r'href="#(t-[\w-]+)"', page):
        assert f'id="{table}"' in page
    assert page.index("is-bad") < page.index("is-warn")  # what cannot be right comes first


@pytest.mark.parametrize(
    ("form", "kind", "ending", "first"),
    [
        ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx", b"PK"),
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx", b"PK"),
        ("csv", "application/zip", "zip", b"PK"),
        ("html", "text/html; charset=utf-8", "html", b"<!doctype html>"),
        ("json", "application/json", "json", b"{"),
    ],
)
def test_each_format_is_a_file_with_its_name_and_its_download_is_noted(
    maura, brought, platform, form, kind, ending, first
):
    answer = maura.get(f"/informes/trimestral/archivo/{form}?{QUARTER}")
    assert answer.headers["Content-Type"] == kind
    name = f"trimestral-2025-04-01-2025-06-30.{ending}"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert answer.data.startswith(first)
    with platform.reading() as session:
        line = session.query(AuditEntry).filter_by(action="informe.build").one()
        assert (line.who, line.subject, line.details["files"]) == ("maura", "informe:trimestral", [form])


def test_the_archive_holds_one_file_for_each_table(maura, brought):
    archive = ZipFile(BytesIO(maura.get(f"/informes/trimestral/archivo/csv?{QUARTER}").data))
    report = json.loads(maura.get(f"/informes/trimestral/archivo/json?{QUARTER}").data)
    assert {f"trimestral-{table['id']}.csv" for table in report["tables"]} <= set(archive.namelist())


def test_a_period_that_cannot_be_is_said_and_the_page_still_shows_one(maura, brought):
    answer = maura.get("/informes/trimestral?desde=2025-02-30&hasta=2025-06-30")
    assert answer.status_code == 200
    assert "«2025-02-30» no es una fecha." in answer.text


@pytest.mark.parametrize("name", ["nada", "..%2Fweb%2Fbase", "informe.html", "%2Fetc%2Fpasswd"])
def test_only_definitions_by_name_are_served(maura, cast, name):
    assert maura.get(f"/informes/{name}").status_code == 404
    assert maura.get(f"/informes/{name}/archivo/json").status_code == 404


def test_an_unknown_format_is_not_found(maura, cast):
    assert maura.get(f"/informes/trimestral/archivo/pdf?{QUARTER}").status_code == 404


def test_what_stands_behind_the_figures_is_counted_and_linked(maura, brought):
    page = words(maura.get(f"/informes/trimestral?{QUARTER}").text)
    assert "28 en el periodo" in page
    assert "Del sistema 4 Anotadas o traídas 24" in page
