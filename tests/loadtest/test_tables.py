"""Scores as tables for a terminal."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from rich.console import Console

from gateway.core.policy import Policy
from gateway.evaluation.caption_scoring import ShownCaption, ShownWord
from gateway.evaluation.figures import CoveredSpan
from gateway.evaluation.labels import Clip, LabelledSpan, LabelledTurn, LabelledWord
from gateway.evaluation.results import ClipResult, Outcome, by_group, judge, total
from loadtest.tables import print_misses, print_set

WORDS = (LabelledWord("hello", 0, 400), LabelledWord("seven", 500, 900))
TURN = LabelledTurn(0, "caller", WORDS, (LabelledSpan(Policy.PHONE_NUMBER, "seven", 1, 2),))


def result(name: str, group: str, *, leaks: bool) -> ClipResult:
    clip = Clip(name, "digits", group, "", Path(), 8000, 8000, 1, (TURN,))
    original = np.random.default_rng(1).integers(-8000, 8000, (8000, 1)).astype(np.int16)
    output = original.copy()
    if not leaks:
        output[4000:7200] = 0
    shown = ShownCaption(0, 0, 0, (ShownWord("Hello", 0, 400),), 2500.0)
    outcome = Outcome(output, (CoveredSpan(0, 500, 900, Policy.PHONE_NUMBER),), (shown,))
    return ClipResult(clip, judge(clip, original, outcome, frozenset(Policy)))


def test_tables() -> None:
    results = [result("a", "lucas", leaks=False), result("b", "theo", leaks=True), result("c", "theo", leaks=False)]
    console = Console(width=220)
    with console.capture() as capture:
        print_set(console, "digits", by_group(results), total(results), 2000)
        print_misses(console, results)
    text = capture.get()
    for expected in ("phone_number", "66.7 %", "2/3", "theo", "2100 ms", "masked later", "400 ms"):
        assert expected in text
