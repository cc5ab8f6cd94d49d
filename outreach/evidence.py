"""Pictures and papers as evidence: known by their first bytes, kept in the data folder under a name of ours."""

import secrets
from collections.abc import Iterable
from pathlib import Path

from contacts.errors import refuse

LARGEST = 8 * 1024 * 1024

#: The first bytes of a kind of file, the ending that we give it, and its type.
KINDS = (
    (b"\x89PNG\r\n\x1a\n", ".png", "image/png"),
    (b"\xff\xd8\xff", ".jpg", "image/jpeg"),
    (b"RIFF", ".webp", "image/webp"),
    (b"%PDF-", ".pdf", "application/pdf"),
)
TYPES = {ending: kind for _first, ending, kind in KINDS}
PICTURES = frozenset({".png", ".jpg", ".webp"})
PAPERS = PICTURES | {".pdf"}


def ending_of(data: bytes, name: str, allowed: frozenset[str] = PICTURES) -> str:
    """Return the ending of a file by what it holds, whatever its name says.

    Refuses `picture_form` for what is none of the allowed kinds (`paper_form` where a PDF would do), and
    `picture_large`.
    """
    ending = next((ending for first, ending, _kind in KINDS if data.startswith(first)), "")
    if ending not in allowed or (ending == ".webp" and data[8:12] != b"WEBP"):
        raise refuse("paper_form" if ".pdf" in allowed else "picture_form", "evidencia", name[:80])
    if len(data) > LARGEST:
        raise refuse("picture_large", "evidencia", name[:80], most=LARGEST // 1024 // 1024)
    return ending


def folder(data: Path) -> Path:
    """Return where an installation keeps its evidence."""
    return data / "evidence"


def read_kept(data: Path, name: str) -> tuple[bytes, str]:
    """Return the bytes of what is kept, and its type. Refuses `evidence_missing`."""
    kept = folder(data) / name
    try:
        return kept.read_bytes(), TYPES[kept.suffix]
    except FileNotFoundError:
        raise refuse("evidence_missing", "evidencia", name) from None


def keep(data: Path, content: bytes, ending: str) -> str:
    """Write a file and return its name: drawn, so that it says nothing and cannot be guessed."""
    kept = folder(data)
    kept.mkdir(parents=True, exist_ok=True)
    name = secrets.token_hex(16) + ending
    (kept / name).write_bytes(content)
    return name


def discard(data: Path, names: Iterable[str]) -> None:
    """Remove what is kept under these names; what is gone already is gone."""
    for name in names:
        (folder(data) / Path(name).name).unlink(missing_ok=True)
