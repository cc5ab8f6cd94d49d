"""The link by which a person leaves a channel: signed, without a log-in, good for ever (RFC 8058)."""

import hmac
from base64 import urlsafe_b64encode

from contacts.errors import refuse
from contacts.models import Channel

_LETTERS = {Channel.EMAIL: "c", Channel.WHATSAPP: "w"}
_CHANNELS = {letter: channel for channel, letter in _LETTERS.items()}
_SIGNATURE_BYTES = 15  # 120 bits, 20 letters


def _sign(secret: str, body: str) -> str:
    digest = hmac.digest(f"baja:{secret}".encode(), body.encode(), "sha256")
    return urlsafe_b64encode(digest[:_SIGNATURE_BYTES]).decode()


def token(secret: str, contact_id: int, channel: Channel) -> str:
    """Return the signed token of a person and channel."""
    body = f"{_LETTERS[channel]}{contact_id:x}"
    return f"{body}.{_sign(secret, body)}"


def url(public_url: str, secret: str, contact_id: int, channel: Channel) -> str:
    """Return the whole link."""
    return f"{public_url}/baja/{token(secret, contact_id, channel)}"


def read(secret: str, text: str) -> tuple[int, Channel]:
    """Return whom a token speaks of: contact id and channel. Refuses `link_unknown`."""
    body, _dot, signature = text.partition(".")
    genuine = hmac.compare_digest(signature.encode(), _sign(secret, body).encode())
    if not genuine or not body:
        raise refuse("link_unknown", "enlace", text[:60])
    return int(body[1:], 16), _CHANNELS[body[0]]
