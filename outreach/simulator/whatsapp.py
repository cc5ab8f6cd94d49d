"""WhatsApp behind Twilio: what is refused at once, what becomes of what was taken, the window, and who answers."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from contacts.addresses import phone
from contacts.errors import Refused
from outreach.simulator import behaviour
from outreach.simulator.behaviour import Step, lost, phone_steps
from outreach.simulator.core import Core
from outreach.simulator.letters import placeholders, read_variables, template_text
from outreach.simulator.store import TextMessage
from outreach.simulator.templates import SUFFERS, Account, Template, Templates

WINDOW = timedelta(hours=24)


@dataclass(slots=True)
class TextStep:
    """One status of a message, to be posted to the URL that came with it."""

    text: TextMessage
    step: Step
    url: str


@dataclass(slots=True)
class Reply:
    """What a person writes, to be posted to the account's address for messages."""

    fields: dict[str, str]


class WhatsApp:
    """The channel of one account."""

    def __init__(self, core: Core, account: Account, templates: Templates) -> None:
        self.core = core
        self.account = account
        self.templates = templates
        self.clear()

    def clear(self) -> None:
        """Forget everything but the templates."""
        self._unnamed = 0  # messages without a delivery id of ours
        self._written = 0  # messages from people
        self._heard: dict[tuple[str, str], datetime] = {}  # (person, our number) → last message of the person

    def accept(self, form: Mapping[str, str], at: datetime, media: int = 0) -> TextMessage:
        """Take a message: keep it, count it, and note what will be told."""
        core = self.core
        callback = form.get("StatusCallback", "")
        query = {name: values[0] for name, values in parse_qs(urlsplit(callback).query).items()}
        delivery = query.get("d", "")
        template = self.templates.get(form["ContentSid"]) if form.get("ContentSid") else None
        variables = read_variables(form.get("ContentVariables", "")) or {}
        steps = self._fate(form, template, variables, at)
        with core.store.lock:
            if not delivery:
                self._unnamed += 1
            nth = core.store.counts[delivery] if delivery else self._unnamed
            text = TextMessage(
                id="SM" + core.digest("message", delivery, nth, form["To"]).hex(),
                at=at,
                sender=form["From"],
                to=form["To"],
                body=template_text(template.body, variables) if template else form.get("Body", ""),
                first="queued",
                plan=sorted(core.plan(at, steps, "ErrorCode"), key=lambda told: told.at),
                delivery=delivery,
                installation=query.get("i", ""),
                template=form.get("ContentSid", ""),
                variables=variables,
                media=media,
            )
            core.store.add(text, [delivery])
            core.note("text", {"at": at.isoformat(), "form": dict(form), "media": media})
        if core.faults.rules and core.faults.for_event(text.to, "sent", ("disorder",)):
            steps = tuple(
                Step(step.event, step.after, step.fields, step.told, late=4 * step.late + 3600.0 * (len(steps) - place))
                for place, step in enumerate(steps)
            )
        for place, step in enumerate(steps):
            if callback and step.told:
                job = TextStep(text, step, callback)
                core.agenda.add(core.is_told(at, place, step), f"{text.id}/{place}", job)
        self._note_reply(text, steps, at)
        return text

    def _fate(
        self, form: Mapping[str, str], template: Template | None, variables: Mapping[str, str], at: datetime
    ) -> tuple[Step, ...]:
        number = form["To"].removeprefix("whatsapp:")
        if not form.get("ContentSid"):
            heard = self._heard.get((canonical(number), canonical(form["From"])))
            return phone_steps(number) if heard and heard <= at < heard + WINDOW else lost("failed", 63016)
        if template:
            if template.status != "approved":
                return lost("failed", SUFFERS.get(template.status, 63016))
            if placeholders(template.body) - variables.keys():
                return lost("failed", 63028)
            marketing = template.category.upper() == "MARKETING"
            if marketing and (number.endswith(behaviour.MARKETING) or region(number) == "US"):
                return lost("undelivered", 63049)
        return phone_steps(number)

    def _note_reply(self, text: TextMessage, steps: tuple[Step, ...], at: datetime) -> None:
        """Let those who answer a template answer it, once it has reached them."""
        words = behaviour.REPLIES.get(text.to[-2:])
        place = next((place for place, step in enumerate(steps) if step.event == "delivered"), None)
        if words and text.template and place is not None:
            core = self.core
            wait = behaviour.REPLY_AFTER if core.delay is None else 2 * core.delay
            moment = core.happens(at, place, steps[place]) + timedelta(seconds=wait)
            fields = self.inbound_fields(text.to, words, to=text.sender, key=text.id)
            core.agenda.add(moment, f"{text.id}/reply", Reply(fields))

    def heard(self, fields: Mapping[str, str], at: datetime) -> None:
        """Keep a message of a person, which opens the window of 24 hours."""
        person, ours = fields["From"], fields["To"]
        self._heard[canonical(fields.get("WaId") or person), canonical(ours)] = at
        core = self.core
        text = TextMessage(fields["MessageSid"], at, person, ours, fields["Body"], "received", [], inbound=True)
        core.store.add(text, [])
        core.note("reply", {"at": at.isoformat(), "fields": dict(fields)})

    def inbound_fields(self, sender: str, body: str, *, to: str, name: str = "", key: str = "") -> dict[str, str]:
        """Return the form of a message from a person. `sender`: +E.164, or a BSUID such as US.ABC123.

        A Mexican number arrives as Twilio spells it, +521 and ten digits, whatever it was written to.
        """
        sender, to = sender.removeprefix("whatsapp:"), to.removeprefix("whatsapp:")
        if re.fullmatch(r"\+52[2-9]\d{9}", sender):
            sender = "+521" + sender[3:]
        self._written += 1
        key = key or f"{self.core.clock.now().isoformat()}/{self._written}"
        sid = "SM" + self.core.digest("inbound", key, sender, body).hex()
        fields = {
            "SmsMessageSid": sid, "MessageSid": sid, "SmsSid": sid, "AccountSid": self.account.sid,
            "ApiVersion": "2010-04-01", "From": f"whatsapp:{sender}", "To": f"whatsapp:{to}", "Body": body,
            "NumMedia": "0", "NumSegments": "1", "MessageType": "text", "SmsStatus": "received",
            "ReferralNumMedia": "0", "ProfileName": name or "Persona de prueba", "WaId": sender.lstrip("+"),
            "ChannelMetadata": "{}",
        }  # fmt: skip
        if not sender.startswith("+"):
            fields["ExternalUserId"] = f"whatsapp:{sender}"
        return fields


def canonical(number: str) -> str:
    """Return a number in one form, so that +521… and +52… are one person."""
    number = number.removeprefix("whatsapp:").lstrip("+")
    return "52" + number[3:] if re.fullmatch(r"521\d{10}", number) else number


def region(number: str) -> str:
    """Return the region of a number; "" where it has none."""
    try:
        return phone(number)[1]
    except Refused:
        return ""
