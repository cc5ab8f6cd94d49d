"""Every page in a real browser: nobody is shut out, nothing overflows, nothing is asked of others, no error."""

from datetime import date, datetime, timedelta
from importlib import import_module
from pathlib import Path

import pytest

from campaigns.models import Campaign, Delivery, WebhookRefusal
from contacts import address_book, consent, duplicates, organizations, people, rights, tagging, unifying
from contacts.linkrequests import LinkUse
from contacts.models import Channel, Contact, EvidenceKind
from contacts.rights import Asked, Right, Terms
from outreach import confirming, evidence, invitation, linking, links, unsubscribe

pytestmark = pytest.mark.browser

AXE = Path(__file__).with_name("vendor") / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
PAGES = (
    "/",
    "/campanas/",
    "/campanas/?estado=borradores",
    "/campanas/nueva",
    "/campanas/{sending}",
    "/campanas/{sending}/personas",
    "/campanas/{sending}/personas.csv",
    "/campanas/{sending}/contenido",
    "/campanas/{sending}/cancelar",
    "/campanas/{sending}/en-duda",
    "/campanas/{draft}",
    "/campanas/{draft}/enviar",
    "/campanas/{draft}/editar",
    "/campanas/{weekly}/editar",
    "/campanas/{paused}",
    "/campanas/{held}",
    "/campanas/{groups}",
    "/campanas/{groups}/contenido",
    "/calendario/",
    "/tareas/",
    "/tareas/{waiting_task}",
    "/tareas/{done_task}",
    "/contactos/",
    "/contactos/?q=nadie",
    "/contactos/{citlali}",
    "/contactos/{citlali}/consentimiento",
    "/contactos/por-vencer",
    "/avisos-de-privacidad/",
    "/avisos-de-privacidad/nuevo",
    "/avisos-de-privacidad/version/inicial",
    "/contactos/{citlali}/otra?q=citlali",
    "/contactos/{citlali}/editar?solicitud=ARCO-1",
    "/contactos/{citlali}/direcciones/nueva",
    "/contactos/{citlali}/direcciones/{address}",
    "/contactos/nueva",
    "/contactos/etiquetas/",
    "/contactos/etiquetas/{tag}",
    "/contactos/etiquetas/aplicar",
    "/contactos/duplicados/",
    "/contactos/duplicados/?motivo=same_email",
    "/contactos/unir?persona={citlali}&persona=2",
    "/contactos/importar/",
    "/contactos/importar/{imports[mapping]}",
    "/contactos/importar/{imports[checked]}",
    "/contactos/importar/{imports[bringing]}",
    "/contactos/importar/{imports[done]}",
    "/contactos/58",
    "/contactos/exportar/?q=chicago",
    "/contactos/exportar/?red={network}&fecha=2025-06-31",
    "/bitacora/?persona={citlali}",
    "/redes/",
    "/redes/{network}",
    "/redes/{group}",
    "/redes/{network}/integrantes?dia=2025-06-31",
    "/redes/{network}/integrantes/{citlali}",
    "/redes/{network}/invitaciones?persona={citlali}",
    "/redes/{network}/alcance?dia=2025-05-15",
    "/redes/{network}/agregar?q=citlali",
    "/redes/{group}/agregar?persona=2",
    "/redes/{network}/cerrar",
    "/redes/{network}/editar",
    "/organizaciones/",
    "/organizaciones/nueva",
    "/organizaciones/{organization}",
    "/organizaciones/{organization}/personas/{citlali}?paso=1",
    "/segmentos/",
    "/segmentos/nuevo",
    "/segmentos/{segment}",
    "/segmentos/{segment}/editar",
    "/segmentos/{segment}/eliminar",
    "/contactos/?segmento={segment}",
    "/derechos/",
    "/derechos/?tipo=rectificacion",
    "/derechos/nueva?persona={citlali}",
    "/derechos/{asked}",
    "/derechos/{asked}/suprimir",
    "/derechos/{answered}",
    "/derechos/persona/{citlali}",
    "/registro/",
    "/registro/?hasta=2025-06-31",
    "/registro/nueva",
    "/registro/comunicacion/{folio}",
    "/registro/corregir/{folio}",
    "/registro/anular/{folio}",
    "/registro/importaciones",
    "/registro/importaciones/1/deshacer",
    "/informes/",
    "/informes/trimestral?desde=2025-04-01&hasta=2025-06-30",
    "/bitacora/?consultas=1",
    "/bitacora/avisos/",
    "/buscar/?q=simulacro",
)
PUBLIC = (
    "/unirse",
    "/unirse/listo",
    "/preferencias/{preferences}",
    "/preferencias/{old_preferences}",
    "/preferencias/otra",
    "/mis-datos",
    "/mis-datos/listo",
    "/mis-datos/{my_data}",
    "/mis-datos/{old_data}",
    "/entrar",
    "/baja/{way_out}",
    "/baja/otra",
    "/confirmar/{confirms}",
    "/confirmar/otra",
)
OVER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def house(served, tmp_path_factory):
    """One house for all that only looks."""
    with served(tmp_path_factory.mktemp("looked_at")) as house:
        with house.platform.transaction() as session:
            for kind, reason in (("sendgrid", "wrong"), ("twilio-inbound", "unsigned"), ("twilio-status", "stale")):
                session.add(WebhookRefusal(kind=kind, reason=reason, hour=house.platform.clock.now(), count=12345))
            house.cast.asked, house.cast.answered = _requests(session, house.cast.citlali, house.platform.clock.now())
            pair = duplicates.Pair(house.cast.citlali, 2, 91, same_phone=True, like_name=True)
            duplicates.keep(session, [pair], at=house.platform.clock.now())
            house.cast.organization = _organization(session, house.cast.citlali, house.platform.clock.now().date())
            house.cast.address, house.cast.tag = _shared_and_tagged(
                session, house.cast.citlali, house.platform.clock.now()
            )
            unifying.merge(session, 58, [59], at=house.platform.clock.now(), by="maura")
            house.cast.confirms = _consents(house.platform, session, house.cast.citlali)
        house.cast.imports = import_module("webimports").seed(house.platform)
        house.cast.__dict__ |= _links(house)
        yield house


