"""A mail as it stands on the wire: compiled once per run, filled in for each person with one join.

The text and HTML are quoted-printable, because of that encoding alone the constant parts can be made beforehand: a
value changes nothing of what stands around it (`quoted_printable`). All of it is ASCII, no line is longer than 998.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from campaigns.channels import Letter, Message
from outreach.channels.filling import fill
from outreach.channels.mail_headers import link, mailbox, words
from outreach.channels.quoted_printable import SOFT, encode, encode_last

BOUNDARY = "=_votochilango"  # `=_` never occurs in quoted-printable


@dataclass(frozen=True, slots=True)
class Frame:
    """One run's mail with holes in it. `body` is pieces and holes in turn; `order` says which value each hole takes."""

    subject: str
    tags: tuple[str, ...]
    head: str
    body: tuple[str, ...]
    order: tuple[int, ...]

    def fill(self, letter: Letter, message_id: str, date: str) -> bytes:
        """Return the whole mail of one person, without the line that ends it on the wire."""
        subject = fill(self.subject, self.tags, letter.values)
        leave = ""
        if letter.unsubscribe_url:
            # RFC 2369; one press, without a page in between: RFC 8058
            leave = (
                f"List-Unsubscribe: <{link(letter.unsubscribe_url)}>\r\n"
                "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
            )
        parts = [*self.body]
        parts[1::2] = [encode(letter.values[number]) for number in self.order]
        return (
            f"Date: {date}\r\nMessage-ID: {message_id}\r\nTo: {mailbox(letter.address, letter.name)}\r\n"
            f"Subject: {words(subject)}\r\n{leave}{self.head}{''.join(parts)}"
        ).encode("ascii")


@lru_cache(maxsize=64)
def compiled(message: Message) -> Frame:
    """Return the frame of a message."""
    kinds = [(kind, text) for kind, text in (("plain", message.text), ("html", message.html)) if text]
    several = len(kinds) > 1
    # Precedence is no standard; absences and lists read it, and do not answer.
    head = f"From: {mailbox(message.sender, message.sender_name)}\r\nPrecedence: bulk\r\nMIME-Version: 1.0\r\n"
    if several:
        head += f'Content-Type: multipart/alternative; boundary="{BOUNDARY}"\r\n\r\n'
    body, order = [""], list[int]()
    for kind, text in kinds or [("plain", "")]:
        body[-1] += f"--{BOUNDARY}\r\n" if several else ""
        body[-1] += f'Content-Type: text/{kind}; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
        for piece in _pieces(text, message.tags):
            if isinstance(piece, int):
                order.append(piece)
                body += ["", SOFT]
            else:
                body[-1] += piece
        if several or not text.endswith("\n"):  # the break before a boundary is not the text's
            body[-1] += "\r\n"
    body[-1] += f"--{BOUNDARY}--\r\n" if several else ""
    return Frame(message.subject, message.tags, head, tuple(body), tuple(order))


def _pieces(text: str, tags: Sequence[str]) -> Iterator[str | int]:
    """Yield the constant parts, encoded, and between them the number of each value."""
    number = {tag: place for place, tag in enumerate(tags)}
    any_tag = "|".join(re.escape(tag) for tag in sorted(tags, key=len, reverse=True))
    *before, last = re.split(f"({any_tag})", text) if tags else [text]
    for piece, tag in zip(before[::2], before[1::2], strict=True):
        if piece:
            start = encode(piece)
            yield start if start.endswith("\r\n") else start + SOFT
        yield number[tag]
    yield encode_last(last)
