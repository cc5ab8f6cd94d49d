"""How webhooks are signed: SendGrid's ECDSA over timestamp and body, Twilio's HMAC over address and fields."""

import base64
import hmac
from collections.abc import Iterable
from hashlib import sha1, sha512

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

SENDGRID_SIGNATURE = "X-Twilio-Email-Event-Webhook-Signature"
SENDGRID_TIMESTAMP = "X-Twilio-Email-Event-Webhook-Timestamp"
TWILIO_SIGNATURE = "X-Twilio-Signature"
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of P-256 (FIPS 186-4, D.1.2.3)


def derived_key(secret: str) -> str:
    """Return a private key that follows from a secret, as PEM: whoever knows the secret signs alike."""
    number = int.from_bytes(sha512(b"simulator events\0" + secret.encode()).digest()) % (ORDER - 1) + 1
    return (
        ec.derive_private_key(number, ec.SECP256R1())
        .private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        .decode()
    )


class EventKey:
    """The private key that signs SendGrid's events; P-256. A given PEM is used, otherwise one is made."""

    def __init__(self, pem: str = "") -> None:
        if pem:
            key = serialization.load_pem_private_key(pem.encode(), password=None)
            if not isinstance(key, ec.EllipticCurvePrivateKey):
                raise ValueError("an elliptic curve key was expected")
            self._key = key
        else:
            self._key = ec.generate_private_key(ec.SECP256R1())

    @property
    def pem(self) -> str:
        """The private key, to be kept for a restart."""
        return self._key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()

    @property
    def public(self) -> str:
        """The verification key as SendGrid's settings page shows it: base64 of the DER, in one line."""
        der = self._key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return base64.b64encode(der).decode()

    def sign(self, timestamp: str, payload: bytes) -> str:
        """Return the signature header for a body sent at a timestamp (seconds, as text)."""
        return base64.b64encode(self._key.sign(signed_bytes(timestamp, payload), ec.ECDSA(hashes.SHA256()))).decode()


def signed_bytes(timestamp: str, payload: bytes) -> bytes:
    """Return what SendGrid signs: the timestamp header followed by the raw body."""
    return timestamp.encode() + payload


def sign_form(token: str, url: str, fields: Iterable[tuple[str, str]]) -> str:
    """Return Twilio's signature of a form posted to `url` (as configured, query included, fragment left out).

    Fields are sorted by name and value, and one that is repeated with the same value counts once.
    """
    text = url.partition("#")[0] + "".join(name + value for name, value in sorted(set(fields)))
    return base64.b64encode(hmac.new(token.encode(), text.encode(), sha1).digest()).decode()