def _organization(session, contact_id: int, today: date) -> int:
    """A consulate with somebody who speaks for it, and somebody who left."""
    fields = {"nombre": "Consulado en Chicago", "tipo": "consulado", "pais": "US", "web": "https://c.example.org"}
    made = organizations.add(session, fields | {"notas": "Abre de lunes a viernes"})
    organizations.join(session, made, contact_id, position="Cónsul", main=True, today=today)
    organizations.join(session, made, 3, since=date(2024, 1, 1), until=date(2025, 1, 1), today=today)
    return made.id


def _consents(platform, session, contact_id: int) -> str:
    """A consent that ends soon with a paper that shows it, and somebody who is asked; return the token of the link."""
    now = platform.clock.now()
    paper = evidence.keep(platform.settings.data, b"%PDF-1.7", ".pdf")
    shown = {"evidence": "hoja 3", "kind": EvidenceKind.PAPER, "file": paper}
    consent.grant(session, contact_id, "*", "eventos", source="feria", at=now, until=now + timedelta(days=20), **shown)
    asked = confirming.ask_to_confirm(platform, session, 8, Channel.EMAIL, ["eventos", "boletines"], source="página")
    return invitation.token(platform.secret, asked.ask.id)


def _links(house) -> dict[str, str]:
    """Links to preferences and to one's data, in force and over."""
    now, found = house.platform.clock.now(), {}
    for name, use, at in (
        ("old_preferences", LinkUse.PREFERENCES, now - timedelta(days=365)),
        ("old_data", LinkUse.DATA, now - timedelta(days=1)),
        ("preferences", LinkUse.PREFERENCES, now),
        ("my_data", LinkUse.DATA, now),
    ):
        with house.platform.transaction() as session:
            number = linking.send(house.platform, session, house.cast.citlali, use, at=at)
            address = session.get_one(Delivery, number).address
        found[name] = links.token(house.platform.secret, use, number, address)
    return found


def _shared_and_tagged(session, contact_id: int, now: datetime) -> tuple[int, int]:
    """A mailbox that two have, with a history; and two tags, one of a segment."""
    how = {"reason": "lo dijo por teléfono", "at": now, "by": "maura"}
    person, other = people.get(session, contact_id), people.get(session, 2)
    address_book.close(session, person.addresses[0], **how)
    address_book.reopen(session, person.addresses[0], **how)
    address_book.add(session, other, "correo", person.addresses[0].value, **how)
    address_book.add(session, person, "whatsapp", "US.13491208655302741918", **how)
    tagging.put(session, contact_id, ["prensa", "Observación electoral en el exterior"], at=now, by="maura")
    return person.addresses[0].id, tagging.named(session, "prensa").id


