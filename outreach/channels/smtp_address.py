"""Where mail is handed over: `smtp://user:password@mail.example.org:587`, read once from the settings."""

import re
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from outreach.channels.wire import loopback

PORTS = {"smtp": 587, "smtps": 465}  # RFC 6409 and RFC 8314


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """A server for outgoing mail. `encrypted` is "start" (STARTTLS), "whole" (from the first byte) or "no"."""

    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)
    encrypted: str = "start"


def read(text: str) -> SmtpServer | None:
    """Return the server that a URL names, None for "". `%40` stands for an @ in a user or password.

    Raises `ValueError` with the code of a fault: `setting_smtp` for its form, `setting_smtp_plain` where
    `?starttls=no` asks to send unencrypted to another machine: names, addresses and the password would be readable.
    """
    if not text:
        return None
    try:
        parts = urlsplit(text)
        port, host = parts.port, parts.hostname
    except ValueError as error:
        raise ValueError("setting_smtp") from error
    open_ = parts.query == "starttls=no"
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if (
        parts.scheme not in PORTS
        or not host
        or port == 0
        or re.search(r"[\s\x00-\x1f]", text + user + password)
        or bool(user) != bool(password)
        or not (user + password).isascii()
        or parts.path not in {"", "/"}
        or parts.fragment
        or (parts.query and not (open_ and parts.scheme == "smtp"))
    ):
        raise ValueError("setting_smtp")
    if open_ and not loopback(text):
        raise ValueError("setting_smtp_plain")
    encrypted = "no" if open_ else {"smtp": "start", "smtps": "whole"}[parts.scheme]
    return SmtpServer(host, port or PORTS[parts.scheme], user, password, encrypted)
