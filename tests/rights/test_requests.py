"""The register of requests: its clock, its life cycle, and what may be done with a request."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from contacts import consent, rights, workdays
from contacts.errors import Refused
from contacts.models import Channel, Contact, Purpose
from contacts.rights import MOVES, Asked, RequestState, Right, RightsRequest, Standing, Terms

TODAY = date(2025, 6, 20)
TERMS = Terms(20, frozenset({date(2025, 7, 14)}))


@pytest.fixture
def ask(platform, cast):
    """Write a request down, of Citlali unless another one is told."""
    citlali = cast.person("Citlali Jacaranda", correo="citlali@example.org")

    def _ask(kind: Right = Right.ACCESS, **more: object) -> int:
        asked = Asked(**({"kind": kind, "received_on": TODAY, "contact_id": citlali, "identity": "credencial"} | more))
        with platform.transaction() as session:
            return rights.receive(session, asked, TERMS, today=TODAY, at=platform.clock.now(), by="maura").id

    return _ask


@pytest.fixture
def act(platform):
    """Do one verb on a request and return it."""

    def _act(request_id: int, verb) -> RightsRequest:
        with platform.transaction() as session:
            one = rights.hold(session, request_id)
            verb(session, one)
            session.flush()
            return one

    return _act


def extend(days=10, why="hay que buscar en papel", today=TODAY):
    return lambda _s, one: rights.extend(
        one, days=days, why=why, closed=TERMS.closed, today=today, at=one.created_at, by="maura"
    )


def answer(text="Se entregó."):
    return lambda _s, one: rights.answer(one, text=text, at=one.created_at, by="maura")


def test_a_request_has_a_folio_and_a_due_date_that_later_settings_do_not_move(platform, ask):
    first, second = ask(), ask()
    with platform.reading() as session:
        one = session.get_one(RightsRequest, first)
        assert (one.folio, one.requester, one.due_on) == ("ARCO-2025-0001", "Citlali Jacaranda", date(2025, 7, 21))
        assert rights.find(session, "arco-2025-0002").id == second
        assert rights.find(session, str(second)).id == second


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"kind": "olvido"}, "right_kind"),
        ({"received_on": TODAY + timedelta(days=1)}, "request_future"),
        ({"contact_id": None}, "requester_missing"),
        ({"contact_id": 999}, "person_unknown"),
        ({"detail": "x" * 5001}, "field_long"),
    ],
)
def test_what_cannot_be_a_request_is_refused(ask, more, code):
    with pytest.raises(Refused, match=code):
        ask(**more)


def test_somebody_who_is_not_in_the_base_can_ask(platform, ask):
    number = ask(contact_id=None, requester="Donají Encino")
    with platform.reading() as session:
        assert session.get_one(RightsRequest, number).requester == "Donají Encino"


def test_it_is_overdue_the_day_after_its_last_one_until_it_is_answered(platform, ask, act):
    number = ask()
    due = date(2025, 7, 21)
    with platform.reading() as session:
        one = session.get_one(RightsRequest, number)
        assert one.standing(due) is Standing.OPEN
        assert one.standing(due + timedelta(days=1)) is Standing.OVERDUE
        assert [each.id for each in rights.pressing(session, due)] == [number]
        assert rights.pressing(session, due - timedelta(days=1)) == []
        assert rights.counts(session, due + timedelta(days=1))[Standing.OVERDUE] == 1
        late = rights.listed(state="vencida", today=due + timedelta(days=1))
        assert [each.id for each in session.scalars(late)] == [number]
    one = act(number, answer())
    assert one.standing(due + timedelta(days=9)) is Standing.ANSWERED
    with platform.reading() as session:
        assert rights.pressing(session, due + timedelta(days=99)) == []


def test_the_term_is_lengthened_once_from_the_day_it_was_received(ask, act):
    number = ask()
    one = act(number, extend(10))
    assert one.due_on == workdays.after(TODAY, 30, TERMS.closed)
    assert (one.state, one.extended_why) == (RequestState.EXTENDED, "hay que buscar en papel")
    with pytest.raises(Refused, match="request_state"):
        act(number, extend(5))


@pytest.mark.parametrize(
    ("verb", "code"),
    [
        (extend(0), "extension_days"),
        (extend(21), "extension_days"),  # at most twice the term
        (extend(-3), "extension_days"),
        (extend(why="  "), "extension_reason"),
        (extend(today=date(2025, 7, 22)), "extension_late"),
        (answer(" "), "answer_missing"),
        (lambda _s, one: rights.identify(one, ""), "identity_missing"),
    ],
)
def test_an_act_that_lacks_something_is_refused_and_nothing_is_kept(platform, ask, act, verb, code):
    number = ask()
    with pytest.raises(Refused, match=code):
        act(number, verb)
    with platform.reading() as session:
        one = session.get_one(RightsRequest, number)
        assert (one.state, one.identity, one.answer, one.extended_days) == (RequestState.OPEN, "credencial", "", 0)


@pytest.mark.parametrize("origin", list(RequestState))
@pytest.mark.parametrize("target", list(RequestState))
def test_every_pair_of_states_is_an_arrow_of_the_table_or_a_refusal(origin, target):
    request = RightsRequest(state=origin)
    if target in MOVES[origin]:
        rights.move(request, target)
        assert request.state is target
    else:
        with pytest.raises(Refused, match="request_state"):
            rights.move(request, target)
        assert request.state is origin


class Desk(RuleBasedStateMachine):
    """Whatever people do to a request, on whatever day: its end moves once at most, never back, never beyond twice."""

    def __init__(self) -> None:
        super().__init__()
        self.today = TODAY
        self.one = RightsRequest(
            state=RequestState.OPEN, received_on=TODAY, term=20, due_on=workdays.after(TODAY, 20), extended_days=0
        )
        self.moves = 0

    @rule(days=st.integers(0, 9))
    def wait(self, days):
        self.today += timedelta(days=days)

    @rule(days=st.integers(-2, 45))
    def extend(self, days):
        before = self.one.due_on
        try:
            rights.extend(self.one, days=days, why="x", closed=(), today=self.today, at=None, by="m")
        except Refused:
            assert self.one.due_on == before
        else:
            self.moves += 1
            assert self.today <= before < self.one.due_on

    @rule()
    def answer(self):
        was = self.one.state
        try:
            rights.answer(self.one, text="x", at=None, by="m")
        except Refused:
            assert was is RequestState.ANSWERED

    @invariant()
    def holds(self):
        assert self.moves <= 1
        assert workdays.is_working(self.one.due_on)
        assert workdays.between(TODAY, self.one.due_on) == 20 + self.one.extended_days <= 40
        late = self.one.state is not RequestState.ANSWERED and self.today > self.one.due_on
        assert (self.one.standing(self.today) is Standing.OVERDUE) == late


TestDesk = Desk.TestCase


@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)), st.integers(1, 60), st.integers(1, 60))
def test_an_extension_ends_where_one_term_as_long_as_both_would(received, term, more):
    request = RightsRequest(state=RequestState.OPEN, received_on=received, term=term)
    request.due_on = workdays.after(received, term)
    if more <= term:
        rights.extend(request, days=more, why="x", closed=(), today=received, at=None, by="m")
        assert request.due_on == workdays.after(received, term + more)


# ---- doing what is asked for -------------------------------------------------------------------------------------


def test_an_opposition_closes_every_way_for_every_purpose(platform, ask, act):
    number = ask(Right.OPPOSITION)
    one = act(number, lambda s, one: rights.oppose(s, one, source="oposición", at=one.created_at, by="maura"))
    with platform.reading() as session:
        for purpose in Purpose:
            verdict = consent.may_contact(session, one.contact_id, Channel.EMAIL, purpose)
            assert (verdict.allowed, verdict.reason) == (False, "opted_out")
        assert consent.ledger(session, one.contact_id)[0].evidence == one.folio
    with pytest.raises(Refused, match="request_executed"):
        act(number, lambda s, one: rights.oppose(s, one, source="x", at=one.created_at, by="maura"))


def test_a_cancellation_erases_and_leaves_of_the_request_what_proves_it(platform, ask, act):
    number = ask(
        Right.CANCELLATION, detail="Soy Citlali Jacaranda, bórrenme", reply_to="citlali@example.org",
        identity="credencial de Citlali",
    )  # fmt: skip
    act(number, extend(why="Citlali Jacaranda lo pidió dos veces"))
    act(number, lambda s, one: rights.cancel(s, one, at=one.created_at, by="maura"))
    with platform.reading() as session:
        one = session.get_one(RightsRequest, number)
        kept = (one.folio, one.kind, one.received_on, one.executed_by, one.state)
        assert kept == ("ARCO-2025-0001", Right.CANCELLATION, TODAY, "maura", RequestState.EXTENDED)
        words = f"{one.requester} {one.reply_to} {one.detail} {one.identity} {one.extended_why}"
        assert "citlali" not in words.casefold()
        assert session.get_one(Contact, one.contact_id).erased_at is not None
    assert act(number, answer("Se hizo.")).state is RequestState.ANSWERED


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"kind": Right.ACCESS}, "request_kind"),
        ({"identity": ""}, "identity_unchecked"),
        ({"contact_id": None, "requester": "Nadie Conocido"}, "request_nobody"),
    ],
)
def test_nobody_is_erased_without_a_cancellation_of_theirs_whose_identity_was_checked(ask, act, more, code):
    number = ask(**({"kind": Right.CANCELLATION} | more))
    with pytest.raises(Refused, match=code):
        act(number, lambda s, one: rights.cancel(s, one, at=one.created_at, by="maura"))
