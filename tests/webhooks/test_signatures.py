"""Whether a webhook is from whom it says: the vendors' own vectors, and everything that must be refused."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from contacts.errors import Refused
from outreach import words
from outreach.config import Settings
from outreach.webhooks import Secrets, check_secrets, signatures

# sendgrid-python, test/unit/test_eventwebhook.py
KEY = (
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw"
    "+2fNNRaINXvVpiglSI8eNEc6wEA3F+g=="
)
OTHER_KEY = (
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEqTxd43gyp8IOEto2LdIfjRQrIbsd4SXZkLW6jDutdhXSJCWHw8REntlo7aNDthvj"
    "+y7GjUuFDb/R1NGe1OPzpA=="
)
SIGNATURE = "MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM="
WRONG_SIGNATURE = "MEUCIQCtIHJeH93Y+qpYeWrySphQgpNGNr/U+UyUlBkU6n7RAwIgJTz2C+8a8xonZGi6BpSzoQsbVRamr2nlxFDWYNH3j/0="
TIMESTAMP = "1600112502"
EVENT = {
    "email": "hello@world.com",
    "event": "dropped",
    "reason": "Bounced Address",
    "sg_event_id": "ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA",
    "sg_message_id": "LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0",
    "smtp-id": "<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>",
    "timestamp": 1600112492,
}
BODY = (json.dumps([EVENT], sort_keys=True, separators=(",", ":")) + "\r\n").encode()
THEN = datetime.fromtimestamp(int(TIMESTAMP), UTC)


def judged(body=BODY, signature=SIGNATURE, timestamp=TIMESTAMP, keys=(KEY,), now=THEN):
    return signatures.sendgrid(body, signature, timestamp, Secrets(sendgrid_keys=keys).public_keys(), now)


def test_sendgrids_own_vector_is_believed():
    assert judged() == ""


def test_one_of_several_keys_is_enough_while_they_are_changed():
    assert judged(keys=(OTHER_KEY, KEY)) == ""


@pytest.mark.parametrize(
    ("over", "why"),
    [
        ({"signature": ""}, "unsigned"),
        ({"timestamp": ""}, "unsigned"),
        ({"signature": WRONG_SIGNATURE}, "wrong"),
        ({"signature": "esto no es base64"}, "wrong"),
        ({"signature": SIGNATURE[:-4]}, "wrong"),
        ({"signature": "ñ"}, "wrong"),
        ({"timestamp": "timestamp"}, "wrong"),
        ({"timestamp": "1600112503"}, "wrong"),
        ({"timestamp": "9" * 40}, "wrong"),
        ({"keys": (OTHER_KEY,)}, "wrong"),
        ({"keys": ()}, "wrong"),
        ({"body": b"payload"}, "wrong"),
        ({"body": BODY.rstrip()}, "wrong"),
        ({"now": THEN + timedelta(hours=48, seconds=1)}, "stale"),
    ],
)
def test_any_other_batch_is_refused(over, why):
    assert judged(**over) == why


@pytest.mark.parametrize("later", [timedelta(hours=24), timedelta(hours=48), timedelta(days=-300)])
def test_a_batch_may_come_late_as_sendgrids_retries_do_and_our_clock_may_be_behind(later):
    assert judged(now=THEN + later) == ""


# twilio-python, tests/unit/test_request_validator.py
URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
FIELDS = [
    ("CallSid", "CA1234567890ABCDE"),
    ("Digits", "1234"),
    ("From", "+14158675309"),
    ("To", "+18005551212"),
    ("Caller", "+14158675309"),
]
TWICE = [("Sid", "CA123"), ("SidAccount", "AC123"), ("Digits", "5678"), ("Digits", "1234")]


@pytest.mark.parametrize(
    ("url", "fields", "signature"),
    [
        (URL, FIELDS, "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        (URL, TWICE, "IK+Dwps556ElfBT0I3Rgjkr1wJU="),
        (URL.replace(".com", ".com:1234"), FIELDS, "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        (
            URL.replace(".com", ".com:1234").replace("https", "http"),
            FIELDS,
            "Zmvh+3yNM1Phv2jhDCwEM3q5ebU=",
        ),
        (URL, FIELDS, "kvajT1Ptam85bY51eRf/AJRuM3w="),
        (URL.replace("https", "http"), FIELDS, "0ZXoZLH/DfblKGATFgpif+LLRf4="),
    ],
    ids=["plain", "repeated field", "port taken off", "port of its own", "port 443 put on", "port 80 put on"],
)
def test_twilios_own_vectors_are_believed(url, fields, signature):
    assert signatures.twilio(url, fields, signature, "", ["12345"]) == ""
    assert signatures.twilio(url, fields, signature, "", ["vieja", "12345"]) == ""
    assert signatures.twilio(url, fields, signature, "", ["1234"]) == "wrong"
    assert signatures.twilio(url, [*fields, ("Digits", "9")], signature, "", ["12345"]) == "wrong"
    assert signatures.twilio(url.replace("foo=1", "foo=2"), fields, signature, "", ["12345"]) == "wrong"


@pytest.mark.parametrize(
    ("signature", "settings", "tokens", "why"),
    [
        ("", "", ["12345"], "unsigned"),
        ("RSOYDt4T1cUTdK1PDd93/VVr8B8=", "", [], "wrong"),
        ("RSOYDt4T1cUTdK1PDd93/VVr8B8=", "key=k,algorithm=HMAC_MD5", ["12345"], "wrong"),
        ("RSOYDt4T1cUTdK1PDd93/VVr8B8=", "key=k,algorithm=HMAC_SHA256", ["12345"], "wrong"),
        ("ñandú", "", ["12345"], "wrong"),
    ],
)
def test_any_other_callback_is_refused(signature, settings, tokens, why):
    assert signatures.twilio(URL, FIELDS, signature, settings, tokens) == why


class Form(dict):
    """A form as Twilio's validator wants it: several values a name."""

    def getlist(self, name):
        return self[name]


