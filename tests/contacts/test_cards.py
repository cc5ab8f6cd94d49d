"""What one row says of a person."""

import pytest

from contacts import cards
from contacts.models import AddressKind, Role


def read(lenient=True, **values: str):
    return cards.read({name: [text] for name, text in values.items()}, lenient=lenient)


def card(**values: str) -> cards.Card:
    found, faults, warnings = read(nombre="Ana Prueba", **values)
    assert (faults, warnings) == ([], [])
    assert found is not None
    return found


def kept(found: cards.Card) -> list[tuple[str, str]]:
    return [(address.kind.value, address.value) for address in found.addresses]


def test_a_full_row():
    ana = card(
        apellidos="Núñez  Peña",
        correo=" Ana@Example.org ",
        telefono="044 55 5555 0100",
        whatsapp="+1 212 555 0142",
        pais="Estados Unidos",
        ciudad="Chicago",
        idioma="inglés",
        red="Red Voto Chilango; Ruta Chilanga;Red Voto Chilango",
        rol="Líder",
        organizacion="Club Uno",
        trajo="Beto",
    )
    assert ana.name == "Ana Prueba Núñez Peña"
    assert ana.key == "ana prueba nunez pena"
    assert kept(ana) == [("correo", "ana@example.org"), ("telefono", "+525555550100"), ("whatsapp", "+12125550142")]
    assert [address.region for address in ana.addresses] == ["", "MX", "US"]
    assert [address.raw for address in ana.addresses] == ["Ana@Example.org", "044 55 5555 0100", "+1 212 555 0142"]
    assert (ana.country, ana.city, ana.zone(), ana.language) == ("US", "Chicago", "America/Chicago", "en")
    assert ana.networks == ("Red Voto Chilango", "Ruta Chilanga")
    assert (ana.role, ana.organization, ana.brought_by) == (Role.LEADER, "Club Uno", "Beto")


def test_a_number_is_read_as_one_of_the_rows_country():
    assert kept(card(telefono="212 555 0142", pais="EUA")) == [("telefono", "+12125550142")]


def test_several_addresses_in_one_cell_are_several():
    ana = card(correo="ana@example.org; ana.2@example.org,ana@example.org", telefono="55 5555 0100 / 55 5555 0101")
    assert kept(ana) == [
        ("correo", "ana@example.org"),
        ("correo", "ana.2@example.org"),
        ("telefono", "+525555550100"),
        ("telefono", "+525555550101"),
    ]


@pytest.mark.parametrize("yes", ["sí", "Si", "X", "VERDADERO", "1", "el mismo"])
def test_whatsapp_yes_means_the_telephone_beside_it(yes):
    assert kept(card(telefono="55 5555 0100", whatsapp=yes)) == [
        ("telefono", "+525555550100"),
        ("whatsapp", "+525555550100"),
    ]


def test_whatsapp_yes_without_a_telephone_is_a_fault():
    _, _, warnings = read(nombre="Ana", correo="ana@example.org", whatsapp="sí")
    assert [(fault.code, fault.where) for fault in warnings] == [("whatsapp_same", "whatsapp")]


@pytest.mark.parametrize("nothing", ["", "-", "N/A", "no tiene", "No", "ninguno", "s/d"])
def test_words_that_mean_nothing_are_no_address(nothing):
    assert kept(card(correo="ana@example.org", telefono=nothing, whatsapp=nothing)) == [("correo", "ana@example.org")]


def test_a_business_scoped_id_is_a_whatsapp_address():
    ana = card(whatsapp="US.ABC123")
    assert [(a.kind, a.value, a.region) for a in ana.addresses] == [(AddressKind.SCOPED, "US.ABC123", "US")]


def test_a_bad_address_beside_a_good_one_is_a_warning_in_a_file_and_a_fault_in_a_form():
    values = {"nombre": "Ana", "correo": "ana@example.org", "whatsapp": "55 5555 010"}
    found, faults, warnings = read(**values)
    assert found is not None
    assert kept(found) == [("correo", "ana@example.org")]
    assert faults == []
    assert [(fault.code, fault.where, fault.value) for fault in warnings] == [
        ("phone_short", "whatsapp", "55 5555 010")
    ]
    found, faults, warnings = read(lenient=False, **values)
    assert found is None
    assert [fault.code for fault in faults] == ["phone_short"]


def test_who_has_no_good_address_is_refused_with_every_reason():
    found, faults, warnings = read(nombre="Ana", correo="ana@", telefono="123")
    assert found is None
    assert [(fault.code, fault.where) for fault in faults] == [("email_form", "correo"), ("phone_short", "telefono")]
    assert warnings == []
    _, faults, _ = read(nombre="Ana")
    assert [fault.code for fault in faults] == ["person_no_address"]


def test_all_that_is_wrong_is_listed():
    _, faults, _ = read(nombre=" … ", correo="x", pais="Aztlán", zona="UTC-5", rol="rey", ciudad="c" * 201)
    assert sorted(fault.code for fault in faults) == [
        "country_unknown",
        "email_form",
        "field_long",
        "name_missing",
        "role_unknown",
        "timezone_unknown",
    ]


def test_a_language_that_is_not_ours_is_a_warning_in_a_file():
    found, faults, warnings = read(nombre="Ana", correo="ana@example.org", idioma="francés")
    assert found is not None
    assert faults == []
    assert found.language == ""
    assert [fault.code for fault in warnings] == ["language_other"]


@pytest.mark.parametrize(
    ("values", "zone"),
    [
        ({"correo": "ana@example.org"}, "America/Mexico_City"),
        ({"correo": "ana@example.org", "pais": "Alemania"}, "Europe/Berlin"),
        ({"correo": "ana@example.org", "pais": "US", "ciudad": "Portland", "estado": "Maine"}, "America/New_York"),
        ({"correo": "ana@example.org", "pais": "US", "estado": "Texas"}, "America/Chicago"),
        ({"correo": "ana@example.org", "pais": "US", "zona": "america/phoenix"}, "America/Phoenix"),
        ({"whatsapp": "+34 600 000 000"}, "Europe/Madrid"),
        ({"whatsapp": "55 5555 0100"}, "America/Mexico_City"),
        ({"whatsapp": "55 5555 0100", "telefono": "+49 1511 2345678"}, "Europe/Berlin"),
    ],
)
def test_the_zone_is_said_or_proposed(values, zone):
    assert card(**values).zone() == zone


def test_a_state_stands_for_a_city_that_is_not_said():
    assert card(correo="ana@example.org", pais="US", estado="Texas").city == "Texas"
