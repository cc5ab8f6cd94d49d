"""Every key of a TOML file has a line, and it is the right one."""

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.informes.definition import SHIPPED
from outreach.informes.places import KeyPath, places

UGLY = '''
# "quoted # not a comment" [[table]]
title = "Informe, {periodo}" # = "no"
"clave con = signo" = 'literal # y [corchetes]'
punto.en.clave = true

largo = """
[[table]]
id = "falso"  \\""" still inside
"""
literal = \'\'\'
[otra]
a = 1\'\'\'

[[table]]
id = "uno"
where = { canal = "correo", clase = ["a", # nota
  "b",
], not = { red = "x" } }
columns = [
  { header = "No.", value = "number" },

  { header = "]", value = "date" }, { header = "mismo renglón", value = "tema" },
]
[table.labels]
a = "A"
"b c" = "B"

[[table]]
id = "dos"
desde = 2025-04-01 07:00:00
numero = 1_000
[[table.columns]]
header = "aparte"
'''


def paths(value: object, here: KeyPath = ()) -> Iterator[KeyPath]:
    """Walk the paths of a document that name a key."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield (*here, key)
            yield from paths(inner, (*here, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield (*here, number)
            yield from paths(inner, (*here, number))


@pytest.mark.parametrize("text", [UGLY, *(path.read_text(encoding="utf-8") for path in SHIPPED.glob("*.toml"))])
def test_every_key_has_a_line_on_which_it_is_written(text: str) -> None:
    found = places(text)
    written = text.split("\n")
    for path in paths(tomllib.loads(text)):
        name = next(part for part in reversed(path) if isinstance(part, str))
        if isinstance(path[-1], str):
            assert name.split(" ")[0] in written[found[path] - 1], path


def test_a_column_inside_a_list_of_several_lines_has_its_own_line() -> None:
    found = places(UGLY)
    first = UGLY.split("\n").index('  { header = "No.", value = "number" },') + 1
    assert found["table", 0, "columns", 0, "value"] == first
    assert found["table", 0, "columns", 1, "header"] == first + 2
    assert found["table", 0, "columns", 2, "value"] == first + 2
    assert found["table", 1, "columns", 0, "header"] == UGLY.split("\n").index('header = "aparte"') + 1


def test_files_with_windows_line_ends_count_the_same() -> None:
    assert places(UGLY.replace("\n", "\r\n")) == places(UGLY)


keys = st.from_regex(r"[a-z_-]{1,6}", fullmatch=True)
words = st.text(alphabet='ab "#=[]{},\\\n', max_size=8).map(
    lambda text: '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
)
values = st.recursive(
    words | st.sampled_from(["1", "true", "2025-04-09", "'x # y'"]),
    lambda inner: st.lists(inner, max_size=3).map(lambda items: "[\n" + ",\n".join(items) + "]"),
    max_leaves=6,
)


@given(st.lists(st.tuples(keys, values), max_size=6, unique_by=lambda pair: pair[0]))
def test_keys_are_found_whatever_their_values_hold(pairs: list[tuple[str, str]]) -> None:
    text, lines, line = "", {}, 1
    for key, value in pairs:
        lines[key] = line
        text += f"{key} = {value}\n"
        line += value.count("\n") + 1
    assert set(tomllib.loads(text)) == set(lines)
    assert {path[0]: number for path, number in places(text).items() if len(path) == 1} == lines


def test_a_shipped_definition_is_read_to_its_last_table() -> None:
    for path in Path(SHIPPED).glob("*.toml"):
        text = path.read_text(encoding="utf-8")
        tables = tomllib.loads(text)["table"]
        assert max(part[1] for part in places(text) if part[:1] == ("table",) and len(part) > 1) == len(tables) - 1
