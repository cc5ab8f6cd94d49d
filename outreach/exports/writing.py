"""A file that only its owner reads, written whole or not at all."""

import os
from collections.abc import Iterable
from pathlib import Path

from contacts.errors import refuse


def write(path: Path, chunks: Iterable[bytes]) -> int:
    """Write the pieces to a file that takes its name when the last is in; return its size in bytes.

    A device or pipe is written as it is. Refuses `export_unwritable`.
    """
    beside = path if path.exists() and not path.is_file() else path.with_name(f".{path.name}.part")
    size = 0
    try:
        try:
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
            with os.fdopen(os.open(beside, flags, 0o600), "wb") as file:
                if beside is not path:
                    os.fchmod(file.fileno(), 0o600)  # one that was left there may have been anybody's
                for chunk in chunks:
                    size += file.write(chunk)
                file.flush()
                if beside is not path:
                    os.fsync(file.fileno())
            if beside is not path:
                beside.replace(path)
        finally:
            if beside is not path:
                beside.unlink(missing_ok=True)
    except OSError as error:
        raise refuse("export_unwritable", "", path, reason=str(error.strerror or error)) from None
    return size
