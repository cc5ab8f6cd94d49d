"""What providers posted and what was turned away, for whoever looks after the installation."""

import re

import pytest

from outreach.app import create_app
from outreach.webhooks import Secrets, blueprint

PATH = "/bitacora/avisos/"


def words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


@pytest.fixture
def app(platform):
    return create_app(platform, open_blueprints=[blueprint(platform, Secrets((), ("una-ficha",), "https://x.example"))])


def test_nothing_was_turned_away_of_a_new_installation(maura) -> None:
    text = words(maura.get(PATH).text)
    assert "Avisos rechazados en los últimos 30 días" in text
    assert "Ninguno" in text
    assert "Todo aviso firmado ya fue leído." in text


def test_what_was_turned_away_is_shown_with_its_reason_and_what_to_do(maura, app, stranger) -> None:
    for _ in range(3):
        assert stranger.client.post("/webhooks/twilio/status", data={"MessageSid": "SM1"}).status_code == 403
    wrong = {"X-Twilio-Signature": "RSOYDt4T1cUTdK1PDd93/VVr8B8="}
    assert stranger.client.post("/webhooks/twilio/status", data={"a": "b"}, headers=wrong).status_code == 403
    text = words(maura.get(PATH).text)
    assert "Estados de WhatsApp (Twilio) No traía firma" in text
    assert "No traía firma Alguien ajeno llamó a esta dirección" in text
    assert "La firma no corresponde Revise la llave" in text
    assert "Twilio siempre firma. No se hizo caso y no hay qué hacer. 3 " in text
    assert "él conoce. 1 " in text


def test_it_is_found_from_the_log_and_by_nobody_outside(maura, stranger) -> None:
    assert f'href="{PATH}"' in maura.get("/bitacora/").text
    assert stranger.get(PATH).status_code == 302
