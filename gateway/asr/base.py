"""What every recogniser offers: one engine, shared by many legs, each with a stream of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from gateway.core.hypothesis import Hypothesis


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What an engine can do; callers look here and never test for a class.

    `batch`: how many legs' chunks `recognize` takes at once with a gain. `language`: a BCP 47 tag. `device`: where its
    models run, "cpu" or "cuda".
    """

    engine: str
    model: str
    language: str
    batch: int
    device: str = "cpu"


@runtime_checkable
class RecognizerStream(Protocol):
    """One leg's state in an engine. Opaque to callers; dropped when the leg ends."""

    @property
    def sample_rate(self) -> int:
        """The leg's wire rate in Hz: chunks come in it, and all times go out in it."""
        ...


@dataclass(frozen=True, slots=True)
class Chunk:
    """The next audio of one leg: PCM16 samples at the stream's rate, right after the previous chunk's.

    `final`: no more audio follows; everything becomes stable.
    """

    stream: RecognizerStream
    samples: NDArray[np.int16]
    final: bool = False


class Recognizer(Protocol):
    """A loaded model that serves many legs. Not safe for use by two threads at once."""

    @property
    def capabilities(self) -> Capabilities:
        """What the engine can do."""
        ...

    def open_stream(self, sample_rate: int, stable_margin_ms: int) -> RecognizerStream:
        """Start a leg.

        `stable_margin_ms`: a word that ended at least this long before the end of what was heard is to be made
        stable if the engine can answer for it; it asks for the delay, not for blind trust.
        """
        ...

    def recognize(self, batch: Sequence[Chunk]) -> list[Hypothesis]:
        """One recognition step for each chunk, at most one chunk for a stream; answers in the same order.

        Deterministic: the same chunks give the same answers, whatever else is in the batch.
        """
        ...
