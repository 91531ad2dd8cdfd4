"""A clip that a scripted recogniser hears, with a clock that tells how long each step takes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from gateway.asr.scripted import ScriptedRecognizer, ScriptedWord
from gateway.core.detection import Detection, Finding, Utterance
from gateway.core.policy import Policy
from gateway.evaluation.labels import Clip, LabelledSpan, LabelledTurn, LabelledWord, Samples

RATE = 8000
TEXTS = ("my", "number", "is", "seven", "thanks", "and", "goodbye", "seven", "then")
WORDS = tuple(LabelledWord(text, 500 * i, 500 * i + 400) for i, text in enumerate(TEXTS))
SPANS = tuple(LabelledSpan(Policy.PHONE_NUMBER, "seven", index, index + 1) for index in (3, 7))
TURN = LabelledTurn(0, "caller", WORDS, SPANS)
CLIP = Clip("x", "set", "group", "theo", Path(), RATE, RATE, 1, (TURN,))


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


def samples(seconds: float = 7.1) -> Samples:
    """Noise: every frame is active."""
    shape = (int(seconds * RATE), 1)
    return np.random.default_rng(1).integers(-8000, 8000, shape).astype(np.int16)


def recognizer(heard: Sequence[str] = TEXTS) -> ScriptedRecognizer:
    """Hears `heard` where the words of the clip are."""
    script = [ScriptedWord(text, word.start_ms, word.end_ms) for text, word in zip(heard, WORDS, strict=True)]
    return ScriptedRecognizer({0: script})


class SteppingClock:
    """A clock that is read before and after each step; `seconds` are those of the steps, the last for all others."""

    def __init__(self, *seconds: float) -> None:
        self._seconds = seconds
        self._reads = 0
        self._now = 0.0

    def __call__(self) -> float:
        step, is_after = divmod(self._reads, 2)
        self._reads += 1
        if is_after:
            self._now += self._seconds[min(step, len(self._seconds) - 1)]
        return self._now
