"""The register on screen: everything said in a period, and a person's hand on what people wrote down."""

import csv
import re
from io import StringIO

import pytest

from outreach.audit import AuditEntry
from outreach.register import entries, importing
from outreach.register.models import Entry, Import


def words(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


ENTRY = {
    "fecha": "2025-06-18",
    "hora": "20:00",
    "canal": "reunion",
    "clase": "reunion",
    "tema": "consulados",
    "informacion": "Reunión con consulados",
    "red": "Red Voto Chilango; Ruta Chilanga",
    "destinatarios": "12",
    "columna": ["organizacion", ""],
    "valor": ["Consulado en Chicago", ""],
}


def one(platform, folio: str) -> Entry:
    with platform.reading() as session:
        entry = entries.in_force(session, folio)
        session.expunge_all()
        return entry


def test_a_period_shows_what_the_system_sent_what_was_noted_and_what_files_brought(maura, brought):
    text = words(maura.get("/registro/").text)
    assert "28 comunicaciones" in text
    assert "Envío de correo: convocatoria de observación Del sistema" in text
    assert "Llamada con liderazgos de Chicago sobre el simulacro Anotada a mano" in text
    assert "Boletín Electoral De un archivo" in text
    assert "Abril de 2025" in text  # known only to the month


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("canal=correo", 13),
        ("canal=whatsapp-grupo", 1),
        ("clase=boletin", 11),
        ("red=Personal+del+Instituto", 11),
        ("red=Comunidad+migrante", 1),
        ("q=liderazgos", 2),
        ("q=BOLETIN", 11),  # accents and capitals do not matter
        ("desde=2025-06-01&hasta=2025-06-30", 9),
        ("desde=2024-01-01&hasta=2024-03-31", 0),
        ("canal=correo&clase=boletin&q=electoral&desde=2025-05-01&hasta=2025-05-31", 5),
    ],
)
def test_it_is_narrowed_by_period_channel_class_network_and_text(maura, brought, query, count):
    text = words(maura.get(f"/registro/?{query}").text)
    if count:
        assert f"{count} comunicaci" in text
    else:
        assert "Nada en este periodo" in text


def test_a_bad_date_is_said_and_the_typed_one_stays(maura, brought):
    text = maura.get("/registro/?hasta=2025-06-31").text
    assert "«2025-06-31» no es una fecha. Escriba una como 2025-06-30." in text
    assert 'aria-invalid="true"' in text


def test_what_is_listed_can_be_taken_along_as_a_register_file(maura, brought, platform):
    answer = maura.get("/registro/registro.csv?clase=boletin")
    rows = list(csv.DictReader(StringIO(answer.data.decode("utf-8-sig"))))
    assert len(rows) == 11
    assert rows[0]["fecha"] == "2025-04-04"
    assert "folio" in rows[0]
    with platform.reading() as session:
        line = session.query(AuditEntry).filter_by(action="register.export").one()
        assert line.details == {"from": "2025-04-01", "to": "2025-06-30", "rows": 11}


def test_a_communication_is_written_down_with_further_columns(maura, platform, cast):
    answer = maura.post("/registro/nueva", ENTRY)
    assert answer.status_code == 303
    folio = answer.headers["Location"].rsplit("/", 1)[1]
    entry = one(platform, folio)
    assert (entry.information, entry.recipients, entry.hour) == ("Reunión con consulados", 12, "20:00")
    assert entry.networks == ["Red Voto Chilango", "Ruta Chilanga"]
    assert entry.extra == {"organizacion": "Consulado en Chicago"}
    assert entry.created_by == "maura"
    shown = words(maura.get(answer.headers["Location"]).text)
    assert f"La comunicación quedó anotada con el folio {folio}." in shown
    assert "Organizacion Consulado en Chicago" in shown


def test_what_is_wrong_stands_between_label_and_field_and_nothing_is_lost(maura, platform, cast):
    answer = maura.post("/registro/nueva", ENTRY | {"fecha": "2025-06-31", "destinatarios": "doce", "informacion": ""})
    assert answer.status_code == 422
    assert "Falta corregir 3 cosas" in answer.text
    for field in ("fecha", "destinatarios", "informacion"):
        label, error, box = (answer.text.find(f'{mark}"{field}') for mark in ("for=", "id=", "name="))
        assert -1 < label < error < box, field
    assert 'value="2025-06-31"' in answer.text
    assert 'value="Consulado en Chicago"' in answer.text
    with platform.reading() as session:
        assert session.query(Entry).count() == 1


