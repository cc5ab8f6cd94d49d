"""Whether a webhook was signed by whom it says. Each function returns "" when it was, else why it is refused.

SendGrid: ECDSA P-256 over SHA-256 of the timestamp and the raw body. Twilio: HMAC over the full public URL and the
form's fields in order (twilio.com/docs/usage/webhooks/webhooks-security). Both are held to the vendors' own vectors.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

#: SendGrid tries again for 24 hours, and whether it signs each attempt anew is not documented: twice that is allowed.
#: An older batch is a replay. It could do no harm (every event counts once), but it need not be stored either. A
#: moment ahead of us is let in: our own clock may be wrong, and nobody else can sign.
OLDEST = timedelta(hours=48)

UNSIGNED, WRONG, STALE = "unsigned", "wrong", "stale"

_ALGORITHMS = {"HMAC_SHA1": hashlib.sha1, "HMAC_SHA256": hashlib.sha256}
_PORTS = {"https": 443, "http": 80}


def sendgrid(
    body: bytes, signature: str, timestamp: str, keys: Iterable[ec.EllipticCurvePublicKey], now: datetime
) -> str:
    """Judge a batch of the Event Webhook by its two headers. Any of several keys will do."""
    if not signature or not timestamp:
        return UNSIGNED
    try:
        given = base64.b64decode(signature, validate=True)
        signed_at = datetime.fromtimestamp(int(timestamp), UTC)
    except (ValueError, binascii.Error, OverflowError, OSError):
        return WRONG
    if not any(_signed(key, given, timestamp.encode() + body) for key in keys):
        return WRONG
    return STALE if now - signed_at > OLDEST else ""


def _signed(key: ec.EllipticCurvePublicKey, signature: bytes, data: bytes) -> bool:
    try:
        key.verify(signature, data, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


def twilio(url: str, fields: Sequence[tuple[str, str]], signature: str, settings: str, tokens: Iterable[str]) -> str:
    """Judge a callback by its header `X-Twilio-Signature`. Any of several tokens will do.

    `url` is the public one, as Twilio was told it; `settings` is the header `X-Twilio-Webhooks-Signature-Settings`,
    which names the algorithm where a shared key signs and is empty where the account's token does.
    """
    if not signature:
        return UNSIGNED
    algorithm = _ALGORITHMS.get(_algorithm(settings))
    if algorithm is None:
        return WRONG
    # Twilio signs with the port in the URL or without, whatever it called.
    signed = [(form + _joined(fields)).encode() for form in _with_and_without_port(url)]
    expected = [
        base64.b64encode(hmac.new(token.encode(), data, algorithm).digest()) for token in tokens for data in signed
    ]
    matches = [hmac.compare_digest(one, signature.encode()) for one in expected]  # all of them: no early answer
    return "" if any(matches) else WRONG


def _joined(fields: Sequence[tuple[str, str]]) -> str:
    """Return the fields as they are signed: by name, then value, each pair once."""
    return "".join(name + value for name, value in sorted(set(fields)))


def _algorithm(settings: str) -> str:
    named = dict(part.strip().partition("=")[::2] for part in settings.split(","))
    return (named.get("algorithm", "").strip() or "HMAC_SHA1").upper()


def _with_and_without_port(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.netloc.rpartition("@")[2].split(":")[0]
    port = parts.port or _PORTS.get(parts.scheme, 443)
    return parts._replace(netloc=host).geturl(), parts._replace(netloc=f"{host}:{port}").geturl()
