"""The link by which a person leaves a channel: signed, without a log-in, good for ever (RFC 8058)."""

import hmac
from base64 import urlsafe_b64encode
from functools import lru_cache

from contacts.errors import refuse
from contacts.models import Channel

_LETTERS = {Channel.EMAIL: "c", Channel.WHATSAPP: "w"}
_CHANNELS = {letter: channel for channel, letter in _LETTERS.items()}
_SIGNATURE_BYTES = 15  # 120 bits, 20 letters


@lru_cache(maxsize=4)
def _keyed(secret: str) -> hmac.HMAC:
    return hmac.new(f"baja:{secret}".encode(), digestmod="sha256")


def _sign(secret: str, body: str) -> str:
    signed = _keyed(secret).copy()  # taking the key in costs more than the signature
    signed.update(body.encode())
    return urlsafe_b64encode(signed.digest()[:_SIGNATURE_BYTES]).decode()


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
