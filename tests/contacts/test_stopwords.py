"""A reply that asks us to stop, and replies that do not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.consent import stop_word
from contacts.stopwords import PHRASES


@pytest.mark.parametrize(
    ("reply", "word"),
    [
        ("BAJA", "BAJA"),
        ("baja", "BAJA"),
        (" Baja. ", "BAJA"),
        ("¡¡BAJA!!", "BAJA"),
        ("bája", "BAJA"),
        ("ＢＡＪＡ", "BAJA"),
        ("Ba\u200bja", "BAJA"),
        ("baja 🙏", "BAJA"),
        ("Hola, buenas tardes. BAJA por favor, gracias", "BAJA"),
        ("ALTO", "ALTO"),
        ("Alto ya", "ALTO"),
        ("stop", "STOP"),
        ("STOP STOP STOP", "STOP"),
        ("Stop, please", "STOP"),
        ("cancelar", "CANCELAR"),
        ("Detener", "DETENER"),
        ("UNSUBSCRIBE", "UNSUBSCRIBE"),
        ("No quiero recibir más mensajes", "NO QUIERO RECIBIR"),
        ("no quiero\nrecibir nada de ustedes", "NO QUIERO RECIBIR"),
        ("Ya no quiero recibir esto", "NO QUIERO RECIBIR"),
        ("Hola, no deseo recibir sus correos", "NO DESEO RECIBIR"),
        ("Por favor dejen de escribirme.", "DEJEN DE ESCRIBIRME"),
        ("Quiero darme de baja", "QUIERO DARME DE BAJA"),
        ("Don't contact me again", "DON T CONTACT ME"),
    ],
)
def test_a_person_who_asks_us_to_stop_is_understood(reply, word):
    assert stop_word(reply) == word


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "   ",
        "👍",
        "Gracias",
        "por favor",
        "no puedo parar",
        "Vivo en Baja California",
        "Baja California",
        "¿Puedo dar de alta a mi prima?",
        "El volumen está muy alto",
        "Alto costo de los envíos",
        "no quiero",
        "Sí quiero recibir los boletines",
        "Quiero recibir más información",
        "¿Cómo puedo cancelar mi registro en el simulacro?",
        "Cancelar mi registro al simulacro",
        "don't stop",
        "nonstop",
        "bajarse",
        "La página se detiene",
        "no quiero recibirlo tarde, ¿a qué hora sale?",
    ],
)
def test_other_replies_close_nothing(reply):
    assert stop_word(reply) == ""


@given(st.sampled_from(["baja", "ALTO", "Stop", "cancelar", "DETENER", "unsubscribe"]), st.data())
def test_capitals_blanks_and_punctuation_make_no_difference(word, data):
    dress = st.text(" \t\n.,;:¡!¿?*-()\"'…", max_size=6)
    assert stop_word(data.draw(dress) + word.swapcase() + data.draw(dress)) == word.upper()


@given(st.sampled_from(PHRASES), st.text(max_size=40))
def test_a_phrase_is_heard_whatever_follows(phrase, rest):
    assert stop_word(f"{phrase} {rest}")


@given(st.text(max_size=60))
def test_any_text_may_come(text):
    assert stop_word(text) == stop_word(text).upper()
