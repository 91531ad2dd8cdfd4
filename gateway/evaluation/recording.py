"""What a recogniser said about one recording, step by step, with what it cost: recorded once, replayed at will.

Steps fall on fixed media times that depend on the lookahead alone, so one recording serves every run at its lookahead,
whatever is looked for in it. Held in memory only: it holds what was said.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from gateway.asr.base import Capabilities, Chunk, Recognizer, RecognizerStream
from gateway.core.detection import Detection, Utterance
from gateway.core.hypothesis import Hypothesis
from gateway.core.settings import Pace, SessionSettings
from gateway.errors import InternalError
from gateway.evaluation.caption_scoring import ShownWord
from gateway.evaluation.labels import Samples
from gateway.media.timeline import Span, ms_ceil, ms_floor
from gateway.runtime.offline import redact_pcm

Clock = Callable[[], float]
"""Seconds of compute time, from anywhere."""


@dataclass(frozen=True, slots=True)
class Step:
    """One recognition step of all legs: the audio it took, one answer for each leg, and the seconds it cost."""

    span: Span
    final: bool
    hypotheses: tuple[Hypothesis, ...] = field(repr=False)
    seconds: float


@dataclass(frozen=True, slots=True)
class Recording:
    """All steps of a recording, in order, without gaps. `sample_rate` is that of the legs."""

    sample_rate: int
    capabilities: Capabilities
    steps: tuple[Step, ...] = field(repr=False)

    def answer(self, span: Span, *, final: bool) -> Step:
        """The answer for `span`; steps that a late session asks for in one go are put together, at the cost of all.

        Raises InternalError when `span` is not a row of recorded steps.
        """
        wanted = [
            step
            for step in self.steps
            if span.start <= step.span.start and step.span.end <= span.end and (final or not step.final)
        ]
        if not wanted or (wanted[0].span.start, wanted[-1].span.end) != (span.start, span.end):
            raise InternalError(f"no recorded steps make up {span}: was the recording made at another lookahead?")
        joined = []
        for leg, last in enumerate(wanted[-1].hypotheses):
            stable = [word for step in wanted for word in step.hypotheses[leg].newly_stable]
            joined.append(replace(last, words=(*stable, *last.tail)))
        return Step(span, final, tuple(joined), sum(step.seconds for step in wanted))

    @property
    def heard(self) -> tuple[tuple[ShownWord, ...], ...]:
        """All stable words of each leg, in the clear."""
        rate = self.sample_rate
        legs = len(self.steps[0].hypotheses) if self.steps else 0
        return tuple(
            tuple(
                ShownWord(word.text, ms_floor(word.span.start, rate), ms_ceil(word.span.end, rate))
                for step in self.steps
                for word in step.hypotheses[leg].newly_stable
            )
            for leg in range(legs)
        )


def record(
    samples: Samples, settings: SessionSettings, recognizer: Recognizer, clock: Clock = time.process_time
) -> Recording:
    """Have a recording of shape [samples, legs] recognised, in the steps of a session with `settings`.

    `clock` measures: by default the CPU time of this process, so that a busy machine does not make steps look slower.
    """
    recorder = _Recorder(recognizer, clock)
    redact_pcm(samples, replace(settings, pace=Pace.ELASTIC), recorder, _Nothing())
    return Recording(settings.sample_rate, recognizer.capabilities, tuple(recorder.steps))


class Replay:
    """A recogniser that says again what was recorded, for one session."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._told = 0

    @property
    def capabilities(self) -> Capabilities:
        """The recorded recogniser's."""
        return self._recording.capabilities

    def open_stream(self, sample_rate: int, stable_margin_ms: int) -> RecognizerStream:
        """Start a leg."""
        return _Leg(sample_rate)

    def recognize(self, batch: Sequence[Chunk]) -> list[Hypothesis]:
        """The next recorded step, which must be of as much audio."""
        step = self._recording.steps[self._told]
        self._told += 1
        if len(batch) != len(step.hypotheses) or any(len(chunk.samples) != len(step.span) for chunk in batch):
            raise InternalError("a replayed session must ask for the recorded steps")
        return list(step.hypotheses)


@dataclass(frozen=True, slots=True)
class _Leg:
    sample_rate: int


class _Recorder:
    """Another recogniser, and all that it said."""

    def __init__(self, recognizer: Recognizer, clock: Clock) -> None:
        self._recognizer = recognizer
        self._clock = clock
        self._until = 0
        self.steps: list[Step] = []

    @property
    def capabilities(self) -> Capabilities:
        return self._recognizer.capabilities

    def open_stream(self, sample_rate: int, stable_margin_ms: int) -> RecognizerStream:
        return self._recognizer.open_stream(sample_rate, stable_margin_ms)

    def recognize(self, batch: Sequence[Chunk]) -> list[Hypothesis]:
        started = self._clock()
        answers = self._recognizer.recognize(batch)
        seconds = self._clock() - started
        span = Span(self._until, self._until + len(batch[0].samples))
        self._until = span.end
        self.steps.append(Step(span, batch[0].final, tuple(answers), seconds))
        return answers


class _Nothing:
    """Finds nothing."""

    def detect(self, utterance: Utterance) -> Detection:
        return Detection()
