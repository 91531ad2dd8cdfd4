"""What the gateway covered is found in the audio; speech is not taken for it."""

from __future__ import annotations

import numpy as np
import pytest
import soxr
from numpy.typing import NDArray

from gateway.media.encoding import Encoding, decode, encode
from gateway.media.mask import Masking, render
from gateway.media.timeline import Span, SpanSet
from gateway.verify.masks import masks_in


def speech_like(samples: int) -> NDArray[np.int16]:
    return np.random.default_rng(5).normal(0, 2000, samples).clip(-32767, 32767).astype(np.int16)


def covered(rate: int, masking: Masking, run: Span) -> NDArray[np.int16]:
    audio = speech_like(3 * rate)
    audio[run.start : run.end] = render(masking, run, run.start, run.end, rate)
    return audio


@pytest.mark.parametrize("rate", [8000, 11025, 16000, 44100])
@pytest.mark.parametrize("masking", [Masking.TONE, Masking.NOISE])
def test_a_mask_is_found_to_the_sample(rate: int, masking: Masking) -> None:
    run = Span(rate + 7, 2 * rate - 100)
    audio = covered(rate, masking, run)
    start = rate // 2  # a piece from the middle of a call
    found = masks_in(audio[start:], start, rate)
    (span,) = found
    assert span.start <= run.start + 2
    assert span.end >= run.end - 2
    assert span.start >= run.start - rate // 40
    assert span.end <= run.end + rate // 40


def test_a_tone_is_found_after_it_was_resampled() -> None:
    run = Span(8000, 16000)
    audio = soxr.resample(covered(8000, Masking.TONE, run), 8000, 16000)
    found = masks_in(audio, 0, 16000)
    assert found.covers(Span(17_000, 31_000))
    assert not found.overlaps(Span(0, 15_500))


@pytest.mark.parametrize("encoding", Encoding)
@pytest.mark.parametrize("masking", [Masking.TONE, Masking.NOISE])
def test_masks_of_telephone_lines_are_found(encoding: Encoding, masking: Masking) -> None:
    run = Span(9000, 15_000)
    audio = decode(encode(covered(8000, masking, run), encoding), encoding)
    found = masks_in(audio, 0, 8000)
    assert found.covers(Span(run.start + 16, run.end - 16))
    assert found.total < len(run) + 400


@pytest.mark.parametrize("rate", [8000, 16000])
def test_nothing_else_is_a_mask(rate: int) -> None:
    assert masks_in(speech_like(2 * rate), 0, rate) == SpanSet()
    assert masks_in(np.zeros(2 * rate, dtype=np.int16), 0, rate) == SpanSet()
    assert masks_in(np.zeros(0, dtype=np.int16), 0, rate) == SpanSet()
    other = (9000 * np.sin(2 * np.pi * 440 * np.arange(rate) / rate)).astype(np.int16)
    assert masks_in(other, 0, rate) == SpanSet()
