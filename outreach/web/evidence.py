"""Pictures as evidence: known by their first bytes, kept in the data folder under a name of ours."""

import secrets
from pathlib import Path

from werkzeug.datastructures import FileStorage

from contacts.errors import refuse

LARGEST = 8 * 1024 * 1024

#: The first bytes of a kind of picture, the ending that we give it, and its type.
KINDS = (
    (b"\x89PNG\r\n\x1a\n", ".png", "image/png"),
    (b"\xff\xd8\xff", ".jpg", "image/jpeg"),
    (b"RIFF", ".webp", "image/webp"),
)
TYPES = {ending: kind for _first, ending, kind in KINDS}


def read(upload: FileStorage | None) -> tuple[bytes, str]:
    """Return the bytes of a picture and its ending; nothing for an empty field.

    Refuses `picture_form` for what is no PNG, JPEG or WebP, whatever its name says, and `picture_large`.
    """
    if upload is None or not upload.filename:
        return b"", ""
    data = upload.stream.read(LARGEST + 1)
    ending = next((ending for first, ending, _kind in KINDS if data.startswith(first)), "")
    if not ending or (ending == ".webp" and data[8:12] != b"WEBP"):
        raise refuse("picture_form", "evidencia", upload.filename[:80])
    if len(data) > LARGEST:
        raise refuse("picture_large", "evidencia", upload.filename[:80], most=LARGEST // 1024 // 1024)
    return data, ending


def folder(data: Path) -> Path:
    """Return where an installation keeps its evidence."""
    return data / "evidence"


def read_kept(data: Path, name: str) -> tuple[bytes, str]:
    """Return the bytes of a picture that is kept, and its type."""
    kept = folder(data) / name
    return kept.read_bytes(), TYPES[kept.suffix]


def keep(data: Path, picture: bytes, ending: str) -> str:
    """Write a picture and return its name: drawn, so that it says nothing and cannot be guessed."""
    kept = folder(data)
    kept.mkdir(parents=True, exist_ok=True)
    name = secrets.token_hex(16) + ending
    (kept / name).write_bytes(picture)
    return name
