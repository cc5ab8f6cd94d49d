"""What writes into a file, turned into what is read piece by piece."""

from io import RawIOBase
from typing import Any


class Pipe(RawIOBase):
    """A file that cannot be read again or sought in: what was written is taken out in pieces."""

    def __init__(self) -> None:
        self._kept: list[bytes] = []

    def writable(self) -> bool:
        """Return that it is."""
        return True

    def write(self, data: Any) -> int:
        """Keep a piece until it is taken."""
        self._kept.append(bytes(data))
        return len(data)

    def taken(self) -> bytes:
        """Return what was written since the last time."""
        found = b"".join(self._kept)
        self._kept.clear()
        return found
