"""Brings what the providers tell to the platform: signed, in SendGrid's batches, in Twilio's single posts."""

import json
from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.client import HTTPException
from threading import Event, Lock
from typing import Any
from urllib.parse import urlencode

from outreach.simulator.agenda import Due
from outreach.simulator.core import Core
from outreach.simulator.faults import Fault
from outreach.simulator.line import Line
from outreach.simulator.sendgrid import MailStep, event_json
from outreach.simulator.signing import (
    SENDGRID_SIGNATURE,
    SENDGRID_TIMESTAMP,
    TWILIO_SIGNATURE,
    EventKey,
    sign_form,
)
from outreach.simulator.whatsapp import Reply, TextStep, WhatsApp

MOST_EVENTS = 1000  # of one SendGrid batch
RETRY, GIVE_UP = 30.0, timedelta(hours=24)  # SendGrid tries again after 30 s, then twice as long, for a day
LOG = 10_000  # things told that are remembered
EVENT_FAULTS = ("duplicate", "withhold", "lose")


@dataclass(slots=True)
class Retry:
    """A batch of SendGrid's that was not taken."""

    events: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Delivered:
    """One thing told, or tried: what `/_events` shows."""

    at: datetime
    provider: str
    event: str
    to: str
    id: str
    status: int  # of the platform's answer; 0: none


