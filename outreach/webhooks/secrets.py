"""By what we know that a webhook comes from whom it says. Several at once, so that they can be changed."""

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key

from contacts.errors import Fault, Refused
from outreach.channels.wire import loopback
from outreach.config import Settings


@dataclass(frozen=True, slots=True, repr=False)
class Secrets:
    """SendGrid's public keys (base64 of DER, as its console shows them) and Twilio's tokens.

    Where the simulator stands in, they are its own: whoever composes the platform passes them.
    """

    sendgrid_keys: tuple[str, ...] = ()
    twilio_tokens: tuple[str, ...] = ()
    public_url: str = ""  # as Twilio was told it: its signature covers the whole address

    def public_keys(self) -> tuple[ec.EllipticCurvePublicKey, ...]:
        """Return SendGrid's keys ready for use. Refuses `webhook_key_form` for each that is none."""
        read, faults = _read(self.sendgrid_keys)
        if faults:
            raise Refused(faults)
        return read


def check_secrets(settings: Settings) -> None:
    """Refuse settings that send with real keys and could not believe, or get, what comes back.

    Codes: `webhook_key_missing` (SendGrid's key without its webhooks' public key; a mail server tells nothing back),
    `webhook_key_form`, `public_url_plain` (http where it is not this machine: also the links that unsubscribe need
    https, RFC 8058), `public_url_here` (this machine, while messages leave it: nobody comes back to it by their links)
    and `public_url_host` (a name with an underscore, which Twilio does not call).
    """
    faults: list[Fault] = []
    if settings.sendgrid_key and not settings.sendgrid_webhook_key.strip():
        faults.append(Fault("webhook_key_missing", "SENDGRID_WEBHOOK_KEY"))
    faults += _read(settings.sendgrid_webhook_key.split())[1]
    if not settings.simulated:
        parts = urlsplit(settings.public_url)
        if parts.scheme != "https" and not loopback(settings.public_url):
            faults.append(Fault("public_url_plain", "OUTREACH_PUBLIC_URL", settings.public_url))
        if loopback(settings.public_url) and _leaves(settings):
            faults.append(Fault("public_url_here", "OUTREACH_PUBLIC_URL", settings.public_url))
        if settings.twilio_sid and "_" in (parts.hostname or ""):
            faults.append(Fault("public_url_host", "OUTREACH_PUBLIC_URL", settings.public_url))
    if faults:
        raise Refused(faults)


def _leaves(settings: Settings) -> bool:
    """Whether messages leave this machine; a stand-in for a provider may be on it."""
    ways = [settings.sendgrid_url] if settings.sendgrid_key else []
    ways += [settings.twilio_url] if settings.twilio_sid else []
    ways += [f"smtp://{settings.smtp.host}"] if settings.smtp else []
    return not all(map(loopback, ways))


def _read(texts: Iterable[str]) -> tuple[tuple[ec.EllipticCurvePublicKey, ...], list[Fault]]:
    read, faults = [], []
    for text in texts:
        key = _public_key(text)
        if key is None:
            faults.append(Fault("webhook_key_form", "SENDGRID_WEBHOOK_KEY", text))
        else:
            read.append(key)
    return tuple(read), faults


def _public_key(text: str) -> ec.EllipticCurvePublicKey | None:
    try:
        key = load_der_public_key(base64.b64decode(text, validate=True))
    except (ValueError, binascii.Error, UnsupportedAlgorithm):
        return None
    return key if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1) else None
