"""A real server on a free port and a real Chromium in front of it. Where there is none, the reason is printed."""

import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, sync_playwright

from outreach import i18n
from outreach.app import create_app
from outreach.clock import VirtualClock
from outreach.config import Settings
from outreach.engine import Engine
from outreach.platform import Platform
from outreach.providers import Providers, connected
from outreach.rehearsal import stage
from outreach.rehearsal.stage import listening
from outreach.webhooks import blueprint

MOMENT = datetime(2025, 6, 20, 17, 42, tzinfo=UTC)
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGS = ("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage")


sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "web"))  # the cast is that of the web's tests
CAST = import_module("webcast")


@dataclass
class House:
    """A platform that is served, with the simulator behind it; its clock stands still until it is moved."""

    url: str
    platform: Platform
    providers: Providers
    clock: VirtualClock
    cast: object

    def engine(self) -> Engine:
        return self.providers.engine(self.platform)

    def deliver(self) -> None:
        """Let the simulator tell what became of what it received, and the platform read it."""
        simulator = self.providers.simulator
        assert simulator
        while (due := simulator.due()) is not None:
            self.clock.set(max(self.clock.now(), due))
            simulator.deliver()
        self.engine().tick()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if path is None:
        pytest.skip(f"no browser found: looked for {', '.join(BROWSERS)}")
    with sync_playwright() as playwright:
        try:
            launched = playwright.chromium.launch(executable_path=path, args=list(ARGS))
        except Error as error:
            pytest.skip(f"{path} does not start: {str(error).splitlines()[0]}")
        yield launched
        launched.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _serve(folder: Path) -> Iterator[House]:
    port = _free_port()
    settings = Settings.read({"OUTREACH_DATA": str(folder / "var"), "OUTREACH_PUBLIC_URL": f"http://127.0.0.1:{port}"})
    clock = VirtualClock(MOMENT)
    with i18n.speaking("es"):
        platform = Platform(settings, clock)
        cast = CAST.seed(platform)
        CAST.bring(platform, folder)
    with connected(platform, everything_simulated=True) as providers:
        assert providers.simulator
        app = create_app(
            platform,
            simulated_url=providers.simulator.url,
            open_blueprints=[blueprint(platform, providers.secrets)],
        )
        with listening(port) as listener, stage.served(app, listener):
            yield House(settings.public_url, platform, providers, clock, cast)
    platform.close()


@pytest.fixture(scope="session")
def served() -> Callable[[Path], AbstractContextManager[House]]:
    """Serve a house of one's own in a folder."""
    return _serve


@pytest.fixture
def house(served: Callable[[Path], AbstractContextManager[House]], tmp_path: Path) -> Iterator[House]:
    """A house for one journey: what it changes nobody else sees."""
    with served(tmp_path) as house:
        yield house


class Tab:
    """A page with a memory for everything that went wrong in it."""

    def __init__(self, page: Page, house: House) -> None:
        self.page = page
        self.house = house
        self.wrong: list[str] = []
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("requestfailed", self._failed)
        page.on("request", self._request)

    def _console(self, message: object) -> None:
        meant = "status of 422" in message.text  # type: ignore[attr-defined]  # a form with something wrong in it
        if message.type in {"error", "warning"} and not meant:  # type: ignore[attr-defined]
            self.wrong.append(message.text)  # type: ignore[attr-defined]

    def _failed(self, request: object) -> None:
        if request.failure != "net::ERR_ABORTED":  # type: ignore[attr-defined]  # aborted: the page was left
            self.wrong.append(f"failed: {request.url} {request.failure}")  # type: ignore[attr-defined]

    def _request(self, request: object) -> None:
        url = request.url  # type: ignore[attr-defined]
        if not url.startswith((self.house.url, "data:")):
            self.wrong.append(f"asked outside: {url}")

    def go(self, path: str) -> Page:
        self.page.goto(self.house.url + path)
        return self.page

    def enter(self) -> Page:
        page = self.go("/entrar")
        page.get_by_label("Usuario").fill("maura")
        page.get_by_label("Contraseña").fill(CAST.PASSWORD)
        page.get_by_role("button", name="Entrar").click()
        page.wait_for_url(self.house.url + "/")
        return page


@pytest.fixture
def open_tab(browser: Browser, house: House) -> Iterator[Callable[..., Tab]]:
    """Open a tab; at the end of the test nothing may have gone wrong in any of them."""
    contexts: list[BrowserContext] = []
    tabs: list[Tab] = []

    def open_(**options: object) -> Tab:
        wanted = {"locale": "es-MX", "viewport": {"width": 1280, "height": 900}, "reduced_motion": "reduce"} | options
        context = browser.new_context(**wanted)  # type: ignore[arg-type]
        context.set_default_timeout(15_000)
        contexts.append(context)
        tabs.append(Tab(context.new_page(), house))
        return tabs[-1]

    yield open_
    for context in contexts:
        context.close()
    assert [fault for tab in tabs for fault in tab.wrong] == []
