"""Finds in redacted audio what the gateway put there: its tone and its noise.

Both are fixed functions of media time (`gateway.media.mask`), so in audio that was not coded again, but by G.711, they
are found sample by sample. A tone is also found by its pitch, after lossy coding or resampling; noise then is not.
Silence is silent.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gateway.media.encoding import Encoding, decode, encode
from gateway.media.mask import FADE_MS, TONE_HZ, TONE_PEAK, Masking, render
from gateway.media.timeline import MediaTime, Span, SpanSet, samples_of

EXACT_MS: Final = 10
"""So long must the samples be those of a mask ..."""
FRAME_MS: Final = 20
"""... or the pitch that of the tone: a whole number of its periods."""
_PURE: Final = 0.9
"""The share of a frame's energy that is at the tone's pitch."""
_FAINTEST: Final = (TONE_PEAK / 20) ** 2 / 2


def masks_in(samples: NDArray[np.int16], start: MediaTime, rate: int) -> SpanSet:
    """The masked parts of a leg's PCM16 `samples`, which begin at `start`; with their fades."""
    found = SpanSet()
    fade = samples_of(FADE_MS, rate)
    window = Span(start, start + len(samples))
    for span in (*_exact(samples, start, rate), *_pure(samples, start, rate)):
        found.add(Span(span.start - fade, span.end + fade).intersection(window))
    return found


def _exact(samples: NDArray[np.int16], start: MediaTime, rate: int) -> Iterator[Span]:
    shortest = samples_of(EXACT_MS, rate)
    for masking in (Masking.TONE, Masking.NOISE):
        end = start + len(samples)
        rendered = render(masking, Span(start, end), start - rate, end + rate, rate)  # far from its fades
        for encoding in Encoding:
            expected = decode(encode(rendered, encoding), encoding)
            for first, until in _runs(samples == expected):
                if until - first >= shortest and samples[first:until].any():
                    yield Span(start + first, start + until)


def _pure(samples: NDArray[np.int16], start: MediaTime, rate: int) -> Iterator[Span]:
    frame = samples_of(FRAME_MS, rate)
    count = len(samples) // frame
    frames = samples[: count * frame].reshape(count, frame).astype(np.float64)
    turns = np.exp(-2j * np.pi * TONE_HZ / rate * np.arange(frame))
    at_pitch = 2 * np.abs(frames @ turns / frame) ** 2
    energy = np.mean(frames**2, axis=1)
    for first, until in _runs((at_pitch > _PURE * energy) & (energy > _FAINTEST)):
        yield Span(start + first * frame, start + until * frame)


def _runs(flags: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(flags.astype(np.int8), prepend=0, append=0))
    for first, end in edges.reshape(-1, 2):
        yield int(first), int(end)
