"""Scores of clips add up, are written as JSON, and print."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from rich.console import Console

from gateway.core.policy import Policy
from loadtest.caption_scoring import ShownCaption, ShownWord
from loadtest.labels import Clip, LabelledSpan, LabelledTurn, LabelledWord
from loadtest.results import ClipResult, Outcome, by_split, judge, score_row, total
from loadtest.scoring import CoveredSpan
from loadtest.tables import print_misses, print_set

WORDS = (LabelledWord("hello", 0, 400), LabelledWord("seven", 500, 900))
SPANS = (LabelledSpan(Policy.PHONE_NUMBER, "seven", 1, 2),)


def result(name: str, split: str, *, leaks: bool) -> ClipResult:
    """A clip of a second that says "hello seven"; the number is covered, or leaks in sound and text."""
    clip = Clip(name, split, Path(), 8000, 1, (LabelledTurn(0, "caller", WORDS, SPANS),))
    original = np.random.default_rng(1).integers(-8000, 8000, (8000, 1)).astype(np.int16)
    output = original.copy()
    if not leaks:
        output[4000:7200] = 0
    shown = (ShownWord("Hello", 0, 400), ShownWord("7" if leaks else "#", 500, 900))
    outcome = Outcome(output, (CoveredSpan(0, 500, 900, Policy.PHONE_NUMBER),), (ShownCaption(0, 0, 0, shown, 2500.0),))
    return judge("digits", clip, original, outcome, frozenset(Policy), cpu_s=0.5)


RESULTS = [result("a", "lucas", leaks=False), result("b", "theo", leaks=True), result("c", "theo", leaks=False)]


def test_splits_add_up_to_the_whole() -> None:
    splits = by_split(RESULTS)
    assert {name: score.clips for name, score in splits.items()} == {"lucas": 1, "theo": 2}
    assert splits["theo"].audio.by_rules.leaked_ms == total(RESULTS).audio.by_rules.leaked_ms == 400


def test_the_json_row() -> None:
    row = score_row(total(RESULTS), 2000)
    assert json.loads(json.dumps(row)) == row
    assert row["by_rules"]["covered_share"] == row["policies"]["phone_number"]["digit_covered_share"] == 2 / 3
    assert row["by_rules"]["caption_words_shown"] == row["policies"]["phone_number"]["caption_words_shown"] == 1
    assert row["cpu_s_per_leg_second"] == 0.5
    assert (row["captions"]["delay_p50_ms"], row["captions"]["delay_in_time_share"]) == (2100.0, 1.0)
    assert score_row(total(RESULTS), 1900)["captions"]["delay_in_time_share"] == 0.0


def test_words_are_told_only_when_asked_for() -> None:
    assert "seven" not in json.dumps(score_row(total(RESULTS), 2000))
    explained = score_row(total(RESULTS), 2000, explain=True)
    assert [miss["text"] for miss in explained["misses"]] == ["seven"]
    assert [reveal["shown_as"] for reveal in explained["reveals"]] == ["7"]


def test_tables() -> None:
    console = Console(width=220)
    with console.capture() as capture:
        print_set(console, "digits", by_split(RESULTS), total(RESULTS), 2000)
        print_misses(console, RESULTS)
    text = capture.get()
    for expected in ("phone_number", "66.7 %", "2/3", "theo", "2100 ms", "masked later", "400 ms"):
        assert expected in text
