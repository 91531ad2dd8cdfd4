"""Which short frames of a leg hold sound that may be speech: energy above a noise floor that follows the leg.

Meant to err towards "sound": missed speech would be a leak, a needless recognition step only costs time.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FLOOR_MEMORY_MS = 4_000
"""The floor is the quietest moment of this long: speech pauses between words, steady noise never does."""
ABOVE_FLOOR_DB = 9.0
MIN_FLOOR_DB = -75.0
MAX_FLOOR_DB = -48.0
"""Bounds of the floor in dB of full scale: what is ABOVE_FLOOR_DB over the upper one is never below the floor."""

STEADY_MS = 1_000
STEADY_RANGE_DB = 3.5
"""Sound whose level stayed within this range for so long is noise or a tone at any loudness: no voice is so even."""

_SMOOTHING = 5


class ActivityMeter:
    """One leg's measurement, fed with consecutive samples in -1..1 at a fixed rate."""

    def __init__(self, sample_rate: int, frame_samples: int) -> None:
        self._frame = frame_samples
        self._memory = FLOOR_MEMORY_MS * sample_rate // 1000 // frame_samples
        self._steady_frames = STEADY_MS * sample_rate // 1000 // frame_samples
        self._rest = np.zeros(0, dtype=np.float32)
        self._last_sample = np.float32(0.0)
        self._recent = np.zeros(0, dtype=np.float64)
        self._levels = np.zeros(0, dtype=np.float64)

    def feed(self, samples: NDArray[np.float32]) -> NDArray[np.bool_]:
        """Whether each frame that became whole with these samples holds sound; the rest waits for the next call."""
        audio = np.concatenate([self._rest, samples])
        count = len(audio) // self._frame
        whole, self._rest = audio[: count * self._frame], audio[count * self._frame :]
        if not count:
            return np.zeros(0, dtype=np.bool_)
        flat = whole - np.concatenate([[self._last_sample], whole[:-1]]) * np.float32(0.9)  # takes hum and offsets away
        self._last_sample = whole[-1]
        energies = np.mean(np.square(flat.reshape(count, self._frame), dtype=np.float64), axis=1)
        series = np.concatenate([self._recent, energies])
        self._recent = series[-(_SMOOTHING - 1) :]
        sums = np.cumsum(np.concatenate([[0.0], series]))
        ends = np.arange(len(series) - count + 1, len(series) + 1)
        begins = np.maximum(ends - _SMOOTHING, 0)
        levels = 10.0 * np.log10((sums[ends] - sums[begins]).clip(0.0) / (ends - begins) + 1e-12)
        before = self._levels[-self._memory :].min(initial=MAX_FLOOR_DB)
        floor = np.minimum(np.minimum.accumulate(levels), before).clip(MIN_FLOOR_DB, MAX_FLOOR_DB)
        self._levels = np.concatenate([self._levels, levels])[-(self._memory + count) :]
        momentary = 10.0 * np.log10(energies + 1e-12)
        sounds: NDArray[np.bool_] = (np.maximum(levels, momentary) > floor + ABOVE_FLOOR_DB) & ~self._steady(count)
        return sounds

    def _steady(self, count: int) -> NDArray[np.bool_]:
        """For each of the last `count` frames, whether the level has not moved for STEADY_MS."""
        known = self._levels[-(count + self._steady_frames - 1) :]
        steady = np.zeros(count, dtype=np.bool_)
        if len(known) >= self._steady_frames:
            runs = np.lib.stride_tricks.sliding_window_view(known, self._steady_frames)
            ranges = runs.max(axis=1) - runs.min(axis=1)
            steady[-len(ranges) :] = ranges < STEADY_RANGE_DB
        return steady
