"""Whoever reads English meets no Spanish on any page, of the platform or of its simulator."""

import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
import requests
from babel import Locale
from flask.testing import FlaskClient
from sqlalchemy import MetaData, select

from contacts.models import Channel
from outreach import i18n, unsubscribe
from outreach.accounts import Account
from outreach.app import create_app
from outreach.clock import VirtualClock
from outreach.config import Settings
from outreach.platform import Platform
from outreach.simulator import Simulator

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tests" / "web"))  # where the cast of the pages' tests lies
MOMENT = datetime(2025, 6, 20, 17, 42, tzinfo=UTC)


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """A platform with the cast of the pages' tests in it, whose account reads English."""
    folder = tmp_path_factory.mktemp("english")
    made = Platform(Settings.read({"OUTREACH_DATA": str(folder)}), VirtualClock(MOMENT))
    cast = import_module("webcast")
    with i18n.speaking("es"):
        cast.seed(made)
        cast.bring(made, folder)
    with made.transaction() as session:
        session.query(Account).update({"language": "en"})
    yield made
    made.close()


@pytest.fixture(scope="module")
def own(platform: Platform, reader: Any) -> re.Pattern[str]:
    """Whatever people wrote into the database and into definitions stays as they wrote it; names of countries, too."""
    tables = MetaData()
    found: set[str] = set()
    with platform.reading() as session:
        tables.reflect(session.connection())
        for table in tables.sorted_tables:
            for row in session.execute(select(table)):
                found |= set(_texts(list(row)))
    definitions = (path.read_text("utf-8") for path in (ROOT / "templates" / "informes").glob("*.toml"))
    found |= {text for definition in definitions for text in re.findall(r'"([^"{]+)', definition)}
    found |= {str(name) for name in Locale("en").territories.values()}  # «El Salvador», «Türkiye»: so in English too
    return reader.any_of(
        text.strip(" ,") for text in found if re.search(r"\w\s\w|[A-Z].{3}", text)
    )  # others may be codes, or ours


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from _texts([*value, *value.values()])
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)


@pytest.fixture(scope="module")
def pages(platform: Platform) -> dict[str, str]:
    """Every page that an English reader gets, one or two of each shape."""
    app = create_app(platform, simulated_url="http://127.0.0.1:9999")
    client = app.test_client()
    leaving = [f"/baja/{unsubscribe.token(platform.secret, 1, way)}" for way in (Channel.EMAIL, Channel.WHATSAPP)]
    stranger = {"headers": {"Accept-Language": "en-US,en;q=0.9"}}
    found = {path: client.get(path, **stranger).text for path in ("/entrar", "/baja/nobody", *leaving)}
    found |= {f"{path} posted": client.post(path, **stranger).text for path in leaving}
    _enter(client, found["/entrar"])
    waiting, shapes = ["/", "/campanas/nueva", "/buscar/?q=sim", "/contactos/?q=nobody", "/nowhere"], dict[str, int]()
    while waiting:
        path = waiting.pop(0)
        shape = re.sub(r"\d+", "N", path)
        shapes[shape] = shapes.get(shape, 0) + 1
        if path in found or shapes[shape] > 2:
            continue
        answer = client.get(path)
        if answer.mimetype == "text/html" and "/correo.html" not in path and "/archivo/" not in path:
            found[path] = answer.text
            links = (urljoin(path, link.replace("&amp;", "&")) for link in re.findall(r' href="([^"#]+)', answer.text))
            waiting += [link for link in links if not urlsplit(link).netloc and not link.startswith("/static/")]
    return found


def _enter(client: FlaskClient, door: str) -> None:
    token = re.search(r'name="csrf_token" value="([^"]+)"', door)
    assert token
    form = {"csrf_token": token[1], "usuario": "maura", "clave": "jacarandas en flor"}
    assert client.post("/entrar", data=form).status_code == 303


def test_no_page_in_english_says_anything_in_spanish(pages: dict[str, str], own: re.Pattern[str], reader: Any) -> None:
    assert len(pages) > 50
    assert {path for path, text in pages.items() if "<!doctype" in text and '<html lang="en">' not in text} == set()
    found = {path: reader.spanish_in(text, own) for path, text in pages.items()}
    assert {path: texts for path, texts in found.items() if texts} == {}


def test_spanish_on_a_page_is_found(reader: Any) -> None:
    assert reader.spanish_in('<p>Save</p><p lang="es">Guardar <b>todo</b></p><p>Ready</p>') == []
    assert reader.spanish_in("<button>Guardar</button>") == ["Guardar"]
    assert reader.spanish_in('<input placeholder="Nombre de la red">') == ["Nombre de la red"]
    assert reader.spanish_in(
        "<p>Red Uno has 3 people</p><p>Red Uno tiene una persona</p>", reader.any_of(["Red Uno"])
    ) == ["Red Uno tiene una persona"]


def test_the_simulator_shows_its_messages_in_english(reader: Any) -> None:
    letter = {
        "personalizations": [{"to": [{"email": "ana@example.org"}]}],
        "from": {"email": "votochilango@example.org"},
        "subject": "Notice",
        "content": [{"type": "text/plain", "value": "Hello."}, {"type": "text/html", "value": "<p>Hello.</p>"}],
    }
    clock = VirtualClock(MOMENT)
    with Simulator(clock) as simulator:
        text = {
            "To": "whatsapp:+525555550101",
            "From": "whatsapp:+525555550100",
            "ContentSid": simulator.add_template("notice", "Hello, {{1}}."),
            "ContentVariables": '{"1": "Ana"}',
        }
        base, key = simulator.url, {"Authorization": f"Bearer {simulator.sendgrid_api_key}"}
        assert requests.post(f"{base}/v3/mail/send", json=letter, headers=key, timeout=10).status_code == 202
        messages = f"{base}/2010-04-01/Accounts/{simulator.twilio_sid}/Messages.json"
        login = (simulator.twilio_sid, simulator.twilio_token)
        assert requests.post(messages, data=text, auth=login, timeout=10).status_code == 201
        clock.advance(timedelta(minutes=20))
        first = requests.get(f"{base}/_outbox?lang=en", timeout=10).text
        letters = re.findall(r'href="(/_outbox/[^"]+\?lang=en)"', first)
        assert len(letters) == 2
        paths = [*letters, "/_outbox/nothing?lang=en", "/_outbox?lang=en&address=nobody"]
        shown = {path: requests.get(base + path, timeout=10).text for path in paths} | {"/": first}
    assert {path for path, page in shown.items() if '<html lang="en">' not in page} == set()
    assert {path: texts for path, page in shown.items() if (texts := reader.spanish_in(page))} == {}
