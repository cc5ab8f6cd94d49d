"""The doors: what is signed is stored as it came and answered at once, anything else leaves no trace but a count."""

import base64
import json
from urllib.parse import urlencode

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from flask import Flask
from sqlalchemy import select
from twilio.request_validator import RequestValidator

from campaigns.channels import EventKind
from campaigns.models import WebhookBatch, WebhookRefusal
from outreach.webhooks import EXTENSION, Secrets, UnreadableError, blueprint, read_batch
from outreach.webhooks.receiving import LARGEST

PUBLIC = "https://votochilango.example.org"
TOKEN = "una-ficha-de-mentira"
STATUS, INBOUND, MAIL = "/webhooks/twilio/status", "/webhooks/twilio/inbound", "/webhooks/sendgrid"


@pytest.fixture(scope="module")
def signer():
    return ec.generate_private_key(ec.SECP256R1())


@pytest.fixture
def client(platform, signer):
    der = signer.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    app = Flask("prueba")
    secrets = Secrets((base64.b64encode(der).decode(),), ("la-nueva", TOKEN), PUBLIC)
    app.register_blueprint(blueprint(platform, secrets))
    return app.test_client()


def post_mail(client, signer, clock, body, **headers):
    timestamp = str(int(clock.now().timestamp()))
    signature = base64.b64encode(signer.sign(timestamp.encode() + body, ec.ECDSA(hashes.SHA256()))).decode()
    names = {
        "X-Twilio-Email-Event-Webhook-Signature": signature,
        "X-Twilio-Email-Event-Webhook-Timestamp": timestamp,
    }
    return client.post(MAIL, data=body, content_type="application/json", headers=names | headers)


def post_twilio(client, path, form, *, query="", signed_query=None, token=TOKEN):
    url = PUBLIC + path + (f"?{query if signed_query is None else signed_query}" if query else "")
    signature = RequestValidator(token).compute_signature(url, form)
    return client.post(
        path + (f"?{query}" if query else ""),
        data=urlencode(form),
        content_type="application/x-www-form-urlencoded",
        headers={"X-Twilio-Signature": signature},
    )


def stored(platform):
    with platform.reading() as session:
        return list(session.scalars(select(WebhookBatch).order_by(WebhookBatch.id)))


def test_a_signed_batch_is_stored_byte_by_byte_and_answered_with_nothing(client, signer, clock, platform):
    body = b'[{"event": "delivered", "sg_event_id": "e1",  "timestamp": 1}]\r\n'
    answer = post_mail(client, signer, clock, body)
    assert (answer.status_code, answer.data) == (204, b"")
    (batch,) = stored(platform)
    assert (batch.kind, batch.body, batch.received_at) == ("sendgrid", body, clock.now())
    assert (batch.processed_at, batch.fault) == (None, "")
    (event,) = read_batch(batch, "0a1b2c3d")
    assert (event.kind, event.event_id) == (EventKind.DELIVERED, "e1")


def test_what_a_batch_says_is_not_looked_at_when_it_arrives(client, signer, clock, platform):
    assert post_mail(client, signer, clock, b"no es JSON").status_code == 204
    (batch,) = stored(platform)
    with pytest.raises(UnreadableError):
        read_batch(batch, "0a1b2c3d")


def test_a_callback_is_verified_by_the_public_address_and_keeps_its_query(client, platform):
    form = {"MessageSid": "SM1", "MessageStatus": "read", "ErrorCode": "", "Body": "ñ ☎"}
    answer = post_twilio(client, STATUS, form, query="d=1001&i=0a1b2c3d")
    assert (answer.status_code, answer.data) == (204, b"")
    (batch,) = stored(platform)
    assert (batch.kind, batch.query) == ("twilio-status", "d=1001&i=0a1b2c3d")
    (event,) = read_batch(batch, "0a1b2c3d")
    assert (event.kind, event.delivery_id, event.event_id) == (EventKind.READ, 1001, "SM1:read")
    (foreign,) = read_batch(batch, "ffffffff")
    assert foreign.delivery_id is None


