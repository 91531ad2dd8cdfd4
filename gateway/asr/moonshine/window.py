"""The audio a leg's recogniser looks at: the last seconds of speech, with long silences left out.

Everything here counts in units of UNIT samples at RATE (8 ms; three make one encoder frame).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gateway.asr.moonshine.encoder import FRAME, RATE, Floats
from gateway.media.activity import ActivityMeter

UNIT = 128
UNITS_PER_SECOND = RATE // UNIT
UNITS_PER_FRAME = FRAME // UNIT
LEAD_UNITS = 25
"""Silence kept before speech: soft beginnings lie in it."""
TRAIL_UNITS = 50
"""Silence kept after speech: the decoder ends a sentence better when it hears some."""


class AudioWindow:
    """Speech with a little silence around it, spliced; every unit knows when it was heard.

    `received`: units heard so far. `last_sound`: past the last unit that held sound, 0 before any.
    """

    def __init__(self) -> None:
        self._meter = ActivityMeter(RATE, UNIT)
        self._rest = np.zeros(0, dtype=np.float32)
        self._pending = np.zeros(0, dtype=np.float32)
        self._samples = np.zeros(0, dtype=np.float32)
        self._sounds = np.zeros(0, dtype=np.bool_)
        self._heard_at = np.zeros(0, dtype=np.int64)
        self.received = 0
        self.last_sound = 0

    def __len__(self) -> int:
        return len(self._heard_at)

    @property
    def samples(self) -> Floats:
        """The window's audio at RATE, whole units."""
        return self._samples

    @property
    def silence(self) -> int:
        """Units heard since the last sound."""
        return self.received - self.last_sound

    def feed(self, samples: Floats) -> int:
        """Take the next samples; returns how many units with sound came in."""
        audio = np.concatenate([self._rest, samples])
        count = len(audio) // UNIT
        whole, self._rest = audio[: count * UNIT], audio[count * UNIT :]
        if not count:
            return 0
        sounds = self._meter.feed(whole)
        waiting = len(self._pending) // UNIT
        audio = np.concatenate([self._pending, whole])
        sounds = np.concatenate([np.zeros(waiting, dtype=np.bool_), sounds])
        positions = np.arange(self.received - waiting, self.received + count)
        self.received += count
        never = -(10**9)
        since = np.maximum.accumulate(np.where(sounds, positions + 1, self.last_sound or never))
        until = np.minimum.accumulate(np.where(sounds, positions, -never)[::-1])[::-1]
        keep = (positions - since < TRAIL_UNITS) | (until - positions <= LEAD_UNITS)
        keep[:waiting] &= until[:waiting] - positions[:waiting] <= LEAD_UNITS
        units = audio.reshape(-1, UNIT)
        self._samples = np.concatenate([self._samples, units[keep].reshape(-1)])
        self._sounds = np.concatenate([self._sounds, sounds[keep]])
        self._heard_at = np.concatenate([self._heard_at, positions[keep]])
        last_kept = int(np.flatnonzero(keep)[-1]) + 1 if keep.any() else 0
        self._pending = units[max(last_kept, len(units) - LEAD_UNITS) :].reshape(-1)
        if sounds.any():
            self.last_sound = int(positions[sounds][-1]) + 1
        return int(sounds.sum())

    def units_since(self, position: int) -> int:
        """How many of the window's units were heard at `position` or later."""
        return len(self._heard_at) - int(np.searchsorted(self._heard_at, position))

    def sounds_after(self, frame: int) -> int:
        """How many units with sound the window holds from an encoder frame on."""
        return int(self._sounds[frame * UNITS_PER_FRAME :].sum())

    def sounds_between(self, start: int, end: int) -> int:
        """How many units with sound were heard from `start` up to before `end`."""
        first, last = np.searchsorted(self._heard_at, (start, end))
        return int(self._sounds[first:last].sum())

    def first_sound_since(self, position: int) -> tuple[int, int]:
        """When the first unit with sound at `position` or later was heard, and how many units of silence came before.

        `received` when there is none.
        """
        heard = self._heard_at[self._sounds]
        place = int(np.searchsorted(heard, position))
        first = int(heard[place]) if place < len(heard) else self.received
        return first, first - (int(heard[place - 1]) + 1 if place else 0)

    def quiet_frames(self, frames: int) -> NDArray[np.bool_]:
        """For each of the encoder's frames, whether nothing sounded in it."""
        sounds = np.zeros(frames * UNITS_PER_FRAME, dtype=np.bool_)
        count = min(len(sounds), len(self._sounds))
        sounds[:count] = self._sounds[:count]
        quiet: NDArray[np.bool_] = np.logical_not(sounds.reshape(frames, UNITS_PER_FRAME).max(axis=1))
        return quiet

    def start_of(self, frame: int) -> int:
        """When the beginning of an encoder frame was heard, in units."""
        index = frame * UNITS_PER_FRAME
        return int(self._heard_at[index]) if index < len(self._heard_at) else self.received

    def end_of(self, frame: int) -> int:
        """When the end of the encoder frame before edge `frame` was heard, in units."""
        index = min(frame * UNITS_PER_FRAME, len(self._heard_at))
        return int(self._heard_at[index - 1]) + 1 if index else self.start_of(0)

    def drop_frames(self, frames: int) -> None:
        """Forget the first `frames` encoder frames."""
        units = frames * UNITS_PER_FRAME
        self._samples = self._samples[units * UNIT :]
        self._sounds = self._sounds[units:]
        self._heard_at = self._heard_at[units:]
