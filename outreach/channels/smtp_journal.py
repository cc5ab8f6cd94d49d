"""Which letters a process has ended, and which were taken: kept letter by letter, for when the process is killed.

The database marks a whole call, because a mark for each letter would wait for the disk each time. Here a mark is four
octets in a file that is mapped into memory: the kernel has it the moment it is made, whatever becomes of the process.
A power cut may lose it, and then a missing mark proves nothing (a file knows in which run of the machine it was
written). So after a kill only what was truly between its end and its answer is in doubt.
"""

import fcntl
import mmap
import struct
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from uuid import uuid4

SUFFIX = ".calls"
SLOTS = 64  # threads that may send at once (OUTREACH_THREADS); others go without
MOST = 250  # letters a call

_HEAD = struct.Struct("64s64s")  # the machine's run, the installation
_CALL = struct.Struct("Q256s")  # letters, the account they are sent from
_LETTER = struct.Struct("QII")  # delivery, which try of it, mark
_SLOT = _CALL.size + MOST * _LETTER.size
_MARK_AT = 12
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
    """The letters of one call, in the order in which they were begun."""

    def __init__(self, file: mmap.mmap | None, start: int) -> None:
        self._file = file
        self._start = start + _CALL.size

    def mark(self, place: int, mark: Mark) -> None:
        """Note how far a letter has come."""
        if self._file is not None:
            struct.pack_into("I", self._file, self._start + place * _LETTER.size + _MARK_AT, mark)


class Journal:
    """The file of this process in a folder. It is locked as long as the process lives."""

    def __init__(self, folder: Path, installation: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / uuid4().hex
        self._handle = path.open("x+b")
        fcntl.flock(self._handle, fcntl.LOCK_EX)
        self._handle.truncate(_HEAD.size + SLOTS * _SLOT)
        self._file: mmap.mmap | None = mmap.mmap(self._handle.fileno(), 0)
        _HEAD.pack_into(self._file, 0, _boot(), installation.encode())
        self._path = path.rename(path.with_suffix(SUFFIX))  # from here on others may find it, and find it locked
        self._own = threading.local()
        self._lock = threading.Lock()
        self._slots = 0

    def begin(self, sender: str, letters: Sequence[tuple[int, int]]) -> Call:
        """Note the letters of a call, by delivery and try, in place of this thread's call before."""
        start = self._slot()
        if self._file is None or start is None or len(letters) > MOST:
            return Call(None, 0)
        _CALL.pack_into(self._file, start, 0, b"")
        for place, (delivery_id, attempt) in enumerate(letters):
            at = start + _CALL.size + place * _LETTER.size
            _LETTER.pack_into(self._file, at, delivery_id, attempt, Mark.NOT_ENDED)
        _CALL.pack_into(self._file, start, len(letters), sender.encode())
        return Call(self._file, start)

    def _slot(self) -> int | None:
        number: int | None = getattr(self._own, "number", None)
        if number is None:
            with self._lock:
                number, self._slots = self._slots, self._slots + 1
            self._own.number = number
        return _HEAD.size + number * _SLOT if number < SLOTS else None

    def close(self) -> None:
        """Let go, once the last call has ended. The file stays: not all that it tells may be in the database yet."""
        self._handle.close()
        self._file = None


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
