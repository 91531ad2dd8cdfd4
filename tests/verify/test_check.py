"""A recording goes through masks, ears and judgement, in pieces."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from gateway.asr.scripted import ScriptedRecognizer, spoken_evenly
from gateway.core.hypothesis import Word
from gateway.core.policy import Policy
from gateway.media.mask import Masking, render
from gateway.media.timeline import Span, SpanSet
from gateway.pii.detector import RuleDetector
from gateway.verify.check import Verifier
from gateway.verify.ears import RecognizerEar
from gateway.verify.suspicion import Verification

RATE = 8000
ALL = frozenset(Policy)


class LoudEar:
    """Hears a 7 in each whole half second in which something sounds."""

    name = "loud"

    def open(self, sample_rate: int) -> LoudStream:
        return LoudStream(sample_rate // 2)


class LoudStream:
    def __init__(self, size: int) -> None:
        self._size = size
        self._rest = np.zeros(0, dtype=np.int16)
        self._position = 0

    def feed(self, samples: NDArray[np.int16], final: bool) -> list[Word]:
        audio = np.concatenate([self._rest, samples])
        words = []
        while len(audio) >= self._size:
            if np.abs(audio[: self._size]).min() > 100:
                span = Span(self._position, self._position + self._size)
                words.append(Word("…", span, 0.9, True, "7"))
            audio = audio[self._size :]
            self._position += self._size
        self._rest = audio
        return words


def verified(samples: NDArray[np.int16], known: tuple[SpanSet, ...] = (), block: int = RATE) -> Verification:
    scripts = {0: spoken_evenly("thank you for calling", 1000)}
    ears = (RecognizerEar(ScriptedRecognizer(scripts)), LoudEar())
    check = Verifier(ears, RuleDetector(ALL)).begin(RATE, samples.shape[1], ALL, known)
    for start in range(0, len(samples), block):
        check.feed(samples[start : start + block])
    return check.finish()


def loud(*spans: tuple[int, int], seconds: int = 60) -> NDArray[np.int16]:
    audio = np.zeros((seconds * RATE, 1), dtype=np.int16)
    for start, end in spans:
        audio[start * RATE : end * RATE] = 1000
    return audio


@pytest.mark.parametrize("block", [RATE, 7000, 60 * RATE])
def test_what_can_be_heard_is_told(block: int) -> None:
    heard = verified(loud((10, 13), (30, 31), (40, 42)), block=block)
    assert [(one.start_ms, one.end_ms) for one in heard.suspicions] == [(10_000, 13_000), (40_000, 42_000)]
    assert heard.heard_by == ("scripted", "loud")
    assert (heard.audio_ms, heard.masked_ms) == (60_000, 0)


@pytest.mark.parametrize("masking", [Masking.TONE, Masking.NOISE])
def test_what_is_masked_is_not_heard(masking: Masking) -> None:
    audio = loud((10, 13), (40, 42))
    run = Span(9 * RATE, 14 * RATE)
    audio[run.start : run.end, 0] = render(masking, run, run.start, run.end, RATE)
    heard = verified(audio)
    assert [one.start_ms for one in heard.suspicions] == [40_000]
    assert heard.masked_ms == pytest.approx(5000, abs=25)


def test_what_is_known_to_be_masked_is_not_heard() -> None:
    heard = verified(loud((10, 13), (40, 42)), (SpanSet([Span(10 * RATE, 13 * RATE)]),))
    assert [one.start_ms for one in heard.suspicions] == [40_000]
    assert heard.masked_ms == 3000


def test_every_leg_is_heard() -> None:
    both = np.concatenate([loud((10, 13)), loud((20, 22))], axis=1)
    assert [(one.leg, one.start_ms) for one in verified(both).suspicions] == [(0, 10_000), (1, 20_000)]
    assert verified(both).audio_ms == 120_000


def test_nothing_at_all() -> None:
    assert verified(np.zeros((0, 1), dtype=np.int16)).suspicions == ()
