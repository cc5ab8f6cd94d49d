"""A client of the web application with the small cast in it."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from outreach.app import create_app
from outreach.platform import Platform


def _module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("web_cast", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


CAST = _module(Path(__file__).with_name("cast.py"))


class Visitor:
    """A browser of few words: keeps cookies, sends the forgery token of the page it last looked at."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def get(self, path: str, **more: object) -> TestResponse:
        return self.client.get(path, **more)  # type: ignore[arg-type]

    def token(self, path: str) -> str:
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.get(path).text)
        assert found, f"no form on {path}"
        return found[1]

    def post(self, path: str, data: dict[str, object] | None = None, *, seen: str = "", **more: object) -> TestResponse:
        values = {"csrf_token": self.token(seen or path), **(data or {})}
        return self.client.post(path, data=values, **more)  # type: ignore[arg-type]

    def enter(self, username: str = "maura", password: str = CAST.PASSWORD) -> TestResponse:
        return self.post("/entrar", {"usuario": username, "clave": password})


@pytest.fixture
def cast(platform: Platform):
    return CAST.seed(platform)


@pytest.fixture
def app(platform: Platform) -> Flask:
    app = create_app(platform, simulated_url="http://127.0.0.1:9999")
    app.testing = False  # errors must come as pages, as they do for people
    return app


@pytest.fixture
def stranger(app: Flask) -> Visitor:
    return Visitor(app.test_client())


@pytest.fixture
def maura(app: Flask, cast: object) -> Visitor:
    visitor = Visitor(app.test_client())
    assert visitor.enter().status_code == 303
    return visitor
