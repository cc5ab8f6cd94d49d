"""docs/register.md names every column that the code gives a meaning, and the vocabulary of channels."""

import re
from pathlib import Path

from outreach.register import columns, communication, fields

PAGE = (Path(__file__).parents[2] / "docs" / "register.md").read_text(encoding="utf-8")


def test_the_page_names_every_column_and_no_other() -> None:
    named = {name for row in re.findall(r"^\| (`.+?) \|", PAGE, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)}
    assert named == communication.OWN | {columns.MEMBERS}


def test_the_page_says_which_columns_are_required_and_every_channel() -> None:
    required = set(re.findall(r"^\| `(\w+)` \| required;", PAGE, re.MULTILINE))
    assert required == set(fields.REQUIRED)
    assert all(f"`{channel}`" in PAGE for channel in fields.CHANNELS)
