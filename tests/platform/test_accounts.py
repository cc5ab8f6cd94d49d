"""Staff accounts. Hashing is dear on purpose, so few are made here."""

import io
import json
import sys
import time
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from contacts.errors import Refused
from outreach import accounts, cli
from outreach.accounts import AccountRole
from outreach.audit import AuditEntry

NOW = datetime(2025, 6, 20, 17, 42, tzinfo=UTC)
PASSWORD = "caballo grapa correcto"


@pytest.fixture
def outreach(settings, tmp_path, monkeypatch, capsys):
    """Type a command, with lines for its input."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OUTREACH_DATA", str(settings.data))
    monkeypatch.setenv("DATABASE_URL", settings.database_url)

    def _outreach(*words: str, stdin: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["outreach", *words])
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        code = 0
        try:
            cli.main()
        except SystemExit as leaving:
            code = int(leaving.code or 0)
        said = capsys.readouterr()
        return code, said.out, said.err

    return _outreach


def test_the_right_name_and_password_open_and_nothing_else_does(platform) -> None:
    with platform.transaction() as session:
        ana = accounts.add(session, " Ana.Perez ", "Ana Pérez", PASSWORD, NOW, AccountRole.ADMIN)
        assert (ana.username, ana.role, ana.active) == ("ana.perez", AccountRole.ADMIN, True)
        assert PASSWORD not in ana.password_hash
        assert accounts.check(session, "ANA.PEREZ", PASSWORD) is ana
        assert accounts.check(session, "ana.perez", PASSWORD + " ") is None
        ana.active = False
        assert accounts.check(session, "ana.perez", PASSWORD) is None


def test_an_unknown_name_takes_as_long_as_a_wrong_password(platform) -> None:
    with platform.transaction() as session:
        accounts.add(session, "ana", "", PASSWORD, NOW)
        accounts.check(session, "nadie", "x")  # the decoy is made once

        def spent(name: str) -> float:
            began = time.process_time()
            accounts.check(session, name, "x")
            return time.process_time() - began

        assert spent("nadie") > 0.3 * spent("ana")


@pytest.mark.parametrize("name", ["", "  ", "ana perez", "ana\tperez", "ana/perez"])
def test_a_name_with_blanks_or_none_is_refused(platform, name: str) -> None:
    with pytest.raises(Refused, match="account_name"), platform.transaction() as session:
        accounts.add(session, name, "", PASSWORD, NOW)


@pytest.mark.parametrize(("password", "code"), [("corta", "password_short"), ("x" * 1025, "password_long")])
def test_a_password_too_short_or_too_long_is_refused_without_repeating_it(platform, password: str, code: str) -> None:
    with pytest.raises(Refused) as refused, platform.transaction() as session:
        accounts.add(session, "ana", "", password, NOW)
    [fault] = refused.value.faults
    assert fault.code == code
    assert password not in str(fault)


def test_a_command_adds_changes_closes_and_opens_an_account(outreach, platform) -> None:
    assert outreach("user", "list")[1].startswith("No hay cuentas")
    code, out, _ = outreach("user", "add", "ana", "--name", "Ana Pérez", "--admin", "--password-stdin", stdin=PASSWORD)
    assert (code, out) == (0, "Cuenta «ana» agregada.\n")
    code, _, err = outreach("user", "add", "Ana", "--password-stdin", stdin=PASSWORD)
    assert (code, err) == (2, "Ya existe la cuenta «ana».\n")
    assert outreach("user", "password", "ana", "--password-stdin", stdin="otra contraseña\n")[0] == 0
    assert outreach("user", "deactivate", "ana")[0] == 0
    [one] = json.loads(outreach("user", "list", "--json")[1])
    assert (one["username"], one["name"], one["role"], one["active"]) == ("ana", "Ana Pérez", "admin", False)
    assert "cerrada" in outreach("user", "list")[1]
    assert outreach("user", "activate", "ana")[0] == 0
    with platform.transaction() as session:
        assert accounts.check(session, "ana", "otra contraseña") is not None
        log = session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
        assert all("contraseña" not in json.dumps(one.details) for one in session.scalars(select(AuditEntry)))
    assert log == ["user.add", "user.password", "user.deactivate", "user.activate"]


@pytest.mark.parametrize("verb", ["password", "deactivate", "activate"])
def test_an_account_that_is_not_there_is_named(outreach, verb: str) -> None:
    assert outreach("user", verb, "nadie") == (2, "", "No existe la cuenta «nadie».\n")


def test_a_password_typed_in_two_ways_is_refused(outreach, monkeypatch) -> None:
    typed = iter([PASSWORD, PASSWORD + "x"])
    monkeypatch.setattr("click.termui.hidden_prompt_func", lambda _prompt: next(typed))
    code, _, err = outreach("user", "add", "ana")
    assert code == 2
    assert "no son iguales" in err
    assert json.loads(outreach("user", "list", "--json")[1]) == []


def test_a_role_is_given_and_taken_but_somebody_is_left_who_may_change_things(outreach, platform) -> None:
    for name, role in (("ana", "consulta"), ("beto", "operacion"), ("eloy", "titular")):
        assert outreach("user", "add", name, "--role", role, "--password-stdin", stdin=PASSWORD)[0] == 0
    with platform.reading() as session:
        assert {one.username: one.role for one in accounts.everybody(session)} == {
            "ana": AccountRole.READER,
            "beto": AccountRole.STAFF,
            "eloy": AccountRole.ADMIN,
        }
    assert "consulta" in outreach("user", "role", "beto", "consulta")[1]
    code, _told, said = outreach("user", "role", "eloy", "consulta")
    assert code == 2
    assert "única cuenta que puede hacer cambios" in said
    with platform.reading() as session:
        actions = [(one.action, one.details) for one in session.scalars(select(AuditEntry).order_by(AuditEntry.id))]
    assert actions[-1] == ("user.role", {"role": "consulta"})
