"""What is heard instead: a tone, silence, or noise shaped like speech.

A mask is a function of media time alone, and never sees the input: nothing of what it covers can remain in it. Pieces
of one masked run that are rendered separately join without a seam. The run's edges are faded, inside the run; the
audio around it is not touched.
"""

from __future__ import annotations

import math
from enum import StrEnum
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gateway.media.timeline import MediaTime, Span, samples_of

TONE_HZ: Final = 1000
TONE_PEAK: Final = 3277
"""-20 dB from the peak of a full-scale sine."""
NOISE_RMS: Final = 1638
"""-26 dB from full scale: about as loud as telephone speech."""
FADE_MS: Final = 8
"""How long a mask takes to come and go at the edges of its run."""
_NOISE_SECONDS: Final = 2
"""The noise repeats after this long."""


class Masking(StrEnum):
    """What is heard instead of a redacted word."""

    TONE = "tone"
    SILENCE = "silence"
    NOISE = "noise"


def render(
    masking: Masking, piece: Span, run_start: MediaTime, run_end: MediaTime | None, rate: int
) -> NDArray[np.int16]:
    """The mask for `piece`, PCM16 of shape [len(piece)], out of a masked run that starts at `run_start`.

    `run_end` is None while it is not known: then the piece does not fade out. A run that ends up less than `FADE_MS`
    after such a piece has no whole fade.
    Raises ValueError when the piece is not inside the run.
    """
    if piece.start < run_start or (run_end is not None and piece.end > run_end):
        raise ValueError(f"the piece [{piece.start}, {piece.end}) is not inside its run [{run_start}, {run_end})")
    if masking is Masking.SILENCE:
        return np.zeros(len(piece), dtype=np.int16)
    table = _tone(rate) if masking is Masking.TONE else _noise(rate)
    at = np.arange(piece.start, piece.end)
    heard = table[at % len(table)]
    fade = max(1, samples_of(FADE_MS, rate))
    if piece.start < run_start + fade:
        heard *= _raised_cosine(at - run_start, fade)
    if run_end is not None and piece.end > run_end - fade:
        heard *= _raised_cosine(run_end - 1 - at, fade)
    return np.rint(heard).astype(np.int16)


def _raised_cosine(distance: NDArray[np.int64], length: int) -> NDArray[np.float64]:
    """The gain at `distance` samples from the edge of the run: near 0 at the edge, 1 from `length` on."""
    return 0.5 - 0.5 * np.cos(np.pi * np.minimum(1.0, (distance + 0.5) / length))


@lru_cache(maxsize=16)
def _tone(rate: int) -> NDArray[np.float64]:
    """The tone, over the shortest whole number of its periods that is a whole number of samples."""
    length = rate // math.gcd(rate, TONE_HZ)
    return _fixed(TONE_PEAK * np.sin(2 * np.pi * TONE_HZ * np.arange(length) / rate))


@lru_cache(maxsize=16)
def _noise(rate: int) -> NDArray[np.float64]:
    """Noise with the long-term spectrum of speech, made of sines of fixed phases, so that it repeats without a seam.

    The spectrum rises to 100 Hz, is flat to 500 Hz and falls by 9 dB an octave from there, as in Byrne et al., "An
    international comparison of long-term average speech spectra", JASA 96, 1994.
    """
    bins = np.arange(rate * _NOISE_SECONDS // 2 + 1)
    hertz = bins / _NOISE_SECONDS
    level = np.minimum(1.0, hertz / 100) ** 2 * np.minimum(1.0, 500 / np.maximum(hertz, 1)) ** 1.5
    level[hertz > 0.95 * rate / 2] = 0
    noise = np.fft.irfft(level * np.exp(2j * np.pi * _scattered(bins)), n=rate * _NOISE_SECONDS)
    return _fixed(NOISE_RMS * noise / np.sqrt(np.mean(noise**2)))


def _scattered(index: NDArray[np.int64]) -> NDArray[np.float64]:
    """A fixed number in [0, 1) for each index, without a visible pattern: the mixing steps of SplitMix64."""
    mixed = (index.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return (mixed >> np.uint64(11)).astype(np.float64) / 2**53


def _fixed(table: NDArray[np.float64]) -> NDArray[np.float64]:
    table.setflags(write=False)
    return table
