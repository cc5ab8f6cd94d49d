"""People: added, edited, found."""

import pytest

from contacts import people
from contacts.errors import Refused
from contacts.models import AddressKind, AddressState, Membership, Organization
from contacts.networks import ensure, join, leave
from outreach import words


@pytest.fixture
def session(platform):
    with platform.transaction() as session:
        yield session


@pytest.fixture
def new(session, clock):
    """Add a person by the fields of a form."""

    def _new(name="Ana Núñez", **fields):
        return people.add(session, {"nombre": name, "correo": "ana@example.org"} | fields, at=clock.now())

    return _new


def codes(call, *arguments, **options) -> list[str]:
    with pytest.raises(Refused) as refused:
        call(*arguments, **options)
    assert all("%(" not in sentence and "Código" not in sentence for sentence in words.explain_all(refused.value))
    return [fault.code for fault in refused.value.faults]


def test_a_person_is_added_with_what_the_form_says(session, new, clock):
    ana = new(whatsapp="212 555 0142", pais="Estados Unidos", ciudad="Chicago", idioma="en", organizacion="Club Uno")
    assert (ana.country, ana.city, ana.timezone, ana.language) == ("US", "Chicago", "America/Chicago", "en")
    assert [(address.kind, address.value, address.region) for address in ana.addresses] == [
        (AddressKind.EMAIL, "ana@example.org", ""),
        (AddressKind.WHATSAPP, "+12125550142", "US"),
    ]
    assert session.get(Organization, ana.organization_id).name == "Club Uno"
    assert ana.created_at == clock.now()
    assert people.get(session, ana.id) is ana


def test_all_faults_of_a_form_are_listed_a_bad_address_beside_a_good_one_too(new):
    assert sorted(codes(new, "", whatsapp="12", pais="Aztlán", apodo="Anita")) == [
        "country_unknown",
        "field_unknown",
        "name_missing",
        "phone_short",
    ]


def test_the_same_person_is_not_added_twice_and_another_may_share_the_address(new):
    ana = new()
    with pytest.raises(Refused) as refused:
        new("ANA NUÑEZ", correo="ANA@example.org")
    (fault,) = refused.value.faults
    assert (fault.code, fault.details["id"]) == ("person_known", ana.id)
    assert new("Beto").id != ana.id


def test_a_person_is_edited_field_by_field(session, new):
    ana = new(pais="US", ciudad="Chicago", organizacion="Club Uno", idioma="en")
    people.edit(session, ana, {"ciudad": "Los Ángeles"})
    assert (ana.name, ana.city, ana.timezone, ana.language) == (
        "Ana Núñez",
        "Los Ángeles",
        "America/Los_Angeles",
        "en",
    )
    people.edit(session, ana, {"zona": "America/Denver", "organizacion": "", "idioma": ""})
    assert (ana.timezone, ana.organization_id, ana.language) == ("America/Denver", None, "es")
    people.edit(session, ana, {"ciudad": "Houston", "nombre": "Ana N. Peña"})
    assert (ana.name, ana.timezone) == ("Ana N. Peña", "America/Denver")  # a zone that was said stays
    assert people.search(session, "pena houston").people == [ana]
    assert people.search(session, "los angeles").people == []
    people.edit(session, ana, {"zona": ""})
    assert ana.timezone == "America/Chicago"


def test_an_edit_with_a_fault_changes_nothing(session, new):
    ana = new(ciudad="CDMX")
    found = codes(people.edit, session, ana, {"nombre": " ", "ciudad": "Puebla", "pais": "Aztlán", "correo": "x@y.mx"})
    assert sorted(found) == ["country_unknown", "field_unknown", "name_missing"]
    assert (ana.name, ana.city) == ("Ana Núñez", "CDMX")


