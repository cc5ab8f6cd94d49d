"""The life cycles of a campaign and of a delivery: one enum, one table of arrows and one guard for both."""

from enum import StrEnum

from contacts.errors import Fault, Refused


class CampaignState(StrEnum):
    """Where a campaign stands."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    SENDING = "sending"
    PAUSED = "paused"
    FINISHED = "finished"
    CANCELLED = "cancelled"


class RunState(StrEnum):
    """Where one dated sending of a campaign stands."""

    HELD = "held"  # its moment passed while nothing ran, and a person is asked
    SENDING = "sending"
    FINISHED = "finished"
    CANCELLED = "cancelled"
    MISSED = "missed"  # its moment passed and the campaign chose to skip


class DeliveryState(StrEnum):
    """Where the message to one person stands."""

    PLANNED = "planned"
    CLAIMED = "claimed"
    CALLING = "calling"
    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"
    BOUNCED = "bounced"
    SKIPPED = "skipped"
    IN_DOUBT = "in_doubt"


class TransitionError(Refused):
    """A move that no arrow allows: one fault, `transition`, with both states."""

    def __init__(self, origin: StrEnum, target: StrEnum) -> None:
        super().__init__([Fault("transition", "estado", origin.value, details={"target": target.value})])
        self.origin = origin
        self.target = target


C, R, D = CampaignState, RunState, DeliveryState

CAMPAIGN_MOVES: dict[StrEnum, frozenset[StrEnum]] = {
    C.DRAFT: frozenset({C.SCHEDULED, C.CANCELLED}),
    C.SCHEDULED: frozenset(
        {C.DRAFT, C.SENDING, C.PAUSED, C.FINISHED, C.CANCELLED}
    ),  # FINISHED: its last moment was missed
    C.SENDING: frozenset({C.PAUSED, C.SCHEDULED, C.FINISHED, C.CANCELLED}),  # SCHEDULED: it recurs
    C.PAUSED: frozenset({C.SENDING, C.SCHEDULED, C.CANCELLED}),
    C.FINISHED: frozenset({C.SENDING}),  # a person decided «no salió, enviar de nuevo» after the end
    C.CANCELLED: frozenset(),
}

RUN_MOVES: dict[StrEnum, frozenset[StrEnum]] = {
    R.HELD: frozenset({R.SENDING, R.MISSED, R.CANCELLED}),
    R.SENDING: frozenset({R.FINISHED, R.CANCELLED}),
    R.FINISHED: frozenset({R.SENDING}),  # a person decided «no salió, enviar de nuevo» after the end
    R.CANCELLED: frozenset(),
    R.MISSED: frozenset(),
}

#: What a provider tells of a message that it took.
_TOLD = frozenset({D.ACCEPTED, D.DELIVERED, D.READ, D.BOUNCED, D.FAILED})

DELIVERY_MOVES: dict[StrEnum, frozenset[StrEnum]] = {
    # Told of a message that waits to go again: somebody thought it lost, and it was not. It must not go twice.
    D.PLANNED: frozenset({D.CLAIMED, D.SKIPPED}) | _TOLD,
    # Back to PLANNED: claimed and never called (crash, pause, shutdown).
    D.CLAIMED: frozenset({D.CALLING, D.PLANNED, D.SKIPPED}) | _TOLD,
    # Receipts may come before our own commit. Back to PLANNED: certainly not accepted (429, refused connection).
    D.CALLING: frozenset({D.PLANNED, D.IN_DOUBT}) | _TOLD,
    D.ACCEPTED: frozenset({D.DELIVERED, D.READ, D.BOUNCED, D.FAILED}),
    D.DELIVERED: frozenset({D.READ, D.BOUNCED}),  # asynchronous bounces come after delivery
    D.READ: frozenset(),
    D.FAILED: frozenset(),
    D.BOUNCED: frozenset(),
    D.SKIPPED: frozenset(),
    # By evidence forward; to PLANNED only on proof of non-acceptance or a person's word; to SKIPPED on that proof when
    # its campaign was cancelled meanwhile.
    D.IN_DOUBT: frozenset({D.PLANNED, D.SKIPPED}) | _TOLD,
}

MOVES: dict[type[StrEnum], dict[StrEnum, frozenset[StrEnum]]] = {
    CampaignState: CAMPAIGN_MOVES,
    RunState: RUN_MOVES,
    DeliveryState: DELIVERY_MOVES,
}

WAITING = frozenset({D.PLANNED, D.CLAIMED, D.CALLING})  # work left to do
LEFT = frozenset({D.ACCEPTED, D.DELIVERED, D.READ, D.BOUNCED})  # the provider took it
REACHED = frozenset({D.ACCEPTED, D.DELIVERED, D.READ})  # it took it and nothing bad was heard since


def may_move(origin: StrEnum, target: StrEnum) -> bool:
    """Whether an arrow leads from one state to the other."""
    return target in MOVES[type(origin)][origin]


def guard(origin: StrEnum, target: StrEnum) -> None:
    """Raise `TransitionError` where no arrow leads."""
    if not may_move(origin, target):
        raise TransitionError(origin, target)


def sources(target: StrEnum) -> frozenset[StrEnum]:
    """Every state an arrow leads from: what a conditional UPDATE asks for."""
    return frozenset(state for state, targets in MOVES[type(target)].items() if target in targets)
