"""Skeletons and values: the carrier's own way of writing a letter out."""

from hypothesis import given
from hypothesis import strategies as st

from outreach.channels.filling import fill

TAGS = ("-a-", "-ab-", "-a--b-", "[1]", "[11]", ".*")


def test_every_tag_is_filled_in_at_once():
    assert fill("Hola, -a- y -b-, -a-", ("-a-", "-b-"), ("-b-", "Ana")) == "Hola, -b- y Ana, -b-"


def test_a_tag_that_begins_like_another_is_its_own():
    assert fill("[1][11]", ("[1]", "[11]"), ("uno", "once")) == "unoonce"
    assert fill("xx1x", ("x", "xx1"), ("A", "B")) == "BA"


def test_a_text_without_tags_stays():
    assert fill("Hola, {nombre}", (), ()) == "Hola, {nombre}"


@given(
    st.lists(st.sampled_from(TAGS) | st.sampled_from([" ", "ñ", "hola"]), max_size=12),
    st.lists(st.text(), min_size=6, max_size=6),
)
def test_what_comes_out_is_the_text_with_each_value_in_its_place(pieces, values):
    # Spaces keep the pieces apart, as the markup around a slot does.
    of = dict(zip(TAGS, values, strict=True))
    assert fill(" ".join(pieces), TAGS, values) == " ".join(of.get(piece, piece) for piece in pieces)
