"""No way out goes past the gate: each path on which something leaves, with one person for each reason not to.

The paths are not a list that somebody keeps: they are read in the code. Who writes another way to make a delivery
planned, to set a run going, or to call a carrier finds this file failing until the way has a test here.
"""

import ast
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

from campaigns import claiming, doubts, planning
from campaigns.calendar import Schedule, read_wall
from campaigns.claiming import LEASE
from campaigns.drafts import ContentDraft
from campaigns.models import Campaign, Delivery, Run
from campaigns.states import DeliveryState, RunState
from contacts import consent, unifying
from contacts.linkrequests import LinkUse
from contacts.models import Address, AddressKind, AddressState, Channel, Contact, Decision, Purpose
from outreach import confirming, erasing, linking

ROOT = Path(__file__).parents[2]
MAIL = "/v3/mail/send"

# --------------------------------------------------------------------- the reasons, and what brings each about


def _state(state: AddressState):
    def spoil(session, who, at):
        session.execute(update(Address).where(Address.contact_id == who).values(state=state))

    return spoil


def _forget(session, who, at):
    erasing.erase(session, who, at=at, by="pruebas")


def _leave(session, who, at):
    consent.withdraw(session, who, "*", source="baja", at=at)


def _leave_for_this(session, who, at):
    consent.withdraw(session, who, "*", purpose=Purpose.NOTICES, source="baja", at=at)


def _leave_at_their_addresses(session, who, at):
    _state(AddressState.OPTED_OUT)(session, who, at)
    consent.withdraw(session, who, "*", source="enlace de baja", at=at)


def _lose_addresses(session, who, at):
    session.execute(delete(Address).where(Address.contact_id == who))


def _be_somebody_who_left(session, who, at):
    other = Address(kind=AddressKind.EMAIL, value=f"otra{who}@example.org")
    twin = Contact(name="La Misma", created_at=at, addresses=[other])
    session.add(twin)
    session.flush()
    consent.withdraw(session, twin.id, "*", source="baja", at=at)
    unifying.merge(session, twin.id, [who], at=at, by="pruebas")


def _end(session, who, at):
    """The consent ends while the message waits: nobody does anything."""
    consent.record(
        session, who, "*", "*", Decision.GRANTED, source="formulario", at=at, until=at + timedelta(seconds=1)
    )


SPOILERS: dict[str, Callable] = {
    "erased": _forget,
    "no_address": _lose_addresses,
    "opted_out": _leave,
    "opted_out of this": _leave_for_this,
    "opted_out as somebody": _be_somebody_who_left,
    "consent_expired": _end,
    "complained": _state(AddressState.COMPLAINED),
    "bounced": _state(AddressState.BOUNCED),
    "unreachable": _state(AddressState.UNREACHABLE),
    "address_closed": _state(AddressState.CLOSED),
    "opted_out at an address": _leave_at_their_addresses,
}
#: Said of who never consented: of them there is no delivery to go astray later.
AT_THE_DOOR = {"no_consent"}


class People:
    """One person for each reason, and Ana, to whom nothing is in the way."""

    def __init__(self, house, cast, *, consents: bool = True) -> None:
        self.house = house
        ways = {"consents": consents}
        self.ana = cast.person("Ana Prueba", correo="ana@example.org", whatsapp="+525555550100", **ways)
        self.others = {
            why: cast.person(
                f"Persona {number}", correo=f"p{number}@example.org", whatsapp=f"+5255555501{number:02}", **ways
            )
            for number, why in enumerate(SPOILERS, 1)
        }
        cast.person("Nunca Dijo", correo="nunca@example.org", whatsapp="+525555550199", consents=False)

    def spoil(self) -> None:
        """Let happen to each what is in the way, and a moment pass."""
        house = self.house
        with house.platform.transaction() as session:
            for why, who in self.others.items():
                SPOILERS[why](session, who, house.clock.now())
        house.clock.set(house.clock.now() + timedelta(seconds=2))


# --------------------------------------------------------------------- the paths


