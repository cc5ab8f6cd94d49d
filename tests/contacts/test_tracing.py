"""What a person is known by is found however it is written, and nothing else is."""

import json
import sqlite3
from contextlib import closing
from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.tracing import GONE, Traces

ANA = Traces(["Ana Núñez Ahuehuete"], ["ana.nunez@example.org", "+525555550100", "MX.abc123"])


WRITINGS = (
    "Ana Núñez Ahuehuete",
    "ANA NUÑEZ AHUEHUETE",
    "ana nunez  ahuehuete",
    "Ana Nu\u0301n\u0303ez Ahuehuete",
    "Ana\nNúñez-Ahuehuete",
    "ana.nunez@example.org",
    "Ana.Nunez@Example.ORG",
    "ana.nunez%40example.org",
    "+525555550100",
    "whatsapp:+5215555550100",
    "55 5555 0100",
    "(55) 5555-0100",
    "+52 55 5555 0100",
    "52 1 55 5555 0100",
    "555.555.0100",
    "55 55 55 01 00",
    "MX.abc123",
)


@pytest.mark.parametrize("text", WRITINGS)
def test_every_writing_is_found_and_the_words_around_it_stay(text):
    cleaned = ANA.clean(f"Llamó {text}, a las 11.")
    assert cleaned.startswith("Llamó ")
    assert cleaned.endswith(", a las 11.")
    assert GONE in cleaned
    assert "0100" not in cleaned.replace(" ", "")
    assert "hue" not in cleaned.lower()
    assert "example" not in cleaned.lower()


@pytest.mark.parametrize(
    "text",
    [
        "mariana.nunez@example.org",
        "ana.nunez@example.org.mx",
        "x-ana.nunez@example.org",
        "Mariana Núñez Ahuehuete",
        "Ana Núñez",
        "+525555550101",
        "15555550100999",
        "",
        "Nada de nadie, 20 de junio de 2025",
    ],
)
def test_what_is_somebody_elses_stays_as_it_is(text):
    assert ANA.clean(text) == text


@pytest.mark.parametrize("text", WRITINGS)
def test_what_a_database_is_asked_for_misses_no_writing(text):
    with closing(sqlite3.connect(":memory:")) as base:
        for kept in (text, json.dumps({"nota": f"ver {text}"}), quote_plus(text)):
            asked = [base.execute("SELECT ? LIKE ? ESCAPE '!'", (kept, like)).fetchone()[0] for like in ANA.likes]
            assert any(asked), kept


def test_a_name_of_one_word_is_not_looked_for():
    assert not Traces(["Red"])
    assert Traces(["Red"]).clean("Red Voto Chilango") == "Red Voto Chilango"


def test_documents_and_posts_stay_readable():
    events = [{"email": "ana.nunez@example.org", "sg_event_id": "a1", "n": 525555550100}, {"email": "x@example.org"}]
    body = ANA.clean_body(json.dumps(events).encode())
    assert json.loads(body) == [{"email": GONE, "sg_event_id": "a1", "n": GONE}, {"email": "x@example.org"}]
    form = b"From=whatsapp%3A%2B5215555550100&ProfileName=Ana+N%C3%BA%C3%B1ez+Ahuehuete&Body=Hola"
    assert ANA.clean_body(form) == b"From=whatsapp%3A%5Bsuprimido%5D&ProfileName=%5Bsuprimido%5D&Body=Hola"
    for other in (b"From=whatsapp%3A%2B12125550100&Body=Hola+a%20todos", b"\xff\xfe\x00 nada", b"", b"[1, 2]"):
        assert ANA.clean_body(other) == other


@given(st.text(max_size=60), st.text(max_size=60))
def test_nothing_is_left_and_nothing_else_is_lost_whatever_stands_around(before, after):
    text = f"{before} ana.nunez@example.org {after}"
    cleaned = ANA.clean(text)
    assert "ana.nunez@example.org" not in cleaned
    assert ANA.clean(cleaned) == cleaned
    if ANA.clean(before) == before and ANA.clean(after) == after:
        assert cleaned == f"{before} {GONE} {after}"


@given(
    st.recursive(st.none() | st.booleans() | st.text(max_size=9), lambda x: st.lists(x) | st.dictionaries(st.text(), x))
)
def test_a_document_without_traces_is_the_same_document(value):
    assert Traces(["Ana Núñez Ahuehuete"]).clean_value(value) == value
