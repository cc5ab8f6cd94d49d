"""Networks and organizations on screen: made, filled, led, left, closed; the map, the months, the trees, a day."""

import re
from datetime import date, timedelta

import pytest

from contacts import atlas, networks
from contacts.models import Affiliation, Contact, Network, Role
from outreach.audit import AuditEntry
from outreach.web import maps

HOSTILE = "<img src=x onerror=alert(1)>"


def words(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


def noted(platform, action: str) -> list[AuditEntry]:
    with platform.reading() as read:
        return read.query(AuditEntry).filter_by(action=action).all()


def test_a_network_is_made_changed_closed_and_opened_again_and_the_log_says_by_whom(maura, cast, platform):
    made = maura.post("/redes/nueva", {"nombre": HOSTILE, "tipo": "observers", "descripcion": "Quienes observan"})
    assert made.status_code == 303
    path = made.headers["Location"]
    page = maura.get(path).text
    assert "&lt;img src=x onerror=alert(1)&gt;" in page
    assert HOSTILE not in page
    assert "Red de observación. Quienes observan" in words(page)
    again = maura.post("/redes/nueva", {"nombre": HOSTILE.upper(), "tipo": "list"})
    assert again.status_code == 422
    assert "Ya hay una red que se llama" in again.text
    long = maura.post("/redes/nueva", {"nombre": "x" * 10_000, "tipo": "list"})
    assert long.status_code == 422
    assert "debe tener entre 1 y 200 letras" in long.text
    maura.post(f"{path}/editar", {"nombre": "Observación 2025", "tipo": "list", "descripcion": ""})
    assert "Observación 2025" in maura.get("/redes/").text
    asked = maura.get(f"/redes/{cast.network}/cerrar").text
    assert "campañas todavía van a esta red" in asked
    maura.post(f"/redes/{cast.network}/cerrar")
    assert "Cerradas Red Voto Chilango" in words(maura.get("/redes/").text)
    assert "La red se cerró el 20 de junio de 2025" in maura.get(f"/redes/{cast.network}").text
    assert 'value="Red Voto Chilango"' not in maura.get("/campanas/nueva").text
    maura.post(f"/redes/{cast.network}/cerrar")
    assert "60 personas" in words(maura.get(f"/redes/{cast.network}").text)
    for action in ("network.add", "network.edit", "network.close", "network.reopen"):
        assert [entry.who for entry in noted(platform, action)] == ["maura"], action


def test_a_person_is_looked_for_added_led_by_whom_and_leaves_and_comes_back(maura, cast, platform):
    add = f"/redes/{cast.group}/agregar"
    found = words(maura.get(f"{add}?q=Nahúm").text)
    assert "Nahúm Tezontle Mezquite" in found
    person = f"/redes/{cast.group}/integrantes/2"
    given = {"persona": "2", "desde": "2025-05-02", "papel": "integrante", "trajo": "persona0@example.org"}
    for wrong, sentence in (
        ({"desde": "2025-06-21"}, "todavía no llega"),
        ({"desde": "ayer"}, "no es un día"),
        ({"trajo": "Nadie de Nadie"}, "No se encuentra a"),
        ({"trajo": "2"}, "nadie se trae a sí misma"),
    ):
        answer = maura.post(add, given | wrong, seen=f"{add}?persona=2")
        assert answer.status_code == 422, wrong
        assert sentence in answer.text, wrong
    assert maura.post(add, given, seen=f"{add}?persona=2").headers["Location"] == person
    text = words(maura.get(person).text)
    assert "Desde el 2 de mayo de 2025 La invitó Citlali Jacaranda Tezontle" in text
    maura.post(person, {"hacer": "papel", "dia_papel": "2025-05-10"})
    assert "Liderazgo desde el 10 de mayo de 2025" in maura.get(person).text
    early = maura.post(person, {"hacer": "salida", "dia_salida": "2025-05-03"})
    assert early.status_code == 422
    assert "No puede salir el" in early.text
    maura.post(person, {"hacer": "papel", "dia_papel": "2025-05-20"})
    maura.post(person, {"hacer": "salida", "dia_salida": "2025-05-31"})
    back = maura.post(add, given | {"desde": "2025-05-30"}, seen=f"{add}?persona=2")
    assert "ya estaba en la red" in back.text
    maura.post(add, given | {"desde": "2025-06-02", "trajo": ""}, seen=f"{add}?persona=2")
    text = words(maura.get(person).text)
    assert "Del 2 de mayo de 2025 al 31 de mayo de 2025" in text
    assert "Liderazgo del 10 de mayo de 2025 al 20 de mayo de 2025" in text
    circle = maura.post(f"/redes/{cast.network}/integrantes/1", {"hacer": "trajo", "trajo": "2"})
    assert circle.status_code == 422
    assert "no puede haber invitado a" in circle.text
    assert {len(noted(platform, action)) for action in ("network.join", "network.lead")} == {2}
    assert len(noted(platform, "network.leave")) == 1


def test_members_are_listed_by_role_and_as_they_were_on_a_day(maura, cast, platform):
    members = f"/redes/{cast.network}/integrantes"
    assert "60 personas" in words(maura.get(members).text)
    assert "1 a 50 de 60" in maura.get(members).text
    assert "5 personas" in words(maura.get(f"{members}?papel=liderazgo").text)
    assert "51 a 60 de 60" in maura.get(f"{members}?pagina=2").text
    with platform.transaction() as session:
        networks.lead(session, 2, cast.network, Role.LEADER, at=platform.clock.now() - timedelta(days=1))
        networks.leave(session, cast.citlali, cast.network, at=platform.clock.now() - timedelta(days=2))
    assert "59 personas" in words(maura.get(members).text)
    past = words(maura.get(f"{members}?dia=2025-06-10&papel=liderazgo").text)
    assert "5 personas el 10 de junio de 2025" in past
    assert "Citlali Jacaranda Tezontle" in past
    wrong = maura.get(f"{members}?dia=2025-06-31")
    assert wrong.status_code == 200
    assert "no es una fecha" in wrong.text
    assert "todavía no llega" in maura.get(f"{members}?dia=2025-06-21").text


def test_the_count_of_a_day_stands_by_country_and_beside_a_post_in_the_group(maura, cast):
    day = words(maura.get(f"/redes/{cast.network}/alcance?dia=2025-06-10").text)
    assert "60 personas 5 liderazgos 55 integrantes" in day
    assert "Estados Unidos 18 2" in day
    assert "no había nadie" in maura.get(f"/redes/{cast.network}/alcance?dia=1999-01-01").text
    assert "Aquí constan 15 personas" in words(maura.get(f"/tareas/{cast.waiting_task}").text)


def test_the_map_has_a_circle_a_city_and_the_table_beside_it_says_the_same(maura, cast, platform):
    page = maura.get(f"/redes/{cast.network}").text
    assert page.count('class="vc-city"') == 10
    assert "<title>Berlín, Alemania: 6</title>" in page
    assert "Berlín Alemania 6" in words(page)
    with platform.transaction() as session:
        session.get_one(Contact, 1).city = HOSTILE
    page = maura.get(f"/redes/{cast.network}").text
    assert "1 persona no está en el mapa" in page
    assert HOSTILE not in page


def test_cities_are_found_by_the_names_people_give_them():
    for country, city, latitude, longitude in (
        ("GB", "Londres", 51.5, -0.1), ("US", "nueva york", 40.7, -74.0), ("US", "Chicago, IL", 41.9, -87.7),
        ("JP", "Tokio", 35.7, 139.7), ("MX", "Tijuana", 32.5, -117.0), ("DE", "MÚNICH", 48.1, 11.6),
    ):  # fmt: skip
        found = atlas.locate(country, city)
        assert found
        assert found == pytest.approx((latitude, longitude), abs=0.1), city
    assert atlas.locate("US", "Ningún Lugar") is None
    drawn = maps.draw([("Londres", "GB", 4, 0), ("London", "GB", 5, 1), ("X", "GB", 2, 0), ("", "", 1, 0)])
    assert [(circle.people, circle.city) for circle in drawn.circles] == [(9, "London")]
    assert drawn.elsewhere == 3


def test_months_show_who_joined_and_left_posts_and_messages(maura, cast, platform):
    with platform.transaction() as session:
        networks.leave(session, 2, cast.network, at=platform.clock.now() - timedelta(days=30))
    assert re.search(r"Mayo de 2025 0 1 \d+", words(maura.get(f"/redes/{cast.network}").text))
    assert re.search(r"Abril de 2025 60 0 \d+", words(maura.get(f"/redes/{cast.network}").text))
    assert "Junio de 2025 15 0 0 0" in words(maura.get(f"/redes/{cast.group}").text)
    assert "Junio de 2025 0 0 1 0" in words(maura.get(f"/redes/{cast.group + 1}").text)  # where it was posted


def test_trees_open_without_script_and_lead_further_down(maura, cast):
    page = maura.get(f"/redes/{cast.network}/invitaciones").text
    assert "<details><summary>Invitó a 15" in page
    below = words(maura.get(f"/redes/{cast.network}/invitaciones?persona={cast.citlali}").text)
    assert "A quiénes invitó Citlali Jacaranda Tezontle" in below
    assert below.count("Nahúm") >= 5
    assert maura.get(f"/redes/{cast.network}/invitaciones?persona=999").status_code == 404


def test_an_organization_is_made_found_filled_and_shown_with_its_person(maura, cast, platform):
    typed = {"nombre": HOSTILE, "tipo": "consulado", "pais": "estados unidos", "ciudad": "Chicago",
             "web": "https://consulado.example.org", "notas": "Uno\nDos"}  # fmt: skip
    for wrong, sentence in (
        ({"web": "javascript:alert(1)"}, "no es la dirección de una página"),
        ({"nombre": ""}, "debe tener entre 1 y 200"),
        ({"tipo": "club"}, "no es un tipo de organización"),
        ({"pais": "Atlántida"}, "No se conoce el país"),
        ({"notas": "n" * 10_000}, "Hay más de 5000 letras"),
    ):
        answer = maura.post("/organizaciones/nueva", typed | wrong)
        assert answer.status_code == 422, wrong
        assert sentence in answer.text, wrong
    path = maura.post("/organizaciones/nueva", typed).headers["Location"]
    assert maura.post("/organizaciones/nueva", typed).status_code == 422
    assert "1 organización" in words(maura.get("/organizaciones/?q=CHICAGO&tipo=consulado").text)
    assert "Ninguna coincide" in maura.get("/organizaciones/?tipo=osc").text
    person = {"persona": "persona0@example.org", "cargo": "Cónsul", "desde": "2025-01-10", "principal": "si"}
    for wrong, sentence in (
        ({"persona": "nadie@example.org"}, "No se encuentra a"),
        ({"desde": "2025-07-01"}, "todavía no llega"),
        ({"hasta": "2025-01-09", "principal": ""}, "es anterior al primero"),
        ({"hasta": "2025-03-01"}, "no puede ser el contacto principal"),
        ({"cargo": "c" * 10_000}, "Hay más de 200 letras"),
    ):
        answer = maura.post(path, person | wrong)
        assert answer.status_code == 422, wrong
        assert sentence in answer.text, wrong
    assert maura.post(path, person).status_code == 303
    assert "ya está en" in maura.post(path, person).text
    page = maura.get(path).text
    assert "Contacto principal" in page
    assert HOSTILE not in page
    card = maura.get(f"/contactos/{cast.citlali}").text
    assert "Cónsul (contacto principal)" in words(card)
    span = maura.client.get(path).text.split("paso=")[1].split('"')[0]
    change = f"{path}/personas/{cast.citlali}?paso={span}"
    done = maura.post(change, {"paso": span, "cargo": "Cónsul", "desde": "2025-01-10", "hasta": "2025-05-31"})
    assert done.status_code == 303
    assert "hasta 31 may" in words(maura.get(f"/contactos/{cast.citlali}").text)
    with platform.reading() as read:
        (kept,) = read.query(Affiliation).all()
        assert (kept.until, kept.main) == (date(2025, 5, 31), False)
        assert read.get_one(Contact, cast.citlali).organization_id is None
    for action in ("organization.add", "organization.join", "organization.change"):
        assert [entry.who for entry in noted(platform, action)] == ["maura"], action


def test_whom_only_a_file_put_into_an_organization_is_there_too_and_gets_a_position(maura, cast, platform):
    path = maura.post("/organizaciones/nueva", {"nombre": "Red de prueba", "tipo": "osc"}).headers["Location"]
    number = int(path.rpartition("/")[2])
    with platform.transaction() as session:
        session.get_one(Contact, 3).organization_id = number
    assert "Amaranta" in maura.get(path).text
    assert maura.post(f"{path}/personas/3", {"cargo": "Voluntaria", "principal": "si"}).status_code == 303
    assert "Voluntaria" in maura.get(path).text
    with platform.reading() as read:
        assert read.query(Affiliation).count() == 1
    assert maura.get(f"{path}/personas/4").status_code == 404


def test_a_closed_network_is_no_audience(maura, cast, platform):
    with platform.transaction() as session:
        session.get_one(Network, cast.group).closed_at = platform.clock.now()
    form = maura.get("/campanas/nueva").text
    assert "Ruta Chilanga" not in form
    assert "Comunidad migrante" in form