def test_a_correction_keeps_what_was_said_before_with_its_reason(maura, platform, cast):
    path = f"/registro/corregir/{cast.folio}"
    form = maura.get(path).text
    assert 'value="2025-06-12"' in form
    assert 'value="responsable"' in form
    values = dict(re.findall(r'<input[^>]* name="(\w+)"[^>]* value="([^"]*)"', form)) | {
        "canal": "telefono",
        "informacion": "Llamada con liderazgos de Chicago",
        "columna": "",
        "valor": "",
        "motivo": "Sobraba el tema",
    }
    del values["csrf_token"]
    assert maura.post(path, values).status_code == 303
    entry = one(platform, cast.folio)
    assert entry.information == "Llamada con liderazgos de Chicago"
    assert entry.extra == {}  # emptied on the form
    text = words(maura.get(f"/registro/comunicacion/{cast.folio}").text)
    assert "Motivo: Sobraba el tema" in text
    assert "Antes decía: Llamada con liderazgos de Chicago sobre el simulacro" in text


def test_a_correction_without_a_reason_or_without_a_change_is_refused_at_its_field(maura, cast):
    path = f"/registro/corregir/{cast.folio}"
    answer = maura.post(path, ENTRY | {"motivo": ""})
    assert answer.status_code == 422
    assert 'id="motivo-e1"' in answer.text


def test_annulling_needs_a_reason_and_is_shown_and_no_longer_counted(maura, platform, cast):
    path = f"/registro/anular/{cast.folio}"
    assert "Falta el motivo" in maura.post(path, {"motivo": " "}).text
    assert maura.post(path, {"motivo": "Se anotó dos veces"}).status_code == 303
    assert "Llamada con liderazgos" not in maura.get("/registro/").text
    assert "anulada: Se anotó dos veces" in words(maura.get("/registro/?anuladas=1").text)
    shown = maura.get(f"/registro/comunicacion/{cast.folio}").text
    assert "Anulada el 20 jun 2025, 11:42 por maura" in shown
    assert "/registro/anular/" not in shown
    assert maura.get(path).status_code == 200
    assert "ya está anulada" in maura.post(path, {"motivo": "otra vez"}).text


def test_what_a_run_sent_is_shown_as_its_campaign_and_cannot_be_annulled_here(maura, cast):
    page = maura.get("/registro/").text
    assert re.search(rf'href="/campanas/{cast.finished}\?envio=\d+">Envío de correo: convocatoria', page)
    file = maura.get("/registro/registro.csv").data.decode("utf-8-sig")
    folio = next(row["folio"] for row in csv.DictReader(StringIO(file)) if "-R" in row["folio"])
    answer = maura.post(f"/registro/anular/{folio}", {"motivo": "x"}, seen="/registro/nueva")
    assert answer.status_code == 409
    assert "es de un envío" in answer.text


def test_a_whole_import_is_undone_with_a_reason(maura, platform, brought):
    assert "trimestre.csv" in maura.get("/registro/importaciones").text
    path = f"/registro/importaciones/{brought}/deshacer"
    assert "24 comunicaciones, con sus correcciones, dejan de contar." in words(maura.get(path).text).replace(
        "23", "24"
    )
    assert 'id="motivo-e1"' in maura.post(path, {"motivo": ""}).text
    assert maura.post(path, {"motivo": "Era de otro trimestre"}).status_code == 303
    with platform.reading() as session:
        assert session.get_one(Import, brought).undone_by == "maura"
    assert "Deshecha" in maura.get("/registro/importaciones").text
    assert "Boletín Electoral" not in maura.get("/registro/?canal=correo&clase=boletin").text


def test_a_folio_with_a_slash_has_its_page(maura, platform, tmp_path, cast):
    path = tmp_path / "folios.csv"
    path.write_text("fecha,canal,clase,informacion,folio\n2025-06-01,otro,oficio,Oficio,DVOE/12\n", encoding="utf-8")
    with platform.transaction() as session:
        importing.bring(session, importing.read(path), who="maura", at=platform.clock.now())
    assert maura.get("/registro/comunicacion/DVOE/12").status_code == 200
    assert 'href="/registro/comunicacion/DVOE/12"' in maura.get("/registro/").text
