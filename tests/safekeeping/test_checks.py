"""`db check` finds each way in which an installation may be broken, and names it; a whole one passes."""

import json
import re
from itertools import permutations

import pytest
from sqlalchemy import text

from campaigns.drafts import ContentDraft
from campaigns.receipts import _MEANS
from campaigns.states import DeliveryState, may_move
from contacts.models import Channel
from outreach import cli
from outreach.safekeeping import checks, invariants
from outreach.words.safekeeping import INVARIANTS

PEOPLE = 6
LATE = "2025-06-19 00:00:00"

#: What is done to a whole installation by hand, and the invariants that must tell of it, each with an id it must name.
#: Delivery 1 to 6 are of the finished run 1, 7 to 12 of the run 2 under way; `{old}` is a moment long past.
BROKEN: dict[str, tuple[list[str], set[str]]] = {
    "a delivery twice": (
        ["INSERT INTO delivery SELECT {twin} FROM delivery WHERE id = 3"],
        {"one_delivery", "receipts_heard"},
    ),
    "one WhatsApp message, two deliveries": (
        ["UPDATE delivery SET channel = 'whatsapp', provider_id = 'SM1' WHERE id IN (7, 8)"],
        {"one_message"},
    ),
    "a state that does not exist": (["UPDATE delivery SET state = 'enviado' WHERE id = 7"], {"states_known"}),
    "claimed by nobody": (["UPDATE delivery SET state = 'claimed' WHERE id = 7"], {"leases"}),
    "planned and still held": (["UPDATE delivery SET worker = 'w' WHERE id = 7"], {"leases"}),
    "held for an hour": (
        ["UPDATE delivery SET state = 'calling', worker = 'w', lease_until = {old} WHERE id = 7"],
        {"stale_leases"},
    ),
    "taken without its moment": (["UPDATE delivery SET accepted_at = NULL WHERE id = 3"], {"traces"}),
    "planned though taken": (["UPDATE delivery SET accepted_at = {old} WHERE id = 7"], {"traces"}),
    "a doubt without a reason": (["UPDATE delivery SET state = 'in_doubt' WHERE id = 7"], {"doubt_reason"}),
    "skipped without a reason": (["UPDATE delivery SET state = 'skipped' WHERE id = 7"], {"end_reason"}),
    "a delivery of nobody": (["UPDATE delivery SET contact_id = 999 WHERE id = 7"], {"logged", "foreign_keys"}),
    "a run that is gone": (
        ["UPDATE delivery SET run_id = 999 WHERE id = 3"],
        {"logged", "foreign_keys", "registered"},
    ),
    "a receipt twice": (["INSERT INTO receipt SELECT {again} FROM receipt WHERE id = 1"], {"receipts_once"}),
    "back behind its receipts": (["UPDATE delivery SET state = 'accepted' WHERE id = 3"], {"receipts_forward"}),
    "planned with a receipt": (
        ["UPDATE delivery SET state = 'planned', accepted_at = NULL WHERE id = 3"],
        {"receipts_forward", "runs_ended"},
    ),
    "ahead of its receipts": (
        ["DELETE FROM receipt WHERE delivery_id = 3"],
        {"receipts_heard"},
    ),
    "work in a run that has ended": (
        ["UPDATE run SET state = 'finished' WHERE id = 2"],
        {"runs_ended", "campaign_runs"},
    ),
    "a run under way with nothing left": (
        [
            "UPDATE run SET state = 'sending', prepared_at = {old} WHERE id = 1",
            "UPDATE campaign SET state = 'sending' WHERE id = 1",
            "UPDATE delivery SET changed_at = {old} WHERE run_id = 1",
        ],
        {"runs_idle"},
    ),
    "deliveries of a run that was not prepared": (
        ["UPDATE run SET prepared_at = NULL WHERE id = 2"],
        {"runs_prepared"},
    ),
    "sending without a run": (["UPDATE campaign SET state = 'sending' WHERE id = 1"], {"campaign_runs"}),
    "scheduled for no moment": (["UPDATE campaign SET state = 'scheduled' WHERE id = 1"], {"campaign_runs"}),
    "finished with a run open": (["UPDATE campaign SET state = 'finished' WHERE id = 2"], {"campaign_runs"}),
    "a budget spent on a letter that is not": (
        ["INSERT INTO conversation (sender, address, opened_at, delivery_id) VALUES ('+52', '+1', {old}, 999)"],
        {"openings"},
    ),
    "a budget counted wrong": (
        [
            (
                "INSERT INTO sender_line (channel, sender, slot_used, opened, strikes, closings, reason, detail) "
                "VALUES ('whatsapp', '+525555550100', 0, 3, 0, 0, '', '')"
            )
        ],
        {"budgets"},
    ),
    "a webhook that nobody reads": (
        ["INSERT INTO webhook_batch (id, kind, body, query, received_at, fault) VALUES (99, 'x', '', '', {old}, '')"],
        {"batches_waiting"},
    ),
    "a ledger whose lines can be changed": (
        ["DROP TRIGGER consent_entry_unchanged{of_consent_entry}"],
        {"ledger_guarded"},
    ),
    "a notice that says another thing than was published": (
        ["INSERT INTO notice VALUES ('2025-9', 'es', 'Otro texto', '0', {old})"],
        {"notices_whole"},
    ),
    "a search that is not told of a change": (["DROP TRIGGER search_contact_changed{of_contact}"], {"search_told"}),
    "a search that finds nobody by somebody's words": (
        ["INSERT INTO search_entry (contact_id, names, reached) VALUES (999, '  nadie', '')"],
        {"search_index"},
    ),
    "an older schema": (["UPDATE alembic_version SET version_num = '0001'"], {"schema"}),
    "a table that is gone": (["DROP TABLE inquiry"], {"constraints"}),
    "a rule that is gone": (["DROP INDEX uq_membership_open"], {"constraints"}),
}


