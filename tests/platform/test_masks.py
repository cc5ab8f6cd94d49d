"""Addresses under their masks: told apart by whoever sees them, of no use to write to anybody."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach import masks


@pytest.mark.parametrize(
    ("value", "masked"),
    [
        ("citlali.j@example.org", "c•••@example.org"),
        ("c@example.org", "c•••@example.org"),
        ("ñandú@example.org", "ñ•••@example.org"),
        ("+525555550123", "+52 •• •• 01 23"),
        ("+13125550142", "+1 •• •• 01 42"),
        ("MX.1234567890123", "•••"),
        ("", "•••"),
    ],
)
def test_an_address_is_told_by_its_ends(value, masked):
    assert masks.address(value) == masked


def test_a_page_keeps_all_but_addresses():
    page = '<a href="mailto:ana@example.org">ana@example.org</a> ?q=ana%40example.org %2B13125550142 +13125550142.'
    assert masks.page(page) == (
        '<a href="mailto:a•••@example.org">a•••@example.org</a> ?q=a•••%40example.org +1 •• •• 01 42 +1 •• •• 01 42.'
    )
    for kept in ("12,345 personas", "2025-06-20T11:42-06:00", "UTC+5", "folio E-39680C266441", "1+1=2", "@iecm"):
        assert masks.page(kept) == kept


def test_what_somebody_wrote_keeps_its_dates_and_loses_its_numbers():
    said = "Llámeme al (312) 555-0142 o al 044 55 5555 0123 el 2025-06-20, a las 11:42; ana@example.org. Son 15."
    assert masks.prose(said) == (
        "Llámeme al •• •• 01 42 o al •• •• 01 23 el 2025-06-20, a las 11:42; a•••@example.org. Son 15."
    )


@given(st.text(max_size=60))
def test_a_mask_has_no_mask(text):
    once = masks.page(text)
    assert masks.page(once) == once


@given(st.from_regex(r"[a-z]{2,12}(\.[a-z]{1,8})?@[a-z]{2,9}\.(org|net|mx)", fullmatch=True), st.text(max_size=20))
def test_no_address_stays_in_a_page(address, around):
    around = re.sub(r"[\w.+%'-]", "", around)
    assert address not in masks.page(f"{around}{address}{around}")
