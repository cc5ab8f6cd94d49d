"""The simulator's own counter, under /_…: what was received, what was told, what shall go wrong."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from http import HTTPStatus
from itertools import islice
from typing import TYPE_CHECKING, Any

from contacts.errors import Fault as Problem
from contacts.errors import Refused, refuse
from contacts.models import Channel
from outreach import words
from outreach.i18n import choose, speaking
from outreach.simulator.faults import read_fault
from outreach.simulator.outbox import Outbox
from outreach.simulator.server import Request, Response

if TYPE_CHECKING:
    from outreach.simulator.simulator import Simulator

MOST = 1000  # entries of one answer


class Desk:
    """Answers pages for people and JSON for programs."""

    def __init__(self, simulator: "Simulator") -> None:
        self.simulator = simulator
        self.outbox = Outbox(simulator)

    def answer(self, request: Request) -> Response:
        """Answer one request, in the reader's language."""
        accepted = request.headers.get("accept-language", "").split(",")[0]
        with speaking(choose(request.query.get("lang") or accepted or "es")):
            try:
                return self._answer(request)
            except Refused as refused:
                return Response.of({"errors": words.explain_all(refused)}, 400)

    def _answer(self, request: Request) -> Response:
        path, method = request.path.rstrip("/"), request.method
        if path in {"", "/_outbox"} or path.startswith("/_outbox/"):
            return self.outbox.answer(request)
        if path.startswith("/_messages/"):
            letter = self.simulator.core.store.letter(path.split("/", 2)[2], self.simulator.clock.now())
            return Response.of(letter.as_json()) if letter else _nothing()
        acts = {
            ("GET", "/_messages"): self._messages,
            ("DELETE", "/_messages"): self._reset,
            ("GET", "/_counts"): self._counts,
            ("GET", "/_events"): self._events,
            ("GET", "/_faults"): self._faults,
            ("POST", "/_faults"): self._add_faults,
            ("DELETE", "/_faults"): self._clear_faults,
            ("POST", "/_inbound"): self._inbound,
            ("GET", "/_templates"): self._templates,
            ("POST", "/_templates"): self._add_templates,
            ("GET", "/_keys"): self._keys,
            ("POST", "/_webhooks"): self._webhooks,
        }
        act = acts.get((method, path))
        if act is None:
            known = any(place == path for _, place in acts)
            return Response(HTTPStatus.METHOD_NOT_ALLOWED) if known else _nothing()
        return act(request)

    def _messages(self, request: Request) -> Response:
        wanted = {name: request.query.get(name, "") for name in ("channel", "address", "delivery")}
        start, size = _slice(request)
        letters = self.simulator.core.store.letters(self.simulator.clock.now(), **wanted)
        return Response.of({"messages": [letter.as_json() for letter in islice(letters, start, start + size)]})

    def _reset(self, request: Request) -> Response:  # noqa: ARG002 — every act is given the request
        self.simulator.reset()
        return Response(204)

    def _counts(self, request: Request) -> Response:  # noqa: ARG002
        store = self.simulator.core.store
        with store.lock:
            counts, totals = dict(store.counts), dict(store.totals)
        return Response.of(
            {
                "deliveries": counts,
                "messages": {
                    channel.value: totals.get(channel.value, 0) for channel in (Channel.EMAIL, Channel.WHATSAPP)
                },
                "twice": {delivery: count for delivery, count in counts.items() if count > 1},
            }
        )

    def _events(self, request: Request) -> Response:
        start, size = _slice(request)
        newest = list(self.simulator.postman.log)[::-1][start : start + size]
        return Response.of({"events": [asdict(one) | {"at": one.at.isoformat()} for one in newest]})

    def _faults(self, request: Request) -> Response:  # noqa: ARG002
        return Response.of({"faults": self.simulator.core.faults.as_json()})

    def _add_faults(self, request: Request) -> Response:
        given = _json(request)
        for fault in [read_fault(one) for one in (given if isinstance(given, list) else [given])]:
            self.simulator.core.faults.add(fault)
        return Response.of({"faults": self.simulator.core.faults.as_json()}, 201)

    def _clear_faults(self, request: Request) -> Response:  # noqa: ARG002
        self.simulator.clear_faults()
        return Response(204)

    def _inbound(self, request: Request) -> Response:
        given = _fields(_json(request), {"from": str, "body": str}, {"to": str, "name": str, "after": (int, float)})
        known = {name: given[name] for name in ("to", "name") if name in given}
        after = timedelta(seconds=given.get("after", 0))
        status = self.simulator.inbound(given["from"], given["body"], after=after, **known)
        return Response.of({"status": status}, 202)

    def _templates(self, request: Request) -> Response:  # noqa: ARG002
        known = self.simulator.templates.found.values()
        names = ("sid", "name", "body", "category", "language", "status")
        return Response.of({"templates": [{name: getattr(one, name) for name in names} for one in known]})

    def _add_templates(self, request: Request) -> Response:
        given = _json(request)
        optional = {"sid": str, "category": str, "language": str, "status": str}
        sound = [
            _fields(one, {"name": str, "body": str}, optional)
            for one in (given if isinstance(given, list) else [given])
        ]
        return Response.of({"sids": [self.simulator.add_template(**one) for one in sound]}, 201)

    def _keys(self, request: Request) -> Response:  # noqa: ARG002
        return Response.of(
            {
                "SENDGRID_WEBHOOK_KEY": self.simulator.sendgrid_public_key,
                "TWILIO_ACCOUNT_SID": self.simulator.twilio_sid,
            }
        )

    def _webhooks(self, request: Request) -> Response:
        given = _fields(_json(request), {}, {"sendgrid": str, "twilio_inbound": str})
        self.simulator.sendgrid_webhook = given.get("sendgrid", self.simulator.sendgrid_webhook)
        self.simulator.twilio_inbound = given.get("twilio_inbound", self.simulator.twilio_inbound)
        return Response(204)


def _nothing() -> Response:
    return Response.of({"errors": ["404"]}, 404)


def _slice(request: Request) -> tuple[int, int]:
    """Return the first entry asked for and how many: at most `MOST`, 100 unless told otherwise."""
    start, size = (request.query.get(name, "") for name in ("offset", "limit"))
    return int(start) if start.isdecimal() else 0, min(int(size), MOST) if size.isdecimal() else 100


def _json(request: Request) -> Any:
    """Return the body. Only programs can send this type, so a page elsewhere cannot press our switches."""
    if request.headers.get("content-type", "").split(";")[0].strip() != "application/json":
        raise refuse("json_type", "Content-Type", request.headers.get("content-type", ""))
    try:
        return request.json
    except ValueError as error:
        raise refuse("json_form", "", str(error)) from error


def _fields(
    given: Any, needed: Mapping[str, type | tuple[type, ...]], optional: Mapping[str, type | tuple[type, ...]]
) -> dict[str, Any]:
    """Return an object with these fields and no others, or refuse with everything that is wrong."""
    if not isinstance(given, dict):
        raise refuse("simfault_form", "", given)
    known = {**needed, **optional}
    problems = [Problem("simfault_key", name, str(given[name])) for name in given if name not in known]
    problems += [Problem("simfault_missing", name) for name in needed if name not in given]
    problems += [
        Problem("simfault_type", name, str(given[name]))
        for name, kind in known.items()
        if name in given and (not isinstance(given[name], kind) or isinstance(given[name], bool))
    ]
    if problems:
        raise Refused(problems)
    return given
