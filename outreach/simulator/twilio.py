"""Twilio's API: who may ask, messages sent and asked for, lists by number and date."""

import base64
import binascii
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote, urlencode

from outreach.simulator.behaviour import CODES
from outreach.simulator.server import Request, Response
from outreach.simulator.store import TextMessage
from outreach.simulator.templates import problem
from outreach.simulator.textrules import refusal
from outreach.simulator.whatsapp import WhatsApp

ROOT = "/2010-04-01/Accounts/"
MOST, USUAL = 1000, 50  # messages of one page


class Twilio:
    """The API under /2010-04-01/ and /v1/Content."""

    def __init__(self, whatsapp: WhatsApp, *, strict: bool) -> None:
        self.whatsapp = whatsapp
        self.core = whatsapp.core
        self.strict = strict  # its own credentials alone; otherwise any, and webhooks are signed with what was used

    def answer(self, request: Request) -> Response:  # noqa: PLR0911 — one return a route
        """Answer one request."""
        if not self._knows(request.headers.get("authorization", "")):
            return problem(401, 20003, "Authenticate")
        if request.path.startswith("/v1/Content"):
            return self.whatsapp.templates.answer(request)
        parts = request.path.removeprefix(ROOT).split("/")
        missing = problem(404, 20404, f"The requested resource {request.path} was not found")
        if parts[0] != self.whatsapp.account.sid:
            return missing
        if parts[1:] == ["Messages.json"]:
            if request.method == "POST":
                return self._create(request)
            return self._list(request.query) if request.method == "GET" else _not_allowed()
        if len(parts) != 3 or parts[1] != "Messages" or not parts[2].endswith(".json"):  # noqa: PLR2004 — account, kind, SID
            return missing
        text = self.core.store.text(parts[2].removesuffix(".json"))
        if text is None:
            return missing
        if request.method == "GET":
            return Response.of(self._resource(text))
        if request.method == "DELETE":
            self.core.store.remove(text)
            return Response(204)
        return _not_allowed()

    def _knows(self, authorization: str) -> bool:
        """Whether these are credentials of the account; a lenient one takes the first that it is given for its own."""
        kind, _, packed = authorization.partition(" ")
        try:
            user, _, secret = base64.b64decode(packed, validate=True).decode().partition(":")
        except (binascii.Error, ValueError):
            return False
        account = self.whatsapp.account
        if kind != "Basic" or not secret:
            return False
        if not self.strict and user.startswith("AC"):  # an API key's secret is not what webhooks are signed with
            account.sid, account.token = user, secret
        return not self.strict or (user, secret) == (account.sid, account.token)

    @staticmethod
    def addresses(request: Request) -> list[str]:
        """Return whom a request is about, for faults that name somebody."""
        try:
            sent = dict(request.fields)
        except UnicodeDecodeError:
            sent = {}
        return [address for address in (sent.get("To"), request.query.get("To")) if address]

    def _create(self, request: Request) -> Response:
        try:
            fields = request.fields
        except UnicodeDecodeError:
            return problem(400, 20001, "Bad request: UTF-8 was expected")
        form, media = dict(fields), sum(name == "MediaUrl" for name, _ in fields)
        refused = refusal(form, media, self.whatsapp.templates)
        if refused:
            return problem(400, *refused)
        return Response.of(self._resource(self.whatsapp.accept(form, self.core.clock.now(), media)), 201)

    def _list(self, query: dict[str, str]) -> Response:
        now = self.core.clock.now()
        try:
            tests = [(name, _moment(query[name])) for name in ("DateSent", "DateSent<", "DateSent>") if name in query]
        except ValueError:
            return problem(400, 20001, "Bad request: DateSent must be YYYY-MM-DD or ISO 8601")
        found = [
            text
            for text in self.core.store.texts()
            if query.get("To", text.to) == text.to
            and query.get("From", text.sender) == text.sender
            and all(_matches(_sent(text, now), name, moment) for name, moment in tests)
        ]
        size = min(max(int(query["PageSize"]), 1), MOST) if query.get("PageSize", "").isdecimal() else USUAL
        page = int(query["Page"]) if query.get("Page", "").isdecimal() else 0
        kept = {name: value for name, value in query.items() if name not in {"Page", "PageToken", "PageSize"}}

        def uri(number: int) -> str:
            asked = urlencode(kept | {"PageSize": str(size), "Page": str(number)}, quote_via=quote)
            return f"{ROOT}{self.whatsapp.account.sid}/Messages.json?{asked}"

        shown = found[page * size : (page + 1) * size]
        return Response.of(
            {
                "messages": [self._resource(text) for text in shown],
                "first_page_uri": uri(0),
                "next_page_uri": uri(page + 1) if (page + 1) * size < len(found) else None,
                "previous_page_uri": uri(page - 1) if page else None,
                "uri": uri(page),
                "page": page,
                "page_size": size,
                "start": page * size,
                "end": max(page * size + len(shown) - 1, 0),
            }
        )

    def _resource(self, text: TextMessage) -> dict[str, Any]:
        now, account = self.core.clock.now(), self.whatsapp.account.sid
        told = text.told(now)
        code = int(told[-1].detail) if told and told[-1].detail else None
        sent = _sent(text, now)
        uri = f"{ROOT}{account}/Messages/{text.id}"
        return {
            "account_sid": account,
            "api_version": "2010-04-01",
            "body": text.body,
            "date_created": _rfc2822(text.at),
            "date_sent": _rfc2822(sent) if sent else None,
            "date_updated": _rfc2822(told[-1].at if told else text.at),
            "direction": "inbound" if text.inbound else "outbound-api",
            "error_code": code,
            "error_message": CODES.get(code, "") if code else None,
            "from": text.sender,
            "messaging_service_sid": None,
            "num_media": str(text.media),
            "num_segments": "1",
            "price": None,
            "price_unit": None,
            "sid": text.id,
            "status": told[-1].event if told else text.first,
            "subresource_uris": {"media": f"{uri}/Media.json"},
            "to": text.to,
            "uri": f"{uri}.json",
        }


def _not_allowed() -> Response:
    return problem(405, 20004, "Method not allowed")


def _sent(text: TextMessage, now: datetime) -> datetime | None:
    """When it left, None while it is queued: so a list by date lags behind."""
    if text.inbound:
        return text.at
    return next((told.at for told in text.told(now)), None)


def _rfc2822(moment: datetime) -> str:
    return format_datetime(moment.astimezone(UTC)).replace("GMT", "+0000")


def _moment(text: str) -> tuple[datetime, bool]:
    """Read a day or a moment; the flag says that it is a day."""
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)), "T" not in text and " " not in text


def _matches(sent: datetime | None, name: str, wanted: tuple[datetime, bool]) -> bool:
    if sent is None:
        return False
    moment, is_day = wanted
    if name.endswith("<"):
        return sent < moment + timedelta(days=1) if is_day else sent <= moment
    if name.endswith(">"):
        return sent >= moment
    return sent.date() == moment.date() if is_day else sent.replace(microsecond=0) == moment
