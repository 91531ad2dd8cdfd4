"""Labelled clips through the offline pipeline, with a scripted recogniser."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np

from gateway.asr.scripted import ScriptedRecognizer, ScriptedWord
from gateway.core.detection import Detection, Finding, Utterance
from gateway.core.policy import Policy
from gateway.core.settings import SessionSettings
from loadtest.labels import Clip, LabelledSpan, LabelledTurn, LabelledWord
from loadtest.offline_run import score_clip
from loadtest.results import ClipResult

TEXTS = ("my", "number", "is", "seven", "thanks")
WORDS = tuple(LabelledWord(text, 500 * i, 500 * i + 400) for i, text in enumerate(TEXTS))
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


def scored(folder: Path, heard: tuple[str, ...], sample_rate: int = 8000) -> ClipResult:
    """A clip whose words are `TEXTS`, of which the recogniser hears others."""
    path = folder / "x.wav"
    samples = np.random.default_rng(1).integers(-8000, 8000, CLIP_MS * 8).astype("<i2")
    with wave.open(str(path), "wb") as writer:
        writer.setparams((1, 2, 8000, 0, "NONE", ""))
        writer.writeframes(samples.tobytes())
    turn = LabelledTurn(0, "caller", WORDS, (LabelledSpan(Policy.PHONE_NUMBER, "seven", 3, 4),))
    clip = Clip("x", "theo", path, 8000, 1, (turn,)).at_rate(sample_rate)
    script = (ScriptedWord(text, word.start_ms, word.end_ms) for text, word in zip(heard, WORDS, strict=True))
    recognizer = ScriptedRecognizer({0: script})
    return score_clip("digits", clip, SessionSettings(frozenset(Policy)), recognizer, SevenDetector())


def test_what_was_heard_right_is_covered(tmp_path: Path) -> None:
    score = scored(tmp_path, TEXTS).score
    assert (score.audio.by_rules.speech_ms, score.audio.by_rules.leaked_ms) == (400, 0)
    assert (score.audio.unreported_samples, score.audio.reshaped, score.audio.covered_late_ms) == (0, 0, 0)
    assert (score.captions.by_rules.words, score.captions.by_rules.shown) == (1, 0)
    assert (score.captions.other_shown, score.captions.taken_back) == (4, 0)
    assert score.legs_ms == CLIP_MS


def test_what_was_misheard_leaks(tmp_path: Path) -> None:
    score = scored(tmp_path, ("my", "number", "is", "heaven", "thanks")).score
    assert score.audio.by_rules.leaked_ms == 400
    assert score.captions.by_rules.shown == 0


def test_what_was_heard_is_kept(tmp_path: Path) -> None:
    result = scored(tmp_path, ("my", "number", "is", "heaven", "thanks"))
    assert result.heard_at(0, 1000, 2000) == "is heaven"
    assert result.heard_at(1, 0, 5000) == ""


def test_another_rate(tmp_path: Path) -> None:
    score = scored(tmp_path, TEXTS, sample_rate=16000).score
    assert (score.audio.by_rules.leaked_ms, score.audio.reshaped, score.audio.audio_ms) == (0, 0, CLIP_MS)
