"""Every request that a simulator gets and every answer that it gives, held against the vendors' own OpenAPI files.

The files stand beside the project (`../shared/providers`) or in the folder named in OUTREACH_PROVIDER_SPECS; where they
are absent the tests that need them skip, and nothing is held. A test that means to ask badly requests `asks_badly`:
then the answers alone are held.
"""

import importlib.util
import json
import os
import warnings
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from outreach.simulator import Exchange, Simulator

BESIDE = Path(__file__).resolve().parents[3] / "shared" / "providers"
FILES = {
    "sendgrid_mail.json": ("sendgrid_custom_args_is_object",),
    "sendgrid_email_activity.json": (),
    "sendgrid_scheduled_sends.json": (),
    "sendgrid_suppressions.json": (),
    "twilio_messages.json": ("twilio_page_uris_are_relative",),
    "twilio_content.json": (),
}


def folder() -> Path:
    return Path(os.environ.get("OUTREACH_PROVIDER_SPECS") or BESIDE)


def absent() -> str:
    """Why nothing can be held against the vendors; "" where it can."""
    missing = [
        name for name in ("oas_check.py", *(f"specs/{file}" for file in FILES)) if not (folder() / name).is_file()
    ]
    return f"the vendors' OpenAPI files are not here: {folder()} lacks {', '.join(missing)}" if missing else ""


@cache
def checker() -> Any:
    spec = importlib.util.spec_from_file_location("oas_check", folder() / "oas_check.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Vendors:
    """The files, read once."""

    def __init__(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)  # the checker leaves the closing of files to Python
            self.specs = [
                checker().Spec(folder() / "specs" / file, [getattr(checker(), name) for name in patches])
                for file, patches in FILES.items()
            ]

    def problems(self, exchange: Exchange, *, asked_badly: bool = False) -> list[str]:
        """What the vendors would find wrong with one exchange; nothing is said of a path that a test made up badly."""
        path = exchange.target.partition("?")[0]
        spec = next((one for one in self.specs if one.find(exchange.method, path)), None)
        if spec is None:
            return [] if asked_badly else [f"no operation {exchange.method} {path}"]
        found = []
        if not asked_badly:
            found += spec.request(exchange.method, exchange.target, dict(exchange.headers), exchange.body)
        if exchange.status:
            found += self._answer(spec, exchange, path)
        return [f"{exchange.method} {path} → {exchange.status}: {problem}" for problem in found]

    @staticmethod
    def _answer(spec: Any, exchange: Exchange, path: str) -> list[str]:
        kind = exchange.answer_headers.get("Content-Type", "")
        if kind.startswith("text/html"):  # nginx speaks before the service does
            return [] if exchange.status == 413 or exchange.fault else [f"an HTML answer with {exchange.status}"]
        value = json.loads(exchange.answer) if exchange.answer else None
        declared = spec.find(exchange.method, path)[2]["responses"]
        if str(exchange.status) in declared:
            return spec.response(exchange.method, path, exchange.status, value) if value is not None else []
        if exchange.status < 400 and not (path == "/v3/mail/send" and exchange.status == 200):  # 200: sandbox mode
            return [f"status {exchange.status} not declared; declared: {sorted(declared)}"]
        return twilio_error(value, exchange.status) if exchange.method and "/v3/" not in path else sendgrid_error(value)


def twilio_error(value: Any, status: int) -> list[str]:
    """Twilio's files declare no error at all; its documentation shows four fields."""
    shape = {"code": int, "message": str, "more_info": str, "status": int}
    if not isinstance(value, dict) or value.keys() != shape.keys():
        return [f"not the shape of Twilio's errors: {value!r}"]
    wrong = [name for name, kind in shape.items() if not isinstance(value[name], kind)]
    return [f"{name} of an error: {value[name]!r}" for name in wrong] or (
        [] if value["status"] == status else [f"the error says {value['status']}, the answer {status}"]
    )


def sendgrid_error(value: Any) -> list[str]:
    """For the errors that its file does not declare (415, 429, 503): the shape of those that it does."""
    if value is None:
        return []
    sound = isinstance(value, dict) and all(isinstance(one.get("message"), str) for one in value.get("errors", [{}]))
    return [] if sound else [f"not the shape of SendGrid's errors: {value!r}"]


@cache
def _vendors() -> Vendors:
    return Vendors()


@pytest.fixture
def vendors() -> Vendors:
    """The vendors' files; skips where they are absent."""
    if absent():
        pytest.skip(absent())
    return _vendors()


@pytest.fixture
def asks_badly() -> None:
    """This test sends requests that the vendors refuse, on purpose."""


@pytest.fixture(autouse=True)
def held_to_the_vendors(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whatever passes through any simulator of this process during a test is held, and the first problem fails it."""
    if absent():
        yield
        return
    exchanges: list[Exchange] = []
    record: Callable[[Exchange], None] = exchanges.append
    Simulator.everywhere.append(record)
    yield
    Simulator.everywhere.remove(record)
    badly = "asks_badly" in request.fixturenames
    for exchange in exchanges:
        for problem in _vendors().problems(exchange, asked_badly=badly):
            pytest.fail(f"the vendor's OpenAPI file says: {problem}")
