from html import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns import layout
from campaigns.content import compile_message
from campaigns.models import Content
from campaigns.rendering import VARIABLES, check, compile_text, one_line, verify
from contacts.errors import Refused
from contacts.models import Channel
from outreach.channels.filling import fill

ANA = dict.fromkeys(VARIABLES, "") | {"nombre": "Ana Jacaranda", "ciudad": "Chicago", "red": "Red Voto Chilango"}
UNHURRIED = settings(deadline=None)  # a busy machine is no fault of a text
NAMES = st.text(min_size=1, max_size=40)


def test_a_letter_reads_as_it_was_written_with_the_persons_words_in_it() -> None:
    text = "{{ nombre|upper }}: {% if ciudad == 'Chicago' %}frío{% else %}sol{% endif %} en {{ pais|default('casa') }}."
    assert compile_text(text).render(ANA) == "ANA JACARANDA: frío en casa."


@given(NAMES)
@UNHURRIED
def test_a_name_cannot_become_markup(name: str) -> None:
    html = compile_text("<p>{{ nombre }}</p>", html=True).render(ANA | {"nombre": name})
    assert html == f"<p>{escape(name)}</p>"


@given(NAMES)
@UNHURRIED
def test_a_name_that_looks_like_a_placeholder_stays_a_name(name: str) -> None:
    tricky = "{{ baja }}" + name + "{% if %}"
    assert compile_text("Hola {{ nombre }}").render(ANA | {"nombre": tricky}) == f"Hola {tricky}"


@given(st.lists(st.sampled_from(["{{ nombre }}", "{{ red|lower }}", "texto ", "100 % ", "€ { "]), max_size=12))
@UNHURRIED
def test_the_skeleton_with_its_values_is_the_whole_text(parts: list[str]) -> None:
    skeleton = compile_text("".join(parts))
    assert skeleton.join(skeleton.values(ANA)) == skeleton.render(ANA)
    assert len(skeleton.pieces) == len(skeleton.slots) + 1


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{{ nombre.__class__.__mro__ }}", "placeholder_forbidden"),
        ("{{ nombre['x'] }}", "placeholder_forbidden"),
        ("{{ 'a' * 100000000 }}", "placeholder_forbidden"),
        ("{{ nombre ~ nombre }}", "placeholder_forbidden"),
        ("{{ cycler('a') }}", "placeholder_forbidden"),
        ("{% for x in nombre %}{% endfor %}", "placeholder_forbidden"),
        ("{% set nombre = 'x' %}", "placeholder_forbidden"),
        ("{% include '/etc/passwd' %}", "placeholder_forbidden"),
        ("{% macro m() %}{% endmacro %}", "placeholder_forbidden"),
        ("{% extends 'x' %}", "placeholder_forbidden"),
        ("{{ nombre is defined }}", "placeholder_forbidden"),
        ("{{ nombre|center(50000000) }}", "filter_unknown"),
        ("{{ nombre|attr('x') }}", "filter_unknown"),
        ("{{ contraseña }}", "placeholder_unknown"),
        ("{{ self }}", "placeholder_unknown"),
        ("{{ nombre", "placeholder_syntax"),
        ("{% if nombre %}sin fin", "placeholder_syntax"),
        ("{{ nombre | }}", "placeholder_syntax"),
        ("x" * 200_001, "text_long"),
        ("{{ " + "(" * 500 + "nombre" + ")" * 500 + " }}", "placeholder_deep"),
        ("{% if 1 %}" * 300 + "{% endif %}" * 300, "placeholder_deep"),
    ],
)
def test_whoever_writes_a_text_gets_no_programming_language(text: str, code: str) -> None:
    assert code in {fault.code for fault in check(text, "correo.texto")}
    with pytest.raises(Refused):
        compile_text(text)


def test_every_fault_of_a_text_is_told_with_its_line() -> None:
    with pytest.raises(Refused) as caught:
        verify("Hola\n{{ apodo }}\n\n{{ nombre|rot13 }}", "correo.texto")
    assert sorted((fault.code, fault.value, fault.row) for fault in caught.value.faults) == [
        ("filter_unknown", "rot13", 4),
        ("placeholder_unknown", "apodo", 2),
    ]


@given(st.text(max_size=200))
@UNHURRIED
def test_any_text_is_either_refused_or_rendered(text: str) -> None:
    if not check(text, "correo.texto"):
        compile_text(text).render(ANA)


@given(st.text(max_size=80))
@UNHURRIED
def test_a_subject_never_breaks_its_line(text: str) -> None:
    assert "\n" not in one_line(text)
    assert "\r" not in one_line(text)
    assert one_line(text).isprintable()


def test_a_letter_carries_each_value_once_however_often_the_text_says_it() -> None:
    content = Content(
        subject="Aviso para {{ nombre }}",
        text="{{ nombre }}: {{ baja }}. Otra vez: {{ baja }}, {{ nombre|upper }}",
        html="<p>{{ nombre }}</p><a href='{{ baja }}'>{{ baja }}</a>",
    )
    compiled = compile_message(content, Channel.EMAIL, "casa@example.org", "Casa", run_id=3)
    values = compiled.values(ANA | {"nombre": "Ana\n& Eva", "baja": "https://example.org/b"})
    assert values == (
        *("Ana & Eva", "Ana\n& Eva", "https://example.org/b", "ANA\n& EVA"),
        *("Ana\n&amp; Eva", "https://example.org/b"),
    )
    assert compiled.names == {"nombre", "baja"}
    message = compiled.message
    assert fill(message.text, message.tags, values) == (
        "Ana\n& Eva: https://example.org/b. Otra vez: https://example.org/b, ANA\n& EVA"
    )
    assert fill(message.html, message.tags, values) == (
        "<p>Ana\n&amp; Eva</p><a href='https://example.org/b'>https://example.org/b</a>"
    )
    assert fill(message.subject, message.tags, values) == "Aviso para Ana & Eva"


def test_a_draft_that_was_saved_with_the_footer_of_before_gets_that_of_today_once():
    before = (
        "Hola\n\n-- \nVoto Chilango · Instituto Electoral de la Ciudad de México\nRecibe este mensaje porque "
        "aceptó que se le escribiera.\nPara darse de baja, con efecto en el momento: {{ baja }}\n"
    )
    today = layout.house_text(before, "es")
    assert (today.count("{{ baja }}"), today.count("{{ preferencias }}")) == (1, 1)
    assert layout.house_text(today, "es") == today
    assert layout.without_footer(today) == "Hola"
