"""The number head as an ear: it hears digits, other numbers and spelled letters, and no words."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from gateway.asr.moonshine.assets import find_model
from gateway.asr.moonshine.encoder import FRAME, RATE, Encoder, Floats
from gateway.asr.moonshine.number_head import NumberHead, sounds_in
from gateway.asr.rates import check_rate
from gateway.core.hypothesis import Word
from gateway.media.resample import StreamResampler
from gateway.media.timeline import MediaTime, Span

WINDOW_FRAMES: Final = 250
"""The encoder is given 6 s at once."""
EDGE_FRAMES: Final = 25
"""What lies so near to the edge of a window is heard in its neighbour: 0.6 s."""
UNWRITTEN: Final = "…"
_FAINTEST: Final = 0.003
"""Where no sample is louder, nothing is spoken."""


class NumberEar:
    """The speech encoder and the number head. Raises EngineError when one of them is missing."""

    def __init__(self) -> None:
        self._encoder = Encoder(find_model())
        self._head = NumberHead()

    @property
    def name(self) -> str:
        """How reports call it."""
        return "number_head"

    def open(self, sample_rate: int) -> NumberEarStream:
        """Start a leg. Raises OptionError for a rate that `check_rate` refuses."""
        check_rate(sample_rate)
        return NumberEarStream(self._encoder, self._head, sample_rate)


class NumberEarStream:
    """One leg: windows that overlap."""

    def __init__(self, encoder: Encoder, head: NumberHead, sample_rate: int) -> None:
        self._encoder, self._head, self._rate = encoder, head, sample_rate
        self._resampler = StreamResampler(sample_rate, RATE)
        self._audio: Floats = np.zeros(0, dtype=np.float32)
        self._first_frame = 0
        self._heard: MediaTime = 0
        self._told_until: MediaTime = 0

    def feed(self, samples: NDArray[np.int16], final: bool) -> list[Word]:
        """See `EarStream`."""
        self._heard += len(samples)
        self._audio = np.concatenate([self._audio, self._resampler.feed(samples, final)])
        words: list[Word] = []
        while len(self._audio) >= WINDOW_FRAMES * FRAME:
            words += self._window(self._audio[: WINDOW_FRAMES * FRAME], WINDOW_FRAMES - EDGE_FRAMES)
            kept = WINDOW_FRAMES - 2 * EDGE_FRAMES
            self._audio = self._audio[kept * FRAME :]
            self._first_frame += kept
        if final:
            whole = np.concatenate([self._audio, np.zeros(EDGE_FRAMES * FRAME, dtype=np.float32)])
            words += self._window(whole, len(whole) // FRAME + 1)
        return words

    def _window(self, audio: Floats, until: int) -> list[Word]:
        """The sounds whose middle lies before frame `until`, and behind the edge that an earlier window heard."""
        if np.abs(audio).max() < _FAINTEST:
            return []
        since = EDGE_FRAMES if self._first_frame else 0
        words = []
        for sound in sounds_in(self._head.probabilities(self._encoder.encode(audio))):
            if since <= (sound.first + sound.end) / 2 < until:
                span = Span(self._position(sound.first), self._position(sound.end))
                words.append(Word(UNWRITTEN, span, sound.confidence, True, sound.label))
                self._told_until = span.end
        return words

    def _position(self, frame: int) -> MediaTime:
        position = (self._first_frame + frame) * FRAME * self._rate // RATE
        return min(max(position, self._told_until), self._heard)
