"""SendGrid: mail/send with its limits and answers, and the events that follow."""

import gzip
import json
import zlib
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from outreach.simulator.behaviour import MAIL, SUPPRESSES, Step, dropped, mail_kind
from outreach.simulator.core import Core
from outreach.simulator.letters import DELIVERY, arguments, recipients
from outreach.simulator.mailrules import refusals
from outreach.simulator.server import LARGEST, TOO_LARGE, Request, Response
from outreach.simulator.store import MailCall

PREFIX = "SG."  # of every API key


@dataclass(slots=True)
class Batch:
    """The people of one call, as the events need them; held until the last event is told."""

    call_id: str
    category: list[str]
    people: list[tuple[str, dict[str, str]]]  # address, custom arguments


@dataclass(slots=True)
class MailStep:
    """One step of some people of one call."""

    batch: Batch
    step: Step
    happened: datetime
    who: list[int]


def errors(status: int, *found: tuple[str, str]) -> Response:
    """Return an answer in SendGrid's shape. A field stands where there is one to name, as its OpenAPI file says."""
    return Response.of(
        {"errors": [{"message": text} | ({"field": field} if field else {}) for text, field in found]}, status
    )


class SendGrid:
    """The API under /v3/."""

    def __init__(self, core: Core, key: str, *, strict: bool) -> None:
        self.core = core
        self.key = key
        self.strict = strict  # that key alone; otherwise any that looks like one
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        self._sequence = 0
        self._suppressed: dict[str, tuple[datetime, str]] = {}
        self._batches: set[str] = set()

    def answer(self, request: Request) -> Response:
        """Answer one request."""
        if not self._known(request.headers.get("authorization", "")):
            missing = "authorization" not in request.headers
            text = "The provided authorization grant is invalid, expired, or revoked"
            return errors(401, ("authorization required" if missing else text, ""))
        path, method = request.path, request.method
        if path == "/v3/mail/send":
            return self._send(request) if method == "POST" else errors(405, ("method not allowed", ""))
        if path == "/v3/mail/batch" and method == "POST":
            self._sequence += 1
            batch = self.core.short("batch", self._sequence)
            self._batches.add(batch)
            return Response.of({"batch_id": batch}, 201)
        if path.startswith("/v3/mail/batch/") and method == "GET":
            batch = path.rpartition("/")[2]
            return Response.of({"batch_id": batch}) if batch in self._batches else errors(400, ("invalid batch id", ""))
        if path == "/v3/messages":
            return errors(403, ("access forbidden", ""))  # Email Activity is an add-on that this account lacks
        return errors(404, ("not found", ""))

    def _known(self, authorization: str) -> bool:
        kind, _, key = authorization.partition(" ")
        return kind == "Bearer" and (key == self.key if self.strict else key.startswith(PREFIX))

    def _send(self, request: Request) -> Response:  # noqa: PLR0911 — one return a reason
        if request.headers.get("content-type", "").split(";")[0].strip() != "application/json":
            return errors(415, ("Content-Type should be application/json.", ""))
        try:
            body = _inflated(request)
        except OverflowError:
            return Response(413, TOO_LARGE, {"Content-Type": "text/html"})
        except (OSError, EOFError, zlib.error):
            return errors(400, ("Bad Request", ""))
        try:
            mail = json.loads(body)
        except ValueError:
            return errors(400, ("Bad Request", ""))
        now = self.core.clock.now()
        found = refusals(mail, now.timestamp())
        if found:
            return errors(400, *found)
        if mail.get("batch_id", "") not in {"", *self._batches}:
            return errors(400, ("invalid batch id", "batch_id"))
        if _enabled(mail, "sandbox_mode"):
            return Response(200)
        call_id = self.accept(mail, body, now)
        return Response(202, headers={"X-Message-Id": call_id, "Content-Type": "text/plain; charset=utf-8"})

    @staticmethod
    def addresses(request: Request) -> list[str]:
        """Return every recipient of a call, for faults that name one; none where it cannot be read."""
        try:
            mail = json.loads(_inflated(request))
            return [address for person in mail["personalizations"] for address in recipients(person)]
        except (OSError, EOFError, OverflowError, ValueError, KeyError, TypeError, AttributeError, zlib.error):
            return []

    def accept(self, mail: dict[str, Any], body: bytes, at: datetime) -> str:
        """Take a call: keep it, count it, and note what will be told. Returns X-Message-Id."""
        core = self.core
        people = mail["personalizations"]
        own = [arguments(mail, person) for person in people]
        deliveries = [one.get(DELIVERY, "") for one in own]
        with core.store.lock:
            if deliveries[0]:
                nth = core.store.counts[deliveries[0]]
            else:
                self._sequence += 1
                nth = self._sequence
            call_id = core.short("call", nth, ",".join(deliveries), ",".join(recipients(people[0])))
            call = MailCall(call_id, at, len(people), body)
            self._note_steps(call, mail, own)
            core.store.add(call, deliveries)
            core.note("mail", {"at": at.isoformat()}, body)
        return call_id

    def _note_steps(self, call: MailCall, mail: dict[str, Any], own: list[dict[str, str]]) -> None:
        core = self.core
        batch = Batch(call.id, mail.get("categories") or [], [])
        groups: dict[tuple[str, tuple[Step, ...], datetime], list[int]] = defaultdict(list)
        call.usual = core.plan(call.at, MAIL[""], "reason", "response")
        bypass = _enabled(mail, "bypass_list_management")
        everybody = mail.get("send_at") or 0
        for number, person in enumerate(mail["personalizations"]):
            start = call.at
            moment = person.get("send_at") or everybody
            if moment > call.at.timestamp():
                start = datetime.fromtimestamp(moment, UTC)
            for address in recipients(person):
                kind, steps = self._fate(address, call.at, bypass=bypass)
                if kind or start is not call.at:
                    call.told[number] = core.plan(start, steps, "reason", "response")
                    self._suppress(address, steps, start)
                if core.faults.rules and core.faults.for_event(address, "processed", ("disorder",)):
                    kind, steps = f"{kind}~", _backwards(steps)
                groups[kind, steps, start].append(len(batch.people))
                batch.people.append((address, own[number]))
        for (kind, steps, start), who in groups.items():
            for place, step in enumerate(steps):
                due = core.happens(start, place, step)
                core.agenda.add(due, f"{call.id}/{place}/{kind}/{who[0]}", MailStep(batch, step, due, who))

    def _fate(self, address: str, at: datetime, *, bypass: bool) -> tuple[str, tuple[Step, ...]]:
        if self._suppressed and not bypass:
            since, reason = self._suppressed.get(address.lower(), (None, ""))
            if since and since <= at:
                return f"dropped:{reason}", dropped(reason)
        kind = mail_kind(address)
        return kind, MAIL[kind]

    def _suppress(self, address: str, steps: tuple[Step, ...], start: datetime) -> None:
        """Remember that the account may not write to an address any more, once the event has come."""
        for place, step in enumerate(steps):
            if step.event in SUPPRESSES and step.fields.get("type", "bounce") == "bounce":
                self._suppressed.setdefault(
                    address.lower(), (self.core.happens(start, place, step), SUPPRESSES[step.event])
                )


