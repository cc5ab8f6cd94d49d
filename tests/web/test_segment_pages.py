"""Segments on screen: put together without script, shown, used, and forgotten."""

import json
import re

import pytest

from campaigns.models import AudienceRule, Campaign
from contacts import segments
from contacts.segments import Segment
from outreach.audit import AuditEntry


def words(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


EMPTY = {"nombre": "", "descripcion": "", "r.tipo": "grupo", "r.junta": "todas"}
CHICAGO = EMPTY | {
    "nombre": "Chicago",
    "r-0.tipo": "ciudad",
    "r-0.es": "chicago\r\nMadrid",
    "r-1.tipo": "grupo",
    "r-1.junta": "alguna",
    "r-1-0.tipo": "red",
    "r-1-0.no": "1",
    "r-1-0.es": ["3"],
    "r-1-1.tipo": "idioma",
    "r-1-1.es": ["en"],
}


def stored(platform, name: str) -> Segment:
    with platform.reading() as session:
        found = segments.find(session, name)
        session.expunge_all()
        return found


def test_a_filter_is_put_together_box_by_box_without_script(maura, cast, platform):
    page = maura.post("/segmentos/nuevo", EMPTY | {"r.nueva": "ciudad", "hacer": "agregar r"}).text
    assert 'name="r-0.tipo" value="ciudad"' in page
    assert re.search(r'id="r-0">\s*<legend tabindex="-1" data-focus>Ciudad', page)  # the new box is looked at next
    page = maura.post("/segmentos/nuevo", CHICAGO | {"r-1.nueva": "pais", "hacer": "agregar r-1"}).text
    assert 'name="r-1-2.tipo" value="pais"' in page
    assert "chicago\nMadrid</textarea>" in page.replace("\r", "")  # nothing typed is lost
    page = maura.post("/segmentos/nuevo", CHICAGO | {"hacer": "quitar r-0"}).text
    assert 'name="r-0.tipo" value="grupo"' in page
    assert 'name="r-0-0.tipo" value="red"' in page
    assert "r-1-" not in page
    tried = words(maura.post("/segmentos/nuevo", CHICAGO | {"hacer": "probar"}).text)
    assert "Su ciudad es chicago o Madrid" in tried
    assert "10 personas" in tried
    with platform.reading() as session:
        assert session.query(Segment).count() == 1  # that of the cast: nothing was saved on the way


def test_what_was_put_together_is_saved_and_comes_back_into_the_form(maura, cast, platform):
    answer = maura.post("/segmentos/nuevo", CHICAGO)
    assert answer.status_code == 303
    kept = stored(platform, "chicago")
    assert kept.filter["filtro"] == {
        "todas": [
            {"campo": "ciudad", "es": ["chicago", "Madrid"]},
            {"alguna": [{"no": {"campo": "red", "es": [3]}}, {"campo": "idioma", "es": ["en"]}]},
        ]
    }
    assert kept.created_by == "maura"
    form = maura.get(f"/segmentos/{kept.id}/editar").text
    assert 'id="r-1-0.no" name="r-1-0.no" value="1" checked' in form
    assert re.search(r'name="r-1-0.es" id="r-1-0.es-\d" value="3" checked', form)
    changed = maura.post(f"/segmentos/{kept.id}/editar", CHICAGO | {"nombre": "Sólo inglés", "r.junta": "alguna"})
    assert changed.status_code == 303
    assert "alguna" in stored(platform, "solo ingles").filter["filtro"]


def test_everything_wrong_stands_at_its_field_and_nothing_is_saved(maura, cast, platform):
    answer = maura.post(
        "/segmentos/nuevo",
        EMPTY
        | {
            "r-0.tipo": "pais",
            "r-0.es": "Atlántida",
            "r-1.tipo": "grupo",
            "r-2.tipo": "alta",
            "r-2.no": "1",
            "r-2.desde": "2025-05-02",
            "r-2.hasta": "2025-05-01",
            "r-3.tipo": "ultimo_contacto",
        },
    )
    assert answer.status_code == 422
    for name in ("r-0.es", "r-1.nueva", "r-2.hasta", "r-3.hace_menos_de"):
        assert f'<a href="#{name}">' in answer.text, name
        assert f'id="{name}-e1"' in answer.text, name
    assert "Atlántida</textarea>" in answer.text
    nameless = maura.post("/segmentos/nuevo", CHICAGO | {"nombre": " "})
    assert nameless.status_code == 422
    assert '<a href="#nombre">' in nameless.text
    twice = maura.post("/segmentos/nuevo", CHICAGO | {"nombre": "CHICAGO Y MADRID"})
    assert "Ya hay un segmento que se llama «Chicago y Madrid»" in twice.text
    with platform.reading() as session:
        assert session.query(Segment).count() == 1


def test_the_count_and_ten_people_come_while_one_writes(maura, cast, platform):
    token = maura.token("/segmentos/nuevo")
    answer = maura.client.post("/segmentos/probar", data=CHICAGO, headers={"X-CSRFToken": token, "HX-Request": "true"})
    assert answer.text.strip().startswith('<section class="vc-card" id="muestra"')
    assert 'data-said="10 personas"' in answer.text
    unfinished = maura.client.post("/segmentos/probar", data=EMPTY, headers={"X-CSRFToken": token})
    assert "Complete las condiciones" in unfinished.text
    with platform.reading() as session:
        noted = session.query(AuditEntry).filter_by(action="segment.sample").one()
        assert noted.details["shown"] == 10


def test_a_segment_shows_what_it_asks_whom_it_finds_and_who_uses_it(maura, cast, platform):
    page = words(maura.get(f"/segmentos/{cast.segment}").text)
    with platform.reading() as session:
        wanted = segments.Filter.from_json(session.get_one(Segment, cast.segment).filter)
        count = segments.count(session, wanted, platform.clock.now())
    assert f" {count} personas" in page
    assert "Se le puede escribir por correo para avisos" in page
    assert "No es cierto que: Está en «Red Voto Chilango», como integrante" in page
    assert "Hubo contacto en los últimos 2 días, contando sólo mensajes recibidos" in page
    assert "Ninguna todavía" in page
    assert "Chicago y Madrid" in words(maura.get("/segmentos/").text)


@pytest.mark.parametrize("way", ["segmento", "filtro"])
def test_the_same_filter_drives_the_list_of_people(maura, cast, platform, way):
    written = {"campo": "ciudad", "es": ["chicago"]}
    with platform.transaction() as session:
        wanted = segments.read(session, written)
        number = segments.create(session, "Chicago", wanted, at=platform.clock.now(), by="maura").id
    query = {"segmento": number, "filtro": json.dumps(written)}[way]
    assert " 6 personas" in words(maura.get(f"/contactos/?{way}={query}").text)
    assert " 0 personas" in words(maura.get(f"/contactos/?{way}={query}&pais=ES").text)


def test_a_filter_in_an_address_that_cannot_be_meant_is_refused_in_words(maura, cast):
    for bad in ("{", "[]", '{"campo":"edad"}', '{"campo":"pais","es":["Atlántida"]}'):
        answer = maura.get(f"/contactos/?filtro={bad}")
        assert 400 <= answer.status_code < 500, bad
    assert maura.get("/contactos/?segmento=999").status_code == 404


def test_a_campaign_is_written_to_a_segment_and_without_another(maura, cast, platform):
    maura.post("/segmentos/nuevo", CHICAGO)
    form = maura.get(f"/campanas/nueva?segmento={cast.segment}").text
    assert re.search(r'name="segmentos" id="segmentos-\d" value="Chicago y Madrid" checked', form)
    answer = maura.post(
        "/campanas/nueva",
        {
            "titulo": "Aviso",
            "clase": "difusion",
            "informacion": "Aviso",
            "finalidad": "avisos",
            "canales": "correo",
            "segmentos": ["Chicago y Madrid"],
            "sin_segmentos": ["Chicago"],
            "es_asunto": "Aviso",
            "es_texto": "Hola",
            "zona": "America/Mexico_City",
            "si_tarde": "send",
        },
    )
    assert answer.status_code == 303
    number = int(answer.headers["Location"].split("/")[2])
    with platform.reading() as session:
        rules = session.query(AudienceRule).filter_by(campaign_id=number)
        named = {(rule.segment.name, rule.excluded) for rule in rules}
        assert named == {("Chicago y Madrid", False), ("Chicago", True)}
        assert session.get_one(Campaign, number).title == "Aviso"
    page = words(maura.get(f"/campanas/{number}").text)
    assert "segmento Chicago y Madrid" in page
    edited = maura.get(f"/campanas/{number}/editar").text
    assert re.search(r'name="sin_segmentos" id="sin_segmentos-\d" value="Chicago" checked', edited)
    assert "Aviso" in words(maura.get(f"/segmentos/{cast.segment}").text)
    assert "no se puede eliminar" in maura.get(f"/segmentos/{cast.segment}/eliminar").text
    kept = maura.post(f"/segmentos/{cast.segment}/eliminar", {})
    assert 400 <= kept.status_code < 500
    assert "está en la audiencia de Aviso" in kept.text
    assert "seguirá el cambio" in maura.get(f"/segmentos/{cast.segment}/editar").text


def test_a_segment_that_nobody_uses_is_forgotten(maura, cast, platform):
    assert "las personas se quedan" in maura.get(f"/segmentos/{cast.segment}/eliminar").text
    assert maura.post(f"/segmentos/{cast.segment}/eliminar", {}).status_code == 303
    assert maura.get(f"/segmentos/{cast.segment}").status_code == 404
    assert "Aún no hay segmentos" in maura.get("/segmentos/").text
