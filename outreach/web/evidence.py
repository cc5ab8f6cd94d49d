"""What is uploaded as evidence: read, and known by its content (`outreach.evidence` keeps it)."""

from werkzeug.datastructures import FileStorage

from outreach.evidence import LARGEST, PICTURES, ending_of, folder, keep, read_kept

__all__ = ["LARGEST", "folder", "keep", "read", "read_kept"]


def read(upload: FileStorage | None, allowed: frozenset[str] = PICTURES) -> tuple[bytes, str]:
    """Return the bytes of an upload and its ending; nothing for an empty field. Refuses as `ending_of` does."""
    if upload is None or not upload.filename:
        return b"", ""
    data = upload.stream.read(LARGEST + 1)
    return data, ending_of(data, upload.filename, allowed)