def _planned(house, everybody, channel=Channel.EMAIL, **more):
    campaign = house.campaign(channel, **more)
    house.engine.tick()
    everybody.spoil()
    return campaign


def bulk_mail(house, people):
    _planned(house, people)


def bulk_whatsapp(house, people):
    text = ContentDraft(template=house.template(), template_values={"1": "{{ nombre }}"})
    _planned(house, people, Channel.WHATSAPP, contents=(text,))


def spoiled_before_the_list_is_made(house, people):
    people.spoil()
    house.campaign(Channel.EMAIL)


def to_named_people(house, people):
    """One-off, and a test send: a campaign to people by their numbers."""
    named = tuple(map(str, [people.ana, *people.others.values()]))
    _planned(house, people, networks=(), people=named)


def on_its_date(house, people):
    campaign = house.campaign(
        Channel.EMAIL, send=False, schedule=Schedule(moments=(read_wall("2025-06-20T12:30", ""),))
    )
    with house.platform.transaction() as session:
        moment = planning.schedule(session, session.get_one(Campaign, campaign), at=house.clock.now())
    house.clock.set(moment)
    house.engine.tick()
    people.spoil()


def tried_again(house, people):
    house.simulator.fault("status", path=MAIL, status=429, times=1, retry_after=60)
    house.campaign(Channel.EMAIL)
    house.engine.tick()
    house.engine.drain()
    assert house.simulator.messages() == []
    people.spoil()


def resumed(house, people):
    campaign = house.campaign(Channel.EMAIL)
    house.engine.tick()
    with house.platform.transaction() as session:
        planning.pause(session, session.get_one(Campaign, campaign))
    people.spoil()
    with house.platform.transaction() as session:
        planning.resume(session, session.get_one(Campaign, campaign))


def late_and_released(house, people):
    campaign = _planned(house, people)
    with house.platform.transaction() as session:
        session.execute(update(Run).where(Run.campaign_id == campaign).values(state=RunState.HELD))
        planning.release(session, session.scalars(select(Run).where(Run.campaign_id == campaign)).one())


def _doubted(house):
    house.simulator.fault("status", path=MAIL, status=500, times=1)
    campaign = house.campaign(Channel.EMAIL)
    house.settle(hours=2)
    rows = [row.id for row in house.rows(campaign) if row.state == DeliveryState.IN_DOUBT]
    assert rows
    assert house.simulator.messages() == []
    return rows


def sent_again(house, people):
    rows = _doubted(house)
    people.spoil()
    with house.platform.transaction() as session:
        doubts.decide(session, rows, sent=False, at=house.clock.now())


def proven_not_accepted(house, people):
    rows = _doubted(house)
    people.spoil()
    with house.platform.transaction() as session:
        for row in rows:
            doubts.hold(session, [row])
            doubts.not_accepted(session, row, at=house.clock.now())


def claimed_by_who_died(house, people):
    house.campaign(Channel.EMAIL)
    house.engine.tick()
    with house.platform.transaction() as session:
        claimed = claiming.claim(session, "alguien", at=house.clock.now(), sizes={Channel.EMAIL: 100})
    assert len(claimed.rows) == len(people.others) + 1
    people.spoil()
    house.clock.set(house.clock.now() + LEASE + timedelta(seconds=1))


def by_a_job_of_the_queue(house, people):
    _planned(house, people)
    house.engine.chunk(Channel.EMAIL.value)


PATHS = (
    bulk_mail,
    bulk_whatsapp,
    spoiled_before_the_list_is_made,
    to_named_people,
    on_its_date,
    tried_again,
    resumed,
    late_and_released,
    sent_again,
    proven_not_accepted,
    claimed_by_who_died,
    by_a_job_of_the_queue,
)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.__name__)
def test_nothing_leaves_for_whom_the_gate_says_no(house, cast, path):
    people = People(house, cast)
    path(house, people)
    house.settle()
    letters = house.simulator.messages()
    assert len(letters) == 1, [letter.to for letter in letters]
    assert letters[0].to in {"ana@example.org", "+525555550100", "whatsapp:+525555550100"}
    with house.platform.reading() as session:
        reasons = dict(
            session.execute(select(Delivery.contact_id, Delivery.reason).where(Delivery.state == "skipped")).all()
        )
        for why, who in people.others.items():
            if who in reasons:
                assert reasons[who] in {why.split()[0], "cancelled"}, why