def _enabled(mail: dict[str, Any], setting: str) -> bool:
    """Whether one of the call's mail settings is switched on."""
    chosen = (mail.get("mail_settings") or {}).get(setting)
    return isinstance(chosen, dict) and chosen.get("enable") is True


def _backwards(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """Return the same things, the last one first; each takes the moment of its new place."""
    moments = [step.after for step in steps]
    return tuple(Step(step.event, after, step.fields) for step, after in zip(reversed(steps), moments, strict=True))


def _inflated(request: Request) -> bytes:
    """Return the body, unpacked. Raises `OverflowError` where it is larger than a call may be."""
    if request.headers.get("content-encoding", "").lower() != "gzip":
        return request.body
    unpacked = zlib.decompressobj(zlib.MAX_WBITS | 16)
    body = unpacked.decompress(request.body, LARGEST + 1)
    if len(body) > LARGEST:
        raise OverflowError
    if not unpacked.eof:
        raise gzip.BadGzipFile("cut off")
    return body


def event_json(core: Core, job: MailStep, number: int) -> dict[str, Any]:
    """Return one event as the webhook tells it; reserved names win over custom arguments."""
    address, own = job.batch.people[number]
    step, call_id = job.step, job.batch.call_id
    event: dict[str, Any] = dict(own)
    event |= {
        "email": address,
        "timestamp": int(job.happened.timestamp()),
        "smtp-id": f"<{call_id}@geopod-ismtpd-1>",
        "event": step.event,
        "sg_event_id": core.short(call_id, number, step.event, step.after),
        "sg_message_id": f"{call_id}.recvd-5f54b5d5d6-x2k9p-1-{core.seed & 0xFFFFFFFF:08X}-{number:X}.0",
    }
    event |= step.fields
    if job.batch.category:
        event["category"] = job.batch.category
    if event.pop("async", ""):  # a bounce that came back as a mail of its own: nothing ties it to the call
        del event["sg_message_id"], event["smtp-id"]
    return event