@pytest.fixture
def broken(house, cast):
    """One campaign sent and heard of, one under way of which nothing was taken yet."""
    for number in range(PEOPLE):
        cast.person(f"Persona {number}", correo=f"p{number}@example.org")
    house.campaign()
    house.settle()
    house.campaign()
    house.engine.tick()
    return house


def answers(house) -> dict[str, checks.Answer]:
    found = checks.check(house.platform.engine, house.clock.now(), "America/Mexico_City")
    return {answer.code: answer for answer in found}


def wrong(house) -> set[str]:
    return {code for code, answer in answers(house).items() if not answer.holds}


def by_hand(house, *statements: str) -> None:
    """Do what no program of ours does: without constraints, past every rule."""
    engine = house.platform.engine
    server = engine.dialect.name == "postgresql"
    engine.dispose()
    raw = engine.raw_connection()
    driver = raw.driver_connection
    if server:
        driver.autocommit = True
    driver.execute("SET session_replication_role = replica" if server else "PRAGMA foreign_keys = OFF")
    old = f"'{LATE}+00'" if server else f"'{LATE}.000000'"
    for name in ("delivery", "receipt"):
        if any(f"INTO {name} SELECT" in one or "enviado" in one for one in statements):
            driver.execute(f"CREATE TABLE loose AS SELECT * FROM {name}")
            driver.execute(f"DROP TABLE {name}" + (" CASCADE" if server else ""))
            driver.execute(f"ALTER TABLE loose RENAME TO {name}")
    for one in statements:
        filled = re.sub(r"\{of_(\w+)\}", r" ON \1" if server else "", one.replace("{old}", old))
        for mark, table in (("{twin}", "delivery"), ("{again}", "receipt")):
            if mark in filled:
                columns = [column[0] for column in driver.execute(f"SELECT * FROM {table} LIMIT 0").description]
                new = ", ".join("1000 + id" if name == "id" else f'"{name}"' for name in columns)
                filled = filled.replace(mark, new)
        driver.execute(filled)
    raw.invalidate()
    engine.dispose()


