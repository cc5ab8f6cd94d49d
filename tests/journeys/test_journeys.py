"""What people come to do, from the first press to the last, with a real server, sender and simulator behind."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from campaigns.models import Campaign, GroupTask
from contacts import consent
from contacts.models import Channel, Purpose
from outreach import unsubscribe

pytestmark = pytest.mark.browser

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(64)


def test_a_campaign_is_written_looked_at_sent_and_watched_until_everybody_has_it(open_tab, house):
    tab = open_tab()
    page = tab.enter()
    page.get_by_role("link", name="Nueva campaña").click()
    page.get_by_label("Título").fill("Últimas horas de registro")
    page.get_by_label("Clase").fill("difusion")
    page.get_by_label("Texto para el informe").fill("Envío de anuncio “Registre su proyecto: últimas horas”")
    page.get_by_role("group", name="Redes").get_by_label("Red Voto Chilango").check()
    page.get_by_label("Asunto").first.fill("{{ nombre }}, últimas horas")
    page.get_by_label("Texto", exact=True).first.fill("Hola, {{ apodo }}")
    page.get_by_role("button", name="Guardar borrador").click()

    # what is wrong is said at its field, and nothing typed is lost
    expect(page.get_by_role("alert")).to_contain_text("Falta corregir 1 cosa")
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_label("Texto", exact=True).first).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Título")).to_have_value("Últimas horas de registro")
    page.get_by_label("Texto", exact=True).first.fill("Hola, {{ nombre }}: quedan horas.")
    page.get_by_role("button", name="Guardar borrador").click()

    # how a chosen person reads it
    expect(page.get_by_role("heading", name="Últimas horas de registro")).to_be_visible()
    page.get_by_label("Como lo lee").select_option(label="Citlali Jacaranda Tezontle, Chicago")
    expect(page.get_by_text("Citlali Jacaranda Tezontle, últimas horas")).to_be_visible()

    # nothing leaves before the number of people has been repeated
    page.get_by_role("link", name="Enviar ahora").click()
    expect(page.get_by_text("de 60 personas recibirán este mensaje")).to_be_visible()
    page.get_by_role("button", name="Enviar a 53 personas").click()
    expect(page.locator("#campana-estado")).to_have_text("Enviándose")

    # it moves while somebody looks, without a press
    engine = house.engine()
    engine.tick()
    engine.drain()
    expect(page.locator(".vc-big")).to_have_text("53")
    house.deliver()
    expect(page.locator("#campana-estado")).to_have_text("Terminada", timeout=20_000)
    expect(page.get_by_role("button", name="Pausar")).to_have_count(0)
    number = int(page.url.rsplit("/", 1)[1])
    house.deliver()
    page.reload()

    # and every person is in the log
    page.get_by_role("link", name=re.compile("Personas")).click()
    expect(page.get_by_role("heading", name="60 personas")).to_be_visible()
    page.get_by_label("Estado").select_option("skipped")
    page.get_by_role("button", name="Filtrar").click()
    expect(page.get_by_role("heading", name="7 personas")).to_be_visible()
    expect(page.get_by_text("No consta que haya aceptado recibir estos mensajes").first).to_be_visible()
    page.get_by_role("link", name="Descargar todo (CSV)").click()
    page.get_by_label("Para qué").fill("revisar los omitidos")
    with page.expect_download() as download:
        page.get_by_role("button", name="Descargar").click()
    assert download.value.suggested_filename == f"campana-{number}.csv"

    # it stands in the register by itself
    page.goto(house.url + "/registro/?q=" + "Registre su proyecto")
    expect(page.get_by_role("heading", name=re.compile("^1 comunicación"))).to_be_visible()
    assert house.providers.simulator


def test_a_live_page_leaves_the_keyboard_where_it_is_and_tells_a_reader_what_moved(open_tab, house):
    tab = open_tab()
    page = tab.enter()
    page.goto(f"{house.url}/campanas/{house.cast.sending}")
    link = page.locator("#n-read")
    link.focus()
    page.evaluate("document.getElementById('avance').dataset.mine = 'kept'")
    with page.expect_response(re.compile("/avance")) as first:
        pass
    assert first.value.status in {200, 304}
    with page.expect_response(re.compile("/avance")):
        pass
    expect(page.locator("#n-read")).to_be_focused()


def test_what_is_in_the_groups_is_copied_published_and_proved(open_tab, house, tmp_path):
    picture = tmp_path / "captura.png"
    picture.write_bytes(PICTURE)
    tab = open_tab(viewport={"width": 390, "height": 844}, permissions=["clipboard-read", "clipboard-write"])
    page = tab.enter()
    page.get_by_role("link", name="Hacer tarea: Ruta Chilanga").click()
    page.get_by_role("button", name="Copiar el texto").click()
    expect(page.get_by_role("button", name="Copiado")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()").startswith("*Simulacro del SEI*")
    page.get_by_label("Integrantes del grupo ese día").fill("152")
    page.get_by_label("Imagen como evidencia").set_input_files(picture)
    page.get_by_role("button", name="Publicado").click()
    expect(page.get_by_text("Publicado. Queda en el registro")).to_be_visible()
    expect(page.get_by_text("152 integrantes")).to_be_visible()
    with house.platform.reading() as session:
        task = session.get_one(GroupTask, house.cast.waiting_task)
        assert (task.published_by, task.members) == ("maura", 152)
        assert (house.platform.settings.data / "evidence" / task.evidence).read_bytes() == PICTURE


def test_a_person_is_found_while_one_types(open_tab, house):
    tab = open_tab()
    page = tab.enter()
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.get_by_role("link", name="Contactos").click()
    page.get_by_label("Nombre, ciudad, correo o número").press_sequentially("persona17@", delay=20)
    expect(page.get_by_role("heading", name="1 persona", exact=True)).to_be_visible()
    expect(page.locator("#voz")).to_have_text("1 persona")  # told to whoever does not see it
    assert "/contactos/?q=persona17%40" in page.url
    expect(page.get_by_label("Nombre, ciudad, correo o número")).to_be_focused()
    page.get_by_label("Nombre, ciudad, correo o número").fill("")
    page.get_by_label("País").select_option("ES")
    expect(page.get_by_role("heading", name="6 personas")).to_be_visible()
    page.go_back()
    expect(page.get_by_label("Nombre, ciudad, correo o número")).to_be_visible()


def test_a_communication_is_noted_corrected_and_annulled(open_tab, house):
    tab = open_tab()
    page = tab.enter()
    page.get_by_role("link", name="Anotar comunicación").click()
    page.get_by_label("Fecha").fill("2025-06-31")
    page.get_by_label("Canal").select_option("reunion")
    page.get_by_label("Clase").fill("reunion")
    page.get_by_label("Información").fill("Reunión con consulados de la costa oeste")
    page.get_by_role("button", name="Guardar").click()
    expect(page.get_by_text("«2025-06-31» no es una fecha del calendario").first).to_be_visible()
    page.get_by_role("alert").get_by_role("link").click()
    expect(page.get_by_label("Fecha")).to_be_focused()
    page.get_by_label("Fecha").fill("2025-06-13")
    page.get_by_role("button", name="Guardar").click()
    expect(page.get_by_text("La comunicación quedó anotada con el folio")).to_be_visible()
    page.get_by_role("link", name="Corregir").click()
    page.get_by_label("Hora").fill("18:30")
    page.get_by_label("Motivo de la corrección").fill("Faltaba la hora")
    page.get_by_role("button", name="Guardar").click()
    expect(page.get_by_text("Motivo: Faltaba la hora")).to_be_visible()
    page.get_by_role("link", name="Anular").click()
    page.get_by_label("Motivo").fill("Se anotó dos veces")
    page.get_by_role("button", name="Anular la comunicación").click()
    expect(page.get_by_text("Se conserva y no cuenta en los informes")).to_be_visible()


def test_the_informe_is_read_on_screen_and_taken_along_in_every_format(open_tab, house):
    tab = open_tab()
    page = tab.enter()
    page.get_by_role("link", name="Informes", exact=True).click()
    page.get_by_role("link", name="Abril a junio de 2025").first.click()
    expect(page.get_by_role("article")).to_contain_text("Correos enviados a la Red Voto Chilango")
    page.get_by_role("link", name="Aviso 1", exact=True).first.click()
    expect(page.locator("#aviso-1")).to_be_in_viewport()
    for name, ending in (("Word", "docx"), ("Excel", "xlsx"), ("CSV", "zip"), ("HTML", "html"), ("JSON", "json")):
        with page.expect_download() as download:
            page.get_by_role("link", name=re.compile(f"^{name} ?")).click()
        assert download.value.suggested_filename == f"trimestral-2025-04-01-2025-06-30.{ending}"
        assert Path(download.value.path()).stat().st_size > 500


def test_everything_works_without_script(open_tab, house):
    tab = open_tab(java_script_enabled=False)
    page = tab.enter()
    page.goto(f"{house.url}/campanas/{house.cast.sending}")
    page.get_by_role("button", name="Pausar").click()
    expect(page.get_by_text("En pausa: nada nuevo sale hasta que alguien la siga.")).to_be_visible()
    page.get_by_role("button", name="Seguir enviando").click()
    expect(page.locator("#campana-estado")).to_have_text("Enviándose")
    page.goto(f"{house.url}/contactos/")
    page.get_by_label("Nombre, ciudad, correo o número").fill("persona17@")
    page.get_by_role("button", name="Buscar").click()
    expect(page.get_by_role("heading", name="1 persona", exact=True)).to_be_visible()
    page.get_by_role("button", name="Salir").click()
    expect(page.get_by_role("heading", name="Entrar")).to_be_visible()


def test_on_a_phone_the_menu_opens_and_leads_everywhere(open_tab, house):
    tab = open_tab(viewport={"width": 390, "height": 844}, has_touch=True)
    page = tab.enter()
    menu = page.get_by_role("navigation", name="Principal, teléfono")
    expect(menu).to_be_hidden()
    page.get_by_label("Menú").click()
    expect(menu).to_be_visible()
    for link in menu.get_by_role("link").all():
        assert link.bounding_box()["height"] >= 44  # type: ignore[index]
    menu.get_by_role("link", name="Registro").click()
    expect(page.get_by_role("heading", name="Registro de comunicaciones")).to_be_visible()


def test_with_the_keyboard_alone_one_comes_in_and_skips_to_the_content(open_tab, house):
    tab = open_tab()
    page = tab.go("/entrar")
    page.get_by_label("Usuario").focus()
    page.keyboard.type("maura")
    page.keyboard.press("Tab")
    page.keyboard.type("jacarandas en flor")
    page.keyboard.press("Enter")
    page.wait_for_url(house.url + "/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Ir al contenido")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#contenido")).to_be_focused()


def test_whoever_wants_no_more_mail_leaves_from_a_phone_in_two_presses(open_tab, house):
    person = house.cast.citlali + 2
    tab = open_tab(viewport={"width": 360, "height": 740}, has_touch=True)
    page = tab.go(f"/baja/{unsubscribe.token(house.platform.secret, person, Channel.EMAIL)}")
    button = page.get_by_role("button", name="Darme de baja")
    assert button.bounding_box()["height"] >= 44  # type: ignore[index]
    button.click()
    expect(page.get_by_role("heading", name="Su baja quedó anotada")).to_be_visible()
    with house.platform.reading() as session:
        assert not consent.may_contact(session, person, Channel.EMAIL, Purpose.NOTICES).allowed


def test_one_changes_the_language_and_it_stays(open_tab, house):
    tab = open_tab()
    page = tab.enter()
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name=re.compile("^Good"))).to_be_visible()
    page.get_by_role("link", name="Campaigns").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.get_by_role("button", name="Español").click()
    expect(page.get_by_role("heading", name="Campañas")).to_be_visible()


def test_a_doubt_is_settled_by_a_person(open_tab, house):
    tab = open_tab()
    page = tab.enter()
    page.get_by_role("link", name="Decidir").last.click()
    expect(page.get_by_text("No se repiten por sí solos")).to_be_visible()
    page.get_by_role("button", name="Sí salió", exact=True).click()
    expect(page.get_by_text("1 envío quedó como salido.")).to_be_visible()
    with house.platform.reading() as session:
        assert session.get_one(Campaign, house.cast.sending)