def test_a_message_of_a_person_is_answered_with_an_empty_twiml(client, platform):
    form = {"MessageSid": "SM2", "From": "whatsapp:+5215555550101", "Body": "ALTO"}
    answer = post_twilio(client, INBOUND, form)
    assert (answer.status_code, answer.mimetype) == (200, "text/xml")
    assert answer.text.endswith("<Response/>")
    (message,) = read_batch(stored(platform)[0], "0a1b2c3d")
    assert (message.sender, message.body) == ("+5215555550101", "ALTO")


def test_any_of_twilios_tokens_is_believed_while_they_are_changed(client, platform):
    assert post_twilio(client, INBOUND, {"From": "x"}, token="la-nueva").status_code == 200
    assert post_twilio(client, INBOUND, {"From": "x"}, token="la-de-otro").status_code == 403
    assert len(stored(platform)) == 1


def test_what_is_not_signed_by_whom_it_says_is_refused_counted_and_not_stored(client, signer, clock, platform):
    turned_away = [
        client.post(MAIL, data=b"[]"),
        post_mail(client, signer, clock, b"[]", **{"X-Twilio-Email-Event-Webhook-Signature": "MEUCIQ"}),
        client.post(STATUS, data={"MessageSid": "SM1"}),
        client.post(INBOUND, data={"Body": "BAJA"}, headers={"X-Twilio-Signature": "RSOYDt4T1cUTdK1PDd93/VVr8B8="}),
        post_twilio(client, STATUS, {"MessageSid": "SM1"}, query="d=1&i=x", signed_query="d=2&i=x"),
        post_twilio(client, STATUS, {f"campo{n}": "1" for n in range(1200)}),
    ]
    assert [answer.status_code for answer in turned_away] == [403] * 6
    assert all("firmado" in answer.text for answer in turned_away)
    assert stored(platform) == []
    client.application.extensions[EXTENSION].keep(clock.now())
    with platform.reading() as session:
        counted = {(row.kind, row.reason): row.count for row in session.scalars(select(WebhookRefusal))}
    assert counted == {
        ("sendgrid", "unsigned"): 1,
        ("sendgrid", "wrong"): 1,
        ("twilio-status", "unsigned"): 1,
        ("twilio-inbound", "wrong"): 1,
        ("twilio-status", "wrong"): 2,
    }


def test_a_batch_signed_two_days_ago_is_refused(client, signer, clock, platform):
    timestamp = str(int(clock.now().timestamp()) - 49 * 3600)
    signature = base64.b64encode(signer.sign(timestamp.encode() + b"[]", ec.ECDSA(hashes.SHA256()))).decode()
    headers = {
        "X-Twilio-Email-Event-Webhook-Signature": signature,
        "X-Twilio-Email-Event-Webhook-Timestamp": timestamp,
    }
    assert client.post(MAIL, data=b"[]", headers=headers).status_code == 403
    assert stored(platform) == []


@pytest.mark.parametrize("path", [MAIL, STATUS, INBOUND])
def test_a_body_that_no_provider_sends_is_not_read(client, platform, path):
    assert client.post(path, data=b"x" * (LARGEST + 1)).status_code == 413
    assert stored(platform) == []


def test_a_batch_as_large_as_sendgrids_largest_is_taken(client, signer, clock, platform):
    body = json.dumps([{"event": "processed", "n": n, "fill": "x" * 700} for n in range(1200)]).encode()
    assert len(body) > 800_000
    assert post_mail(client, signer, clock, body).status_code == 204
    assert stored(platform)[0].body == body


@pytest.mark.parametrize("path", [MAIL, STATUS, INBOUND])
def test_who_only_looks_sees_that_the_address_is_right(client, platform, path):
    assert client.head(path).status_code == 200
    answer = client.get(path)
    assert (answer.status_code, "por POST" in answer.text) == (200, True)
    assert client.put(path, data=b"[]").status_code == 405
    assert stored(platform) == []


def test_when_it_cannot_be_stored_the_provider_is_told_to_come_again(client, signer, clock, platform, databases):
    platform.engine.dispose()
    databases.forget(platform.settings)
    answer = post_mail(client, signer, clock, b"[]")
    if platform.engine.dialect.name == "sqlite":
        assert answer.status_code == 500  # its tables are gone: nothing that passes by itself
    else:
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