@given(
    st.lists(st.tuples(st.text(max_size=6), st.text(max_size=6)), max_size=6),
    st.sampled_from(
        ["https://v.example.org/a?d=1&i=x", "http://v.example.org:8080/a", "http://127.0.0.1:8000/a?d=%20", URL]
    ),
    st.sampled_from(["", "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256", "algorithm=hmac_sha1", "key=x"]),
)
def test_what_twilios_own_library_signs_is_believed(fields, url, settings):
    form = Form()
    for name, value in fields:
        form.setdefault(name, []).append(value)
    algorithm = "HMAC_SHA256" if "256" in settings else "HMAC_SHA1"
    signature = RequestValidator("12345").compute_signature(url, form, algorithm)
    assert signatures.twilio(url, fields, signature, settings, ["12345"]) == ""
    assert signatures.twilio(url, [*fields, ("otro", "campo")], signature, settings, ["12345"]) == "wrong"


# ------------------------------------------------------------------ the settings


def pem_free(key):
    der = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(der).decode()


REAL = {"SENDGRID_API_KEY": "SG.x", "SENDGRID_WEBHOOK_KEY": KEY, "OUTREACH_PUBLIC_URL": "https://v.example.org"}
TWILIO = {"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "t"}
HERE = {"OUTREACH_PUBLIC_URL": "http://localhost:8000", "OUTREACH_SENDGRID_URL": "http://127.0.0.1:9000"}


@pytest.mark.parametrize(
    ("environment", "codes"),
    [
        ({}, []),
        (REAL, []),
        (REAL | TWILIO, []),
        (REAL | {"SENDGRID_WEBHOOK_KEY": f"{KEY} {OTHER_KEY}"}, []),
        (REAL | {"OUTREACH_PUBLIC_URL": "http://127.0.0.1:8000"}, ["public_url_here"]),
        (REAL | {"OUTREACH_PUBLIC_URL": ""}, ["public_url_here"]),
        (REAL | HERE, []),
        (REAL | HERE | TWILIO, ["public_url_here"]),
        (REAL | HERE | TWILIO | {"OUTREACH_TWILIO_URL": "http://localhost:9000"}, []),
        (REAL | {"SENDGRID_WEBHOOK_KEY": ""}, ["webhook_key_missing"]),
        (REAL | {"SENDGRID_WEBHOOK_KEY": f"{KEY} otra"}, ["webhook_key_form"]),
        (REAL | {"OUTREACH_PUBLIC_URL": "http://v.example.org"}, ["public_url_plain"]),
        (TWILIO | {"OUTREACH_PUBLIC_URL": "https://voto_chilango.example.org"}, ["public_url_host"]),
        (
            TWILIO | {"SENDGRID_API_KEY": "SG.x", "OUTREACH_PUBLIC_URL": "http://voto_chilango.example.org"},
            ["webhook_key_missing", "public_url_plain", "public_url_host"],
        ),
    ],
)
def test_a_platform_with_keys_does_not_start_without_what_verifies_the_answers(environment, codes):
    settings = Settings.read(environment)
    if not codes:
        check_secrets(settings)
        return
    with pytest.raises(Refused) as caught:
        check_secrets(settings)
    assert [fault.code for fault in caught.value.faults] == codes
    for sentence in words.explain_all(caught.value):
        assert "Código" not in sentence
        assert "SENDGRID_WEBHOOK_KEY" in sentence or "OUTREACH_PUBLIC_URL" in sentence


@pytest.mark.parametrize(
    "key",
    [
        "otra cosa",
        "bm90IGEga2V5",
        pem_free(rsa.generate_private_key(65537, 2048)),
        pem_free(ec.generate_private_key(ec.SECP384R1())),
    ],
    ids=["no base64", "no key", "RSA", "another curve"],
)
def test_only_a_key_of_the_kind_that_sendgrid_uses_is_one(key):
    with pytest.raises(Refused):
        Secrets(sendgrid_keys=(key,)).public_keys()


def test_a_fresh_key_signs_what_we_believe():
    own = ec.generate_private_key(ec.SECP256R1())
    signature = base64.b64encode(own.sign(TIMESTAMP.encode() + b"[]", ec.ECDSA(hashes.SHA256()))).decode()
    assert judged(b"[]", signature, keys=(pem_free(own),)) == ""


def test_secrets_do_not_show_in_a_repr():
    assert "12345" not in repr(Secrets(twilio_tokens=("12345",)))
