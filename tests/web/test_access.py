"""Whoever only looks: what they may open, and that no address of the base reaches them."""

import re

import pytest
from flask import Blueprint
from sqlalchemy import select
from webcrawl import Page, addresses, crawl

from contacts.models import Address, AddressKind
from outreach import accounts
from outreach.accounts import Account
from outreach.roles import AccountRole
from outreach.web import access
from outreach.web.session import Staff


def inside(app, platform, visiting, username: str, role: AccountRole):
    """Somebody of a role who is inside already: the door has tests of its own."""
    with platform.transaction() as session:
        account = session.scalar(select(Account).where(Account.username == username)) or accounts.add(
            session, username, username.title(), "jacarandas en flor", platform.clock.now(), role
        )
        account.role = role
        session.flush()
        staff = Staff.of(account)
    visitor = visiting(app.test_client())
    with visitor.client.session_transaction() as kept:
        kept["_user_id"], kept["_fresh"] = staff.get_id(), True
    return visitor


@pytest.fixture
def lucero(app, platform, cast, visiting):
    return inside(app, platform, visiting, "lucero", AccountRole.READER)


def whole(platform) -> set[str]:
    """Every address of the base, and every way in which a number of it is written."""
    with platform.reading() as session:
        found = set()
        for value, raw in session.execute(select(Address.value, Address.raw)):
            found |= {value, raw} - {""}
            if value.startswith("+"):
                found.add(f"{value[-7:-4]}-{value[-4:]}")
        return found


def telling(text: str, addresses: set[str]) -> set[str]:
    return {each for each in addresses if each in text and re.search(rf"(?<![\w.]){re.escape(each)}(?!\w)", text)}


@pytest.mark.only_on("sqlite")  # what a page says is the same on both
def test_no_page_shows_an_address_to_whoever_needs_none_and_no_link_leads_to_a_shut_door(
    app, platform, cast, brought, maura, lucero
):
    with platform.transaction() as session:
        whatsapp = Address.__table__.c.kind == AddressKind.WHATSAPP
        session.execute(Address.__table__.update().where(whatsapp).values(raw="(212) 555-0100"))
    known = whole(platform)
    seen = crawl(lucero, each=1)
    assert len([path for path, (status, _text, _policy) in seen.items() if status == 200]) > 40
    for path, (status, text, _policy) in seen.items():
        assert status in {200, 302}, path  # no link leads to a shut door
        assert telling(text, known) == set(), path
        page = Page(text)
        assert {action for method, action in page.forms if method == "post"} <= {"/salir", "/idioma"}, path
    shut = set()
    for endpoint, method, path in addresses(app):
        if method == "GET" and endpoint != "static":
            with lucero.get(path) as answer:
                shut |= {path} if answer.status_code == 403 else set()
                assert telling(answer.data.decode(errors="replace"), known) == set(), path
    for path in ("/contactos/exportar/", "/campanas/1/personas.csv", "/registro/registro.csv", "/derechos/"):
        assert path in shut
    assert {"/derechos/persona/1", "/campanas/nueva", "/bitacora/avisos/", "/contactos/1/otra"} <= shut
    assert "Esta página no es para su cuenta" in lucero.get("/campanas/nueva").text
    for path in ("/contactos/", f"/contactos/{cast.citlali}", f"/campanas/{cast.sending}/personas"):
        assert telling(maura.get(path).text, known), path  # whoever may see them does


def test_whoever_only_looks_sees_masks(lucero, cast):
    page = lucero.get(f"/contactos/{cast.citlali}").text
    assert "p•••@example.org" in page
    assert "+1 •• •• 01 00" in page
    assert "p•••@example.org" in lucero.get("/contactos/").text
    assert "p•••@example.org" in lucero.get(f"/campanas/{cast.sending}/personas").text


@pytest.mark.only_on("sqlite")
def test_whoever_only_looks_changes_nothing(app, lucero, platform):
    token = lucero.token("/")
    for rule in app.url_map.iter_rules():
        anybody = getattr(app.view_functions[rule.endpoint], "for_anybody", False)
        if "POST" not in (rule.methods or ()) or rule.endpoint in access.THEIR_OWN or anybody:
            continue
        path = re.sub(r"<int:[^>]+>", "1", rule.rule)
        path = re.sub(r"<any\((\w+)[^>]*>", r"\1", path)
        path = re.sub(r"<[^>]+>", "algo", path)
        assert lucero.client.post(path, data={"csrf_token": token}).status_code == 403, path


def test_a_search_for_an_address_tells_whoever_only_looks_nothing(lucero, maura, cast):
    for asked in ("persona1@example.org", "persona1%40", "12125550100", "example.org"):
        for path in (f"/contactos/?q={asked}", f"/redes/{cast.network}/integrantes?q={asked}", f"/buscar/?q={asked}"):
            assert "Citlali" not in lucero.get(path).text, path
            assert "Nahúm" not in lucero.get(path).text, path
    assert "Nahúm" in maura.get("/contactos/?q=persona1@example.org").text
    assert "Nahúm" not in lucero.get(f"/campanas/{cast.sending}/personas?q=persona1@").text
    assert "Citlali" in lucero.get("/contactos/?q=citlali").text


def test_a_page_that_is_added_later_hides_addresses_too(app, platform, cast, visiting):
    pages = Blueprint("later", __name__)
    pages.add_url_rule(
        "/despues",
        view_func=lambda: (
            '<a href="mailto:ana@example.org">ana@example.org</a> +525555550123'
            '<form method="post" action="/contactos/unir"><button>Unir</button></form>'
            '<a class="btn" href="/campanas/nueva">Nueva</a>'
        ),
        endpoint="page",
    )
    app.register_blueprint(pages)
    reader = inside(app, platform, visiting, "lucero", AccountRole.READER)
    said = reader.get("/despues").text
    assert said == '<a href="mailto:a•••@example.org">a•••@example.org</a> +52 •• •• 01 23<div></div>'
    assert "ana@example.org" in inside(app, platform, visiting, "maura", AccountRole.STAFF).get("/despues").text


def test_every_account_that_there_was_keeps_everything(app, platform, cast, visiting):
    for role in (AccountRole.STAFF, AccountRole.ADMIN):
        visitor = inside(app, platform, visiting, "maura", role)
        for path in ("/contactos/exportar/", "/derechos/", "/campanas/nueva", "/detener/", "/bitacora/avisos/"):
            assert visitor.get(path).status_code == 200, path


def test_a_role_holds_from_the_next_page_on(app, platform, cast, visiting):
    visitor = inside(app, platform, visiting, "maura", AccountRole.STAFF)
    assert "persona0@example.org" in visitor.get(f"/contactos/{cast.citlali}").text
    with platform.transaction() as session:
        accounts.add(session, "otra", "Otra", "jacarandas en flor", platform.clock.now())
        accounts.set_role(session, accounts.find(session, "maura"), AccountRole.READER)
    assert "persona0@example.org" not in visitor.get(f"/contactos/{cast.citlali}").text
