"""The page that asks what a list is for, and the file that leaves."""

import csv
import io
import json

import pyzipper

GIVEN = {
    "motivo": "gafetes del evento del 15",
    "formato": "csv",
    "direcciones": "whole",
    "separador": "coma",
    "marca": "1",
}
ASK = "/contactos/exportar/"


def rows(answer) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))


def test_every_list_of_people_leads_to_its_file(maura, cast):
    assert f"{ASK}?q=citlali&amp;pais=US" in maura.get("/contactos/?q=citlali&pais=US").text
    assert f"{ASK}?segmento={cast.segment}" in maura.get(f"/segmentos/{cast.segment}").text
    assert f"{ASK}?red={cast.network}" in maura.get(f"/redes/{cast.network}/integrantes").text
    page = maura.get(f"{ASK}?q=citlali&pais=US").text
    assert "País: US; Búsqueda «citlali»: 2 personas." in page
    assert 'name="q" value="citlali"' in page
    assert 'name="pais" value="US"' in page


def test_the_file_is_what_the_list_showed(maura, cast):
    answer = maura.post(ASK, {**GIVEN, "q": "citlali", "pais": "US"})
    assert answer.status_code == 200
    assert answer.mimetype == "text/csv"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="personas-2025-06-20.csv"'
    assert answer.headers["Cache-Control"] == "no-store"
    assert [row["nombre"].split()[0] for row in rows(answer)] == ["Citlali"] * 2
    assert rows(answer)[0]["correo"] == "persona0@example.org"
    assert rows(maura.post(ASK, {**GIVEN, "red": cast.network, "fecha": "2025-04-15"})) != []
    assert rows(maura.post(ASK, {**GIVEN, "segmento": cast.segment}))
    lines = maura.post(ASK, {**GIVEN, "formato": "jsonl", "direcciones": "masked"}).data.splitlines()
    assert json.loads(lines[0])["people"] == len(lines) - 1 == 60
    assert b"persona0@" not in b"".join(lines)


def test_nothing_leaves_without_a_purpose_and_what_was_typed_stays(maura, cast):
    answer = maura.post(ASK, {**GIVEN, "motivo": "", "formato": "vcard", "q": "citlali"})
    assert answer.status_code == 422
    assert "Diga para qué es el archivo" in answer.text
    assert 'value="vcard" selected' in answer.text
    assert 'name="q" value="citlali"' in answer.text


def test_a_password_is_typed_twice_and_seals_the_file(maura, cast, tmp_path):
    password = "caballo pila grapa"
    wrong = maura.post(ASK, {**GIVEN, "clave": password, "clave2": "otra cosa"})
    assert wrong.status_code == 422
    assert password not in wrong.text
    assert "al menos 12 letras" in maura.post(ASK, {**GIVEN, "clave": "corta", "clave2": "corta"}).text
    answer = maura.post(ASK, {**GIVEN, "clave": password, "clave2": password, "formato": "xlsx"})
    assert answer.mimetype == "application/zip"
    with pyzipper.AESZipFile(io.BytesIO(answer.data)) as book:
        book.setpassword(password.encode())
        assert book.read("personas-2025-06-20.xlsx")[:2] == b"PK"


def test_a_list_that_is_not_there_is_told_on_the_page(maura, cast):
    assert "No hay ninguna red 99" in maura.get(f"{ASK}?red=99").text
    for asked in ("red=1&fecha=ayer", "red=1&fecha=2030-01-01", "fecha=2025-06-01", "filtro=%5B"):
        answer = maura.get(f"{ASK}?{asked}")
        assert answer.status_code == 422, asked
        assert "Falta corregir" in answer.text
    assert "no hay nadie" in maura.get(f"{ASK}?q=nadie+así").text


def test_a_list_leaves_while_somebody_writes(maura, platform, cast):
    """The read of a download keeps no writer waiting, and is given back when whoever reads goes away."""
    token = maura.token(ASK)
    answer = maura.client.post(ASK, data={**GIVEN, "csrf_token": token}, buffered=False)
    first = next(answer.response)
    assert first.startswith(b"\xef\xbb\xbfnombre")
    with platform.transaction() as session:
        session.connection().exec_driver_sql("UPDATE contact SET city = 'París' WHERE id = 60")
    answer.close()
    assert maura.get("/contactos/").status_code == 200
