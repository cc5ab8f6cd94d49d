"""Whatever a segment may ask, and whatever is wrong with one, has words."""

import re
from pathlib import Path

from campaigns import segment_fields
from contacts.segment_grammar import FIELDS, Kind
from outreach import i18n, words
from outreach.words import segments as spoken

ROOT = Path(__file__).parents[2]
DETAILS = dict.fromkeys(("allowed", "most", "first", "known", "holders", "reason"), "·")

segment_fields.install()
UNTIL = {"campo": "alta", "hasta": "2025-05-01"}


def test_every_field_and_each_of_its_parts_has_a_name_and_every_choice_a_word() -> None:
    for field in FIELDS.values():
        assert field.key in spoken.FIELD_NAMES
        assert field.key in spoken.SENTENCES or field.key == "ultimo_contacto"
        for part in field.parts:
            assert (field.key, part.key) in spoken.PART_NAMES
            if part.kind is Kind.CHOICES:
                assert set(spoken.VALUES[field.key, part.key]) == set(part.choices)


def test_every_code_of_a_filter_has_words_that_take_its_values() -> None:
    files = [*(ROOT / "contacts").glob("segment*.py"), *(ROOT / "outreach" / "commands").glob("*segment*.py")]
    source = "".join(path.read_text(encoding="utf-8") for path in files)
    codes = set(re.findall(r'(?:_fault|refuse)\(\s*"(\w+)"', source))
    assert len(codes) > 15
    for code in codes:
        assert words.tables()[code] % ({"where": "w", "value": "v"} | DETAILS), code


def test_a_filter_is_read_aloud_in_both_languages() -> None:
    tree = {
        "todas": [
            {"campo": "idioma", "es": ["es", "en"]},
            {"no": {"alguna": [{"campo": "direccion", "estado": ["bounced"]}, UNTIL]}},
            {"no": {"campo": "ultimo_contacto", "hace_mas_de": 30}},
        ]
    }
    assert spoken.in_one_line(None, tree) == (
        "Se cumple todo esto: Lee en español o inglés; (No se cumple nada de esto: Tiene una dirección, en estado: "
        "rebotó; Se agregó hasta el 2025-05-01); Nunca hubo contacto, o lo hubo en los últimos 30 días"
    )
    with i18n.speaking("en"):
        assert spoken.in_one_line(None, tree) == (
            "All of this holds: Reads in Spanish or English; (None of this holds: Has an address, in the state: "
            "bounced; Was added until 2025-05-01); There was never any contact, or there was in the last 30 days"
        )
