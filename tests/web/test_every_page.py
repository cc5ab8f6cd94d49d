"""What holds for every page: it needs a log-in, keeps the policy, leads nowhere that is not there."""

import json
import re
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from webcrawl import Page, addresses, crawl

from outreach.app import create_app
from outreach.clock import VirtualClock

SIGNED = {"leaving.leave", "confirming.confirm"}  # links: whoever opens a mail has no session with us
#: For anybody, with the token of their own forms (tests/public).
PUBLIC = {
    "joining.join",
    "joining.done",
    "joining_english.in_english",
    "preferences.show",
    "mydata.ask",
    "mydata.sent",
    "mydata.show",
    "mydata.as_json",
    "mydata.request_right",
    "mydata.requested",
    "mydata_english.in_english",
}
OPEN = SIGNED | PUBLIC | {"static", "vital.healthz", "door.enter", "language.choose"}
MOMENT = datetime(2025, 6, 20, 17, 42, tzinfo=UTC)
OUTSIDE = "http://127.0.0.1:9999"  # where the simulator of these tests would be


@pytest.fixture
def pages(databases, casting, visiting, tmp_path):
    """Every page there is, as somebody who is inside gets it: address → status, text, policy. Read once a database."""

    def read(platform):
        casting.seed(platform)
        casting.bring(platform, tmp_path)
        visitor = visiting(create_app(platform, simulated_url=OUTSIDE).test_client())
        assert visitor.enter().status_code == 303
        found = crawl(visitor)
        for path in ("/campanas/nueva?red=3", "/registro/?anuladas=1", "/buscar/?q=sim", "/contactos/?q=nadie"):
            answer = visitor.get(path)
            found[path] = (answer.status_code, answer.text, answer.headers["Content-Security-Policy"])
        return found

    return databases.template("crawled", read, VirtualClock(MOMENT))


@pytest.fixture
def whole(pages):
    """The pages alone, without fragments, letters and files."""
    return {
        path: (text, policy)
        for path, (_status, text, policy) in pages.items()
        if text.startswith("<!doctype html>") and "/contenido/correo.html" not in path
    }


def test_every_link_of_every_page_leads_somewhere(pages):
    assert len(pages) > 80
    assert {path: status for path, (status, _text, _policy) in pages.items() if status not in {200, 302}} == {}


def test_no_page_holds_what_the_policy_forbids(whole):
    assert len(whole) > 60
    for path, (text, policy) in whole.items():
        assert Page(text).bad == [], path
        assert "script-src 'self';" in policy, path
        assert "unsafe" not in policy, path


def test_a_letter_is_shown_with_its_styles_and_nothing_else(pages):
    letters = {path: row for path, row in pages.items() if "/contenido/correo.html" in path}
    assert letters
    for path, (_status, _text, policy) in letters.items():
        assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:;"), path
        assert "sandbox" in policy, path
        assert "script" not in policy, path


def test_no_page_asks_anything_of_another_site(whole):
    for path, (text, _policy) in whole.items():
        outside = {link for link in Page(text).links if urlsplit(link).netloc and not link.startswith(OUTSIDE)}
        assert outside == set(), path


def test_every_form_that_changes_something_carries_its_token(whole):
    for path, (text, _policy) in whole.items():
        page = Page(text)
        assert page.tokens == sum(method.lower() == "post" for method, _action in page.forms), path


def test_every_field_has_a_name_that_is_read_aloud(whole):
    for path, (text, _policy) in whole.items():
        page = Page(text)
        for field in page.fields:
            named = field.get("id") in page.labels or field.get("aria-label") or field.get("aria-labelledby")
            assert named, (path, field)


def test_every_page_has_one_heading_and_no_id_twice(whole):
    for path, (text, _policy) in whole.items():
        page = Page(text)
        assert page.headings.count(1) == 1, path
        assert sorted(page.ids) == sorted(set(page.ids)), path


def test_every_page_says_that_the_simulator_stands_in(whole):
    for path, (text, _policy) in whole.items():
        assert "nada sale de este equipo" in text, path
        assert f"{OUTSIDE}/_outbox" in text, path


def test_without_the_simulator_no_page_speaks_of_it(platform, cast):
    client = create_app(platform).test_client()
    assert "imulador" not in client.get("/entrar").text


def test_a_stranger_gets_nothing_but_the_door(app, stranger, cast):
    shut = [(method, path) for endpoint, method, path in addresses(app) if endpoint not in OPEN]
    assert len(shut) > 40
    for method, path in shut:
        if method == "POST":
            continue
        answer = stranger.get(path)
        assert answer.status_code == 302, path
        assert answer.headers["Location"].startswith("/entrar"), path


def test_a_stranger_with_a_token_changes_nothing(app, stranger, cast):
    token = stranger.token("/entrar")
    for endpoint, method, path in addresses(app):
        if method == "POST" and endpoint not in OPEN:
            answer = stranger.client.post(path, data={"csrf_token": token})
            assert answer.status_code == 302, path
            assert answer.headers["Location"].startswith("/entrar"), path


def test_nothing_changes_without_the_token_of_a_form(app, maura):
    for endpoint, method, path in addresses(app):
        if method == "POST" and endpoint not in {
            "leaving.leave",
            "confirming.confirm",
        }:  # signed links: whoever opens a mail has no session
            assert maura.client.post(path, data={}).status_code == 400, path


def test_a_forgery_is_answered_in_words(maura, cast):
    answer = maura.client.post(f"/campanas/{cast.sending}/pausar", data={"csrf_token": "inventado"})
    assert answer.status_code == 400
    assert "La página caducó" in answer.text


def test_the_token_may_come_in_the_header_that_htmx_sends(maura, cast):
    token = maura.token("/campanas/nueva")
    answer = maura.client.post(f"/campanas/{cast.sending}/pausar", headers={"X-CSRFToken": token})
    assert answer.status_code == 303


def test_answers_are_guarded_and_stay_in_no_cache(maura):
    headers = maura.get("/contactos/").headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "Strict-Transport-Security" not in headers  # plain http on loopback


def test_htmx_evaluates_nothing_and_keeps_no_page_in_the_browser(maura):
    found = re.search("name=\"htmx-config\" content='([^']+)'", maura.get("/").text)
    assert found
    config = json.loads(found[1])
    assert config["allowEval"] is False
    assert config["allowScriptTags"] is False
    assert config["includeIndicatorStyles"] is False
    assert config["historyCacheSize"] == 0
    assert config["selfRequestsOnly"] is True
