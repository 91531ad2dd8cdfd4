"""What can still be heard: input and output compared in frames of 10 ms, sample by sample.

A frame belongs to a word when its middle lies in the word, and it is *active* when the input has speech energy there.
It **leaks** when at least half of its samples left equal to the input, or when the output still correlates with the
input there, |r| above 0.8, however loud or inverted it is; otherwise it is covered. An output that is missing or has
another shape leaks everything.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gateway.evaluation.labels import LabelledTurn, LabelledWord, Samples

FRAME_MS = 10

GATE_BELOW_SPEECH_DB = 30.0
"""A frame is active down to this far below the leg's loud speech (the 95th percentile of its labelled words)."""

GATE_FLOOR_DB = -60.0
"""Nothing below this (relative to full scale) is active."""

CORRELATED_ABOVE = 0.8

MAX_LAG_MS = 20
"""A leg may leave up to so much earlier or later than it came in, all of it by the same amount."""

MIN_LAG_CORRELATION = 0.2
"""A lag is believed when the whole leg correlates so well there."""

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Frames:
    """Per leg and frame, [legs, frames]: whether the input is active there, and whether it was covered."""

    active: Mask
    covered: Mask

    def counts(self, leg: int, words: Iterable[LabelledWord]) -> tuple[int, int]:
        """Active and covered milliseconds of some words of a leg; a frame counts once."""
        inside = np.zeros(self.active.shape[1], dtype=np.bool_)
        for word in words:
            inside[frames_of(word.start_ms, word.end_ms)] = True
        active = inside & self.active[leg]
        return duration_ms(active), duration_ms(active & self.covered[leg])


def frames_of(start_ms: int, end_ms: int) -> slice:
    """The frames whose middle lies in a stretch."""
    half = FRAME_MS // 2
    return slice(max(0, -(-(start_ms - half) // FRAME_MS)), max(0, -(-(end_ms - half) // FRAME_MS)))


def duration_ms(mask: Mask) -> int:
    """How long the frames that are set last together."""
    return int(np.count_nonzero(mask)) * FRAME_MS


def fits(original: Samples, output: Samples | None) -> bool:
    """Whether the output can be compared at all."""
    return output is not None and output.shape == original.shape


def compare(turns: Sequence[LabelledTurn], sample_rate: int, original: Samples, output: Samples | None) -> Frames:
    """Compare what came out with what went in, PCM16 of shape [samples, legs] each."""
    size = sample_rate * FRAME_MS // 1000
    count, legs = len(original) // size, original.shape[1]
    active = np.zeros((legs, count), dtype=np.bool_)
    covered = np.zeros((legs, count), dtype=np.bool_)
    for leg in range(legs):
        before = original[: count * size, leg].reshape(count, size)
        active[leg] = _active(before, [turn for turn in turns if turn.leg == leg])
        if output is not None and output.shape == original.shape:
            lag = _lag(original[:, leg], output[:, leg], sample_rate)
            after = _shifted(output[:, leg], lag)[: count * size].reshape(count, size)
            leaking = ((before == after).sum(axis=1) * 2 >= size) | _correlates(before, after)
            covered[leg] = ~leaking
    return Frames(active, covered)


def _active(before: NDArray[np.int16], turns: Sequence[LabelledTurn]) -> Mask:
    level = 10 * np.log10(np.maximum(np.mean((before / 32768.0) ** 2, axis=1), 1e-12))
    said = np.zeros(len(before), dtype=np.bool_)
    for turn in turns:
        for word in turn.words:
            said[frames_of(word.start_ms, word.end_ms)] = True
    if not said.any():
        return said
    loud = float(np.percentile(level[said], 95))
    active: Mask = level >= max(GATE_FLOOR_DB, loud - GATE_BELOW_SPEECH_DB)
    return active


def _correlates(before: NDArray[np.int16], after: NDArray[np.int16]) -> Mask:
    """Pearson's r of each frame, [frames, samples], above the bound in size; False where either is constant."""
    first = before - before.mean(axis=1, keepdims=True)
    second = after - after.mean(axis=1, keepdims=True)
    together = np.abs((first * second).sum(axis=1))
    apart = np.sqrt((first**2).sum(axis=1) * (second**2).sum(axis=1))
    result: Mask = (apart > 0) & (together > CORRELATED_ABOVE * apart)
    return result


def _lag(original: NDArray[np.int16], output: NDArray[np.int16], sample_rate: int) -> int:
    """By how many samples the output comes later than the input; 0 when they have samples in common as they are."""
    loud = np.abs(original) > 1
    if np.count_nonzero((original == output) & loud) * 10 > np.count_nonzero(loud):
        return 0
    reach = sample_rate * MAX_LAG_MS // 1000
    size = 1 << (len(original) + reach).bit_length()
    spectrum = np.fft.rfft(output, size) * np.conj(np.fft.rfft(original, size))
    products = np.fft.irfft(spectrum, size)
    near = np.abs(np.concatenate([products[-reach:], products[: reach + 1]]))
    best = int(near.argmax())
    energy = np.sqrt(np.sum(original.astype(float) ** 2) * np.sum(output.astype(float) ** 2))
    return best - reach if energy > 0 and near[best] > MIN_LAG_CORRELATION * energy else 0


def _shifted(output: NDArray[np.int16], lag: int) -> NDArray[np.int16]:
    """The output `lag` samples earlier, silent where nothing came."""
    if lag == 0:
        return output
    moved = np.zeros_like(output)
    if lag > 0:
        moved[:-lag] = output[lag:]
    else:
        moved[-lag:] = output[:lag]
    return moved
