from enum import StrEnum
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.states import (
    MOVES,
    CampaignState,
    DeliveryState,
    RunState,
    TransitionError,
    guard,
    may_move,
    sources,
)

D = DeliveryState
LIFE_CYCLES = (CampaignState, RunState, DeliveryState)
EVERY_PAIR = [pair for life in LIFE_CYCLES for pair in product(life, life)]


@pytest.mark.parametrize("life", LIFE_CYCLES)
def test_every_state_of_a_life_cycle_stands_in_its_table(life: type[StrEnum]) -> None:
    assert set(MOVES[life]) == set(life)


@pytest.mark.parametrize(("origin", "target"), EVERY_PAIR)
def test_the_guard_lets_pass_exactly_the_arrows_of_the_table(origin: StrEnum, target: StrEnum) -> None:
    if target in MOVES[type(origin)][origin]:
        guard(origin, target)
    else:
        with pytest.raises(TransitionError) as caught:
            guard(origin, target)
        assert caught.value.faults[0].value == origin.value
        assert caught.value.faults[0].details["target"] == target.value


@pytest.mark.parametrize("state", [D.READ, D.FAILED, D.BOUNCED, D.SKIPPED])
def test_nothing_leads_out_of_a_final_state_of_a_delivery(state: DeliveryState) -> None:
    assert not [target for target in D if may_move(state, target)]


def test_only_what_was_certainly_not_accepted_may_be_planned_again() -> None:
    assert sources(D.PLANNED) == {D.CLAIMED, D.CALLING, D.IN_DOUBT}


def test_a_delivery_is_called_only_after_it_was_claimed() -> None:
    assert sources(D.CALLING) == {D.CLAIMED}
    assert sources(D.CLAIMED) == {D.PLANNED}


@given(st.lists(st.sampled_from([D.ACCEPTED, D.DELIVERED, D.READ, D.BOUNCED, D.FAILED]), max_size=12))
def test_receipts_in_any_order_never_move_a_delivery_back(told: list[DeliveryState]) -> None:
    rank = {D.CALLING: 0, D.ACCEPTED: 1, D.DELIVERED: 2, D.READ: 3, D.BOUNCED: 3, D.FAILED: 3}
    state = D.CALLING
    for target in told:
        if may_move(state, target):
            assert rank[target] > rank[state]
            state = target
