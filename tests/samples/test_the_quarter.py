"""The sample quarter: whole, fictional, true to the dates of the real one, and the same every time."""

import csv
import re
import runpy
import shutil
from datetime import date
from pathlib import Path

import phonenumbers
import pytest

from campaigns import content, rendering
from contacts.models import Channel
from contacts.stopwords import stop_word
from outreach import plans
from outreach.config import Settings
from outreach.informes import definition
from outreach.plans import Plan
from outreach.rehearsal import Rehearsed, rehearse

QUARTER = Path(__file__).parents[2] / "samples" / "2025-q2"
#: Of the informe by trimestre.toml. It changes with the sample and with nothing else; a rehearsal prints the new one.
DIGEST = "sha256:5fbd5543112b53a7b5c95335084d7b8c9292aaa71cbe020703b8f82dd39b5f81"

APRIL, MAY, JUNE = (4, 5, 6)
REAL = {
    "invitacion": {APRIL: [9, 16, 30], MAY: [9, 13, 14, 15], JUNE: [19, 20, 25, 26, 27]},
    "difusion": {APRIL: [2, 11, 16, 29], MAY: [1, 5, 6, 8, 12, 13, 15, 19, 22], JUNE: [13, 19, 25]},
    "boletin": {MAY: [5], JUNE: [13]},
    "internacional": {APRIL: [7, 12, 14, 21, 28], MAY: [5, 12, 19, 27], JUNE: [2, 9, 17, 23, 30]},
    "boletin-electoral": {APRIL: [4, 11, 18, 25], MAY: [2, 9, 16, 23, 30], JUNE: [6, 13, 20, 27]},
    "calendario": {APRIL: [7, 14, 21, 28], MAY: [5, 12, 19, 26], JUNE: [2, 9, 16, 23]},
    "observacion": {MAY: [1, 2, *range(4, 10), *range(11, 19), *range(20, 25)]},
    "noticia": {
        APRIL: [1, 2, 3, 4, 7, 8, 9, 11, 15, 17, 21, 23, 24, 29],
        MAY: [2, 7, 9, 15],
        JUNE: [5, 6, 9, 11, 16, 19, 26, 30],
    },
    "solicitud": {APRIL: [9, 15]},
    "micrositio": {MAY: [1], JUNE: [13]},
    "simulacro": {JUNE: [19, 20, 23, 27, 28]},
}


@pytest.fixture(scope="module")
def plan() -> Plan:
    return plans.read(QUARTER / "plan.toml")


@pytest.fixture(scope="module")
def people() -> list[dict[str, str]]:
    rows = []
    for file in sorted(QUARTER.glob("contactos-*.csv")):
        with file.open(encoding="utf-8", newline="") as lines:
            rows += csv.DictReader(lines)
    return rows


def test_the_plan_is_the_folders_only_toml():
    assert [path.name for path in QUARTER.rglob("*.toml")] == ["plan.toml"]


def test_three_hundred_people_live_in_many_cities_countries_and_hours(people):
    assert len({row["nombre"] for row in people}) == len(people) >= 300
    assert len({row["ciudad"] for row in people}) >= 20
    assert len({row["pais"] for row in people}) >= 8
    assert len({row["zona"] for row in people}) >= 8
    assert sum(row["rol"] == "liderazgo" for row in people) >= 8
    assert sum(bool(row["trajo"]) for row in people) >= 20


def test_nobody_is_real(people):
    addresses = [row["correo"] for row in people if row["correo"]]
    assert [one for one in addresses if not re.search(r"@example\.(org|com|net)$", one)] == []
    kept_for_fiction = re.compile(
        r"\+1\d{3}5550[12]\d{2}|\+4420794601\d{2}|\+49171392\d{4}|\+33199\d{6}|\+467017406\d{2}|\+61255500\d{3}"
        r"|\+52555555\d{4}|\+34600000\d{3}|\+818000000\d{3}|\+541155550\d{3}"
    )
    numbers = [row[kind] for row in people for kind in ("telefono", "whatsapp") if row[kind]]
    plain = [
        number if number.startswith("+") and " " not in number else "+52" + re.sub(r"\D", "", number)[-10:]
        for number in numbers
    ]
    assert [number for number in plain if not kept_for_fiction.fullmatch(number)] == []
    assert all(phonenumbers.is_valid_number(phonenumbers.parse(number)) for number in plain)


def test_the_contacts_can_be_made_again(tmp_path):
    shutil.copy(QUARTER / "make_contacts.py", tmp_path)
    runpy.run_path(str(tmp_path / "make_contacts.py"), run_name="__main__")
    for made in tmp_path.glob("*.csv"):
        assert made.read_text(encoding="utf-8") == (QUARTER / made.name).read_text(encoding="utf-8")


