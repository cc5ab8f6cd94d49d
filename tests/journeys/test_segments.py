"""A segment is put together in a browser, counts while one writes, and becomes the audience of a campaign."""

import re

import pytest
from playwright.sync_api import expect

from contacts import people
from contacts.segments import Segment

pytestmark = pytest.mark.browser


def test_a_segment_is_written_counted_saved_and_written_to_and_who_moved_away_is_not_in_it(open_tab, house):
    tab = open_tab()
    page = tab.enter()
    page.get_by_role("navigation", name="Principal").get_by_role("link", name="Segmentos").click()
    page.get_by_role("link", name="Nuevo segmento").click()
    page.get_by_label("Nombre").fill("Chicago, avisos")
    page.get_by_label("Agregar").first.select_option(label="Ciudad")
    page.get_by_role("button", name="Agregar").click()
    expect(page.get_by_label("Nombre")).to_have_value("Chicago, avisos")  # nothing typed is lost
    expect(page.locator("legend[data-focus]")).to_be_focused()

    # the count and the people come without a press
    page.get_by_label("Ciudades").fill("chicago")
    expect(page.locator("#muestra .vc-big")).to_have_text("6")
    expect(page.locator("#voz")).to_have_text("6 personas")
    expect(page.get_by_role("link", name="Citlali Jacaranda Tezontle")).to_be_visible()
    page.get_by_role("button", name="Guardar").click()
    expect(page.get_by_role("heading", name="Chicago, avisos", level=1)).to_be_visible()
    expect(page.get_by_text("Su ciudad es chicago")).to_be_visible()

    # it is an audience
    page.get_by_role("link", name="Escribirles").click()
    expect(page.get_by_role("group", name="Segmentos", exact=True).get_by_label("Chicago, avisos")).to_be_checked()
    page.get_by_label("Título").fill("Aviso a Chicago")
    page.get_by_label("Clase").fill("difusion")
    page.get_by_label("Texto para el informe").fill("Aviso a Chicago")
    page.get_by_label("Asunto").first.fill("Aviso")
    page.get_by_label("Texto", exact=True).first.fill("Hola, {{ nombre }}.")
    page.get_by_role("button", name="Guardar borrador").click()
    page.get_by_role("link", name="Enviar ahora").click()
    expect(page.get_by_text("de 6 personas recibirán este mensaje")).to_be_visible()

    # one moves away before it goes out
    with house.platform.transaction() as session:
        (someone,) = people.by_address(session, "persona10@example.org")
        people.edit(session, someone, {"ciudad": "Toronto", "pais": "CA"})
    page.reload()
    expect(page.get_by_text("de 5 personas recibirán este mensaje")).to_be_visible()
    page.get_by_role("button", name=re.compile("^Enviar a 5 personas")).click()
    engine = house.engine()
    engine.tick()
    engine.drain()
    house.deliver()
    assert house.providers.simulator
    asked = {letter.to for letter in house.providers.simulator.messages() if letter.subject == "Aviso"}
    assert asked == {f"persona{n}@example.org" for n in (0, 20, 30, 40, 50)}
    with house.platform.reading() as session:
        assert session.query(Segment).count() == 2
