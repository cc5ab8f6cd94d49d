"""The doors for SendGrid and Twilio: verify, store, answer at once."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qsl

from cryptography.hazmat.primitives.asymmetric import ec
from flask import Blueprint, Response, request
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import RequestEntityTooLarge

from outreach import database
from outreach.i18n import gettext as _
from outreach.webhooks import signatures
from outreach.webhooks.home import Home
from outreach.webhooks.reading import SENDGRID, TWILIO_INBOUND, TWILIO_STATUS
from outreach.webhooks.refusals import EXTENSION, Refusals
from outreach.webhooks.secrets import Secrets
from outreach.webhooks.storing import Storage

#: SendGrid posts batches of up to 768 KB; Twilio's forms are far smaller.
LARGEST = 2 * 1024 * 1024
MOST_FIELDS = 1000

PATHS = {
    SENDGRID: "/webhooks/sendgrid",
    TWILIO_STATUS: "/webhooks/twilio/status",
    TWILIO_INBOUND: "/webhooks/twilio/inbound",
}

log = logging.getLogger(__name__)


Judge = Callable[[str, bytes, str, datetime], str]


@dataclass(frozen=True, slots=True)
class _Room:
    """What stands behind the doors."""

    home: Home
    storage: Storage
    refusals: Refusals


def blueprint(platform: Home, secrets: Secrets) -> Blueprint:
    """Return the three doors. They have no session and no form token: exempt them from CSRF and from rate limits.

    A signed body is stored and answered 204 (Twilio's inbound: an empty TwiML); an unsigned or wrongly signed one is
    answered 403 and counted; one over 2 MiB 413. GET and HEAD answer 200, so that a person or a monitor can see
    that the address is right.
    """
    doors = Blueprint("webhooks", __name__)
    keys, room = secrets.public_keys(), _Room(platform, Storage(platform), Refusals(platform))
    doors.record(lambda state: state.app.extensions.update({EXTENSION: room.refusals}))

    def judge(kind: str, body: bytes, query: str, now: datetime) -> str:
        if kind == SENDGRID:
            return _sendgrid(body, keys, now)
        return _twilio(secrets.public_url.rstrip("/") + PATHS[kind] + (f"?{query}" if query else ""), body, secrets)

    for kind, path in PATHS.items():
        doors.add_url_rule(path, kind, _door(room, kind, judge), methods=["GET", "POST"])
    return doors


def _door(room: _Room, kind: str, judge: Judge) -> Callable[[], Response]:
    def door() -> Response:  # a function with a name: the rate limiter asks views for theirs
        return _receive(room, kind, judge)

    return door


def _receive(room: _Room, kind: str, judge: Judge) -> Response:
    if request.method != "POST":
        return _plain(_("Aquí avisan SendGrid y Twilio. Sólo se reciben avisos firmados, por POST."), 200)
    request.max_content_length = LARGEST
    try:
        body = request.get_data(cache=False)
    except RequestEntityTooLarge:
        return _refused(room, kind, "too_large", 413)
    now = room.home.clock.now()
    query = request.query_string.decode("ascii", "replace")
    if why := judge(kind, body, query, now):
        return _refused(room, kind, why, 403)
    try:
        room.storage.keep(kind, body, query, now)
    except DBAPIError as error:  # locked, full or gone: nothing was stored, and the provider tells it again
        if (found := database.fault(error)) is None:
            raise
        log.warning("a webhook could not be stored: %s", found.code)
        answer = _plain(_("No se pudo guardar el aviso en este momento. Envíelo de nuevo más tarde."), 503)
        answer.headers["Retry-After"] = "30"
        return answer
    room.refusals.keep_in_time(now)
    if kind == TWILIO_INBOUND:
        return Response('<?xml version="1.0" encoding="UTF-8"?><Response/>', mimetype="text/xml")
    return Response(status=204)


def _sendgrid(body: bytes, keys: Iterable[ec.EllipticCurvePublicKey], now: datetime) -> str:
    return signatures.sendgrid(
        body,
        request.headers.get("X-Twilio-Email-Event-Webhook-Signature", ""),
        request.headers.get("X-Twilio-Email-Event-Webhook-Timestamp", ""),
        keys,
        now,
    )


def _twilio(url: str, body: bytes, secrets: Secrets) -> str:
    try:
        fields = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:  # not a form in UTF-8, or a thousand fields: not Twilio's
        return signatures.WRONG
    return signatures.twilio(
        url,
        fields,
        request.headers.get("X-Twilio-Signature", ""),
        request.headers.get("X-Twilio-Webhooks-Signature-Settings", ""),
        secrets.twilio_tokens,
    )


def _refused(room: _Room, kind: str, reason: str, status: int) -> Response:
    now = room.home.clock.now()
    room.refusals.add(kind, reason, now)
    room.refusals.keep_in_time(now)
    log.info("webhook %s refused: %s", kind, reason)  # counted, and shown by reason: no failure of ours
    return _plain(_("Este aviso no está firmado por quien dice enviarlo, o es demasiado grande."), status)


def _plain(text: str, status: int) -> Response:
    return Response(text + "\n", status=status, mimetype="text/plain")
