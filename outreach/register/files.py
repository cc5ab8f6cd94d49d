"""Files that are written whole or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from contacts.errors import refuse


@contextmanager
def written_whole(path: Path) -> Iterator[TextIO]:
    """Open a text file (UTF-8, ends of line as given) that takes its name only when the block ends well.

    Refuses `register_unwritable`. A device or pipe is written as it is.
    """
    beside = path if path.exists() and not path.is_file() else path.with_name(f".{path.name}.part")
    try:
        with beside.open("w", encoding="utf-8", newline="") as file:
            yield file
        if beside is not path:
            beside.replace(path)
    except OSError as error:
        raise refuse("register_unwritable", "", path) from error
    finally:
        if beside is not path:
            beside.unlink(missing_ok=True)
