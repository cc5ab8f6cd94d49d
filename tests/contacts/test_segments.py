"""A filter finds whom it says, on both databases; what is wrong with one is said at once, all of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from campaigns.models import Campaign, Delivery, InboundMessage, Run
from campaigns.states import DeliveryState, RunState
from contacts import consent, segments
from contacts.errors import Refused
from contacts.folding import fold
from contacts.models import (
    Address,
    AddressKind,
    AddressState,
    Channel,
    Contact,
    Decision,
    Membership,
    Network,
    NetworkKind,
    Organization,
    Purpose,
    Role,
)

NOW = datetime(2025, 6, 20, 17, 42, tzinfo=UTC)
ZONE = "America/Mexico_City"
NETWORKS = ("Red Voto Chilango", "Red de Observación", "Ruta Chilanga")
ORGANIZATIONS = ("Consulado en Chicago", "Casa Michoacán")
CITIES = ("Chicago", "CHICAGO", "Montréal", "montreal", "Madrid", "")
COUNTRIES = ("US", "CA", "ES", "")


@dataclass
class Person:
    """What the plain evaluation knows of a person; the database is filled from the same."""

    id: int
    country: str
    city: str
    language: str
    organization: int | None
    created: datetime
    addresses: list[tuple[str, str]] = field(default_factory=list)
    members: list[dict[str, Any]] = field(default_factory=list)
    said: list[tuple[str, str, bool, int]] = field(default_factory=list)  # channel, purpose, yes, hours ago
    sent: list[datetime] = field(default_factory=list)
    wrote: list[datetime] = field(default_factory=list)


def cast() -> list[Person]:
    """Forty-eight people who differ in everything that a filter can ask, by counting with periods that do not meet."""
    people = []
    kinds, states = list(AddressKind), list(AddressState)
    for n in range(1, 49):
        one = Person(
            n,
            COUNTRIES[n % 4],
            CITIES[n % 6],
            "en" if n % 5 == 0 else "es",
            (n % 3) or None if n % 3 < 3 else None,
            NOW - timedelta(days=7 * n),
        )
        for each in range(n % 4):
            one.addresses.append((kinds[(n + each) % 3], states[(n // 3 + each) % 5]))
        for number in range(1, 4):
            if (n + number) % number == 0 and n % (number + 1) != 0:
                one.members.append(
                    {
                        "network": number,
                        "role": Role.LEADER if n % 4 == 1 else Role.MEMBER,
                        "since": NOW - timedelta(days=3 * n),
                        "until": NOW - timedelta(days=1) if n % 7 == 0 else None,
                        "by": 1 + n % 3 if n > 3 and n % 2 else None,
                    }
                )
        if n % 5:
            one.said.append(("*", "*", True, 90))
        if n % 6 == 0:
            one.said.append(("correo", "eventos", False, 20))
        if n % 11 == 0:
            one.said.append(("whatsapp", "*", False, 10))
        if n % 3 == 0:
            one.sent.append(NOW - timedelta(days=n))
        if n % 8 == 0:
            one.wrote.append(NOW - timedelta(days=n // 2, hours=1))
        people.append(one)
    return people


PEOPLE = cast()
FORGOTTEN = 49


def fill(platform: Any) -> None:  # noqa: C901 — one cast
    with platform.transaction() as session:
        for name in NETWORKS:
            session.add(Network(name=name, kind=NetworkKind.LIST))
            session.flush()
        for name in ORGANIZATIONS:
            session.add(Organization(name=name))
            session.flush()
        for one in PEOPLE:
            session.add(
                Contact(
                    id=one.id,
                    name=f"Persona {one.id:02}",
                    country=one.country,
                    city=one.city,
                    language=one.language,
                    organization_id=one.organization,
                    created_at=one.created,
                )
            )
        session.add(Contact(id=FORGOTTEN, name="", country="US", city="Chicago", created_at=NOW, erased_at=NOW))
        session.flush()
        campaign = Campaign(title="Aviso", clase="aviso", informacion="Aviso", channels=["correo"], created_at=NOW)
        run = Run(campaign=campaign, due_at=NOW, version=1, state=RunState.FINISHED)
        session.add_all([campaign, run])
        session.flush()
        for one in PEOPLE:
            for place, (kind, state) in enumerate(one.addresses):
                session.add(Address(contact_id=one.id, kind=kind, value=f"{one.id}-{place}", state=state))
            for each in one.members:
                session.add(
                    Membership(
                        contact_id=one.id,
                        network_id=each["network"],
                        role=each["role"],
                        since=each["since"],
                        until=each["until"],
                        brought_by_id=each["by"],
                    )
                )
            for channel, purpose, yes, hours in one.said:
                decision = Decision.GRANTED if yes else Decision.WITHDRAWN
                at = NOW - timedelta(hours=hours)
                consent.record(session, one.id, channel, purpose, decision, source="formulario", at=at)
            for at in one.sent:
                session.add(_delivery(run.id, one.id, DeliveryState.ACCEPTED, at))
            if not one.sent and one.id % 2:  # left out of a run: that is no contact
                session.add(_delivery(run.id, one.id, DeliveryState.SKIPPED, None))
            if one.id == 1:  # a message of somebody whom nobody knows
                session.add(InboundMessage(provider_id="SM", sender="whatsapp:+2", body="hola", at=NOW, raw={}))
            for at in one.wrote:
                session.add(
                    InboundMessage(
                        provider_id=f"SM{one.id}", contact_id=one.id, sender="whatsapp:+1", body="hola", at=at, raw={}
                    )
                )


def _delivery(run_id: int, contact_id: int, state: DeliveryState, at: datetime | None) -> Delivery:
    return Delivery(
        run_id=run_id,
        contact_id=contact_id,
        channel=Channel.EMAIL,
        state=state,
        due_at=NOW,
        changed_at=NOW,
        accepted_at=at,
    )


# ---- the same filter, read by plain Python -------------------------------------------------------------------------


def begins(day: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), time(), ZoneInfo(ZONE))


def holds(person: Person, node: Mapping[str, Any]) -> bool:
    if "todas" in node:
        return all(holds(person, child) for child in node["todas"])
    if "alguna" in node:
        return any(holds(person, child) for child in node["alguna"])
    if "no" in node:
        return not holds(person, node["no"])
    return HOLDS[node["campo"]](person, node)


def within(moment: datetime, node: Mapping[str, Any]) -> bool:
    if "desde" in node and moment < begins(node["desde"]):
        return False
    last = node.get("hasta")
    return not last or moment < begins((date.fromisoformat(last) + timedelta(days=1)).isoformat())


def in_network(person: Person, node: Mapping[str, Any]) -> bool:
    roles = {"liderazgo": Role.LEADER, "integrante": Role.MEMBER}
    wanted = [roles[role] for role in node.get("rol", roles)]
    return any(
        NETWORKS[each["network"] - 1] in node["es"]
        and (each["until"] is None or each["until"] > NOW)
        and each["role"] in wanted
        and within(each["since"], node)
        for each in person.members
    )


def may(person: Person, way: str, purpose: str) -> bool:
    states = {state for kind, state in person.addresses if kind == way}
    if "complained" in states or not states & {"new", "verified"}:
        return False
    heard = [yes for channel, about, yes, _ago in person.said if channel in {way, "*"} and about in {purpose, "*"}]
    return bool(heard) and heard[-1]  # the cast speaks in the order of time


def contacted(person: Person, node: Mapping[str, Any]) -> bool:
    ways = node.get("clase", ["enviado", "recibido"])
    moments = [*(person.sent if "enviado" in ways else []), *(person.wrote if "recibido" in ways else [])]
    if node.get("nunca"):
        return not moments
    if not moments:
        return False
    if "hace_menos_de" in node:
        return max(moments) > NOW - timedelta(days=node["hace_menos_de"])
    return max(moments) <= NOW - timedelta(days=node["hace_mas_de"])


def belongs(person: Person, node: Mapping[str, Any]) -> bool:
    name = ORGANIZATIONS[person.organization - 1] if person.organization else "–"
    return name in node["es"]


HOLDS = {
    "pais": lambda person, node: (person.country or "–") in node["es"],
    "ciudad": lambda person, node: fold(person.city or "–") in {fold(name) for name in node["es"]},
    "idioma": lambda person, node: person.language in node["es"],
    "red": in_network,
    "consentimiento": lambda person, node: any(
        may(person, way, purpose) for way in node.get("via", ["correo", "whatsapp"]) for purpose in node["finalidad"]
    ),
    "direccion": lambda person, node: any(
        kind in node.get("clase", list(AddressKind)) and state in node.get("estado", list(AddressState))
        for kind, state in person.addresses
    ),
    "organizacion": belongs,
    "trajo": lambda person, node: any(str(each["by"]) in node["es"] for each in person.members),
    "alta": lambda person, node: within(person.created, node),
    "ultimo_contacto": contacted,
}


def some(*words: str) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(words), min_size=1, max_size=3, unique=True)


DAYS = st.dates(date(2024, 7, 1), date(2025, 6, 21)).map(date.isoformat)
SPANS = st.one_of(
    st.fixed_dictionaries({"desde": DAYS}),
    st.fixed_dictionaries({"hasta": DAYS}),
    st.tuples(DAYS, DAYS).map(lambda pair: {"desde": min(pair), "hasta": max(pair)}),
)
CONDITIONS = st.one_of(
    st.fixed_dictionaries({"campo": st.just("pais"), "es": some("US", "CA", "ES", "–")}),
    st.fixed_dictionaries({"campo": st.just("ciudad"), "es": some("chicago", "Montreal", "MADRID", "Oaxaca", "–")}),
    st.fixed_dictionaries({"campo": st.just("idioma"), "es": some("es", "en")}),
    st.tuples(
        st.fixed_dictionaries(
            {"campo": st.just("red"), "es": some(*NETWORKS)}, optional={"rol": some("liderazgo", "integrante")}
        ),
        st.one_of(st.just({}), SPANS),
    ).map(lambda pair: pair[0] | pair[1]),
    st.fixed_dictionaries(
        {"campo": st.just("consentimiento"), "finalidad": some(*Purpose)}, optional={"via": some("correo", "whatsapp")}
    ),
    st.fixed_dictionaries({"campo": st.just("direccion"), "clase": some(*AddressKind)}),
    st.fixed_dictionaries(
        {"campo": st.just("direccion"), "estado": some(*AddressState)}, optional={"clase": some(*AddressKind)}
    ),
    st.fixed_dictionaries({"campo": st.just("organizacion"), "es": some(*ORGANIZATIONS, "–")}),
    st.fixed_dictionaries({"campo": st.just("trajo"), "es": some("1", "2", "3", "4")}),
    SPANS.map(lambda span: {"campo": "alta"} | span),
    st.tuples(
        st.sampled_from([{"hace_menos_de": 12}, {"hace_mas_de": 12}, {"hace_mas_de": 30}, {"nunca": True}]),
        st.one_of(st.just({}), some("enviado", "recibido").map(lambda ways: {"clase": ways})),
    ).map(lambda pair: {"campo": "ultimo_contacto"} | pair[0] | pair[1]),
)
FILTERS = st.recursive(
    CONDITIONS,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda nodes: {"todas": nodes}),
        st.lists(inner, min_size=1, max_size=3).map(lambda nodes: {"alguna": nodes}),
        inner.map(lambda node: {"no": node}),
    ),
    max_leaves=5,
)


@pytest.fixture
def people(databases, platform):
    databases.template("segments", fill, platform.clock)
    databases.refill(platform, "segments")
    return platform


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(written=FILTERS)
def test_a_filter_finds_the_same_people_as_reading_it_by_hand(people, written) -> None:
    with people.reading() as session:
        wanted = segments.read(session, written)
        found = session.scalars(segments.chosen(session, wanted, NOW)).all()
        assert sorted(found) == [person.id for person in PEOPLE if holds(person, written)]
        assert segments.count(session, wanted, NOW) == len(found)
        assert segments.read(session, segments.as_written(session, wanted)) == wanted


TELLING = (
    {"campo": "pais", "es": ["US"]},
    {"campo": "ciudad", "es": ["MONTREAL"]},
    {"campo": "red", "es": ["Red Voto Chilango"], "rol": ["liderazgo"]},
    {"campo": "consentimiento", "finalidad": ["eventos"], "via": ["correo"]},
    {"campo": "consentimiento", "finalidad": ["avisos"], "via": ["whatsapp"]},
    {"campo": "trajo", "es": ["2"]},
    {"campo": "organizacion", "es": ["Casa Michoacán"]},
    {"campo": "ultimo_contacto", "hace_mas_de": 12},
    {"campo": "ultimo_contacto", "hace_menos_de": 12, "clase": ["recibido"]},
    {"campo": "ultimo_contacto", "nunca": True},
)


def test_the_cast_of_this_test_differs_in_all_that_a_filter_asks() -> None:
    for condition in TELLING:
        assert 0 < sum(holds(person, condition) for person in PEOPLE) < len(PEOPLE), condition


def test_whoever_is_not_in_a_filter_is_in_its_opposite(people) -> None:
    with people.reading() as session:
        for condition in TELLING:
            for written in (condition, {"no": condition}):
                found = session.scalars(segments.chosen(session, segments.read(session, written), NOW)).all()
                assert sorted(found) == [person.id for person in PEOPLE if holds(person, written)], written


def test_who_was_forgotten_is_in_no_segment(people) -> None:
    with people.reading() as session:
        everybody = segments.read(session, {"alguna": [{"campo": "idioma", "es": ["es", "en"]}]})
        assert segments.count(session, everybody, NOW) == len(PEOPLE)
        assert FORGOTTEN not in [each.id for each in segments.sample(session, everybody, NOW, 100)]
        assert session.scalar(select(Contact.id).where(Contact.id == FORGOTTEN)) == FORGOTTEN


REFUSED: dict[str, tuple[Any, set[tuple[str, str]]]] = {
    "no table": ([], {("segment_form", "")}),
    "two things in one table": ({"todas": [], "alguna": []}, {("segment_form", "")}),
    "an empty group": ({"todas": []}, {("segment_empty", "todas")}),
    "a group that is a text": ({"todas": "pais"}, {("segment_form", "todas")}),
    "an unknown field": ({"campo": "edad", "es": ["9"]}, {("segment_field", "campo")}),
    "an unknown operator": (
        {"campo": "pais", "contiene": ["US"]},
        {("segment_part", "contiene"), ("segment_empty", "es")},
    ),
    "everything at once": (
        {
            "todas": [
                {"campo": "pais", "es": ["Atlántida"]},
                {"no": {"campo": "red", "es": ["Red de Nadie"], "rol": ["jefe"]}},
                {"alguna": [{"campo": "ultimo_contacto", "hace_mas_de": 0}, {"campo": "alta"}]},
                {"campo": "alta", "desde": "2025-05-02", "hasta": "2025-05-01"},
                {"campo": "alta", "desde": "ayer"},
                {"campo": "idioma", "es": ["fr"]},
                {"campo": "trajo", "es": ["nadie@example.org", "999"]},
                {"campo": "organizacion", "es": ["Nadie"]},
                {"campo": "ultimo_contacto", "nunca": True, "hace_mas_de": 3},
                {"campo": "ciudad", "es": ["a\0b", ""]},
                {"campo": "consentimiento", "finalidad": {"es": 1}},
                {"campo": "direccion", "clase": []},
            ]
        },
        {
            ("country_unknown", "todas[1].es"),
            ("network_unknown", "todas[2].no.es"),
            ("segment_choice", "todas[2].no.rol"),
            ("segment_days", "todas[3].alguna[1].hace_mas_de"),
            ("segment_some", "todas[3].alguna[2].desde"),
            ("segment_order", "todas[4].hasta"),
            ("segment_day", "todas[5].desde"),
            ("segment_choice", "todas[6].es"),
            ("person_unknown", "todas[7].es"),
            ("organization_unknown", "todas[8].es"),
            ("segment_one", "todas[9].nunca"),
            ("text_control", "todas[10].es"),
            ("segment_empty", "todas[10].es"),
            ("segment_value", "todas[11].finalidad"),
            ("segment_some", "todas[12].clase"),
        },
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_filter_that_cannot_be_meant_is_refused_with_every_fault_and_its_place(people, case) -> None:
    written, faults = REFUSED[case]
    with people.reading() as session, pytest.raises(Refused) as refused:
        segments.read(session, written)
    assert {(fault.code, fault.where) for fault in refused.value.faults} == faults


def test_a_filter_may_not_be_deeper_or_longer_than_a_person_can_follow(people) -> None:
    deep: dict[str, Any] = {"campo": "idioma", "es": ["es"]}
    for _level in range(6):
        deep = {"todas": [deep]}
    many = {"todas": [{"campo": "idioma", "es": ["es"]}] * 51}
    with people.reading() as session:
        for written, code in ((deep, "segment_deep"), (many, "segment_many")):
            with pytest.raises(Refused) as refused:
                segments.read(session, written)
            assert [fault.code for fault in refused.value.faults] == [code]
        endless: Any = {"campo": "idioma", "es": ["es"]}
        for _level in range(5000):
            endless = {"no": endless}
        assert segments.read(session, endless).tree == {"campo": "idioma", "es": ["es"]}  # not not: nothing


def test_a_network_that_is_renamed_stays_in_its_segments(people) -> None:
    with people.transaction() as session:
        wanted = segments.read(session, {"campo": "red", "es": ["ruta chilanga"]})
        before = segments.count(session, wanted, NOW)
        session.scalars(select(Network).where(Network.name == "Ruta Chilanga")).one().name = "Otra"
        session.flush()
        assert before == segments.count(session, wanted, NOW) > 0
        assert segments.as_written(session, wanted) == {"campo": "red", "es": ["Otra"]}


def test_the_days_of_a_filter_begin_where_the_office_is(people) -> None:
    with people.transaction() as session:
        one = session.get_one(Contact, 1)
        one.created_at = datetime(2025, 6, 20, 3, 0, tzinfo=UTC)  # still the 19th in Mexico City
        session.flush()
        for zone, day in (("America/Mexico_City", "2025-06-19"), ("Europe/Madrid", "2025-06-20")):
            wanted = segments.read(session, {"campo": "alta", "desde": day, "hasta": day}, zone)
            assert list(session.scalars(segments.chosen(session, wanted, NOW))) == [1], zone


def test_a_segment_has_one_name_accents_and_capitals_aside(people) -> None:
    with people.transaction() as session:
        wanted = segments.read(session, {"campo": "idioma", "es": ["en"]})
        made = segments.create(session, "  Líderes  de Chicago ", wanted, at=NOW, by="maura")
        assert made.name == "Líderes de Chicago"
        assert segments.find(session, "LIDERES DE CHICAGO") is made
        for name, code in (
            ("lideres de chicago", "segment_taken"),
            ("  ", "segment_name"),
            ("x" * 201, "segment_name"),
        ):
            with pytest.raises(Refused) as refused:
                segments.create(session, name, wanted, at=NOW, by="maura")
            assert refused.value.faults[0].code == code
        segments.edit(session, made, "líderes de chicago", wanted, at=NOW + timedelta(days=1), by="nahum")
        assert (made.created_by, made.changed_by, made.changed_at) == ("maura", "nahum", NOW + timedelta(days=1))
        assert segments.Filter.from_json(made.filter) == wanted
        segments.delete(session, made)
        with pytest.raises(Refused):
            segments.find(session, "Líderes de Chicago")


def test_a_filter_of_a_newer_platform_is_not_guessed_at() -> None:
    with pytest.raises(Refused) as refused:
        segments.Filter.from_json({"version": 2, "zona": ZONE, "filtro": {}})
    assert refused.value.faults[0].code == "segment_version"
