"""Which process this is, in words that others can check: a dead neighbour on the same machine is known at once."""

import os
import socket
from contextlib import suppress
from pathlib import Path
from random import Random
from zlib import crc32

MACHINE = ("/proc/sys/kernel/random/boot_id", "/proc/self/ns/pid")  # since its start; the processes that see each other


def myself(random: Random) -> str:
    """Return a name for this process that no other has: machine, place, number, chance."""
    return f"{socket.gethostname()}:{_place()}:{os.getpid()}:{random.getrandbits(32):08x}"


def certainly_dead(name: str) -> bool:
    """Whether a process of this name has ended. False where nobody can know: on another machine, in another container.

    A number that another process has taken since makes a dead one look alive; then its lease has to run out.
    """
    _machine, place, number, _chance = (name.split(":") + [""] * 4)[:4]
    if not place or place != _place() or not number.isdecimal():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except OSError:
        pass  # somebody else's, and alive
    return False


def _place() -> str:
    """Return what is the same for two processes only if one sees the other's number; "" where that is unknown."""
    boot, seen = MACHINE
    with suppress(OSError):
        return f"{crc32((Path(boot).read_text(encoding='ascii') + str(Path(seen).readlink())).encode()):08x}"
    return ""
