"""Headers as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts import columns
from contacts.errors import Refused
from outreach import words


@pytest.mark.parametrize(
    "headers",
    [
        ["nombre", "correo", "telefono", "whatsapp", "pais", "ciudad", "idioma", "zona", "red"],
        ["Nombre", "Correo electrónico", "Teléfono", "WhatsApp", "País", "Ciudad", "Idioma", "Zona horaria", "Red"],
        [
            "NOMBRE COMPLETO",
            "E-MAIL",
            "CELULAR",
            "Whats App",
            "PAÍS DE RESIDENCIA",
            "city",
            "Language",
            "huso",
            "Grupos",
        ],
    ],
)
def test_headers_are_known_by_their_usual_names_accents_and_capitals_aside(headers):
    found = columns.find(headers)
    assert list(found.of) == ["nombre", "correo", "telefono", "whatsapp", "pais", "ciudad", "idioma", "zona", "red"]
    assert [names[0] for names in found.of.values()] == headers
    assert found.unread == ()


def test_a_person_may_have_several_columns_for_surnames_and_addresses():
    found = columns.find(
        ["Nombre(s)", "Apellido paterno", "Apellido materno", "Correo 1", "Correo 2", "Tel.", "Tel. 2"]
    )
    assert found.of == {
        "nombre": ("Nombre(s)",),
        "apellidos": ("Apellido paterno", "Apellido materno"),
        "correo": ("Correo 1", "Correo 2"),
        "telefono": ("Tel.", "Tel. 2"),
    }


def test_a_column_that_says_nothing_to_us_is_left_and_named():
    assert columns.find(["nombre", "correo", "Observaciones", "CURP"]).unread == ("Observaciones", "CURP")


def test_a_mapping_comes_before_what_a_header_says():
    found = columns.find(["Quién", "Mail de casa", "Nombre"], {"quien": "nombre", "Mail de casa": "Correo electrónico"})
    assert found.of == {"nombre": ("Quién",), "correo": ("Mail de casa",)}
    assert found.unread == ("Nombre",)


def test_every_fault_of_the_headers_is_listed_with_words():
    with pytest.raises(Refused) as refused:
        columns.find(["País", "pais de residencia", "x"], {"no hay": "nombre", "x": "signo"}, file="lista.csv")
    assert [fault.code for fault in refused.value.faults] == [
        "map_header",
        "map_field",
        "column_twice",
        "header_missing",
        "header_missing",
    ]
    sentences = words.explain_all(refused.value)
    assert all(sentence.startswith("lista.csv") and "%(" not in sentence for sentence in sentences)
    assert "no hay" in sentences[0]
    assert "signo" in sentences[1]
    assert "correo, telefono, whatsapp" in sentences[4]


def test_no_header_means_two_things():
    names = [name for text in columns.FIELDS.values() for name in text.split(", ")]
    assert len(names) == len(set(names))


@given(st.lists(st.text(max_size=12), max_size=8, unique=True))
def test_every_header_is_read_or_left_whatever_it_is(headers):
    found = columns.find(
        ["nombre", "correo", *(header for header in headers if header not in {"nombre", "correo"})][:2]
    )
    assert set(found.of) == {"nombre", "correo"}
    try:
        found = columns.find(headers)
    except Refused as refused:
        assert words.explain_all(refused)  # noqa: PT017 — most lists of headers lack a name
    else:
        assert sorted([*found.unread, *(name for names in found.of.values() for name in names)]) == sorted(headers)
