"""A skeleton and one letter's values make the text of that letter."""

import re
from collections.abc import Sequence
from functools import lru_cache


@lru_cache(maxsize=64)
def _finder(tags: tuple[str, ...]) -> re.Pattern[str]:
    # The longest first, so that a tag which begins like another is not cut short.
    return re.compile("|".join(re.escape(tag) for tag in sorted(tags, key=len, reverse=True)))


def fill(text: str, tags: tuple[str, ...], values: Sequence[str]) -> str:
    """Return the text with every tag replaced by its value, all at once: a value that looks like a tag stays."""
    if not tags:
        return text
    of = dict(zip(tags, values, strict=True))
    return _finder(tags).sub(lambda found: of[found.group()], text)