def test_the_question_itself_does_not_leave_either(house, cast):
    people = People(house, cast, consents=False)
    with house.platform.transaction() as session:
        for who in [people.ana, *people.others.values()]:
            if who != people.others["consent_expired"]:
                confirming.ask_to_confirm(house.platform, session, who, Channel.EMAIL, ["*"], source="página")
    people.spoil()
    house.settle()
    assert [letter.to for letter in house.simulator.messages()] == ["ana@example.org"]


def test_a_link_that_was_asked_for_does_not_leave_for_whom_nobody_may_reach(house, cast):
    """Who said no to everything and asks for their own data gets the link: it is they who ask."""
    people = People(house, cast)
    with house.platform.transaction() as session:
        for who in [people.ana, *people.others.values()]:
            linking.send(house.platform, session, who, LinkUse.DATA)
    people.spoil()
    house.settle()
    reached = {letter.to for letter in house.simulator.messages()}
    unreachable = {"erased", "no_address", "complained", "bounced", "unreachable", "address_closed"}
    numbered = enumerate(SPOILERS, 1)
    shut = {f"p{number}@example.org" for number, why in numbered if why in unreachable}
    assert len(shut) == len(unreachable)
    assert "ana@example.org" in reached
    assert reached & shut == set()


def test_every_reason_of_the_gate_is_walked():
    walked = {why.split()[0] for why in SPOILERS} | AT_THE_DOOR
    # `merged` is said of rows that point to somebody: claims follow them. The others have tests of their own.
    assert set(consent.REASONS) - walked == {"merged", "ask_over", "link_over"}


# --------------------------------------------------------------------- the paths are those of the code

#: What makes a delivery planned, and where it is walked.
MADE_PLANNED = {
    "campaigns.audience.plan": {bulk_mail, bulk_whatsapp, to_named_people},
    "campaigns.confirming.ask_to_confirm": {test_the_question_itself_does_not_leave_either},
    "campaigns.doubts.decide": {sent_again},
    "campaigns.linking.send": {test_a_link_that_was_asked_for_does_not_leave_for_whom_nobody_may_reach},
    "campaigns.doubts.not_accepted": {proven_not_accepted},
    "campaigns.outcomes.record": {tried_again},
    "campaigns.recovery._give_back": {claimed_by_who_died},
}
#: What sets a run going.
SET_GOING = {
    "campaigns.confirming._run": {test_the_question_itself_does_not_leave_either},
    "campaigns.doubts._reopen": {sent_again, proven_not_accepted},
    "campaigns.linking._run": {test_a_link_that_was_asked_for_does_not_leave_for_whom_nobody_may_reach},
    "campaigns.planning._open_run": {bulk_mail, on_its_date},
    "campaigns.planning.release": {late_and_released},
}
#: What writes a delivery.
WRITTEN = {
    "campaigns.audience.prepare": {bulk_mail},
    "campaigns.confirming.ask_to_confirm": {test_the_question_itself_does_not_leave_either},
    "campaigns.linking.send": {test_a_link_that_was_asked_for_does_not_leave_for_whom_nobody_may_reach},
}
#: What calls a carrier. Both are handed what `campaigns.claiming.claim` let pass, and nothing else.
CALLED = {"outreach.dispatch._deliver": {bulk_mail}, "outreach.relay._begin": {bulk_whatsapp}}


@cache
def _functions() -> list[tuple[str, ast.FunctionDef]]:
    return list(_read())


def _read():
    for package in ("contacts", "campaigns", "outreach"):
        for path in sorted((ROOT / package).rglob("*.py")):
            if "simulator" in path.parts or "migrations" in path.parts:
                continue
            module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.FunctionDef):
                    yield f"{module}.{node.name}", node


