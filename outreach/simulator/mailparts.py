"""What SendGrid refuses in the parts of a mail: content, headers, attachments, categories, the moment to send at."""

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Any

AHEAD = 72 * 3600  # seconds that a mail may be scheduled ahead
RESERVED = frozenset(
    "x-sg-id x-sg-eid received dkim-signature content-type content-transfer-encoding"  # noqa: SIM905
    " to from subject reply-to cc bcc".split()
)
HEADER = re.compile(r"[!-9;-~]+")
Refusal = tuple[str, str]  # the vendor's sentence, and the field it stands for ("" for none)


def all_text(table: Any) -> bool:
    """Whether something is an object whose values are all texts."""
    return isinstance(table, dict) and set(map(type, table.values())) <= {str}


def headers(given: Any, where: str) -> Iterator[Refusal]:
    """Yield what is wrong with headers."""
    if given is None:
        return
    if not all_text(given):
        yield ("All values of the headers object must be strings.", where)
        return
    for name in given:
        if name.lower() in RESERVED:
            yield ("Header cannot be one of the reserved keys.", f"{where}.{name}")
        elif not HEADER.fullmatch(name):
            yield ("Header keys cannot contain non-ASCII characters or empty spaces.", f"{where}.{name}")


def when(moment: Any, where: str, now: float) -> Iterator[Refusal]:
    """Yield what is wrong with a moment to send at."""
    if moment is None:
        return
    if not isinstance(moment, int) or isinstance(moment, bool):
        yield ("The send_at parameter is expecting a Unix timestamp as an integer.", where)
    elif moment > now + AHEAD:
        yield ("Scheduling more than 72 hours in advance is forbidden.", where)


def content(mail: dict[str, Any]) -> Iterator[Refusal]:
    """Yield what is wrong with the parts of a mail."""
    parts = mail.get("content")
    if not isinstance(parts, list) or not parts:
        yield ("Unless a valid template_id is provided, the content parameter is required.", "content")
        return
    kinds = []
    for number, part in enumerate(parts):
        value = part.get("value") if isinstance(part, dict) else None
        kind = part.get("type") if isinstance(part, dict) else None
        if not isinstance(value, str) or not value:
            yield ("The content value must be a string at least one character in length.", f"content.{number}.value")
        if not isinstance(kind, str) or not kind:
            yield ("The content type must be a string at least one character in length.", f"content.{number}.type")
        kinds.append(kind)
    if "text/plain" in kinds[1:]:
        yield (
            "If present, text/plain and text/html may only be provided once, and text/plain must be first.",
            "content",
        )


def attachments(files: Any) -> Iterator[Refusal]:
    """Yield what is wrong with attached files."""
    for number, file in enumerate(files if isinstance(files, list) else ()):
        where = f"attachments.{number}"
        content = file.get("content") if isinstance(file, dict) else None
        if not isinstance(content, str) or not content:
            yield ("The attachment content must be a string at least one character in length.", f"{where}.content")
            continue
        try:
            base64.b64decode(content, validate=True)
        except (binascii.Error, ValueError):
            yield ("The attachment content must be base64 encoded.", f"{where}.content")
        if not isinstance(file.get("filename"), str) or not file["filename"]:
            yield ("The filename must be a string at least one character in length.", f"{where}.filename")


def categories(names: Any) -> Iterator[Refusal]:
    """Yield what is wrong with categories."""
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        yield ("The category values must be an array of strings.", "categories")
    elif len(names) > 10:  # noqa: PLR2004 — the vendor's limit, said in the sentence
        yield ("You cannot have more than 10 categories per request.", "categories")
    elif any(len(name) > 255 for name in names):  # noqa: PLR2004 — as above
        yield ("You may not have more than 255 characters per category.", "categories")
    elif len(set(names)) < len(names):
        yield ("You cannot have duplicate categories.", "categories")
