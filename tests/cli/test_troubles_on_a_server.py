"""The same troubles with PostgreSQL."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from outreach import database

pytestmark = pytest.mark.only_on("postgresql")
NAME = "terminal"


@pytest.fixture
def empty(databases, shell) -> Iterator[Callable[[str], None]]:
    """A database without tables, which the shell's settings name; runs a statement in it."""
    url = databases.server.create(NAME)
    shell.environment["DATABASE_URL"] = url

    def _run(statement: str) -> None:
        with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute(statement)

    yield _run
    databases.server.drop(NAME)


def test_many_first_commands_at_once_make_one_installation(shell, empty) -> None:
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _n: shell("db", "info", "--json"), range(6)))
    assert [(answer.code, answer.err) for answer in answers] == [(0, "")] * 6
    assert len({answer.out for answer in answers}) == 1


def test_a_database_that_is_not_there_is_told(shell, empty) -> None:
    shell.environment["DATABASE_URL"] = shell.environment["DATABASE_URL"].replace(f"/{NAME}?", "/no_hay?")
    answer = shell("campaigns", "list")
    assert (answer.code, answer.out, len(answer.lines)) == (2, "", 1)
    assert answer.err.startswith("No se puede usar la base de datos postgresql+psycopg://")
    assert "no_hay" in answer.err


def test_a_database_of_a_newer_version_is_left_alone(shell, empty) -> None:
    assert shell("db", "upgrade").code == 0
    empty("UPDATE alembic_version SET version_num = '9999'")
    answer = shell("db", "upgrade")
    assert answer.code == 2
    assert f"es de una versión más nueva (9999) que este programa ({database.revisions()[-1]})." in answer.err


def test_tables_of_others_may_stand_beside_ours_but_not_under_our_names(shell, empty) -> None:
    empty("CREATE TABLE inventario (id int)")
    assert shell("db", "upgrade").code == 0
    empty("DROP SCHEMA public CASCADE")
    empty("CREATE SCHEMA public")
    empty("CREATE TABLE contact (id int)")
    answer = shell("db", "upgrade")
    assert answer.code == 2
    assert "es de otro programa: tiene la tabla «contact» y no las nuestras." in answer.err
