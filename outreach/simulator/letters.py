"""A message as its reader sees it: a call's personalization with its tags filled in, a template with its variables."""

import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from contacts.models import Channel

DELIVERY, INSTALLATION = "vc_delivery", "vc_installation"  # our names in custom_args
PLACEHOLDER = re.compile(r"\{\{\s*([\w-]+)\s*\}\}")


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that the provider tells of a message, and when."""

    at: datetime
    event: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Received:
    """One message to one person, as it would arrive."""

    id: str  # of this message: SendGrid's X-Message-Id and its place in the call; Twilio's SID
    provider_id: str  # X-Message-Id, or the SID
    channel: Channel
    at: datetime  # of acceptance
    sender: str
    sender_name: str
    to: str
    to_name: str
    subject: str
    text: str
    html: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    delivery: str = ""  # our delivery id, "" where there was none
    installation: str = ""
    template: str = ""  # ContentSid
    variables: dict[str, str] = field(default_factory=dict)
    told: tuple[Told, ...] = ()  # until now

    @property
    def state(self) -> str:
        """The provider's last word on it; "" before the first."""
        return self.told[-1].event if self.told else ""

    def as_json(self) -> dict[str, object]:
        """Return it as plain JSON values."""
        return asdict(self) | {
            "at": self.at.isoformat(),
            "channel": self.channel.value,
            "state": self.state,
            "told": [asdict(one) | {"at": one.at.isoformat()} for one in self.told],
        }


def recipients(person: dict[str, Any]) -> Iterator[str]:
    """Yield every address of a personalization: to, cc, bcc."""
    for kind in ("to", "cc", "bcc"):
        for entry in person.get(kind) or ():
            yield entry["email"]


def arguments(mail: dict[str, Any], person: dict[str, Any]) -> dict[str, str]:
    """Return the custom arguments of a personalization, its own over the call's."""
    own, shared = person.get("custom_args"), mail.get("custom_args")
    return {**shared, **own} if own and shared else own or shared or {}


def fill(text: str, values: dict[str, str]) -> str:
    """Put values in place of tags, all at once: a value that looks like a tag stays as it is."""
    if not values or not text:
        return text
    tags = re.compile("|".join(re.escape(tag) for tag in sorted(values, key=len, reverse=True)))
    return tags.sub(lambda match: values[match[0]], text)


def mail_letter(mail: dict[str, Any], number: int, call_id: str, at: datetime, told: tuple[Told, ...]) -> Received:
    """Return one personalization of an accepted call as its reader sees it."""
    person = mail["personalizations"][number]
    sender = person.get("from") or mail["from"]
    to = person["to"][0]
    tags = person.get("substitutions") or {}
    parts = {part["type"].split(";")[0].strip(): part["value"] for part in mail["content"]}
    headers = {**(mail.get("headers") or {}), **(person.get("headers") or {})}
    if mail.get("reply_to"):
        headers["Reply-To"] = fill(mail["reply_to"]["email"], tags)
    own = arguments(mail, person)
    return Received(
        id=f"{call_id}.{number}",
        provider_id=call_id,
        channel=Channel.EMAIL,
        at=at,
        sender=sender["email"],
        sender_name=sender.get("name", ""),
        to=to["email"],
        to_name=to.get("name", ""),
        subject=fill(person.get("subject") or mail.get("subject", ""), tags),
        text=fill(parts.get("text/plain", ""), tags),
        html=fill(parts.get("text/html", ""), tags),
        headers=headers,  # tags are filled in subject, content and Reply-To only: so the vendor says
        delivery=own.get(DELIVERY, ""),
        installation=own.get(INSTALLATION, ""),
        told=told,
    )


def placeholders(body: str) -> set[str]:
    """Return the names of a template's variables."""
    return set(PLACEHOLDER.findall(body))


def template_text(body: str, variables: dict[str, str]) -> str:
    """Return a template's body with its variables in place."""
    return PLACEHOLDER.sub(lambda match: variables.get(match[1], match[0]), body)


def read_variables(text: str) -> dict[str, str] | None:
    """Return ContentVariables as a table; None where they are no JSON object of non-empty texts."""
    if not text:
        return {}
    try:
        values = json.loads(text)
    except ValueError:
        return None
    sound = isinstance(values, dict) and all(isinstance(value, str) and value for value in values.values())
    return values if sound else None
