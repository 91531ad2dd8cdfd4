"""What is worth a person's look, and in which order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.events import Verdict
from gateway.core.policy import Policy
from gateway.files.result import NearMissRow, RedactedLeg, RedactionResult, RedactionRow
from gateway.review.items import Kind, items_of


def result(redactions: list[RedactionRow], near_misses: list[NearMissRow]) -> RedactionResult:
    legs = (RedactedLeg(0, ()), RedactedLeg(1, ()))
    return RedactionResult(60_000, (Policy.DATE,), legs, tuple(redactions), {}, tuple(near_misses))


def sure(start: int, end: int, confidence: float) -> RedactionRow:
    return RedactionRow(0, "date", start, end, Verdict.BLEEPED, confidence)


def test_what_may_have_leaked_comes_first_then_the_unsure_then_the_undecided():
    late = [
        RedactionRow(1, None, 5000, 5100, Verdict.COVERED_LATE),
        RedactionRow(1, None, 6000, 7000, Verdict.COVERED_LATE),
    ]
    near = [NearMissRow(0, "date", 100, 200, 0.2), NearMissRow(0, "drug", 900, 950, 0.4)]
    items = items_of(result([sure(2000, 2500, 0.9), sure(3000, 3500, 0.55), sure(4000, 4100, 0.5), *late], near), 0.6)
    assert [(item.kind, item.start_ms) for item in items] == [
        (Kind.NEAR_MISS, 900),
        (Kind.NEAR_MISS, 100),
        (Kind.LOW_CONFIDENCE, 4000),
        (Kind.LOW_CONFIDENCE, 3000),
        (Kind.UNDECIDED, 6000),
        (Kind.UNDECIDED, 5000),
    ]


def test_near_misses_heard_at_once_are_one_and_covered_ones_none():
    near = [
        NearMissRow(0, "date", 100, 300, 0.2),
        NearMissRow(0, "drug", 200, 400, 0.4),
        NearMissRow(1, "drug", 200, 400, 0.3),
        NearMissRow(0, "date", 2000, 2400, 0.3),
    ]
    items = items_of(result([sure(1900, 2200, 0.9), sure(2200, 2500, 0.9)], near))
    assert [(item.leg, item.policy, item.also, item.start_ms, item.end_ms, item.confidence) for item in items] == [
        (0, "drug", ("date",), 100, 400, 0.4),
        (1, "drug", (), 200, 400, 0.3),
    ]


@pytest.mark.parametrize("below", [-0.1, 1.1])
def test_a_confidence_is_a_share(below: float):
    with pytest.raises(ValueError, match="0..1"):
        items_of(result([], []), below)


ROWS = st.lists(
    st.builds(
        lambda start, length, confidence: sure(start, start + length, confidence),
        st.integers(0, 50_000),
        st.integers(1, 2000),
        st.floats(0, 1),
    ),
    max_size=8,
)


@given(ROWS, st.floats(0, 1), st.floats(0, 1))
def test_a_higher_bar_lists_no_less(rows: list[RedactionRow], one: float, other: float):
    low, high = sorted((one, other))
    assert set(items_of(result(rows, []), low)) <= set(items_of(result(rows, []), high))
