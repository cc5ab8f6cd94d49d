"""Whoever sees a person at the terminal leaves a line in the audit log too."""

import re
import sys
from contextlib import suppress

import pytest
from sqlalchemy import func, select

from contacts import rights
from contacts.models import Address, Contact
from contacts.rights import Asked, Right, Terms
from outreach import cli
from outreach.audit import AuditEntry

WORDS = [
    ["contacts", "list"],
    ["contacts", "list", "--json", "--search", "citlali"],
    ["contacts", "show", "1"],
    ["contacts", "show", "1", "--json"],
    ["contacts", "consent", "1"],
    ["contacts", "export", "-", "--why", "prueba de la bitácora"],
    ["contacts", "export", "todo.jsonl", "--all", "--why", "prueba de la bitácora"],
    ["contacts", "duplicates", "list"],
    ["contacts", "duplicates", "list", "--search"],
    ["contacts", "networks"],
    ["contacts", "segments", "people", "Chicago y Madrid"],
    ["contacts", "rights", "list"],
    ["contacts", "rights", "show", "1"],
    ["contacts", "rights", "dossier", "1"],
    ["campaigns", "log", "1"],
    ["campaigns", "doubts", "1"],
    ["campaigns", "status", "1"],
    ["campaigns", "held"],
    ["campaigns", "tasks"],
]


@pytest.mark.only_on("sqlite")  # what a command says is the same on both
def test_every_command_that_shows_a_person_leaves_a_line(platform, cast, tmp_path, monkeypatch, capsys):
    with platform.transaction() as session:
        now = platform.clock.now()
        asked = Asked(kind=Right.ACCESS, received_on=now.date(), contact_id=cast.citlali, requester="")
        rights.receive(session, asked, Terms(), today=now.date(), at=now, by="maura")
    with platform.reading() as session:
        known = {*session.scalars(select(Contact.name)), *session.scalars(select(Address.value))}
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OUTREACH_DATA", str(platform.settings.data))
    telling, silent = 0, []
    for words in WORDS:
        before = _count(platform)
        monkeypatch.setattr(sys, "argv", ["outreach", *words])
        with suppress(SystemExit):
            cli.main()
        said = capsys.readouterr()
        assert not said.err or "duplicates" in words, (words, said.err)
        if any(one in said.out and re.search(rf"(?<!\w){re.escape(one)}(?!\w)", said.out) for one in known):
            telling += 1
            silent += [words] if _count(platform) == before else []
    assert telling > 8
    assert silent == []


def _count(platform) -> int:
    with platform.reading() as session:
        return session.scalar(select(func.count()).select_from(AuditEntry)) or 0
