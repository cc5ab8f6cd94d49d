"""The link by which a person confirms a consent: signed, without a log-in; the ledger says until when it is good."""

import hmac
from base64 import urlsafe_b64encode
from hashlib import sha256

from contacts.errors import refuse

_SIGNATURE_BYTES = 15  # 120 bits, 20 letters
_LONGEST = 100


def _sign(secret: str, body: str) -> str:
    signed = hmac.digest(f"alta:{secret}".encode(), body.encode(), "sha256")
    return urlsafe_b64encode(signed[:_SIGNATURE_BYTES]).decode()


def token(secret: str, ask_id: int) -> str:
    """Return the signed token of a request to confirm."""
    body = f"{ask_id:x}"
    return f"{body}.{_sign(secret, body)}"


def url(public_url: str, secret: str, ask_id: int) -> str:
    """Return the whole link."""
    return f"{public_url}/confirmar/{token(secret, ask_id)}"


def read(secret: str, text: str) -> int:
    """Return which request a token speaks of. Refuses `confirm_unknown`."""
    body, _dot, signature = text[:_LONGEST].partition(".")
    genuine = hmac.compare_digest(signature.encode("utf-8", "replace"), _sign(secret, body).encode())
    if not genuine or not body:
        raise refuse("confirm_unknown", "enlace", text[:60])
    return int(body, 16)


def fingerprint(text: str) -> str:
    """Return what the ledger keeps of a token as evidence: it proves which link was used, and opens nothing."""
    return f"sha256:{sha256(text.encode()).hexdigest()}"
