"""A file that keeps what the simulator received, so that a restart knows it: append only, read whole at the start.

One record is a line of JSON, the bytes that it announces, and a line end. A record cut off by a crash was never
answered, so it is dropped.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple

from contacts.errors import refuse


class Record(NamedTuple):
    """One thing that happened."""

    kind: str
    values: dict[str, Any]
    body: bytes


class Journal:
    """The file. It holds keys, so its owner alone may read it; one simulator at a time may write it."""

    def __init__(self, path: Path) -> None:
        """Open or make it. Raises `Refused` (`simulator_keep`, `simulator_keep_busy`)."""
        try:
            self._file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b")
        except OSError as error:
            raise refuse("simulator_keep", "keep", path) from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._file.close()
            raise refuse("simulator_keep_busy", "keep", path) from error
        self._path = path
        self._lock = Lock()

    def read(self) -> Iterator[Record]:
        """Yield every whole record, then cut off what follows the last one."""
        whole = 0
        while line := self._file.readline():
            try:
                values = json.loads(line)
                kind, size = str(values.pop("kind")), int(values.pop("bytes"))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                if not line.endswith(b"\n"):
                    break
                self.close()
                raise refuse("simulator_keep", "keep", self._path) from error
            body = self._file.read(size + 1)
            if len(body) < size + 1:
                break
            whole = self._file.tell()
            yield Record(kind, values, body[:-1])
        self._file.truncate(whole)
        self._file.seek(whole)

    def append(self, kind: str, values: dict[str, Any], body: bytes = b"") -> None:
        """Write one record through to the operating system: it outlives the process, not the machine."""
        head = json.dumps({"kind": kind, "bytes": len(body), **values}, ensure_ascii=False).encode()
        with self._lock:
            self._file.write(b"%b\n%b\n" % (head, body))
            self._file.flush()

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._file.seek(0)
            self._file.truncate()

    def close(self) -> None:
        """Give the file back."""
        self._file.close()
