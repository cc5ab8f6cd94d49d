"""People as JSON Lines: the first line says what the file is, each other is a person."""

import json
from collections.abc import Iterable, Iterator

from outreach.exports.about import About
from outreach.exports.rows import Person

FORMAT, VERSION = "voto-chilango/personas", 1
_AT_ONCE = 200  # lines handed on together


def write(people: Iterable[Person], about: About) -> Iterator[bytes]:
    """Yield the file in UTF-8."""
    yield _line(
        {
            "format": FORMAT,
            "version": VERSION,
            "people": about.people,
            "list": about.named,
            "who": about.who,
            "when": about.local.isoformat(timespec="seconds"),
            "zone": about.zone,
            "why": about.why,
            "addresses": about.addresses,
        }
    )
    some: list[bytes] = []
    for one in people:
        some.append(_line(_person(one, about)))
        if len(some) == _AT_ONCE:
            yield b"".join(some)
            some.clear()
    yield b"".join(some)


def _person(one: Person, about: About) -> dict[str, object]:
    told: dict[str, object] = {
        "id": one.id,
        "name": one.name,
        "country": one.country,
        "city": one.city,
        "language": one.language,
        "timezone": one.timezone,
        "organization": one.organization,
        "networks": one.networks,
    }
    if about.addresses != "none":
        told["addresses"] = [{"kind": kind.value, "value": value} for kind, value in one.addresses]
    if one.role is not None and one.since is not None:
        told |= {"role": one.role.value, "since": one.since.isoformat()}
    return told


def _line(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
