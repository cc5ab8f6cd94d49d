"""A browser of few words, for tests that need no real one."""

import re

from flask.testing import FlaskClient
from webcast import PASSWORD
from werkzeug.test import TestResponse


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

    def enter(self, username: str = "maura", password: str = PASSWORD) -> TestResponse:
        return self.post("/entrar", {"usuario": username, "clave": password})
