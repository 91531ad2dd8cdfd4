"""Hears redacted audio again, piece by piece, and tells what in it still sounds like personal information."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gateway.core.detection import Detector
from gateway.core.hypothesis import Word
from gateway.core.policy import Policy
from gateway.media.timeline import MediaTime, Span, SpanSet, ms_floor
from gateway.verify.ears import Ear
from gateway.verify.judgement import judge
from gateway.verify.masks import masks_in
from gateway.verify.suspicion import Verification

LONGEST_PIECE_S: Final = 20
"""What of the audio is held at once."""


class Verifier:
    """Shared by many checks, one after the other. `ears`: the one that knows words best first.

    `detector` names what kind of number was heard; it answers for all policies.
    """

    def __init__(self, ears: Sequence[Ear], detector: Detector) -> None:
        self.ears = tuple(ears)
        self.detector = detector

    def begin(
        self, rate: int, channels: int, policies: frozenset[Policy], known_masks: Sequence[SpanSet] = ()
    ) -> Check:
        """Start with a recording. `known_masks`: for each leg, what is known to be masked; the rest is looked for."""
        return Check(self, rate, channels, policies, known_masks)


class Check:
    """One recording."""

    def __init__(
        self,
        verifier: Verifier,
        rate: int,
        channels: int,
        policies: frozenset[Policy],
        known_masks: Sequence[SpanSet] = (),
    ) -> None:
        self._verifier = verifier
        self._rate = rate
        self._policies = policies
        self._masks = [SpanSet(known_masks[leg] if leg < len(known_masks) else ()) for leg in range(channels)]
        self._streams = [{ear.name: ear.open(rate) for ear in verifier.ears} for _ in range(channels)]
        self._heard: list[dict[str, list[Word]]] = [{ear.name: [] for ear in verifier.ears} for _ in range(channels)]
        self._position: MediaTime = 0

    def feed(self, samples: NDArray[np.int16]) -> None:
        """The next PCM16 of all legs, [samples, channels]."""
        size = LONGEST_PIECE_S * self._rate
        for start in range(0, len(samples), size):
            piece = samples[start : start + size]
            for leg in range(len(self._streams)):
                self._listen(leg, self._audible(leg, piece[:, leg]), final=False)
            self._position += len(piece)

    def finish(self) -> Verification:
        """The end of the recording, and what was heard in it."""
        for leg in range(len(self._streams)):
            self._listen(leg, np.zeros(0, dtype=np.int16), final=True)
        verifier = self._verifier
        suspicions = judge(self._heard, self._masks, self._rate, verifier.detector, self._policies)
        masked = sum(span.total for span in self._masks)
        return Verification(
            ms_floor(self._position * len(self._streams), self._rate),
            ms_floor(masked, self._rate),
            tuple(ear.name for ear in verifier.ears),
            tuple(suspicions),
        )

    def _audible(self, leg: int, samples: NDArray[np.int16]) -> NDArray[np.int16]:
        """The samples, with silence where they are masked."""
        for span in masks_in(samples, self._position, self._rate):
            self._masks[leg].add(span)
        window = Span(self._position, self._position + len(samples))
        audible = samples.copy()
        for span in self._masks[leg].within(window):
            audible[span.start - window.start : span.end - window.start] = 0
        return audible

    def _listen(self, leg: int, samples: NDArray[np.int16], *, final: bool) -> None:
        for name, stream in self._streams[leg].items():
            self._heard[leg][name] += stream.feed(samples, final)
