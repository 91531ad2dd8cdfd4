"""One leg in the engine: cuts what it hears into utterances at pauses, and tells the words of one when it is over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gateway.asr.pocketsphinx.engine import FRAME, RATE, HeardWord
from gateway.asr.pocketsphinx.language import sounds_of
from gateway.core.hypothesis import Hypothesis, Word
from gateway.media.activity import ActivityMeter
from gateway.media.resample import StreamResampler
from gateway.media.timeline import MediaTime, Span

BLOCK: Final = 10 * FRAME
"""Audio is looked at in blocks of 100 ms, however it comes: so no answer depends on the chunks."""
LEAD_FRAMES: Final = 25
"""An utterance begins this long before its first sound."""
PAUSE_FRAMES: Final = 50
"""So much silence ends it."""
LONGEST_FRAMES: Final = 1_200
"""A longer one is cut at its quietest moment ..."""
SEARCH_FRAMES: Final = 300
"""... in the last of it."""

Listen = Callable[[NDArray[np.float32]], list[HeardWord]]


class PocketSphinxStream:
    """One leg. Its utterances are decoded as soon as they are over, by `listen`."""

    def __init__(self, sample_rate: int, listen: Listen) -> None:
        self._rate = sample_rate
        self._listen = listen
        self._resampler = StreamResampler(sample_rate, RATE)
        self._meter = ActivityMeter(RATE, FRAME)
        self._rest = np.zeros(0, dtype=np.float32)
        self._audio = np.zeros(0, dtype=np.float32)
        self._sounds = np.zeros(0, dtype=np.bool_)
        self._audio_from = 0
        self._heard: MediaTime = 0
        self._stable_until: MediaTime = 0
        self._ended = False

    @property
    def sample_rate(self) -> int:
        """The leg's wire rate in Hz."""
        return self._rate

    def hear(self, samples: NDArray[np.int16], final: bool) -> Hypothesis:
        """Take the next samples; tells the words of the utterances that ended with them."""
        if self._ended:
            raise ValueError("the stream has ended: its last chunk was final")
        self._ended = final
        self._heard += len(samples)
        audio = np.concatenate([self._rest, self._resampler.feed(samples, final)])
        whole = len(audio) if final else len(audio) // BLOCK * BLOCK
        self._rest = audio[whole:]
        heard = [
            word for start in range(0, whole, BLOCK) for word in self._take(audio[start : min(start + BLOCK, whole)])
        ]
        if final:
            heard += self._utterance(len(self._sounds))
        words = []
        floor = self._stable_until
        for word in heard:
            start = min(max(floor, self._position(word.first)), self._heard)
            end = min(max(start, self._position(word.end)), self._heard)
            words.append(Word(word.text, Span(start, end), word.confidence, True, sounds_of(word.text)))
            floor = end
        settled = self._heard if final else min(self._position(self._audio_from), self._heard)
        self._stable_until = max(floor, settled)
        return Hypothesis(self._heard, self._stable_until, tuple(words))

    def _take(self, block: NDArray[np.float32]) -> Iterator[HeardWord]:
        """One block; yields the words of an utterance that ended in it, in frames from the start of the leg."""
        self._audio = np.concatenate([self._audio, block])
        self._sounds = np.concatenate([self._sounds, self._meter.feed(block)])
        count = len(self._sounds)
        if not self._sounds.any():
            self._drop(count - LEAD_FRAMES)
        elif not self._sounds[-PAUSE_FRAMES:].any():
            yield from self._utterance(count - LEAD_FRAMES)
        elif count >= LONGEST_FRAMES:
            yield from self._utterance(count - SEARCH_FRAMES + self._quietest(SEARCH_FRAMES))

    def _utterance(self, frames: int) -> list[HeardWord]:
        """Decode the first `frames` of what is held, if there is a sound in it, and let go of them."""
        first, audio = self._audio_from, self._audio[: frames * FRAME]
        sounds = self._sounds[:frames].any()
        self._drop(frames)
        if not sounds:
            return []
        return [
            HeardWord(word.text, first + word.first, first + word.end, word.confidence) for word in self._listen(audio)
        ]

    def _quietest(self, frames: int) -> int:
        """Where, in the last whole `frames`, the level averaged over seven of them is lowest."""
        held = self._audio[(len(self._sounds) - frames) * FRAME : len(self._sounds) * FRAME].reshape(frames, FRAME)
        energies = np.convolve(np.mean(np.square(held), axis=1), np.ones(7) / 7, mode="same")
        return int(energies[3:-3].argmin()) + 3

    def _drop(self, frames: int) -> None:
        if frames > 0:
            self._audio, self._sounds = self._audio[frames * FRAME :], self._sounds[frames:]
            self._audio_from += frames

    def _position(self, frame: int) -> MediaTime:
        return frame * FRAME * self._rate // RATE
