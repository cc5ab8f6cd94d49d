"""What SendGrid refuses in a call of mail/send, in its own sentences (its page «Errors» of mail/send).

The personalizations of a call are walked once with cheap tests: a call holds up to a thousand of them.
"""

import re
from collections.abc import Iterator
from typing import Any

from outreach.simulator import mailparts
from outreach.simulator.mailparts import Refusal, all_text

MOST = 1000  # personalizations, and recipients, of one call
BYTES = 10_000  # of custom_args, and of substitutions, for one personalization
LONGEST_ADDRESS = 320
TOP = frozenset(
    "personalizations from reply_to reply_to_list subject content attachments template_id headers"  # noqa: SIM905
    " categories custom_args send_at batch_id asm ip_pool_name mail_settings tracking_settings message_intent".split()
)
EACH = frozenset(
    "from to cc bcc subject headers substitutions dynamic_template_data custom_args send_at".split()  # noqa: SIM905
)
ADDRESS = re.compile(r"[!-?A-~]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+", re.ASCII)


def refusals(mail: Any, now: float) -> list[Refusal]:
    """Return everything that is wrong with a call, in the order of its fields; `now` in Unix seconds."""
    if not isinstance(mail, dict):
        return [("Bad Request", "")]
    found = [(f"Additional property {name} is not allowed", name) for name in sorted(mail.keys() - TOP)]
    found += _sender(mail.get("from"))
    found += _everybody(mail, now)
    found += mailparts.content(mail)
    found += _shared(mail)
    found += mailparts.headers(mail.get("headers"), "headers")
    found += mailparts.when(mail.get("send_at"), "send_at", now)
    found += mailparts.attachments(mail.get("attachments", []))
    found += mailparts.categories(mail.get("categories", []))
    for name in ("asm", "mail_settings", "tracking_settings", "reply_to"):
        if not isinstance(mail.get(name) or {}, dict):
            found.append(("Invalid type. Expected: object.", name))
    asm = mail.get("asm")
    if asm is not None and not (isinstance(asm, dict) and isinstance(asm.get("group_id"), int)):
        found.append(("The ASM group ID must be an integer.", "asm.group_id"))
    if mail.get("template_id"):
        found.append(("The template_id must be a valid template ID on your account.", "template_id"))
    return found


def _sender(sender: Any) -> Iterator[Refusal]:
    if not isinstance(sender, dict) or not sender.get("email"):
        yield (
            "The from object must be provided for every email send. It is an object that requires the email parameter.",
            "from.email",
        )
    elif not _is_address(sender["email"]):
        yield ("The from email does not contain a valid address.", "from.email")


def _shared(mail: dict[str, Any]) -> Iterator[Refusal]:
    arguments = mail.get("custom_args")
    if arguments is not None and not isinstance(arguments, dict):
        yield ("Invalid type. Expected: object, given: string.", "custom_args")
    elif arguments and not all_text(arguments):
        yield ("Bad Request", "")  # so cryptic it is, as others have seen
    if "subject" in mail and not isinstance(mail["subject"], str):
        yield ("The subject of your email must be a string at least one character in length.", "subject")


def _is_address(text: Any) -> bool:
    return isinstance(text, str) and len(text) <= LONGEST_ADDRESS and ADDRESS.fullmatch(text) is not None


