"""Cells that a spreadsheet would run: disarmed when a file goes out, and as they were when it comes back.

A text that begins with = + - @, a tab or a return is a formula to Excel and to LibreOffice (OWASP, «CSV Injection»).
An apostrophe before it makes it a text. Texts that begin with apostrophes before such a sign get one more, so that
what comes back is what went out.
"""

import re

_RUNS = re.compile(r"'*[=+@\t\r-]")
_DISARMED = re.compile(r"''*[=+@\t\r-]")


def neutralise(text: str) -> str:
    """Return a cell as it may be written to a file: with an apostrophe before what a spreadsheet would run."""
    return f"'{text}" if _RUNS.match(text) else text


def restore(text: str) -> str:
    """Return a cell as it was before `neutralise`; any other text as it is."""
    return text[1:] if text[:1] == "'" and _DISARMED.match(text) else text
