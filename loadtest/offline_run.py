"""Runs labelled clips through the offline pipeline."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence

from gateway.asr.base import Capabilities, Chunk, Recognizer, RecognizerStream
from gateway.core.detection import Detector
from gateway.core.events import CaptionUpdated, Output, RedactionDecided
from gateway.core.hypothesis import Hypothesis
from gateway.core.settings import Pace, SessionSettings
from gateway.media.timeline import ms_ceil, ms_floor
from gateway.runtime.offline import redact_pcm
from loadtest.caption_scoring import ShownCaption, ShownWord
from loadtest.labels import Clip, Samples
from loadtest.results import ClipResult, Outcome, judge
from loadtest.scoring import CoveredSpan


class RecordingRecognizer:
    """Another recogniser, and all the stable words it gave, stream by stream: for one clip."""

    def __init__(self, recognizer: Recognizer) -> None:
        self._recognizer = recognizer
        self._streams: list[RecognizerStream] = []
        self._words: list[list[ShownWord]] = []

    @property
    def capabilities(self) -> Capabilities:
        """The other recogniser's."""
        return self._recognizer.capabilities

    @property
    def heard(self) -> tuple[tuple[ShownWord, ...], ...]:
        """The words of each stream, in the order in which the streams were opened."""
        return tuple(map(tuple, self._words))

    def open_stream(self, sample_rate: int, stable_margin_ms: int) -> RecognizerStream:
        """Start a leg."""
        stream = self._recognizer.open_stream(sample_rate, stable_margin_ms)
        self._streams.append(stream)
        self._words.append([])
        return stream

    def recognize(self, batch: Sequence[Chunk]) -> list[Hypothesis]:
        """One step for each chunk, remembered."""
        answers = self._recognizer.recognize(batch)
        for chunk, answer in zip(batch, answers, strict=True):
            number = next(n for n, stream in enumerate(self._streams) if stream is chunk.stream)
            rate = chunk.stream.sample_rate
            self._words[number] += [
                ShownWord(word.text, ms_floor(word.span.start, rate), ms_ceil(word.span.end, rate))
                for word in answer.newly_stable
            ]
        return answers


def clip_settings(clip: Clip, wanted: SessionSettings) -> SessionSettings:
    """The wanted settings, at the clip's rate and with its channels, without a clock."""
    return SessionSettings(
        policies=wanted.policies,
        encoding=wanted.encoding,
        sample_rate=clip.sample_rate,
        channels=clip.channels,
        substitution=wanted.substitution,
        masking=wanted.masking,
        lookahead_ms=wanted.lookahead_ms,
        captions=wanted.captions,
        pace=Pace.ELASTIC,
    )


def redact_clip(
    clip: Clip, samples: Samples, wanted: SessionSettings, recognizer: Recognizer, detector: Detector
) -> Outcome:
    """Redact a clip's samples in this process."""
    listener = RecordingRecognizer(recognizer)
    result = redact_pcm(samples, clip_settings(clip, wanted), listener, detector)
    return Outcome(
        result.audio,
        redactions_of(result.events, clip.sample_rate),
        captions_of(result.events, clip.sample_rate),
        listener.heard,
    )


def score_clip(
    set_name: str, clip: Clip, wanted: SessionSettings, recognizer: Recognizer, detector: Detector
) -> ClipResult:
    """Redact a clip and score what came out."""
    samples = clip.load()
    started = time.process_time()
    outcome = redact_clip(clip, samples, wanted, recognizer, detector)
    return judge(set_name, clip, samples, outcome, wanted.policies, time.process_time() - started)


def redactions_of(events: Iterable[Output], sample_rate: int) -> tuple[CoveredSpan, ...]:
    """The redactions among a session's outputs."""
    return tuple(
        CoveredSpan(
            event.leg, ms_floor(event.span.start, sample_rate), ms_ceil(event.span.end, sample_rate), event.policy
        )
        for event in events
        if isinstance(event, RedactionDecided)
    )


def captions_of(events: Iterable[Output], sample_rate: int) -> tuple[ShownCaption, ...]:
    """The captions among a session's outputs."""
    return tuple(
        ShownCaption(
            event.leg,
            event.turn,
            event.revision,
            tuple(
                ShownWord(word.text, ms_floor(word.span.start, sample_rate), ms_ceil(word.span.end, sample_rate))
                for word in event.words
            ),
        )
        for event in events
        if isinstance(event, CaptionUpdated)
    )