def test_the_days_are_those_of_the_real_quarter(plan):
    found: dict[str, list[date]] = {}
    for draft, _path in plan.campaigns:
        found.setdefault(draft.clase, []).extend(wall.date() for wall in draft.schedule.walls())
    for entry in plan.entries:
        if len(entry.values["fecha"]) == len("2025-04-09"):
            found.setdefault(entry.values["clase"], []).append(date.fromisoformat(entry.values["fecha"]))
    for clase, months in REAL.items():
        days = [date(2025, month, day) for month, days in months.items() for day in days]
        assert [day for day in sorted(found[clase]) if day < date(2025, 7, 1)] == days, clase


def test_weekly_bulletins_fall_on_their_weekdays(plan):
    weekdays = {
        draft.key: {wall.weekday() for wall in draft.schedule.walls()}
        for draft, _path in plan.campaigns
        if draft.key in {"boletin-electoral", "calendario-semanal"}
    }
    assert weekdays == {"boletin-electoral": {4}, "calendario-semanal": {0}}


def test_both_simulacros_call_by_mail_and_follow_each_person_through_three_stages(plan):
    for simulacro in ("simulacro-1", "simulacro-2"):
        stages = [draft for draft, _path in plan.campaigns if draft.tema == simulacro]
        assert [draft.extra["etapa"] for draft in stages] == ["inscripción", "registro", "opinión"]
        assert {draft.channels for draft in stages} == {(Channel.WHATSAPP,)}
        call = next(draft for draft, _path in plan.campaigns if draft.key == f"{simulacro}-correo")
        assert call.channels == (Channel.EMAIL,)


def test_the_event_at_eight_is_told_on_three_days(plan):
    event = [draft for draft, _path in plan.campaigns if (draft.key or "").startswith("evento-")]
    told = [(wall.day, draft.channels[0].value) for draft in event for wall in draft.schedule.walls()]
    assert told == [(13, "correo"), (14, "correo"), (15, "correo"), (15, "whatsapp")]
    meeting = [entry.values for entry in plan.entries if entry.values["hora"] == "20:00"]
    assert [(values["fecha"], values["canal"]) for values in meeting] == [("2025-05-15", "reunion")]


def test_every_letter_compiles_and_names_the_way_out(plan):
    for draft, _path in plan.campaigns:
        for piece in draft.contents:
            assert [rendering.check(text, "") for text in (piece.subject, piece.text, piece.mjml)] == [[], [], []]
            if piece.mjml:
                assert "{{ baja }}" in content.compile_mjml(piece.mjml)


def test_some_answer_some_leave(plan):
    said = [word.text for word in plan.words]
    assert sum(bool(stop_word(text)) for text in said if text) == 2
    assert said.count("") == 2


@pytest.fixture(scope="module")
def played(plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Rehearsed:
    settings = Settings.read({"OUTREACH_DATA": str(tmp_path_factory.mktemp("trimestre"))})
    own = definition.read(Path(__file__).with_name("trimestre.toml"))
    assert plan.start
    assert plan.end
    return rehearse(plan, own, plan.start, plan.end, settings)


def test_the_quarter_comes_out_the_same_every_time(played):
    assert played.report.digest == DIGEST


def test_the_simulator_received_one_message_for_each_delivery_and_the_log_agrees(played):
    assert played.proof.contradictions == []
    assert played.proof.behind == 0
    skipped = sum(states.get("skipped", 0) for states in played.summary.ways.values())
    assert played.proof.messages == played.proof.deliveries - skipped > 5000


def test_the_quarter_has_the_figures_of_the_real_one(played):
    tables = {table.id: table for table in played.report.tables}
    assert tables["correos"].intro.startswith("12 comunicaciones")
    assert tables["observacion"].intro == "43 comunicaciones, 16 temas"
    assert tables["correspondencia"].rows[-1][-1] == "62"


def test_some_are_left_out_for_every_usual_reason(played):
    reasons = {reason for counts in played.summary.skipped.values() for reason in counts}
    assert reasons >= {"no_address", "no_consent", "opted_out", "bounced", "unreachable", "marketing_us"}
    assert played.summary.ways["correo"]["bounced"] > 0


def test_nothing_is_left_but_the_stage_that_falls_in_july(played):
    assert [line.title for line in played.summary.pending] == ["Segundo simulacro, etapa 3: emisión de opinión"]
    assert (played.summary.waiting, played.summary.tasks, played.unheard) == (0, 0, ())
    assert played.entries == 177
