"""What hears the audio again. An ear answers with words whose `sounds` tell the numbers and letters it heard."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from gateway.asr.base import Chunk, Recognizer
from gateway.core.hypothesis import Word


class EarStream(Protocol):
    """One leg."""

    def feed(self, samples: NDArray[np.int16], final: bool) -> list[Word]:
        """The next PCM16 of the leg; what was heard since the last call, final, in order, on the leg's timeline."""
        ...


class Ear(Protocol):
    """A loaded model."""

    @property
    def name(self) -> str:
        """How reports call it."""
        ...

    def open(self, sample_rate: int) -> EarStream:
        """Start a leg."""
        ...


class RecognizerEar:
    """A speech recogniser that tells `sounds`."""

    def __init__(self, recognizer: Recognizer) -> None:
        self._recognizer = recognizer

    @property
    def name(self) -> str:
        """The engine's name."""
        return self._recognizer.capabilities.engine

    def open(self, sample_rate: int) -> _RecognizerEarStream:
        """Start a leg. Raises OptionError for a rate that the recogniser does not take."""
        return _RecognizerEarStream(self._recognizer, sample_rate)


class _RecognizerEarStream:
    def __init__(self, recognizer: Recognizer, sample_rate: int) -> None:
        self._recognizer = recognizer
        self._stream = recognizer.open_stream(sample_rate, 0)

    def feed(self, samples: NDArray[np.int16], final: bool) -> list[Word]:
        (answer,) = self._recognizer.recognize([Chunk(self._stream, samples, final)])
        return list(answer.newly_stable)
