"""The proof of a rehearsal: what the simulator received is held against the log, row by row."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.models import Delivery
from campaigns.states import DeliveryState
from outreach.simulator import Simulator
from outreach.simulator.letters import Received

S = DeliveryState

#: What the log may say after the provider's last word. `""` is acceptance: it took the message and said nothing yet.
MEANS: Mapping[str, frozenset[DeliveryState]] = {
    "": frozenset({S.ACCEPTED}),
    "processed": frozenset({S.ACCEPTED}),
    "deferred": frozenset({S.ACCEPTED}),
    "sent": frozenset({S.ACCEPTED}),
    "delivered": frozenset({S.DELIVERED}),
    "open": frozenset({S.READ}),
    "read": frozenset({S.READ}),
    "bounce": frozenset({S.BOUNCED, S.FAILED}),
    "dropped": frozenset({S.BOUNCED, S.FAILED}),
    "undelivered": frozenset({S.FAILED}),
    "failed": frozenset({S.FAILED}),
    # These speak of the person, not of the message.
    "spamreport": frozenset({S.DELIVERED, S.READ}),
    "unsubscribe": frozenset({S.DELIVERED, S.READ}),
}
#: Rows of the log for which nothing may have left.
QUIET = frozenset({S.SKIPPED, S.PLANNED, S.CLAIMED})


@dataclass(frozen=True, slots=True)
class Contradiction:
    """One row on which log and simulator differ.

    Codes: `lost` (the log says it left, nothing came), `twice`, `unasked` (a message that the log does not know of or
    left out), `address`, `channel`, `state` (the log says something else than the provider's events).
    """

    code: str
    delivery: str
    log: str
    simulator: str


@dataclass(slots=True)
class Proof:
    """What was compared, and every contradiction. `behind` counts rows whose last event was never told to us."""

    deliveries: int = 0
    left: int = 0
    messages: int = 0
    behind: int = 0
    contradictions: list[Contradiction] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether log and simulator agree in every row."""
        return not self.contradictions


def prove(session: Session, simulator: Simulator) -> Proof:
    """Compare every delivery of the database with every message of the simulator."""
    counts = Counter(simulator.counts())
    received = {letter.delivery: letter for letter in simulator.messages()}
    proof = Proof(messages=sum(counts.values()))
    rows = session.execute(
        select(Delivery.id, Delivery.channel, Delivery.address, Delivery.state, Delivery.accepted_at).order_by(
            Delivery.id
        )
    )
    for row in rows:
        proof.deliveries += 1
        key = str(row.id)
        found = counts.pop(key, 0)
        refused = row.state == S.FAILED and row.accepted_at is None  # the provider said no at once: nothing was sent
        expected = 0 if row.state in QUIET or refused else 1
        proof.left += expected
        if found != expected:
            code = "unasked" if not expected else "lost" if not found else "twice"
            proof.contradictions.append(Contradiction(code, key, row.state.value, str(found)))
        elif letter := received.get(key):
            _compare(proof, key, row.channel.value, row.address, row.state, letter)
        elif expected:
            proof.contradictions.append(Contradiction("lost", key, row.address, ""))
    proof.contradictions += [Contradiction("unasked", key, "", str(number)) for key, number in counts.items()]
    return proof


def _compare(proof: Proof, key: str, channel: str, address: str, state: DeliveryState, letter: Received) -> None:
    for code, ours, theirs in (("channel", channel, letter.channel.value), ("address", address, letter.to)):
        if ours != theirs:
            proof.contradictions.append(Contradiction(code, key, ours, theirs))
    # Not every event is told (a phone that is off, a callback that got lost), so the log may be behind, never ahead.
    told = ["", *(one.event for one in letter.told)]
    if not any(state in MEANS.get(event, frozenset()) for event in told):
        proof.contradictions.append(Contradiction("state", key, state.value, letter.state))
    elif state not in MEANS.get(told[-1], frozenset()):
        proof.behind += 1
