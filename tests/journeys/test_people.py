"""From a file of people to somebody who asks for no more, in one browser: the way of a whole campaign."""

import re

import pytest
from playwright.sync_api import expect

from outreach.intake.desk import Desk

pytestmark = pytest.mark.browser

FILE = (
    "Nombre,Correo,País,Ciudad\n"
    "Amaranta Nube Colorín,amaranta.nube@example.org,Estados Unidos,Boise\n"
    "Teo Rayo Mezquite,teo.rayo@example.org,Estados Unidos,Boise\n"
    "Inés Bruma Nopal,ines.bruma@example.org,España,Madrid\n"
    "Sin correo,nadie@,España,Madrid\n"
)


def send(house) -> None:
    engine = house.engine()
    engine.tick()
    engine.drain()
    house.deliver()


def letters(house, subject: str) -> dict[str, object]:
    assert house.providers.simulator
    return {letter.to: letter for letter in house.providers.simulator.messages() if letter.subject == subject}


def campaign(page, subject: str) -> None:
    page.get_by_role("link", name="Escribirles").click()
    page.get_by_label("Título").fill(subject)
    page.get_by_label("Clase").fill("difusion")
    page.get_by_label("Texto para el informe").fill(subject)
    page.get_by_label("Asunto").first.fill(subject)
    page.get_by_label("Texto", exact=True).first.fill("Hola, {{ nombre }}.")
    page.get_by_role("button", name="Guardar borrador").click()
    page.get_by_role("link", name="Enviar ahora").click()


def bring_in(page, house, path) -> None:
    """The file is looked at, its consent stated, and its good rows come in."""
    page.get_by_role("navigation", name="Principal").get_by_role("link", name="Contactos").click()
    page.get_by_role("link", name="Importar", exact=True).click()
    page.locator("input[type=file]").set_input_files(path)
    page.get_by_role("button", name="Subir y ver qué trae").click()
    Desk(house.platform).drain()
    page.reload()
    expect(page.get_by_text("4 renglones")).to_be_visible()
    page.get_by_label("Sí, y consta así:").check()
    page.get_by_label("Dónde aceptaron").fill("formulario del evento del 15 de mayo")
    page.get_by_label("Qué día").fill("2025-05-15")
    page.get_by_label("Correo", exact=True).check()
    page.get_by_role("group", name="Para qué").get_by_role("checkbox").first.check()
    page.get_by_role("button", name="Revisar todo el archivo").click()
    Desk(house.platform).drain()
    page.reload()
    expect(page.get_by_role("heading", name="Rechazados: 1")).to_be_visible()
    page.get_by_role("button", name="Traer los 3 renglones buenos").click()
    Desk(house.platform).drain()
    page.reload()
    expect(page.get_by_text("De 4 renglones, 1 se rechazó.")).to_be_visible()


def segment(page) -> str:
    """Some of them are a segment; return its address."""
    page.get_by_role("navigation", name="Principal").get_by_role("link", name="Segmentos").click()
    page.get_by_role("link", name="Nuevo segmento").click()
    page.get_by_label("Nombre").fill("Boise")
    page.get_by_label("Agregar").first.select_option(label="Ciudad")
    page.get_by_role("button", name="Agregar").click()
    page.get_by_label("Ciudades").fill("boise")
    expect(page.locator("#muestra .vc-big")).to_have_text("2")
    page.get_by_role("button", name="Guardar").click()
    expect(page.get_by_role("heading", name="Boise", level=1)).to_be_visible()
    return page.url


def test_a_file_becomes_people_a_segment_a_campaign_and_who_unsubscribes_is_skipped_by_the_next(
    open_tab, house, tmp_path
):
    path = tmp_path / "evento.csv"
    path.write_text(FILE, encoding="utf-8")
    tab = open_tab()
    page = tab.enter()
    bring_in(page, house, path)
    boise = segment(page)

    # they are written to
    campaign(page, "Primer aviso")
    page.get_by_role("button", name=re.compile("^Enviar a 2 personas")).click()
    send(house)
    first = letters(house, "Primer aviso")
    assert set(first) == {"amaranta.nube@example.org", "teo.rayo@example.org"}

    # one of them has no more of it, from a phone
    way_out = re.search(rf"{re.escape(house.url)}/baja/[\w.~-]+", first["teo.rayo@example.org"].text)
    assert way_out
    phone = open_tab(viewport={"width": 390, "height": 844}).page
    phone.goto(way_out.group())
    phone.get_by_role("button", name="Darme de baja").click()
    expect(phone.get_by_role("heading", name="Su baja quedó anotada")).to_be_visible()

    # and the next one says so, and why
    page.goto(boise)
    campaign(page, "Segundo aviso")
    expect(page.get_by_text("de 2 personas recibirán este mensaje")).to_be_visible()
    page.get_by_role("button", name=re.compile("^Enviar a 1 persona")).click()
    send(house)
    assert set(letters(house, "Segundo aviso")) == {"amaranta.nube@example.org"}
    page.reload()
    page.get_by_role("link", name=re.compile("Personas")).click()
    page.get_by_label("Estado").select_option("skipped")
    page.get_by_role("button", name="Filtrar").click()
    expect(page.get_by_role("heading", name="1 persona", exact=True)).to_be_visible()
    expect(page.get_by_text("Teo Rayo Mezquite").first).to_be_visible()
    expect(page.get_by_text("La persona pidió no recibir mensajes por esta vía").first).to_be_visible()
