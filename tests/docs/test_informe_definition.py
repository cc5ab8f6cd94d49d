"""The document of the definition names everything that a definition can say, and nothing else."""

import re
from pathlib import Path

from outreach.informes import files, patterns, period, validation
from outreach.informes.model import COUNTS, SPECIAL_VALUES, Rows
from outreach.informes.remarks import CONTRADICTIONS
from outreach.words.informes import FAULTS

DOCUMENT = (Path(__file__).parents[2] / "docs" / "informe-definition.md").read_text(encoding="utf-8")


def rows(title: str) -> list[str]:
    """Return the first cells of the tables under a heading."""
    section = DOCUMENT.split(f"\n{title}\n", 1)[1].split("\n## ", 1)[0].split("\n### ", 1)[0]
    return [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]


def named(cells: list[str]) -> list[str]:
    return [name for cell in cells for name in re.findall(r"`([^`]+)`", cell)]


def test_every_key_is_documented_and_no_other() -> None:
    assert {name.strip("[]") for name in named(rows("## The file"))} == set(validation.TOP_KEYS)
    assert set(named(rows("## A table"))) == set(validation.EVERY_TABLE_KEY)


def test_every_key_of_a_table_says_with_which_rows_it_goes() -> None:
    section = DOCUMENT.split("\n## A table\n")[1].split("\n**Fields**")[0]
    for line in section.splitlines():
        if line.startswith("| `"):
            keys, _what, kinds = (cell.strip() for cell in line.strip("|").split("|"))
            allowed = set(Rows) if kinds.startswith("all") else set(re.findall(r"`(\w+)`", kinds))
            for key in re.findall(r"`(\w+)`", keys):
                assert {rows for rows in Rows if key in validation.TABLE_KEYS[rows]} == allowed, key


def test_values_placeholders_formats_and_pattern_letters_are_documented() -> None:
    for name in (*SPECIAL_VALUES, *validation.COLUMN_KEYS):
        assert f"`{name}" in DOCUMENT, name
    for name in (*COUNTS, *period.NAMES):
        assert f"`{{{name}}}`" in DOCUMENT, name
    assert named(rows("## What is written"))[::1] == list(files.FORMATS)
    letters = re.search(r"letters `([^`]+)`", DOCUMENT)
    assert letters
    assert set(letters[1].split()) == set(patterns.DAY_FIELDS)


def test_every_warning_is_documented_those_that_cannot_be_right_first() -> None:
    told = named(rows("## Warnings"))
    assert set(told) == {code for code in FAULTS if code.startswith("remark_")}
    assert set(told[: len(CONTRADICTIONS)]) == CONTRADICTIONS
    assert len(CONTRADICTIONS) == 7, "the text says seven"
