"""What a person does on a phone without an account: joins, confirms, chooses, looks at their data, leaves."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from contacts import consent, people
from contacts.models import Channel, Purpose
from contacts.rights import RightsRequest

pytestmark = pytest.mark.browser

AXE = Path(__file__).with_name("vendor") / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
OVER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
PHONE = {"viewport": {"width": 390, "height": 800}, "has_touch": True, "color_scheme": "dark"}
ADDRESS = "xochitl@example.org"


def faultless(page):
    assert page.evaluate(OVER) <= 0, page.url
    page.evaluate(AXE.read_text(encoding="utf-8"))
    violations = page.evaluate("tags => axe.run(document, {runOnly: tags})", TAGS)["violations"]
    assert [each["nodes"][0]["html"][:160] for each in violations] == []


def link(house, path):
    """Let the house send, and return the newest link of a kind that left it to that address."""
    engine = house.engine()
    engine.tick()
    engine.drain()
    assert house.providers.simulator
    letters = house.providers.simulator.messages(address=ADDRESS)
    return next(found[0] for letter in letters if (found := re.search(rf"http://\S+/{path}/[\w.-]+", letter.text)))


def test_somebody_joins_on_a_phone_confirms_chooses_and_leaves(open_tab, house):
    page = open_tab(**PHONE).go("/unirse")
    join(page)
    confirm(page, house)
    choose(page)
    with house.platform.reading() as session:
        [person] = people.by_address(session, ADDRESS)
        who = person.id
        assert person.timezone == "America/Denver"
        assert consent.may_contact(session, who, Channel.EMAIL, Purpose.BULLETINS).allowed
        assert consent.may_contact(session, who, Channel.WHATSAPP, Purpose.EVENTS).allowed
        assert not consent.may_contact(session, who, Channel.WHATSAPP, Purpose.BULLETINS).allowed
    look_at_their_data(page, house)
    with house.platform.reading() as session:
        assert session.get_one(RightsRequest, 1).contact_id == who

    # and out again, in two presses
    page.goto(link(house, "baja"))
    page.get_by_role("button", name="Unsubscribe").click()
    expect(page.get_by_role("heading", name="You have been unsubscribed")).to_be_visible()
    with house.platform.reading() as session:
        assert not consent.may_contact(session, who, Channel.EMAIL, Purpose.BULLETINS).allowed


def join(page):
    """Fill the form on the second try."""
    page.get_by_label("Nombre").fill("Xóchitl Prueba")
    page.get_by_label("Correo electrónico").fill("xochitl")
    page.get_by_label("País donde vive").select_option("US")
    page.get_by_label("Ciudad").fill("Denver")
    page.get_by_role("button", name="Unirme").click()
    expect(page.get_by_role("alert")).to_contain_text("Falta corregir 3 cosas")
    expect(page.get_by_label("Ciudad")).to_have_value("Denver")
    expect(page.get_by_text("Según lo que escribió: Denver.")).to_be_visible()
    faultless(page)
    page.get_by_label("Correo electrónico").fill(ADDRESS)
    page.get_by_label("Eventos").check()
    page.get_by_label("WhatsApp:").check()
    page.get_by_label("Número de WhatsApp").fill("+1 303 555 0142")
    page.get_by_label("Leí el aviso de privacidad").check()
    page.get_by_role("button", name="Unirme").click()
    expect(page.get_by_role("heading", name="Revise su correo")).to_be_visible()


def confirm(page, house):
    """Open the one mail, and give the one press that counts."""
    page.goto(link(house, "confirmar"))
    expect(page.get_by_text("También por WhatsApp, en el número terminado en 42")).to_be_visible()
    faultless(page)
    page.get_by_role("button", name="Sí, confirmo").click()
    expect(page.get_by_role("heading", name="Gracias por confirmar")).to_be_visible()


def choose(page):
    """Take what they receive into their own hands, and the other language."""
    page.get_by_role("link", name="Ver mis preferencias").click()
    expect(page.get_by_role("group", name="Eventos").get_by_label("WhatsApp")).to_be_checked()
    page.get_by_role("link", name="EN English").click()
    expect(page.get_by_role("heading", name="You decide what you receive")).to_be_visible()
    page.get_by_role("group", name="Bulletins").get_by_label("E-mail").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").first).to_contain_text("Saved at 11:")
    faultless(page)


def look_at_their_data(page, house):
    """Ask for the link, read and download, and wish for a correction."""
    page.get_by_role("button", name="Send me the link to my data").click()
    page.goto(link(house, "mis-datos"))
    page.get_by_role("button", name="See my data").click()
    expect(page.get_by_role("heading", name="All that we hold about you")).to_be_visible()
    faultless(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download (JSON)").click()
    assert download.value.suggested_filename == "mis-datos.json"
    page.get_by_label("City and country").fill("Boulder, United States")
    page.get_by_role("button", name="Ask for the correction").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("ARCO-2025-0001")
    faultless(page)
