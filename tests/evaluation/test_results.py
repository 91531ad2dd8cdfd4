"""Scores of clips add up, are written as JSON, and print."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from gateway.core.policy import Policy
from gateway.evaluation.caption_scoring import ShownCaption, ShownWord
from gateway.evaluation.figures import CoveredSpan
from gateway.evaluation.labels import Clip, LabelledSpan, LabelledTurn, LabelledWord
from gateway.evaluation.results import ClipResult, Outcome, by_group, judge, score_row, total

WORDS = (LabelledWord("hello", 0, 400), LabelledWord("seven", 500, 900))
SPANS = (LabelledSpan(Policy.PHONE_NUMBER, "seven", 1, 2),)


def result(name: str, group: str, *, leaks: bool) -> ClipResult:
    """A clip of a second that says "hello seven"; the number is covered, or leaks in sound and text."""
    clip = Clip(name, "digits", group, "", Path(), 8000, 8000, 1, (LabelledTurn(0, "caller", WORDS, SPANS),))
    original = np.random.default_rng(1).integers(-8000, 8000, (8000, 1)).astype(np.int16)
    output = original.copy()
    if not leaks:
        output[4000:7200] = 0
    shown = (ShownWord("Hello", 0, 400), ShownWord("7" if leaks else "#", 500, 900))
    outcome = Outcome(output, (CoveredSpan(0, 500, 900, Policy.PHONE_NUMBER),), (ShownCaption(0, 0, 0, shown, 2500.0),))
    return ClipResult(clip, judge(clip, original, outcome, frozenset(Policy)))


RESULTS = [result("a", "lucas", leaks=False), result("b", "theo", leaks=True), result("c", "theo", leaks=False)]


def test_groups_add_up_to_the_whole() -> None:
    groups = by_group(RESULTS)
    assert {name: score.clips for name, score in groups.items()} == {"lucas": 1, "theo": 2}
    assert groups["theo"].audio.total.leaked_ms == total(RESULTS).audio.total.leaked_ms == 400


def test_the_json_row() -> None:
    row = score_row(total(RESULTS), 2000)
    assert json.loads(json.dumps(row)) == row
    assert row["total"]["covered_share"] == row["policies"]["phone_number"]["digit_covered_share"] == 2 / 3
    assert row["total"]["caption_words_shown"] == row["policies"]["phone_number"]["caption_words_shown"] == 1
    assert (row["total"]["leaked_ms"], row["total"]["leaked_share"]) == (400, 1 / 3)
    assert row["costs"]["cpu_s_per_leg_second"] is None
    assert (row["captions"]["delay_p50_ms"], row["captions"]["delay_in_time_share"]) == (2100.0, 1.0)
    assert score_row(total(RESULTS), 1900)["captions"]["delay_in_time_share"] == 0.0


def test_no_words_are_told() -> None:
    assert "seven" not in json.dumps(score_row(total(RESULTS), 2000))
