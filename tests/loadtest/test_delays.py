"""The histogram keeps quantiles, and merging is the same as counting everything at once."""

from __future__ import annotations

from math import ceil

from hypothesis import given
from hypothesis import strategies as st

from loadtest.delays import BIN_MS, LIMIT_MS, Histogram

VALUES = st.lists(st.floats(-500.0, 20_000.0), min_size=1, max_size=200)


def histogram(values: list[float]) -> Histogram:
    counted = Histogram()
    for value in values:
        counted.add(value)
    return counted


@given(VALUES, st.sampled_from([0.0, 0.5, 0.99, 0.999, 1.0]))
def test_a_quantile_is_never_too_low_and_hardly_too_high(values: list[float], share: float) -> None:
    exact = sorted(values)[max(1, ceil(share * len(values) - 1e-9)) - 1]
    kept = histogram(values).quantile(share)
    assert kept is not None
    assert exact <= kept <= exact + BIN_MS


@given(VALUES, VALUES)
def test_merged_histograms_are_as_one(first: list[float], second: list[float]) -> None:
    merged = histogram(first)
    merged.merge(histogram(second))
    assert merged == histogram(first + second)


@given(VALUES)
def test_the_largest_value_is_exact(values: list[float]) -> None:
    counted = histogram(values)
    assert counted.largest == max(values)
    assert counted.quantile(1.0) == max(values)
    assert counted.total == len(values)


def test_nothing_counted_has_no_quantiles() -> None:
    assert Histogram().row() == {"count": 0, "p50": None, "p99": None, "p99.9": None, "max": None}


def test_huge_values_do_not_make_more_bins() -> None:
    counted = histogram([LIMIT_MS, LIMIT_MS * 2, LIMIT_MS * 3])
    assert len(counted.counts) == 1


def test_steps_end_at_one() -> None:
    assert histogram([1.0, 2.0, 2.0, 9.0]).steps() == [(1.5, 0.25), (2.5, 0.75), (9.5, 1.0)]
