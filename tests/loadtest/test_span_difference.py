"""Live against offline redactions."""

from __future__ import annotations

from gateway.core.policy import Policy
from gateway.evaluation.figures import CoveredSpan
from loadtest.span_difference import Difference, compare


def phone(start: int, end: int, leg: int = 0) -> CoveredSpan:
    return CoveredSpan(leg, start, end, Policy.PHONE_NUMBER)


def late(start: int, end: int) -> CoveredSpan:
    return CoveredSpan(0, start, end, None)


def test_pieces_that_touch_are_one() -> None:
    result = compare([phone(0, 300), phone(300, 900)], [phone(0, 900)])
    assert (result.redactions, result.same, result.differences) == (1, 1, ())


def test_an_edge_that_moved() -> None:
    result = compare([phone(0, 1000)], [phone(0, 800)])
    assert result.differences == (Difference(0, 800, 1000, only_live=True, forced=False),)
    assert (result.same, result.beyond_a_word_edge) == (0, ())


def test_what_a_deadline_forced_is_listed_as_such() -> None:
    result = compare([phone(0, 800), late(800, 2000)], [phone(0, 800)])
    assert [(d.start_ms, d.end_ms, d.forced) for d in result.differences] == [(800, 2000, True)]
    assert (result.same, result.forced_ms, result.beyond_a_word_edge) == (1, 1200, ())


def test_undecided_in_both_is_no_difference() -> None:
    assert compare([late(0, 500)], [late(0, 500)]).differences == ()


def test_a_redaction_missed_live() -> None:
    result = compare([], [phone(0, 800, leg=1)])
    assert result.beyond_a_word_edge == (Difference(1, 0, 800, only_live=False, forced=False),)