class Postman:
    """Takes what is due from the agenda and posts it."""

    def __init__(self, core: Core, whatsapp: WhatsApp, key: EventKey) -> None:
        self.core = core
        self.whatsapp = whatsapp
        self.key = key
        self.sendgrid_webhook = ""
        self.twilio_inbound = ""
        self.stopping = Event()
        self._line = Line()
        self._busy = Lock()
        self.clear()

    def clear(self) -> None:
        """Forget what was told and what is withheld."""
        self.log: deque[Delivered] = deque(maxlen=LOG)
        self._withheld: list[Due] = []

    def run(self) -> None:
        """Post things as they fall due, until `stop`."""
        agenda, clock = self.core.agenda, self.core.clock
        while not self.stopping.is_set():
            with agenda.changed:
                due = agenda.next()
                wait = 1.0 if due is None else (due - clock.now()).total_seconds()
                if wait > 0:
                    agenda.changed.wait(min(wait, 1.0))
                    continue
            self.deliver(clock.now())

    def stop(self) -> None:
        """End `run`, in the middle of a post if need be."""
        self.stopping.set()
        self._line.cut()
        with self.core.agenda.changed:
            self.core.agenda.changed.notify_all()

    def close(self) -> None:
        """Close the connection."""
        self._line.close()

    def deliver(self, until: datetime) -> int:
        """Post everything due by a moment, in its order; returns how many events were taken."""
        taken = 0
        with self._busy:
            while dues := self.core.agenda.pop(until):
                taken += self._post_all(dues, until)
                if self.core.journal:
                    # What the agenda still holds from before is not told yet, so the mark stays behind it.
                    mark = min(filter(None, (self.core.agenda.oldest(), dues[-1].at + timedelta(microseconds=1))))
                    self.core.note("told", {"until": mark.isoformat()})
        return taken

    def release(self) -> None:
        """Let go what was withheld: it is due now."""
        held, self._withheld = self._withheld, []
        now = self.core.clock.now()
        for due in held:
            self.core.agenda.add(now, due.tie, due.job, due.first)

    def _post_all(self, dues: list[Due], until: datetime) -> int:
        batch: list[dict[str, Any]] = []
        copies: list[dict[str, Any]] = []
        taken = 0
        for due in dues:
            job = due.job
            if isinstance(job, MailStep):
                self._gather(due, job, batch, copies)
                while len(batch) >= MOST_EVENTS:
                    taken += self._post_events(batch[:MOST_EVENTS], until, due)
                    del batch[:MOST_EVENTS]
            elif isinstance(job, Retry):
                taken += self._post_events(job.events, until, due)
            elif isinstance(job, TextStep):
                taken += self._post_status(due, job)
            elif isinstance(job, Reply):
                taken += self._pass_on(due, job)
        for events in (batch, copies):  # copies go into later posts, as they do outside
            for start in range(0, len(events), MOST_EVENTS):
                taken += self._post_events(events[start : start + MOST_EVENTS], until, dues[-1])
        return taken

    def _pass_on(self, due: Due, job: Reply) -> int:
        self.whatsapp.heard(job.fields, due.at)
        return int(bool(self.twilio_inbound) and _taken(self.post_reply(job.fields, due.at)))

    def _gather(self, due: Due, job: MailStep, batch: list[dict[str, Any]], extra: list[dict[str, Any]]) -> None:
        """Make the events of one step, and the copies that were ordered; nothing where nobody listens."""
        if not self.sendgrid_webhook:
            return
        faulty = bool(self.core.faults.rules) and due.first == due.at
        for number in job.who:
            copies = 1
            if faulty:
                found = self._faults(job.batch.people[number][0], job.step.event)
                if self._held_back(found, due, MailStep(job.batch, job.step, job.happened, [number])):
                    continue
                copies = max((fault.copies for fault in found if fault.kind == "duplicate"), default=1)
            event = event_json(self.core, job, number)
            batch.append(event)
            extra.extend([event] * (copies - 1))

    def _faults(self, address: str, event: str) -> list[Fault]:
        return self.core.faults.for_event(address, event, EVENT_FAULTS)

    def _held_back(self, found: list[Fault], due: Due, job: object) -> bool:
        """Whether the event is lost, or kept until the faults are lifted."""
        kinds = {fault.kind for fault in found}
        if "withhold" in kinds:
            self._withheld.append(Due(due.at, f"{due.tie}/{len(self._withheld)}", job, due.first))
        return bool(kinds & {"withhold", "lose"})

    def _post_events(self, events: list[dict[str, Any]], until: datetime, due: Due) -> int:
        now = self.core.clock.now()
        payload = json.dumps(events, separators=(",", ":"), ensure_ascii=False).encode() + b"\r\n"
        timestamp = str(int(now.timestamp()))
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "SendGrid Event API",
            SENDGRID_TIMESTAMP: timestamp,
            SENDGRID_SIGNATURE: self.key.sign(timestamp, payload),
        }
        status = self._post(self.sendgrid_webhook, payload, headers)
        self.log.extend(
            Delivered(now, "sendgrid", event["event"], event["email"], event["sg_event_id"], status) for event in events
        )
        if _taken(status):
            return len(events)
        if now - due.first < GIVE_UP:
            pause = 2.0 ** (due.attempt - 1)
            wait = RETRY * pause if self.core.delay is None else min(max(self.core.delay, 0.05) * pause, 5.0)
            again = max(now, until) + timedelta(seconds=wait)
            self.core.agenda.add(again, due.tie, Retry(events), due.first, due.attempt + 1)
        return 0

    def _post_status(self, due: Due, job: TextStep) -> int:
        text, step = job.text, job.step
        copies = 1
        if self.core.faults.rules and due.first == due.at and due.attempt == 1:
            found = self._faults(text.to, step.event)
            if self._held_back(found, due, job):
                return 0
            copies = max((fault.copies for fault in found if fault.kind == "duplicate"), default=1)
        fields = {
            "SmsSid": text.id, "SmsStatus": step.event, "MessageStatus": step.event, "MessageSid": text.id,
            "To": text.to, "From": text.sender, "AccountSid": self.whatsapp.account.sid, "ApiVersion": "2010-04-01",
            "ChannelPrefix": "whatsapp", "ChannelToAddress": text.to.removeprefix("whatsapp:"),
            "StructuredMessage": "false",
        }  # fmt: skip
        if step.event in {"delivered", "read"}:
            fields["EventType"] = step.event.upper()
        fields |= step.fields
        taken = 0
        for _ in range(copies):
            status = self._post_form(job.url, fields, due.attempt)
            self.log.append(Delivered(self.core.clock.now(), "twilio", step.event, text.to, text.id, status))
            taken += _taken(status)
        if status == 0 and due.attempt == 1:  # Twilio tries once more, and only where there was no answer
            self.core.agenda.add(due.at, due.tie, job, due.first, 2)
        return taken

    def post_reply(self, fields: dict[str, str], at: datetime) -> int:
        """Post a person's message; returns the platform's status, 0 where it did not answer."""
        status = self._post_form(self.twilio_inbound, fields, 1)
        self.log.append(Delivered(at, "twilio", "received", fields["From"], fields["MessageSid"], status))
        return status

    def _post_form(self, url: str, fields: dict[str, str], attempt: int) -> int:
        headers = {
            "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
            "User-Agent": "TwilioProxy/1.1",
            TWILIO_SIGNATURE: sign_form(self.whatsapp.account.token, url, fields.items()),
        }
        if attempt > 1:
            headers["I-Twilio-Idempotency-Token"] = self.core.short("token", fields["MessageSid"], url)
        return self._post(url.partition("#")[0], urlencode(fields).encode(), headers)

    def _post(self, url: str, body: bytes, headers: dict[str, str]) -> int:
        """Post; 0 where there was no answer."""
        if self.stopping.is_set():
            return 0
        try:
            return self._line.post(url, body, headers)
        except (OSError, HTTPException):
            return 0


def _taken(status: int) -> bool:
    return status // 100 == 2  # noqa: PLR2004 — any 2xx
