"""Files under a password: ZIP with AES-256 (WinZip AE-2), which 7-Zip, WinZip, macOS' Keka and WinRAR open.

The one file that knows pyzipper. The name of what is inside can be read without the password, its contents cannot.
"""

import zlib
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from zipfile import BadZipFile

import pyzipper

from contacts.errors import refuse
from outreach.exports.pipes import Pipe

SHORTEST = 12  # letters: whoever has the file has all the time in the world to try
LONGEST = 200
_ENCRYPTED = 0x1
_PIECE = 1 << 16


def check(password: str, again: str | None = None) -> str:
    """Return a password that may be used; "" for none.

    Refuses `export_password_short`, `export_password_long`, and `password_twice` where it was typed otherwise again.
    """
    if again is not None and password != again:
        raise refuse("password_twice", "contraseña")
    if password and len(password) < SHORTEST:
        raise refuse("export_password_short", "contraseña", "", least=SHORTEST)
    if len(password) > LONGEST:
        raise refuse("export_password_long", "contraseña", "", most=LONGEST)
    return password


def seal(name: str, chunks: Iterable[bytes], password: str) -> Generator[bytes, None, None]:
    """Yield a ZIP with one file of this name in it, under a password."""
    made = {"compression": pyzipper.ZIP_DEFLATED, "encryption": pyzipper.WZ_AES}
    with Pipe() as pipe, pyzipper.AESZipFile(pipe, "w", **made) as book:
        book.setpassword(password.encode())
        book.setencryption(pyzipper.WZ_AES, nbits=256, force_wz_aes_version=pyzipper.zipfile_aes.WZ_AES_V2)
        with book.open(name, "w", force_zip64=True) as inside:
            for chunk in chunks:
                inside.write(chunk)
                if piece := pipe.taken():
                    yield piece
        book.close()
        yield pipe.taken()


def sealed(path: Path) -> bool:
    """Tell whether a file is a ZIP whose first entry is encrypted: what `seal` makes, or another program did."""
    try:
        with pyzipper.AESZipFile(path) as book:
            return any(entry.flag_bits & _ENCRYPTED for entry in book.infolist())
    except (OSError, BadZipFile, pyzipper.BadZipFile, ValueError):
        return False


@contextmanager
def opened(path: Path, password: str) -> Iterator[tuple[str, IO[bytes]]]:
    """Open the one file in a sealed ZIP for a block: its bare name and its bytes.

    Refuses `seal_many` (not one file alone), `seal_password` (a wrong one) and, while it is read, `seal_damaged`.
    """
    with pyzipper.AESZipFile(path) as book:
        entries = [entry for entry in book.infolist() if not entry.is_dir()]
        if len(entries) != 1:
            raise refuse("seal_many", "", path.name, found=len(entries))
        book.setpassword(password.encode())
        try:
            inside = book.open(entries[0])
        except (RuntimeError, NotImplementedError):
            raise refuse("seal_password", "contraseña", path.name) from None
        with inside:
            try:
                yield Path(entries[0].filename.replace("\\", "/")).name, inside
            except (BadZipFile, pyzipper.BadZipFile, EOFError, zlib.error):
                raise refuse("seal_damaged", "", path.name) from None


def unseal(path: Path, password: str, folder: Path, most: int) -> Path:
    """Write what is in a sealed ZIP into a folder; return where. Refuses as `opened` does, and `file_large`."""
    with opened(path, password) as (name, inside):
        found = folder / (name or "datos")
        size = 0
        with found.open("wb") as out:
            while piece := inside.read(_PIECE):
                size += len(piece)
                if size > most:
                    raise refuse("file_large", "", path.name)
                out.write(piece)
    return found