def _requests(session, contact_id: int, now: datetime) -> tuple[int, int]:
    """A cancellation that waits and is late, and an access that was answered."""
    day = now.date()
    asked = [
        Asked(
            kind=kind, received_on=day - timedelta(days=40), contact_id=contact_id, detail="Por favor", identity="INE"
        )
        for kind in (Right.CANCELLATION, Right.ACCESS)
    ]
    waits, answered = [rights.receive(session, one, Terms(), today=day, at=now, by="maura") for one in asked]
    rights.answer(answered, text="Se entregó en mano.", at=now, by="maura")
    return waits.id, answered.id


def told(house, path: str) -> str:
    """Return a path with the numbers of the cast in it."""
    way_out = unsubscribe.token(house.platform.secret, house.cast.citlali, Channel.EMAIL)
    return path.format(**vars(house.cast), way_out=way_out)


@pytest.mark.parametrize(
    ("width", "scheme"),
    [
        (1280, "light"),
        (390, "dark"),
        pytest.param(1280, "dark", marks=pytest.mark.long),
        pytest.param(390, "light", marks=pytest.mark.long),
    ],
)
def test_every_page_is_for_everybody_at_every_width_by_day_and_by_night(open_tab, house, width, scheme):
    tab = open_tab(viewport={"width": width, "height": 900}, color_scheme=scheme)
    found = {path: look(tab, told(house, path)) for path in PUBLIC}
    tab.enter()
    found |= {path: look(tab, told(house, path)) for path in PAGES}
    assert {path: faults for path, faults in found.items() if faults} == {}
    # links that are not ours, or over, are meant
    tab.wrong = [fault for fault in tab.wrong if "404" not in fault and "410" not in fault]


def look(tab, path: str) -> list[str]:
    """Return what axe finds on a page, and whether it must be pushed sideways to be read."""
    page = tab.go(path)
    faults = [f"{page.evaluate(OVER)} px too wide"] if page.evaluate(OVER) > 0 else []
    page.evaluate(AXE.read_text(encoding="utf-8"))
    violations = page.evaluate("tags => axe.run(document, {runOnly: tags})", TAGS)["violations"]
    return faults + [f"{each['id']}: {each['nodes'][0]['html'][:160]}" for each in violations]


@pytest.mark.parametrize(
    "width",
    [
        320,
        pytest.param(640, marks=pytest.mark.long),  # as 1280 at 200 %, below
        pytest.param(768, marks=pytest.mark.long),
        pytest.param(1024, marks=pytest.mark.long),
    ],
)
def test_nothing_has_to_be_pushed_sideways_at_any_width(open_tab, house, width):
    tab = open_tab(viewport={"width": width, "height": 800})
    tab.enter()
    wide = {path: over for path in PAGES if (over := tab.go(told(house, path)).evaluate(OVER)) > 0}
    assert wide == {}


def test_the_text_may_be_twice_as_large(open_tab, house):
    tab = open_tab(viewport={"width": 640, "height": 450}, device_scale_factor=2)  # 1280 px at 200 %
    tab.enter()
    for path in PAGES:
        page = tab.go(told(house, path))
        assert page.evaluate(OVER) <= 0, path
        assert page.get_by_role("heading", level=1).is_visible(), path


def test_long_names_and_addresses_break_instead_of_pushing(open_tab, house):
    long = "Tlacotalpaneca" * 6
    with house.platform.transaction() as session:
        contact = session.get_one(Contact, house.cast.citlali + 1)
        contact.name = contact.city = long
        contact.addresses[0].value = f"{long}@{'subdominio.' * 6}example.org"
        session.get_one(Campaign, house.cast.finished).title = long
    tab = open_tab(viewport={"width": 390, "height": 800})
    tab.enter()
    paths = (
        f"/contactos/{house.cast.citlali + 1}",
        "/contactos/?q=Tlacotal",
        "/campanas/?estado=terminadas",
        f"/campanas/{house.cast.finished}",
        f"/campanas/{house.cast.finished}/personas?q=Tlacotal",
        "/calendario/?mes=2025-05",
        "/buscar/?q=Tlacotal",
    )
    assert {path: over for path in paths if (over := tab.go(path).evaluate(OVER)) > 0} == {}
