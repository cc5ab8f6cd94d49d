"""A mail server that takes everything at once and throws it away, in several processes; it counts, and says so.

`python -m benchmarks.mail_sink PROCESSES` prints its port, and for each line it is given the mails and octets so far.
"""

import mmap
import os
import selectors
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

EHLO = b"250-sink.example.org\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 ENHANCEDSTATUSCODES\r\n"
ANSWERS = {b"EHLO": EHLO, b"HELO": b"250 sink\r\n", b"DATA": b"354 go on\r\n", b"QUIT": b"221 2.0.0 bye\r\n"}
OK, TAKEN = b"250 2.0.0 ok\r\n", b"250 2.0.0 taken\r\n"
END = b"\r\n.\r\n"
SLOT = struct.Struct("QQ")  # mails, octets


class Session:
    """One connection: what it says, and whether it is in the middle of a letter."""

    def __init__(self, connection: socket.socket, count: Callable[[int], None]) -> None:
        self.connection = connection
        self._count = count
        self._unread = b""
        self._letter = False
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(b"220 sink.example.org ESMTP\r\n")

    def hear(self) -> bool:
        """Take what came and answer; False at the end."""
        came = self.connection.recv(262_144)
        if not came:
            return False
        unread, answer = self._unread + came, b""
        while True:
            mark = END if self._letter else b"\r\n"
            end = unread.find(mark)
            if end < 0:
                break
            said, unread = unread[:end], unread[end + len(mark) :]
            if self._letter:
                self._count(end)
                self._letter = False
                answer += TAKEN
            else:
                verb = said[:4].upper()
                self._letter = verb == b"DATA"
                answer += ANSWERS.get(verb, OK)
        self._unread = unread
        if answer:
            self.connection.sendall(answer)
        return True


def serve(listener: socket.socket, counts: mmap.mmap, place: int) -> None:
    """Be one of the processes."""
    mails = octets = 0

    def count(size: int) -> None:
        nonlocal mails, octets
        mails, octets = mails + 1, octets + size
        SLOT.pack_into(counts, place * SLOT.size, mails, octets)

    listener.setblocking(False)
    with selectors.DefaultSelector() as watch:
        watch.register(listener, selectors.EVENT_READ)
        while True:
            for key, _events in watch.select():
                if key.fileobj is listener:
                    try:
                        connection, _peer = listener.accept()
                    except BlockingIOError:  # another process was quicker
                        continue
                    watch.register(connection, selectors.EVENT_READ, Session(connection, count))
                    continue
                try:
                    open_ = key.data.hear()
                except OSError:
                    open_ = False
                if not open_:
                    watch.unregister(key.fileobj)
                    key.data.connection.close()


def main() -> None:
    """Open, divide, and answer for all."""
    processes = int(sys.argv[1])
    listener = socket.create_server(("127.0.0.1", 0), backlog=256)
    counts = mmap.mmap(-1, SLOT.size * processes)
    children = []
    for place in range(processes):
        child = os.fork()
        if child == 0:
            serve(listener, counts, place)
        children.append(child)
    print(listener.getsockname()[1], flush=True)
    for _line in sys.stdin:
        slots = [SLOT.unpack_from(counts, place * SLOT.size) for place in range(processes)]
        print(*map(sum, zip(*slots, strict=True)), flush=True)
    for child in children:
        os.kill(child, signal.SIGTERM)


@dataclass(frozen=True, slots=True)
class Sink:
    """A running sink."""

    port: int
    process: subprocess.Popen[str]

    def counted(self) -> tuple[int, int]:
        """Return the mails and octets it took so far."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print("?", file=self.process.stdin, flush=True)
        mails, octets = map(int, self.process.stdout.readline().split())
        return mails, octets


@contextmanager
def sink(processes: int = 2) -> Iterator[Sink]:
    """Run a sink for a block."""
    command = [sys.executable, "-m", "benchmarks.mail_sink", str(processes)]
    root = Path(__file__).parents[1]
    process = subprocess.Popen(command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield Sink(int(process.stdout.readline()), process)
    finally:
        process.stdin.close()
        process.wait(10)
        process.stdout.close()


if __name__ == "__main__":
    main()
