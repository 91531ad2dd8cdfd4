"""One leg's audio at the recogniser's rate: a stream on the leg's own timeline, with a short, fixed delay."""

from __future__ import annotations

from math import ceil, gcd

import numpy as np
import soxr
from numpy.typing import NDArray

CONTEXT_MS = 5
"""What the filter needs on either side; the output stays this far behind the input until the end."""

_QUALITY = "LQ"  # the shortest filter that still keeps mirrored bands 90 dB down; longer ones delay more


class StreamResampler:
    """PCM16 in, floats in -1..1 out. Output sample k is the sound at input position k * input_rate / output_rate.

    `soxr.ResampleStream` gives its output in blocks, tens of milliseconds late. Here each piece is resampled with
    CONTEXT_MS of its neighbours instead, so the delay is that and no more, and no sample depends on later calls.
    """

    def __init__(self, input_rate: int, output_rate: int) -> None:
        common = gcd(input_rate, output_rate)
        self._input_rate, self._output_rate = input_rate, output_rate
        self._in_unit, self._out_unit = input_rate // common, output_rate // common
        self._context_units = 0 if input_rate == output_rate else ceil(CONTEXT_MS * input_rate / 1000 / self._in_unit)
        self._held = np.zeros(0, dtype=np.float32)
        self._before = 0  # units of `_held` that are context already given out

    def feed(self, samples: NDArray[np.int16], final: bool = False) -> NDArray[np.float32]:
        """The output that these samples complete; with `final`, all the rest."""
        audio = np.concatenate([self._held, samples.astype(np.float32) / np.float32(32768.0)])
        units = len(audio) // self._in_unit
        ready = units - self._before - self._context_units
        if final:
            output = self._resampled(audio)[self._before * self._out_unit :]
            self._held, self._before = np.zeros(0, dtype=np.float32), 0
            return output
        if ready <= 0:
            self._held = audio
            return np.zeros(0, dtype=np.float32)
        start = self._before * self._out_unit
        output = self._resampled(audio)[start : start + ready * self._out_unit]
        given = self._before + ready
        keep_from = max(0, given - self._context_units)
        self._held, self._before = audio[keep_from * self._in_unit :], given - keep_from
        return output

    def _resampled(self, audio: NDArray[np.float32]) -> NDArray[np.float32]:
        if self._input_rate == self._output_rate or not len(audio):
            return audio
        output: NDArray[np.float32] = soxr.resample(audio, self._input_rate, self._output_rate, quality=_QUALITY)
        return output