def test_a_whole_installation_passes(broken) -> None:
    assert wrong(broken) == set()
    assert {answer.code for answer in answers(broken).values()} == set(INVARIANTS)


@pytest.mark.parametrize("how", BROKEN)
def test_whatever_is_broken_is_named(broken, how: str) -> None:
    statements, told = BROKEN[how]
    by_hand(broken, *statements)
    found = wrong(broken)
    assert told <= found
    # A table without its rules is told of besides; nothing else is.
    assert found - told <= {"constraints"}
    answer = answers(broken)[min(told)]
    assert answer.found > 0
    assert answer.examples


def test_every_question_can_fail(broken) -> None:
    provoked = {code for _statements, told in BROKEN.values() for code in told}
    remarks = {question.code for question in invariants.QUESTIONS if question.remark} | {"moved"}
    assert set(INVARIANTS) - remarks - provoked == {"storage"}  # a damaged file: below


@pytest.mark.only_on("sqlite")
def test_a_damaged_file_is_told(broken) -> None:
    engine = broken.platform.engine
    with engine.connect() as connection:
        root = connection.scalar(text("SELECT rootpage FROM sqlite_master WHERE name = 'ix_delivery_contact_id'"))
    engine.dispose()
    with (broken.platform.settings.data / "outreach.sqlite3").open("r+b") as raw:
        raw.seek((root - 1) * 4096)
        raw.write(b"\xff" * 4096)
    assert "storage" in wrong(broken)


def test_remarks_break_nothing(broken) -> None:
    by_hand(broken, "UPDATE delivery SET state = 'in_doubt', reason = 'no_answer' WHERE id = 7")
    found = answers(broken)["doubts_open"]
    assert (found.found, found.examples, found.holds) == (1, (7,), True)


def test_a_delivery_may_stand_wherever_its_receipts_in_any_order_may_leave_it() -> None:
    """The table of the check, held to the rules by which events move a delivery."""
    for number in range(1, 5):
        for order in permutations(invariants.AFTER, number):
            state = DeliveryState.CALLING
            for kind in order:
                if may_move(state, _MEANS[kind]):
                    state = _MEANS[kind]
            for kind in order:
                assert state in invariants.AFTER[kind], (order, state)


def test_the_command_says_each_rule_in_a_line_and_leaves_with_1_when_one_is_broken(broken, monkeypatch, capsys) -> None:
    settings = broken.platform.settings
    monkeypatch.setenv("OUTREACH_DATA", str(settings.data))
    monkeypatch.setenv("DATABASE_URL", settings.database_url)
    by_hand(broken, "UPDATE delivery SET state = 'in_doubt' WHERE id IN (7, 8)")
    for words in ([], ["--json"]):
        monkeypatch.setattr("sys.argv", ["outreach", "db", "check", *words])
        with pytest.raises(SystemExit) as left:
            cli.main()
        assert left.value.code == 1
    lines = capsys.readouterr().out.splitlines()
    assert "✗ Cada envío en duda dice por qué: 2 (envíos 7, 8)" in lines
    assert "✓ Un envío por persona y corrida" in lines
    told = json.loads("\n".join(lines[lines.index("{") :]))
    assert told["ok"] is False
    assert [check["examples"] for check in told["checks"] if not check["ok"]] == [[7, 8]]


def test_the_command_makes_nothing_where_there_is_nothing(tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.setenv("OUTREACH_DATA", str(tmp_path / "nada"))
    monkeypatch.setattr("sys.argv", ["outreach", "db", "check"])
    with pytest.raises(SystemExit) as left:
        cli.main()
    assert left.value.code == 2
    assert "No existe la base de datos" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_delivery_of_whatsapp_that_was_read_passes(house, cast) -> None:
    sid = house.template()
    cast.person("Ana Jacaranda", whatsapp="+525555550121")
    house.campaign(Channel.WHATSAPP, contents=(ContentDraft(template=sid, template_values={"1": "{{ nombre }}"}),))
    house.settle()
    assert wrong(house) == set()
