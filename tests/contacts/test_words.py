"""Every code that contacts say no or warn with has words, and the words take the values that come with it."""

import ast
import re
from pathlib import Path

from contacts import addresses, enrolling, stopwords
from outreach import words
from outreach.words import contacts as contact_words

ROOT = Path(__file__).parents[2]
DETAILS = (
    "known", "allowed", "found", "most", "reason", "domain", "country", "today", "needed", "ways", "id", "first",
    "field", "network", "day", "row", "holders", "by", "into", "other",
    "gate", "until", "version", "person", "since", "organization", "target",
)  # fmt: skip


def said_codes():
    """Walk the code for `Fault("code"…`, `refuse("code"…`, `_refuse(path, "code"…` and the codes kept in tables."""
    edge = ROOT / "outreach"
    files = [*(ROOT / "contacts").glob("*.py"), *(edge / "commands").glob("contacts*.py"), edge / "intake" / "plans.py"]
    for path in sorted(files):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = getattr(getattr(node, "func", None), "id", "")
            if name in {"Fault", "refuse", "_refuse"}:
                code = node.args[1 if name == "_refuse" else 0]
                if isinstance(code, ast.Constant):
                    yield code.value
    sources = "".join(Path(module.__file__ or "").read_text(encoding="utf-8") for module in (addresses, enrolling))
    yield from re.findall(r'"((?:phone|brought|left)_[a-z]+)"', sources)


def test_every_code_has_words_that_take_its_values():
    codes = set(said_codes())
    assert len(codes) > 45
    for code in codes:
        text = words.tables()[code]
        assert text % ({"where": "w", "value": "v"} | dict.fromkeys(DETAILS, "·")), code


def test_no_words_are_left_over_and_no_other_area_has_the_same_code():
    spreadsheet = {"quote_open", "cell_long"}  # given by a variable
    assert set(contact_words.FAULTS) - set(said_codes()) - spreadsheet == set()
    for code, text in contact_words.FAULTS.items():
        assert words.tables()[code] == text


def test_what_we_say_is_never_a_bare_no():
    for text in contact_words.FAULTS.values():
        assert "inválid" not in text
        assert text[0].isupper() or text[0] in "«%"
        assert text.endswith((".", "ARCHIVO", '""'))


def test_the_phrases_that_stop_us_are_folded_as_replies_are():
    for phrase in stopwords.PHRASES:
        assert phrase == phrase.lower()
        assert stopwords.stop_word(phrase) == phrase.upper()