def _means(function: ast.FunctionDef, enum: str, member: str) -> bool:
    """Whether a function names a member of an enum other than to compare with it, or among others."""
    asked = {
        id(inner)
        for node in ast.walk(function)
        if isinstance(node, (ast.Compare, ast.List, ast.Set, ast.Tuple, ast.Dict)) and not _written(node)
        for inner in ast.walk(node)
    }
    asked |= {
        id(inner)
        for node in ast.walk(function)
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"guard", "_open_runs"}
        for inner in ast.walk(node)
    }
    return any(
        isinstance(node, ast.Attribute)
        and node.attr == member
        and ast.unparse(node.value) in {enum, enum[0]}
        and id(node) not in asked
        for node in ast.walk(function)
    )


def _written(node: ast.AST) -> bool:
    """Whether what looks like a comparison is one arm of a written value: `case((… == "", literal(PLANNED)))`."""
    return isinstance(node, ast.Tuple) and any(
        isinstance(inner, ast.Call) and ast.unparse(inner.func) == "literal" for inner in node.elts
    )


@cache
def _called(function: ast.FunctionDef) -> list[tuple[str, ast.Call]]:
    return [(ast.unparse(node.func), node) for node in ast.walk(function) if isinstance(node, ast.Call)]


def _calls(function: ast.FunctionDef, wanted: Callable[[str], bool]) -> bool:
    return any(wanted(called) for called, _call in _called(function))


def test_every_way_to_make_a_delivery_planned_is_walked():
    domain = [(name, node) for name, node in _functions() if not name.startswith("outreach.web")]
    assert {name for name, node in domain if _means(node, "DeliveryState", "PLANNED")} == set(MADE_PLANNED)


def test_every_way_to_set_a_run_going_is_walked():
    domain = [(name, node) for name, node in _functions() if ".safekeeping." not in name]  # it only asks
    assert {name for name, node in domain if _means(node, "RunState", "SENDING")} == set(SET_GOING)


def test_every_way_to_write_a_delivery_is_walked():
    def inserts(node: ast.FunctionDef) -> bool:
        return any(
            called == "Delivery" or (called == "insert" and ast.unparse(call.args[0]) == "Delivery")
            for called, call in _called(node)
        )

    assert {name for name, node in _functions() if inserts(node)} == set(WRITTEN)


def test_every_call_of_a_carrier_is_walked():
    def calls(call: str) -> bool:
        return call.endswith((".send", ".submit")) and "carrier" in call

    assert {name for name, node in _functions() if _calls(node, calls)} == set(CALLED)


def test_who_drives_the_sending_is_made_in_one_place():
    """Pages, the timer, workers, the queue and a rehearsal drive the same engine: there is no other sender."""
    makers = {name for name, node in _functions() if _calls(node, lambda call: call == "Dispatcher")}
    assert makers == {"outreach.engine.__init__"}
    engines = {name for name, node in _functions() if _calls(node, lambda call: call == "Engine")}
    assert engines == {"outreach.providers.engine"}


def test_only_the_claim_hands_rows_to_a_carrier_and_it_asks_the_gate():
    claims = {name for name, node in _functions() if _calls(node, lambda call: call in {"Claim", "Claimed._make"})}
    assert claims == {"campaigns.claiming.claim", "campaigns.claiming._allowed"}
    gates = {name for name, node in _functions() if _calls(node, lambda call: call.endswith("consent.refusal"))}
    assert {"campaigns.claiming._asking", "campaigns.audience.plan"} <= gates


def test_each_of_them_has_a_path_here():
    for table in (MADE_PLANNED, SET_GOING, WRITTEN, CALLED):
        for name, walks in table.items():
            assert walks, name
            assert {walk for walk in walks if walk not in PATHS} <= {
                test_the_question_itself_does_not_leave_either,
                test_a_link_that_was_asked_for_does_not_leave_for_whom_nobody_may_reach,
            }
