"""The models and the streams of all sessions: where recognition and detection happen, in this process or a worker's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from gateway.asr.base import Chunk, Recognizer, RecognizerStream
from gateway.core.detection import Detection, Detector, SharingDetector, Utterance
from gateway.core.events import RecognitionRequested
from gateway.core.hypothesis import Hypothesis
from gateway.core.settings import DetectionSettings, SessionSettings
from gateway.media.timeline import MediaTime, Span

DETECTORS_KEPT = 64
"""Detectors are small beside the models they share."""


@dataclass(frozen=True, slots=True)
class RecognitionJob:
    """One recognition step of a session: the next audio of all its legs. Holds speech: it never leaves memory.

    `due`: when the answer is needed, in monotonic seconds; None when nobody listens live.
    """

    session: str
    sample_rate: int
    stable_margin_ms: int
    start: MediaTime
    audio: tuple[NDArray[np.int16], ...] = field(repr=False)
    fresh: bool
    final: bool
    due: float | None = None

    @classmethod
    def of(cls, session: str, settings: SessionSettings, request: RecognitionRequested) -> RecognitionJob:
        """The job that answers a session's request."""
        margin = settings.timing.stable_margin
        return cls(
            session,
            settings.sample_rate,
            margin,
            request.span.start,
            request.audio,
            request.fresh,
            request.final,
            request.due,
        )

    @property
    def legs(self) -> int:
        """How many legs it is for."""
        return len(self.audio)


@dataclass(frozen=True, slots=True)
class DetectionJob:
    """What the legs of a session said lately, to be looked at. Holds speech: it never leaves memory. `due` as above."""

    session: str
    settings: DetectionSettings
    utterances: tuple[Utterance, ...] = field(repr=False)
    due: float | None = None

    @property
    def legs(self) -> int:
        """How many legs it is for."""
        return len(self.utterances)


class DetectionHost:
    """Runs detection jobs of many sessions; those that look for the same share a detector."""

    def __init__(self, create: Callable[[DetectionSettings], Detector]) -> None:
        self._detector_for = lru_cache(maxsize=DETECTORS_KEPT)(create)

    def detect(self, jobs: Sequence[DetectionJob]) -> list[tuple[Detection, ...]]:
        """What is personal in the utterance of each leg of each job; what detectors can do together is done once."""
        detectors = [self._detector_for(job.settings) for job in jobs]
        for detector, job in zip(detectors, jobs, strict=True):
            if isinstance(detector, SharingDetector):
                for utterance in job.utterances:
                    detector.expect(utterance)
        return [
            tuple(detector.detect(utterance) for utterance in job.utterances)
            for detector, job in zip(detectors, jobs, strict=True)
        ]


class RecognitionHost:
    """Runs jobs of many sessions on one recogniser, each leg with its own stream."""

    def __init__(self, recognizer: Recognizer) -> None:
        self.recognizer = recognizer
        self._streams: dict[str, tuple[MediaTime, tuple[RecognizerStream, ...]]] = {}

    def recognize(self, jobs: Sequence[RecognitionJob]) -> list[tuple[Hypothesis, ...]]:
        """One step of each job's session, all legs in one batch; at most one job for a session.

        A job that asks for fresh streams gets them: their time zero is the job's start. Every other job must be
        `answerable`.
        """
        for job in jobs:
            if job.fresh:
                opened = tuple(self.recognizer.open_stream(job.sample_rate, job.stable_margin_ms) for _ in job.audio)
                self._streams[job.session] = (job.start, opened)
        chunks = [
            Chunk(stream, samples, job.final)
            for job in jobs
            for stream, samples in zip(self._streams[job.session][1], job.audio, strict=True)
        ]
        answers = iter(self.recognizer.recognize(chunks))
        results = [tuple(_moved(next(answers), self._streams[job.session][0]) for _ in job.audio) for job in jobs]
        for job in jobs:
            if job.final:
                self.close(job.session)
        return results

    def answerable(self, job: RecognitionJob) -> bool:
        """Whether the job's streams are here: those of a session that began in another worker are not."""
        return job.fresh or job.session in self._streams

    def close(self, session: str) -> None:
        """Forget a session's streams; an unknown session is fine."""
        self._streams.pop(session, None)


def _moved(hypothesis: Hypothesis, origin: MediaTime) -> Hypothesis:
    """From the stream's timeline to the session's."""
    if origin == 0:
        return hypothesis
    words = tuple(
        replace(word, span=Span(word.span.start + origin, word.span.end + origin)) for word in hypothesis.words
    )
    return Hypothesis(hypothesis.heard_until + origin, hypothesis.stable_until + origin, words)
