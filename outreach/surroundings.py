"""The variables that a process was given: its environment, over the `.env` file of the folder it works in."""

import os
import re
from io import StringIO
from pathlib import Path

from contacts.errors import Fault, Refused, refuse

FILE = ".env"


def variables() -> dict[str, str]:
    """Return the environment over the file. Refuses what `written` refuses."""
    return {name: value for name, (value, _row) in written().items()} | dict(os.environ)


def written() -> dict[str, tuple[str, int]]:
    """Return what the file says: each name with its value and its row; nothing when there is no such file.

    Refuses every fault at once: `path_denied`, `env_encoding`, `env_line`. A folder called `.env` is somebody's
    virtual environment, not ours.
    """
    path = Path(FILE)
    if path.is_dir():
        return {}
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return {}
    except PermissionError as error:
        raise refuse("path_denied", "", FILE) from error
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = raw.count(b"\n", 0, error.start) + 1
        raise Refused([Fault("env_encoding", row=row, file=FILE)]) from error
    return _parsed(text)


def _parsed(text: str) -> dict[str, tuple[str, int]]:
    from dotenv import dotenv_values  # most installations have no such file
    from dotenv.parser import parse_stream

    rows: dict[str, int] = {}
    faults: list[Fault] = []
    for line in parse_stream(StringIO(text)):
        blank = len(line.original.string) - len(line.original.string.lstrip())
        row = line.original.line + line.original.string.count("\n", 0, blank)  # comments' blank lines come before
        if line.error or (line.key is not None and line.value is None):
            name = re.split(r"[\s=:]", line.original.string.strip(), maxsplit=1)[0]  # what follows may be a secret
            faults.append(Fault("env_line", "", name, row=row, file=FILE))
        elif line.key is not None:
            rows[line.key] = row
    if faults:
        raise Refused(faults)
    values = dotenv_values(stream=StringIO(text))
    return {name: (values[name] or "", row) for name, row in rows.items()}
