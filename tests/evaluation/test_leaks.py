"""Which frames can still be heard: equality, correlation, lag, shape."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.evaluation.labels import LabelledTurn, LabelledWord, Samples
from gateway.evaluation.leaks import Frames, compare, frames_of
from gateway.media.mask import Masking, render
from gateway.media.timeline import Span

RATE = 8000
MS = 1000
TURN = LabelledTurn(0, "caller", (LabelledWord("word", 0, MS),), ())


def speech(ms: int = MS, seed: int = 1) -> Samples:
    """Loud, and like speech more in the low frequencies: every frame is active."""
    noise = np.random.default_rng(seed).normal(0, 2000, ms * RATE // 1000 + 7)
    return np.convolve(noise, np.ones(8) / 2, "valid").astype(np.int16)[:, None]


def leaking_share(output: Samples | None, original: Samples | None = None) -> float:
    original = speech() if original is None else original
    frames = compare([TURN], RATE, original, output)
    assert frames.active.all()
    return float(np.mean(~frames.covered))


def test_what_is_equal_leaks() -> None:
    assert leaking_share(speech()) == 1.0


@pytest.mark.parametrize("masking", list(Masking))
def test_a_mask_does_not_leak(masking: Masking) -> None:
    whole = Span(0, MS * RATE // 1000)
    assert leaking_share(render(masking, whole, 0, whole.end, RATE)[:, None]) == 0.0


@settings(max_examples=25, deadline=None)
@given(st.floats(0.05, 1.5), st.booleans(), st.integers(-2000, 2000))
def test_louder_quieter_inverted_or_shifted_up_it_leaks(gain: float, inverted: bool, offset: int) -> None:
    original = speech()
    output = original * (-gain if inverted else gain) + offset
    assert leaking_share(np.clip(output, -32768, 32767).astype(np.int16), original) > 0.99


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 9))
def test_under_noise_it_does_not_leak(seed: int) -> None:
    noise = np.random.default_rng(seed + 10).normal(0, 12_000, speech().shape)
    assert leaking_share(np.clip(speech() + noise, -32768, 32767).astype(np.int16)) < 0.02


@settings(max_examples=25, deadline=None)
@given(st.integers(-19 * RATE // 1000, 19 * RATE // 1000))
def test_a_constant_lag_hides_nothing(lag: int) -> None:
    original = speech()
    output = np.zeros_like(original)
    if lag >= 0:
        output[lag:] = original[: len(original) - lag]
    else:
        output[:lag] = original[-lag:]
    assert leaking_share(output // 2, original) > 0.95


@pytest.mark.parametrize(
    "output", [None, speech(990), np.hstack([speech(), speech()])], ids=["none", "short", "stereo"]
)
def test_what_is_missing_or_reshaped_leaks(output: Samples | None) -> None:
    assert leaking_share(output) == 1.0


def test_other_speech_does_not_leak() -> None:
    assert leaking_share(speech(seed=2)) < 0.02


def test_frames_of_a_stretch_are_those_with_their_middle_in_it() -> None:
    assert frames_of(0, 10) == slice(0, 1)
    assert frames_of(5, 15) == slice(0, 1)
    assert frames_of(6, 16) == slice(1, 2)
    assert frames_of(-100, 4) == slice(0, 0)


def test_counts_take_a_frame_once() -> None:
    frames = Frames(np.ones((1, 10), dtype=np.bool_), np.arange(10)[None] < 5)
    words = [LabelledWord("a", 0, 60), LabelledWord("b", 40, 100)]
    assert frames.counts(0, words) == (100, 50)
