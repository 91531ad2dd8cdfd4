"""One leg's audio at the recogniser's rate: a stream on the leg's own timeline, with a short, fixed delay."""

from __future__ import annotations

from math import ceil, gcd

import numpy as np
import soxr
from numpy.typing import NDArray

CONTEXT_MS = 5
"""What the filter needs on either side; the output stays this far behind the input until the end."""

_LONGEST_PERIOD_MS = 50
_UNIT_MS = 10
"""How audio is cut at rates that have no short common period with the output's: there a cut is up to half an output
sample off, and the next one is right again.
"""

_QUALITY = "LQ"  # the shortest filter that still keeps mirrored bands 90 dB down; longer ones delay more


class StreamResampler:
    """PCM16 in, floats in -1..1 out. Output sample k is the sound at input position k * input_rate / output_rate.

    `soxr.ResampleStream` gives its output in blocks, tens of milliseconds late. Here each piece is resampled with
    CONTEXT_MS of its neighbours instead, so the delay is that and no more, and no sample depends on later calls.
    """

    def __init__(self, input_rate: int, output_rate: int) -> None:
        self._input_rate, self._output_rate = input_rate, output_rate
        period = input_rate // gcd(input_rate, output_rate)
        self._unit = period if period * 1000 <= input_rate * _LONGEST_PERIOD_MS else input_rate * _UNIT_MS // 1000
        self._context_units = 0 if input_rate == output_rate else ceil(CONTEXT_MS * input_rate / 1000 / self._unit)
        self._held = np.zeros(0, dtype=np.float32)
        self._held_from = 0  # counted in units of input, as is the next one
        self._given_until = 0

    def feed(self, samples: NDArray[np.int16], final: bool = False) -> NDArray[np.float32]:
        """The output that these samples complete; with `final`, all the rest."""
        audio = np.concatenate([self._held, samples.astype(np.float32) / np.float32(32768.0)])
        origin = self._output_at(self._held_from)
        start = self._output_at(self._given_until) - origin
        if final:
            self._held = audio[:0]
            return self._resampled(audio)[start:]
        ready_until = self._held_from + len(audio) // self._unit - self._context_units
        if ready_until <= self._given_until:
            self._held = audio
            return audio[:0]
        output = self._resampled(audio)[start : self._output_at(ready_until) - origin]
        keep_from = max(0, ready_until - self._context_units)
        self._held = audio[(keep_from - self._held_from) * self._unit :]
        self._held_from, self._given_until = keep_from, ready_until
        return output

    def _output_at(self, unit: int) -> int:
        """The output sample that is nearest to the beginning of a unit of input."""
        return (2 * unit * self._unit * self._output_rate + self._input_rate) // (2 * self._input_rate)

    def _resampled(self, audio: NDArray[np.float32]) -> NDArray[np.float32]:
        if self._input_rate == self._output_rate or not len(audio):
            return audio
        output: NDArray[np.float32] = soxr.resample(audio, self._input_rate, self._output_rate, quality=_QUALITY)
        return output