def _everybody(mail: dict[str, Any], now: float) -> Iterator[Refusal]:
    people = mail.get("personalizations")
    if not isinstance(people, list):
        yield ("The personalizations field is required and must be an array.", "personalizations")
        return
    if not people:
        yield ("You must have at least one personalization.", "personalizations")
    if len(people) > MOST:
        yield (
            (
                "The personalization block is limited to 1000 personalizations per API request. You have provided "
                f"{len(people)} personalizations. Please consider splitting this into multiple requests and resending "
                "your request."
            ),
            "personalizations",
        )
        return
    objects = [(f"personalizations.{number}", one) for number, one in enumerate(people) if isinstance(one, dict)]
    if len(objects) < len(people):
        yield ("Each personalization must be an object.", "personalizations")
    shared = mail.get("custom_args") or {}
    shared_size = _size(shared) if all_text(shared) else 0
    yield from _addresses(objects)
    for where, person in objects:
        yield from _arguments(person.get("custom_args"), where, shared_size)
        yield from _person(person, where, now)
    if not mail.get("subject") and not all(one.get("subject") for _, one in objects):
        yield (
            (
                "The subject is required. You can get around this requirement if you use a template with a subject "
                "defined or if every personalization has a subject defined."
            ),
            "subject",
        )


def _addresses(people: list[tuple[str, dict[str, Any]]]) -> Iterator[Refusal]:
    seen: set[str] = set()
    total = 0
    for where, person in people:
        for address, place in _recipients(person, where):
            total += 1
            if not _is_address(address):
                yield ("Does not contain a valid address.", place)
                continue
            low = address.lower()
            if low in seen:
                yield (
                    (
                        "Each unique email address in the personalizations array should only be included once. "
                        f"You have included {address} more than once."
                    ),
                    place,
                )
            seen.add(low)
    if total > MOST:
        yield ("There is a limit of 1000 total recipients (to + cc + bcc) per request.", "personalizations")


def _recipients(person: dict[str, Any], where: str) -> Iterator[tuple[Any, str]]:
    """Yield the address and the place of each recipient; None for an entry without one."""
    if not isinstance(person.get("to"), list) or not person["to"]:
        yield None, f"{where}.to"
    for kind in ("to", "cc", "bcc"):
        entries = person.get(kind) or []
        for number, entry in enumerate(entries if isinstance(entries, list) else [None]):
            named = isinstance(entry, dict)
            name = entry.get("name", "") if named else ""
            bad = not isinstance(name, str) or ";" in name or "," in name
            yield entry["email"] if named and "email" in entry and not bad else None, f"{where}.{kind}.{number}.email"


def _person(person: dict[str, Any], where: str, now: float) -> Iterator[Refusal]:
    for name in sorted(person.keys() - EACH):
        yield (f"Additional property {name} is not allowed", f"{where}.{name}")
    if "subject" in person and not (isinstance(person["subject"], str) and person["subject"]):
        yield ("The subject of your email must be a string at least one character in length.", f"{where}.subject")
    tags = person.get("substitutions")
    if tags is not None:
        if not all_text(tags):
            yield (
                "The substitution values must be an object of key/value pairs, where the values are all strings.",
                f"{where}.substitutions",
            )
        elif _size(tags) > BYTES:
            yield ("Substitutions are limited to 10,000 bytes per personalization.", f"{where}.substitutions")
    if "headers" in person:
        yield from mailparts.headers(person["headers"], f"{where}.headers")
    if "send_at" in person:
        yield from mailparts.when(person["send_at"], f"{where}.send_at", now)


def _arguments(arguments: Any, where: str, shared_size: int) -> Iterator[Refusal]:
    if arguments is None:
        return
    if not isinstance(arguments, dict) or not arguments:
        yield ("custom_args cannot be empty.", f"{where}.custom_args")
    elif not all_text(arguments):
        yield ("Bad Request", "")  # so cryptic it is, as others have seen
    elif shared_size + _size(arguments) > BYTES:
        yield (
            (
                "The combined size of both global and personalization custom arguments may not exceed 10,000 bytes "
                "per personalization."
            ),
            f"{where}.custom_args",
        )


def _size(pairs: dict[str, str]) -> int:
    """Bytes of keys and values; the exact count only where the number of characters does not settle it."""
    characters = sum(map(len, pairs)) + sum(map(len, pairs.values()))
    if characters * 4 <= BYTES:
        return characters
    return sum(len(key.encode()) + len(value.encode()) for key, value in pairs.items())
