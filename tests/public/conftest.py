"""A whole house in virtual time, and somebody nobody knows with a browser of few words in front of its public pages."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from house import House, furnished
from werkzeug.test import TestResponse

from outreach.app import create_app
from outreach.clock import VirtualClock
from outreach.config import Settings
from outreach.platform import Platform

JOINS = {
    "nombre": "Citlali Jacaranda",
    "correo": "citlali@example.org",
    "pais": "US",
    "ciudad": "Chicago",
    "idioma": "es",
    "finalidad": ["avisos", "eventos"],
    "acepto": "si",
    "version": "inicial",
}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Daytime everywhere."""
    return replace(settings, quiet_hours=None)


@pytest.fixture
def house(settings: Settings, clock: VirtualClock) -> Iterator[House]:
    with furnished(settings, clock) as house:
        yield house


@pytest.fixture
def platform(house: House) -> Platform:
    return house.platform


class Visitor:
    """A browser of few words: keeps cookies, sends the forgery token of the page it last looked at."""

    def __init__(self, client: FlaskClient, house: House) -> None:
        self.client = client
        self.house = house

    def get(self, path: str, **more: object) -> TestResponse:
        return self.client.get(path.removeprefix(self.house.platform.settings.public_url), **more)  # type: ignore[arg-type]

    def post(self, path: str, data: dict[str, object] | None = None, *, seen: str = "", **more: object) -> TestResponse:
        path = path.removeprefix(self.house.platform.settings.public_url)
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.get(seen or path).text)
        values = {"csrf_token": token[1] if token else "", **(data or {})}
        return self.client.post(path, data=values, **more)  # type: ignore[arg-type]

    def join(self, **over: object) -> TestResponse:
        """Fill the form, with something else in it."""
        return self.post("/unirse", {name: value for name, value in (JOINS | over).items() if value is not None})

    def mail(self) -> list[object]:
        """Let the house work, and return all the mail that left it so far."""
        self.house.settle()
        return self.house.simulator.messages()[::-1]  # oldest first

    def link(self, path: str, number: int = -1) -> str:
        """Return the link of a kind in a letter that left."""
        found = re.search(rf"http://\S+/{path}/[\w.-]+", self.mail()[number].text)  # type: ignore[attr-defined]
        assert found, path
        return found[0]


@pytest.fixture
def visitor(house: House) -> Visitor:
    app = create_app(house.platform)
    app.testing = False  # errors come as pages, as they do for people
    return Visitor(app.test_client(), house)
