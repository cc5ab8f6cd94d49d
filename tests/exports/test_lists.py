"""Which people are in a file, and what the log is told of it."""

import csv
from datetime import date
from io import StringIO

import pytest

from contacts.errors import Refused
from contacts.models import Network, Organization
from contacts.segments import Segment
from outreach.exports.choosing import Chosen


def rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(data.decode("utf-8-sig"), newline="")))


def names(data: bytes) -> list[str]:
    return [row["nombre"].split()[0] for row in rows(data)]


def test_every_list_of_the_pages_leaves_as_a_file(take, number):
    ruta, chicago = number(Network, "Ruta Chilanga"), number(Segment, "De Chicago")
    consulate = number(Organization, "Consulado; en Chicago, Illinois")
    assert len(rows(take()[1])) == 5
    assert names(take(Chosen(text="eloy"))[1]) == ["Eloy"]
    assert names(take(Chosen(text="5555 0123"))[1]) == ["Eloy"]
    assert names(take(Chosen(country="US"))[1]) == ["Citlali", "Inés"]
    assert names(take(Chosen(country="–"))[1]) == ["'-Tonalli"]
    assert names(take(Chosen(network_id=ruta))[1]) == ["Citlali", "Inés"]
    assert names(take(Chosen(segment_id=chicago))[1]) == ["Citlali", "Inés"]
    assert names(take(Chosen(organization_id=consulate))[1]) == ["Citlali", "Eloy"]
    assert names(take(Chosen(organization_id=consulate, country="ES"))[1]) == ["Eloy"]
    assert names(take(Chosen(filter='{"no":{"campo":"ciudad","es":["Chicago"]}}', country="ES"))[1]) == ["Eloy"]
    assert rows(take(Chosen(duplicates=True))[1]) == []


def test_a_network_leaves_as_it_was_at_the_end_of_a_day_with_roles(take, number):
    ruta = number(Network, "Ruta Chilanga")
    taken, data = take(Chosen(network_id=ruta, on=date(2025, 6, 1)))
    found = rows(data)
    assert [(row["nombre"][:8], row["rol"], row["desde"], row["red"]) for row in found] == [
        ("Citlali ", "liderazgo", "2025-05-11", "Ruta Chilanga"),
        ("'=HYPERL", "integrante", "2025-05-11", "Ruta Chilanga"),
    ]
    assert taken.name == "ruta-chilanga-2025-06-01.csv"
    assert taken.details["network"] == "Ruta Chilanga"
    assert taken.details["on"] == "2025-06-01"


def test_the_log_is_told_what_left_and_why(take):
    taken, _data = take(Chosen(country="US", text="chicago"), form="jsonl", addresses="none")
    assert taken.details == {
        "reason": "prueba de los archivos",
        "persons": 2,
        "country": "US",
        "search": "chicago",
        "format": "jsonl",
        "address_form": "none",
        "encrypted": False,
        "file": "personas-2025-06-20.jsonl",
    }


@pytest.mark.parametrize(
    ("chosen", "wish", "code"),
    [
        (Chosen(network_id=99), {}, "export_network"),
        (Chosen(organization_id=99), {}, "export_organization"),
        (Chosen(on=date(2025, 6, 1)), {}, "export_day"),
        (Chosen(segment_id=99), {}, "segment_unknown"),
        (Chosen(filter="["), {}, "segment_json"),
        (Chosen(), {"why": "  x "}, "export_why"),
        (Chosen(), {"why": "x" * 400}, "export_why"),
        (Chosen(), {"form": "pdf"}, "export_form"),
        (Chosen(), {"addresses": "some"}, "export_addresses"),
        (Chosen(), {"delimiter": "x"}, "export_delimiter"),
        (Chosen(), {"password": "corta"}, "export_password_short"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_leaves(take, chosen, wish, code):
    with pytest.raises(Refused) as refused:
        take(chosen, **wish)
    assert [fault.code for fault in refused.value.faults] == [code]


def test_a_day_to_come_is_refused(take, number):
    with pytest.raises(Refused) as refused:
        take(Chosen(network_id=number(Network, "Ruta Chilanga"), on=date(2025, 6, 21)))
    assert refused.value.faults[0].code == "export_day"


def test_whoever_needs_no_addresses_gets_masks_whatever_they_ask_for(take):
    for data in (take(addresses="masked")[1], take(whole=False)[1]):
        first = rows(data)[0]
        assert first["correo"] == "c•••@example.org"
        assert first["whatsapp"] == "+1 •• •• 01 42"
        assert b"citlali@" not in data
        assert b"5550142" not in data
    taken, data = take(addresses="none")
    assert "correo" not in rows(data)[0]
    assert taken.details["address_form"] == "none"
