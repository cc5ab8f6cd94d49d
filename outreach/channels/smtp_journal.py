"""Which letters a process has ended, and which were taken: kept letter by letter, for when the process is killed.

The database marks a whole call, because a mark for each letter would wait for the disk each time. Here a mark is four
octets in a file, and nobody waits for the disk: the kernel has it the moment it is written, whatever becomes of the
process. A power cut may lose it, and then a missing mark proves nothing (a file knows in which run of the machine it
was written). So after a kill only what was truly between its end and its answer is in doubt.
"""

import fcntl
import os
import struct
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Self
from uuid import uuid4

SUFFIX = ".calls"
SLOTS = 64  # threads that may send at once (OUTREACH_THREADS); others go without
MOST = 250  # letters a call

_HEAD = struct.Struct("64s64s")  # the machine's run, the installation
_CALL = struct.Struct("Q256s")  # letters, the account they are sent from
_LETTER = struct.Struct("QII")  # delivery, which try of it, mark
_SLOT = _CALL.size + MOST * _LETTER.size
_MARK = struct.Struct("I")
_MARK_AT = _LETTER.size - _MARK.size
_BOOT = Path("/proc/sys/kernel/random/boot_id")


class Mark(IntEnum):
    """How far a letter has come."""

    NOT_ENDED = 0
    ENDING = 1  # its end may have been sent: in doubt, unless an answer is noted
    TAKEN = 2
    NOT_TAKEN = 3


@dataclass(frozen=True, slots=True)
class Left:
    """What a process that is gone has left known of a letter."""

    delivery_id: int
    attempt: int
    sender: str
    taken: bool


class Call:
    """The letters of one call, in the order in which they were begun. Used in a `with`."""

    def __init__(self, journal: "Journal | None" = None, start: int = 0) -> None:
        self._journal = journal
        self._start = start + _CALL.size

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_why: object) -> None:
        if self._journal:
            self._journal.let_go()

    def ending(self, place: int) -> None:
        """Note that the end of a letter is about to be sent. When this raises `OSError` it must not be."""
        self._write(place, Mark.ENDING)

    def ended(self, place: int, *, taken: bool) -> None:
        """Note what came of it. Where that cannot be written down, the letter is in doubt for whoever reads this."""
        with suppress(OSError):
            self._write(place, Mark.TAKEN if taken else Mark.NOT_TAKEN)

    def _write(self, place: int, mark: Mark) -> None:
        if self._journal:
            self._journal.write(_MARK.pack(mark), self._start + place * _LETTER.size + _MARK_AT)


class Journal:
    """The file of this process in a folder. It is locked as long as the process lives."""

    def __init__(self, folder: Path, installation: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / uuid4().hex
        self._handle = path.open("x+b")
        fcntl.flock(self._handle, fcntl.LOCK_EX)
        self._handle.write(_HEAD.pack(_boot(), installation.encode()) + bytes(SLOTS * _SLOT))
        self._handle.flush()
        path.rename(path.with_suffix(SUFFIX))  # from here on others may find it, and find it locked
        self._own = threading.local()
        self._lock = threading.Lock()
        self._slots = 0
        self._open = True
        self._users = 1  # the owner, and each call under way

    def begin(self, sender: str, letters: Sequence[tuple[int, int]]) -> Call:
        """Note the letters of a call, by delivery and try, in place of this thread's call before."""
        start = self._slot()
        if start is None or len(letters) > MOST:
            return Call()
        noted = [_LETTER.pack(delivery_id, attempt, Mark.NOT_ENDED) for delivery_id, attempt in letters]
        with self._lock:
            if not self._open:
                return Call()
            self._users += 1
        try:
            self.write(b"".join([_CALL.pack(len(letters), sender.encode()), *noted]), start)
        except OSError:  # a full disk: without a note all of them are in doubt after a kill
            self.let_go()
            return Call()
        return Call(self, start)

    def write(self, data: bytes, start: int) -> None:
        """Write at a place of the file; for calls under way."""
        os.pwrite(self._handle.fileno(), data, start)

    def let_go(self) -> None:
        """End the use of the file; whoever is the last closes it."""
        with self._lock:
            self._users -= 1
            if not self._users:
                self._handle.close()

    def _slot(self) -> int | None:
        number: int | None = getattr(self._own, "number", None)
        if number is None:
            with self._lock:
                number, self._slots = self._slots, self._slots + 1
            self._own.number = number
        return _HEAD.size + number * _SLOT if number < SLOTS else None

    def close(self) -> None:
        """Take no more calls. The file stays: not all that it tells may be in the database yet."""
        if self._open:
            self._open = False
            self.let_go()


def take_up(folder: Path, installation: str, settle: Callable[[list[Left]], object]) -> None:
    """Hand over what each process that is gone has left, and remove its file once that is settled."""
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        try:
            with path.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if left := _left(file.read(), installation):
                    settle(left)
                path.unlink(missing_ok=True)
        except (BlockingIOError, FileNotFoundError):  # it lives; another was quicker
            continue


def _left(data: bytes, installation: str) -> list[Left]:
    if len(data) < _HEAD.size + SLOTS * _SLOT:
        return []
    boot, owner = (field.rstrip(b"\0") for field in _HEAD.unpack_from(data))
    if owner != installation.encode():  # another database was here
        return []
    same_run = bool(boot) and boot == _boot()
    found = []
    for start in range(_HEAD.size, _HEAD.size + SLOTS * _SLOT, _SLOT):
        count, sender = _CALL.unpack_from(data, start)
        for place in range(min(count, MOST)):
            delivery_id, attempt, mark = _LETTER.unpack_from(data, start + _CALL.size + place * _LETTER.size)
            if mark in {Mark.TAKEN, Mark.NOT_TAKEN} or (mark == Mark.NOT_ENDED and same_run):
                found.append(Left(delivery_id, attempt, sender.rstrip(b"\0").decode(), mark == Mark.TAKEN))
    return found


def _boot() -> bytes:
    try:
        return _BOOT.read_bytes().strip()
    except OSError:
        return b""
