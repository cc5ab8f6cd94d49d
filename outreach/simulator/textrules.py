"""What Twilio refuses when a message is created: its codes and sentences, the first one that applies."""

import re
from collections.abc import Iterator, Mapping
from itertools import chain
from urllib.parse import urlsplit

from outreach.simulator import behaviour
from outreach.simulator.letters import read_variables
from outreach.simulator.templates import SID, Templates

LONGEST = 1600  # characters of a body
ADDRESS = re.compile(r"whatsapp:(?:\+[1-9]\d{6,14}|[A-Z]{2}\.[A-Za-z0-9.]{1,128})")  # a number, or a BSUID
Refusal = tuple[int, str]


def refusal(form: Mapping[str, str], media: int, templates: Templates) -> Refusal | None:
    """Return why a message is not taken; None where it is. `media`: how many pictures it names."""
    return next(chain(_parties(form), _content(form, media, templates), _rest(form)), None)


def _parties(form: Mapping[str, str]) -> Iterator[Refusal]:
    to, sender = form.get("To", ""), form.get("From", "")
    if not to:
        yield 21604, "A 'To' phone number is required."
    if form.get("MessagingServiceSid"):
        yield 21705, "The Messaging Service Sid is invalid"  # this account has none
    if not sender:
        yield 21603, "A 'From' phone number is required."
    if to.startswith("whatsapp:") != sender.startswith("whatsapp:"):
        yield 21910, "Invalid From and To pair. From and To should be of the same channel"
    if not to.startswith("whatsapp:"):
        yield 21606, f"The 'From' phone number provided ({sender}) is not a valid message-capable Twilio phone number"
    if not ADDRESS.fullmatch(sender):
        yield 63007, "Twilio could not find a Channel with the specified From address"
    if not ADDRESS.fullmatch(to):
        yield 21211, f"The 'To' number {to} is not a valid phone number."


def _content(form: Mapping[str, str], media: int, templates: Templates) -> Iterator[Refusal]:
    body, sid, variables = (form.get(name, "") for name in ("Body", "ContentSid", "ContentVariables"))
    if sid and (not SID.fullmatch(sid) or (templates.strict and templates.get(sid) is None)):
        yield 21655, "The ContentSid is Invalid"
    if variables and not sid:
        yield 21654, "ContentSid Required"
    if read_variables(variables) is None:
        yield 21656, "The Content Variables parameter is invalid."
    if not (body or sid or media):
        yield 21619, "A text message body or media urls must be specified."
    if len(body) > LONGEST:
        yield 21617, "The concatenated message body exceeds the 1600 character limit."


def _rest(form: Mapping[str, str]) -> Iterator[Refusal]:
    callback = form.get("StatusCallback", "")
    parts = urlsplit(callback)
    if callback and (parts.scheme not in {"http", "https"} or not parts.hostname or "_" in parts.hostname):
        yield 21609, f"The StatusCallback URL {callback} is not a valid URL."
    if form["To"][-2:] in behaviour.REFUSED:
        code, sentence = behaviour.REFUSED[form["To"][-2:]]
        yield code, sentence.replace("%s", form["To"])
