"""Labelled clips from media alone, with a scripted recogniser."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from gateway.asr.scripted import ScriptedRecognizer, ScriptedWord
from gateway.core.detection import Detection, Finding, Utterance
from gateway.core.policy import Policy
from gateway.core.settings import SessionSettings
from gateway.evaluation.labels import Clip, LabelledSpan, LabelledTurn, LabelledWord
from gateway.evaluation.offline import redact_clip
from gateway.evaluation.results import Score, judge

TEXTS = ("my", "number", "is", "seven", "thanks")
WORDS = tuple(LabelledWord(text, 500 * i, 500 * i + 400) for i, text in enumerate(TEXTS))
TURN = LabelledTurn(0, "caller", WORDS, (LabelledSpan(Policy.PHONE_NUMBER, "seven", 3, 4),))
CLIP_MS = 5000


class SevenDetector:
    """Takes "seven" for a telephone number."""

    def detect(self, utterance: Utterance) -> Detection:
        return Detection(
            tuple(
                Finding(Policy.PHONE_NUMBER, index, index + 1, 0, len(token.text), 1.0, "seven")
                for index, token in enumerate(utterance.tokens)
                if token.text == "seven"
            )
        )


def scored(*heard: str) -> Score:
    """A clip whose words are `TEXTS`, of which the recogniser hears others."""
    clip = Clip("x", "set", "set", "", Path(), 8000, 8000, 1, (TURN,))
    samples = np.random.default_rng(1).integers(-8000, 8000, (CLIP_MS * 8, 1)).astype(np.int16)
    script = (ScriptedWord(text, word.start_ms, word.end_ms) for text, word in zip(heard, WORDS, strict=True))
    policies = frozenset(Policy)
    outcome = redact_clip(clip, samples, SessionSettings(policies), ScriptedRecognizer({0: script}), SevenDetector())
    return judge(clip, samples, outcome, policies)


def test_what_was_heard_right_is_covered() -> None:
    score = scored(*TEXTS)
    assert (score.audio.total.speech_ms, score.audio.total.leaked_ms) == (400, 0)
    assert (score.audio.unreported_samples, score.audio.reshaped, score.audio.covered_late_ms) == (0, 0, 0)
    assert (score.captions.total.words, score.captions.total.shown) == (1, 0)
    assert (score.captions.other_shown, score.captions.taken_back) == (4, 0)
    assert score.legs_ms == CLIP_MS


def test_what_was_misheard_leaks() -> None:
    score = scored("my", "number", "is", "heaven", "thanks")
    assert score.audio.total.leaked_ms == 400
    assert score.captions.total.shown == 0
