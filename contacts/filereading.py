"""The bytes of a file that somebody names: a regular one, of a size that fits."""

import stat
from pathlib import Path

LARGEST = 256 * 1024 * 1024  # bytes; a spreadsheet of a million people is smaller


class NotAFileError(OSError):
    """What was named is a device, a pipe or a socket: reading it may never end."""


class TooLargeError(OSError):
    """The file is larger than what is read."""


def content_of(path: Path, most: int = LARGEST) -> bytes:
    """Return what is in a regular file.

    Raises `OSError` (`FileNotFoundError`, `IsADirectoryError`, `NotAFileError`, `TooLargeError` …) whatever is wrong,
    also for names that no file can have.
    """
    try:
        kind = path.stat().st_mode
    except ValueError as error:  # a NUL in the name
        raise FileNotFoundError(str(error)) from error
    if stat.S_ISDIR(kind):
        raise IsADirectoryError(path)
    if not stat.S_ISREG(kind):
        raise NotAFileError(path)
    with path.open("rb") as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise TooLargeError(path)
    return content
