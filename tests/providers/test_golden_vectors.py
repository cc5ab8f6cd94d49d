"""Signatures that the vendors publish as right: ours are computed over the same bytes."""

import base64

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from outreach.simulator.signing import EventKey, sign_form, signed_bytes

# sendgrid-python, test/unit/test_eventwebhook.py
KEY = (
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8"
    "eNEc6wEA3F+g=="
)
SIGNATURE = "MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM="
TIMESTAMP = "1600112502"
PAYLOAD = (
    b'[{"email":"hello@world.com","event":"dropped","reason":"Bounced Address",'
    b'"sg_event_id":"ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA",'
    b'"sg_message_id":"LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0",'
    b'"smtp-id":"<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>","timestamp":1600112492}]\r\n'
)


def verify(key: str, signature: str, signed: bytes) -> None:
    public = serialization.load_der_public_key(base64.b64decode(key))
    assert isinstance(public, ec.EllipticCurvePublicKey)
    public.verify(base64.b64decode(signature), signed, ec.ECDSA(hashes.SHA256()))


def test_what_we_sign_is_what_sendgrid_signs() -> None:
    verify(KEY, SIGNATURE, signed_bytes(TIMESTAMP, PAYLOAD))
    with pytest.raises(InvalidSignature):
        verify(KEY, SIGNATURE, signed_bytes(TIMESTAMP, PAYLOAD.rstrip()))


def test_our_key_signs_in_the_same_form_and_outlives_a_restart() -> None:
    key = EventKey()
    again = EventKey(key.pem)
    assert key.public == again.public
    assert key.public.startswith(KEY[:36])  # the same curve, in the same wrapping
    verify(key.public, again.sign(TIMESTAMP, PAYLOAD), signed_bytes(TIMESTAMP, PAYLOAD))


def test_another_kind_of_key_is_refused() -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with pytest.raises(ValueError, match="elliptic curve"):
        EventKey(pem.decode())


@pytest.mark.parametrize(
    ("fields", "signature"),  # twilio-python, tests/unit/test_request_validator.py; token 12345
    [
        (
            [
                ("CallSid", "CA1234567890ABCDE"),
                ("Digits", "1234"),
                ("From", "+14158675309"),
                ("To", "+18005551212"),
                ("Caller", "+14158675309"),
            ],
            "RSOYDt4T1cUTdK1PDd93/VVr8B8=",
        ),
        (
            [("Sid", "CA123"), ("SidAccount", "AC123"), ("Digits", "5678"), ("Digits", "1234"), ("Digits", "1234")],
            "IK+Dwps556ElfBT0I3Rgjkr1wJU=",
        ),
    ],
)
def test_our_forms_are_signed_as_twilio_signs_them(fields: list[tuple[str, str]], signature: str) -> None:
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    assert sign_form("12345", url, fields) == signature
    assert sign_form("12345", f"{url}#rc=3&rp=all", fields) == signature
