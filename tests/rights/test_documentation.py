"""docs/rights.md is held to the code."""

import re
from pathlib import Path

from contacts.base import Base
from contacts.rights import MOVES
from contacts.scrubbing import LEFT_ALONE, columns
from outreach.tables import metadata

PAGE = (Path(__file__).parents[2] / "docs" / "rights.md").read_text(encoding="utf-8")


def test_the_life_cycle_that_is_drawn_is_the_table_of_arrows():
    drawn = set(re.findall(r"(\w+) --> (\w+)", PAGE))
    assert drawn == {(origin.value, target.value) for origin, targets in MOVES.items() for target in targets}


def test_every_table_that_is_named_exists_and_what_the_net_leaves_alone_is_known():
    assert metadata is Base.metadata
    rows = re.findall(r"^\| (`[a-z_`, ]+`) \|", PAGE, re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`([a-z_]+)`", row)}
    assert named <= set(metadata.tables)
    assert set(metadata.tables) >= LEFT_ALONE


def test_the_net_looks_into_every_column_that_may_hold_words():
    seen = {f"{table.name}.{column.name}" for table in metadata.sorted_tables for column in columns(table)}
    for place in (
        "audit_entry.details", "campaign.informacion", "content.html", "delivery.detail", "inbound_message.raw",
        "network.description", "organization.name", "receipt.raw", "register_entry.extra", "rights_request.answer",
        "sender_line.detail", "sending_stop.reason", "webhook_batch.body", "webhook_batch.query",
    ):  # fmt: skip
        assert place in seen
    assert "audit_entry.who" not in seen
    assert "delivery.state" not in seen
