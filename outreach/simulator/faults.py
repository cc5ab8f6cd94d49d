"""Faults on demand: what goes wrong, for which calls, how often. Everything is seeded, so a run can be repeated."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass, field, fields
from fnmatch import fnmatchcase
from random import Random
from threading import Lock
from typing import Any

from contacts.errors import Fault as Problem
from contacts.errors import Refused

CALLS = ("latency", "silence", "reset", "status")  # kinds that befall a call of the platform
EVENTS = ("duplicate", "disorder", "withhold", "lose")  # kinds that befall what the providers tell
MOST_COPIES = 46  # of one event, the most that anybody reported


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One rule. What it matches by is given or left open; among the matches `nth`, `times` and `probability` choose."""

    kind: str  # one of CALLS or EVENTS
    accept: bool = False  # calls: whether the message is taken before things go wrong
    status: int = 503  # status: the answer; 413 is nginx's HTML
    retry_after: float | None = None  # status: seconds, as the header Retry-After
    seconds: float = 0.0  # latency: how long, in real time
    copies: int = 2  # duplicate: how often an event is told in all
    path: str = "*"  # pattern of the path: /v3/mail/send
    method: str = "*"
    address: str = "*"  # pattern; matches when any recipient does
    event: str = "*"  # events: the provider's word: delivered, bounce, read, …
    nth: Collection[int] = ()  # only these of the matches, counted from 1
    times: int | None = None  # at most so often
    probability: float = 1.0


TYPES: dict[str, tuple[type, ...]] = {
    "kind": (str,),
    "accept": (bool,),
    "status": (int,),
    "retry_after": (int, float),
    "seconds": (int, float),
    "copies": (int,),
    "path": (str,),
    "method": (str,),
    "address": (str,),
    "event": (str,),
    "nth": (int, list, tuple),
    "times": (int,),
    "probability": (int, float),
}


def read_fault(values: Any) -> Fault:
    """Read a rule from JSON or from arguments.

    Refuses with every fault: `simfault_form`, `simfault_key`, `simfault_type`, `simfault_kind`, `simfault_range`.
    """
    if not isinstance(values, dict):
        raise Refused([Problem("simfault_form", "", str(values))])
    problems = [Problem("simfault_key", name, str(values[name])) for name in values if name not in TYPES]
    for name, types in TYPES.items():
        value = values.get(name)
        if name in values and (not isinstance(value, types) or (isinstance(value, bool) and bool not in types)):
            problems.append(Problem("simfault_type", name, str(value)))
    if values.get("kind") not in CALLS + EVENTS:
        problems.append(Problem("simfault_kind", "kind", str(values.get("kind", ""))))
    if not problems:
        ranges = {"status": (200, 599), "copies": (1, MOST_COPIES), "probability": (0, 1), "seconds": (0, 3600)}
        problems = [
            Problem("simfault_range", name, str(values[name]), details={"least": least, "most": most})
            for name, (least, most) in ranges.items()
            if name in values and not least <= values[name] <= most
        ]
    if problems:
        raise Refused(problems)
    given = dict(values)
    if "nth" in given:
        given["nth"] = (given["nth"],) if isinstance(given["nth"], int) else tuple(given["nth"])
    return Fault(**given)


@dataclass(slots=True)
class Rule:
    """A fault in force, with what it has seen and done."""

    fault: Fault
    dice: Random
    seen: int = 0
    done: int = 0

    def strikes(self) -> bool:
        """Whether this match is one that it befalls; the match is counted."""
        self.seen += 1
        fault = self.fault
        if fault.times is not None and self.done >= fault.times:
            return False
        if fault.nth and self.seen not in fault.nth:
            return False
        if fault.probability < 1 and self.dice.random() >= fault.probability:
            return False
        self.done += 1
        return True


@dataclass
class Faults:
    """The rules in force."""

    seed: int = 0
    rules: list[Rule] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)
    _made: int = 0

    def add(self, fault: Fault) -> None:
        """Put a rule in force."""
        with self._lock:
            self._made += 1
            self.rules = [*self.rules, Rule(fault, Random(f"{self.seed}/{self._made}"))]  # noqa: S311 — chance that can be repeated

    def clear(self) -> None:
        """Everything works again."""
        with self._lock:
            self.rules = []
            self._made = 0

    def as_json(self) -> list[Mapping[str, object]]:
        """Return the rules with how often each matched and struck."""
        return [
            {item.name: asdict(rule.fault)[item.name] for item in fields(Fault)}
            | {"nth": list(rule.fault.nth), "seen": rule.seen, "done": rule.done}
            for rule in self.rules
        ]

    def for_call(self, method: str, path: str, addresses: Callable[[], Collection[str]]) -> list[Fault]:
        """Return the faults that befall this call; `addresses` is asked only where a rule names one."""
        if not self.rules:
            return []
        return self._strike(
            lambda fault: (
                fault.kind in CALLS
                and fnmatchcase(path, fault.path)
                and fnmatchcase(method, fault.method.upper())
                and (fault.address == "*" or _any(addresses(), fault.address))
            )
        )

    def for_event(self, address: str, event: str, kinds: Collection[str]) -> list[Fault]:
        """Return the faults of some kinds that befall one event about a message to an address."""
        if not self.rules:
            return []
        return self._strike(
            lambda fault: (
                fault.kind in kinds
                and fnmatchcase(event, fault.event)
                and (fault.address == "*" or _any([address], fault.address))
            )
        )

    def _strike(self, matches: Callable[[Fault], bool]) -> list[Fault]:
        with self._lock:
            return [rule.fault for rule in self.rules if matches(rule.fault) and rule.strikes()]


def _any(addresses: Collection[str], pattern: str) -> bool:
    low = pattern.lower()
    return any(fnmatchcase(address.lower().removeprefix("whatsapp:"), low) for address in addresses)
