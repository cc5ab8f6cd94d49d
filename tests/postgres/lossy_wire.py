"""A wire to PostgreSQL that loses the word on one commit: it was written, and nobody hears of it."""

import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread

SOCKET = ".s.PGSQL.5432"
COMMIT = b"COMMIT\0"  # of the simple query that ends a transaction
BEGIN = b"BEGIN"


class LossyWire:
    """Passes bytes on in both directions until a transaction comes whose word is to be lost."""

    def __init__(self, server: Path, lose: Callable[[bytes], bool]) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="vc-wire-"))
        self.lost = 0
        self._server = str(server / SOCKET)
        self._lose = lose
        self._door = socket.socket(socket.AF_UNIX)
        self._door.bind(str(self.folder / SOCKET))
        self._door.listen(64)
        Thread(target=self._open, daemon=True).start()

    def _open(self) -> None:
        with suppress(OSError):
            while True:
                client, _address = self._door.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(self._server)
                deaf = [False]
                Thread(target=self._listen, args=(client, server, deaf), daemon=True).start()
                Thread(target=self._answer, args=(client, server, deaf), daemon=True).start()

    def _listen(self, client: socket.socket, server: socket.socket, deaf: list[bool]) -> None:
        said = b""
        with suppress(OSError):
            while part := client.recv(1 << 16):
                said = part if BEGIN in part else said + part
                if part.endswith(COMMIT) and self._lose(said):
                    deaf[0] = True  # before the server can answer
                server.sendall(part)
        with suppress(OSError):
            server.shutdown(socket.SHUT_WR)

    def _answer(self, client: socket.socket, server: socket.socket, deaf: list[bool]) -> None:
        with suppress(OSError), client, server:
            while part := server.recv(1 << 16):
                if deaf[0]:
                    self.lost += 1
                    client.shutdown(socket.SHUT_RDWR)
                    return
                client.sendall(part)

    def close(self) -> None:
        """Let nobody in any more."""
        self._door.close()
        shutil.rmtree(self.folder, ignore_errors=True)


@contextmanager
def lossy(server: Path, lose: Callable[[bytes], bool]) -> Iterator[LossyWire]:
    """A wire for a block."""
    wire = LossyWire(server, lose)
    try:
        yield wire
    finally:
        wire.close()
