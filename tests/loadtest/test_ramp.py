"""The knee is found, and no number of legs is tried twice."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from loadtest.ramp import find_knee


@given(st.integers(1, 20), st.integers(1, 30), st.integers(1, 400), st.integers(0, 400), st.integers(1, 4))
def test_the_knee_is_the_most_that_holds(start: int, step: int, most: int, truth: int, grain: int) -> None:
    tried: list[int] = []

    def holds(legs: int) -> bool:
        tried.append(legs)
        return legs <= truth

    knee = find_knee(holds, start, step, most, grain)
    assert len(tried) == len(set(tried))
    assert max(tried) <= most
    if knee is None:
        assert truth < min(start, most)
    else:
        assert knee <= truth
        assert knee == most or knee + 2 * grain > truth


def test_the_first_plateau_may_be_too_much() -> None:
    assert find_knee(lambda legs: False, 4, 6, 60, 2) is None
