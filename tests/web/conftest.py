"""A client of the web application with the small cast in it."""

import sys
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest
from databases import Databases
from flask import Flask

from outreach.accounts import Account
from outreach.app import create_app
from outreach.clock import VirtualClock
from outreach.platform import Platform
from outreach.web.session import Staff

sys.path.insert(0, str(Path(__file__).parent))  # the modules of the cast lie here
CAST = import_module("webcast")
Visitor = import_module("webvisitor").Visitor
MOMENT = datetime(2025, 6, 20, 17, 42, tzinfo=UTC)


@pytest.fixture(scope="session")
def casting() -> ModuleType:
    """The module that makes the cast, for tests that need a platform of their own."""
    return CAST


@pytest.fixture(scope="session")
def visiting() -> type:
    """What makes a visitor of a client, for tests that need several."""
    return Visitor


@pytest.fixture
def cast(databases: Databases, platform: Platform) -> object:
    """The cast on this test's platform, copied from a database that is filled once a process."""
    cast = databases.template("web_cast", CAST.seed, VirtualClock(MOMENT))
    databases.refill(platform, "web_cast")
    return cast


@pytest.fixture
def brought(platform: Platform, cast: object, tmp_path: Path) -> int:
    """The number of an import that is in the register."""
    return CAST.bring(platform, tmp_path)


@pytest.fixture
def app(platform: Platform) -> Flask:
    app = create_app(platform, simulated_url="http://127.0.0.1:9999")
    app.testing = False  # errors must come as pages, as they do for people
    return app


@pytest.fixture
def stranger(app: Flask) -> Visitor:
    return Visitor(app.test_client())


@pytest.fixture
def maura(app: Flask, platform: Platform, cast: object) -> object:
    """Somebody who is inside already: the door has tests of its own, and its lock is slow on purpose."""
    visitor = Visitor(app.test_client())
    with platform.reading() as read:
        staff = Staff.of(read.query(Account).filter_by(username="maura").one())
    with visitor.client.session_transaction() as kept:
        kept["_user_id"], kept["_fresh"] = staff.get_id(), True
    return visitor