def test_a_person_gets_another_address(session, new):
    ana = new(pais="US")
    address = people.add_address(session, ana, "whatsapp", "212 555 0142")
    assert (address.value, address.region, address.raw) == ("+12125550142", "US", "212 555 0142")
    assert people.by_address(session, "whatsapp:+12125550142") == [ana]
    assert codes(people.add_address, session, ana, "whatsapp", "+1 212 555 0142") == ["address_known"]
    assert codes(people.add_address, session, ana, "correo", "nadie") == ["email_form"]
    assert codes(people.add_address, session, ana, "apodo", "nadie") == ["field_unknown"]


def test_an_address_is_marked_with_what_became_known(session, new, clock):
    (address,) = new().addresses
    people.mark(address, AddressState.BOUNCED, reason="hard_bounce", at=clock.now())
    assert (address.state, address.state_reason, address.state_at) == ("bounced", "hard_bounce", clock.now())


def test_nobody_has_that_number(session):
    assert codes(people.get, session, 7) == ["person_unknown"]
    assert people.by_address(session, "nadie@example.org") == []


@pytest.fixture
def crowd(session, new, clock):
    """Three people, one network."""
    ana = new("Ana Núñez", whatsapp="+52 55 5555 0100", pais="MX", ciudad="Ciudad de México")
    beto = new("Beto Ñandú", correo="beto@example.com", pais="US", ciudad="Nueva York")
    ceci = new("Ceci 100%", correo="c_c@example.net", pais="US", ciudad="Chicago")
    network = ensure(session, "Red Voto Chilango")
    join(session, ana.id, network.id, at=clock.now())
    join(session, beto.id, network.id, at=clock.now())
    leave(session, beto.id, network.id, at=clock.now())
    return {"ana": ana, "beto": beto, "ceci": ceci, "network": network}


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("", ["ana", "beto", "ceci"]),
        ("nunez", ["ana"]),
        ("NÚÑEZ", ["ana"]),
        ("ana mexico", ["ana"]),
        ("mexico ana", ["ana"]),
        ("ana york", []),
        ("nandu", ["beto"]),
        ("example.com", ["beto"]),
        ("EXAMPLE", ["ana", "beto", "ceci"]),
        ("55 5555 01", ["ana"]),
        ("(55) 5555-0100", ["ana"]),
        ("100%", ["ceci"]),
        ("c_c@", ["ceci"]),
        ("a_a", []),
        ("%", ["ceci"]),
        ("nadie", []),
    ],
)
def test_a_search_looks_through_names_cities_and_addresses(session, crowd, text, who):
    assert people.search(session, text).people == [crowd[name] for name in who]


def test_a_search_may_be_for_one_network_of_today_or_one_country(session, crowd):
    assert people.search(session, network_id=crowd["network"].id).people == [crowd["ana"]]
    assert people.search(session, country="US").people == [crowd["beto"], crowd["ceci"]]
    assert people.search(session, "chicago", country="US").total == 1


def test_who_was_forgotten_is_not_found(session, crowd, clock):
    crowd["ana"].erased_at = clock.now()
    session.flush()
    assert people.search(session).total == 2
    assert people.by_address(session, "ana@example.org") == []


def test_pages(session, new):
    for number in range(7):
        new(f"Persona {number}", correo=f"p{number}@example.org")
    names = []
    for number in (1, 2, 3):
        page = people.search(session, page=number, size=3)
        assert (page.total, page.pages, page.number) == (7, 3, number)
        names += [person.name for person in page.people]
    assert names == [f"Persona {number}" for number in range(7)]
    assert people.search(session, page=99, size=3).number == 3
    assert people.search(session, page=-1, size=3).number == 1
    nobody = people.search(session, "nadie")
    assert (nobody.people, nobody.total, nobody.pages, nobody.number) == ([], 0, 1, 1)


def test_a_search_reads_memberships_without_asking_once_a_person(session, crowd):
    (ana,) = people.search(session, "nunez").people
    session.expire_all()
    assert people.get(session, ana.id).memberships == list(session.query(Membership).filter_by(contact_id=ana.id))
